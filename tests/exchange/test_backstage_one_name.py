"""Kind, namespace and name tell entities of Backstage apart: of two kinds with one name none takes the other's place."""

from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.exchange.backstage import read
from svcops.exchange.backstage_entities import FORMAT, REFERENCES
from svcops.exchange.backstage_export import export
from svcops.exchange.plan import plan
from svcops.exchange.sources import Input
from svcops.store.graph import Graph
from svcops.store.yaml_reading import compose
from svcops.store.yaml_writing import dump

HEAD = "apiVersion: backstage.io/v1alpha1\n"
SPEC = "lifecycle: production, owner: pets"
COMPONENT = (
    HEAD + f"kind: Component\nmetadata: {{name: petstore}}\nspec: {{{SPEC}, type: website, providesApis: [petstore]}}\n"
)
API = HEAD + f"kind: API\nmetadata: {{name: petstore}}\nspec: {{{SPEC}, type: openapi, definition: x}}\n"
SHOP = (
    HEAD
    + f"kind: Component\nmetadata: {{name: shop}}\nspec: {{{SPEC}, type: website, dependsOn: ['component:petstore', 'api:petstore']}}\n"
)
FRONT = (
    HEAD + f"kind: Component\nmetadata: {{name: front}}\nspec: {{{SPEC}, type: website, consumesApis: [petstore]}}\n"
)
PETS = HEAD + "kind: Group\nmetadata: {name: pets}\nspec: {type: team, children: []}\n"
OF_OURS = "catalogue/services/petstore.yaml"
ITS_API = "catalogue/services/petstore-api.yaml"


def imported(console, *entities, options=()):
    """The report of an import of these entities, one file."""
    console.store.write("../input.yaml", "---\n".join(entities))
    return console("import", "backstage", "../input.yaml", "--json", *options).json


def record(console, path):
    return compose(console.store.read(path), path).documents[0]


def exported(console):
    """The spec of every entity, by kind and name."""
    found = console("export", "backstage", "--json").json["entities"]
    return {(one["kind"], one["metadata"]["name"]): one["spec"] for one in found}


@pytest.mark.parametrize("entities", [*permutations([COMPONENT, API, SHOP])])
def test_a_component_and_an_api_of_one_name_are_both_imported_in_whatever_order_they_stand(empty, entities):
    report = imported(empty, *entities, PETS)
    assert (report["duplicates"], report["unsupported"], report["dangling"]) == ([], [], [])
    assert (record(empty, OF_OURS)["type"], record(empty, ITS_API)["api"]["type"]) == ("website", "openapi")
    assert record(empty, ITS_API)["annotations"] == {"backstage.io/name": "petstore"}
    shop = record(empty, "catalogue/services/shop.yaml")
    assert [one["service"] for one in shop["dependencies"]] == ["petstore", "petstore-api"]


def test_the_plan_says_which_of_them_is_called_otherwise_here(empty):
    empty.store.write("../input.yaml", f"{COMPONENT}---\n{API}---\n{PETS}")
    said = empty("import", "backstage", "../input.yaml", "--dry-run").out
    assert (
        "To know:\n  service petstore-api  input.yaml:8"
        "  this is api:default/petstore, as the service petstore is component:default/petstore\n"
    ) in said


def test_both_go_back_under_their_name_with_all_that_leads_to_them(empty):
    imported(empty, COMPONENT, API, SHOP, FRONT, PETS)
    back = exported(empty)
    assert back["API", "petstore"] == {
        "type": "openapi",
        "lifecycle": "production",
        "owner": "pets",
        "definition": "x",
    }
    assert back["Component", "petstore"]["providesApis"] == ["petstore"]
    assert back["Component", "shop"]["dependsOn"] == ["component:petstore", "api:petstore"]
    assert back["Component", "front"]["consumesApis"] == ["petstore"]
    assert {"component:petstore", "api:petstore"} < set(empty("export", "backstage", "--quiet").out.split())


@pytest.mark.parametrize("entities", [*permutations([COMPONENT, API])])
def test_an_update_of_the_one_leaves_the_other_alone_though_they_come_one_by_one(empty, entities):
    for one in entities:
        imported(empty, one, PETS, options=["--update"])
    for one in entities:
        report = imported(empty, one, PETS, options=["--update"])
        assert (report["written"], report["updated"], report["added"]) == (None, [], [])
    before = exported(empty)
    report = imported(empty, API.replace("definition: x", "definition: y"), options=["--update"])
    assert [one["differs"] for one in report["updated"]] == [["api"]]
    assert exported(empty) == before | {("API", "petstore"): before["API", "petstore"] | {"definition": "y"}}


def test_a_component_of_the_store_is_no_api_of_that_name(empty):
    ours = "title: Pet store  # ours\nowner: pets\n"
    empty.store.put(OF_OURS, ours)
    report = imported(empty, API, PETS, options=["--update"])
    assert ITS_API in [one["path"] for one in report["added"]]
    assert empty.store.read(OF_OURS) == ours


def test_a_damaged_record_may_be_either_and_is_left_to_whoever_has_no_other(empty):
    imported(empty, COMPONENT, API, PETS)
    empty.store.put(ITS_API, "title: [\n")
    empty.store.write("../input.yaml", f"{COMPONENT}---\n{API}---\n{PETS}")
    report = empty("import", "backstage", "../input.yaml", "--json", code=2).json
    assert ([one["path"] for one in report["kept"]], report["added"]) == ([ITS_API], [])
    empty.store.put(OF_OURS, "title: [\n")
    empty.store.write("../input.yaml", API)
    report = empty("import", "backstage", "../input.yaml", "--json", code=2).json
    assert ([one["path"] for one in report["kept"]], report["added"]) == ([OF_OURS], [])


def test_an_api_that_has_such_a_name_itself_keeps_it(empty):
    genuine = API.replace("name: petstore", "name: petstore-api")
    for entities in permutations([COMPONENT, API, genuine]):
        imported(empty, *entities, PETS)
        assert record(empty, ITS_API)["title"] == "petstore-api"
        assert record(empty, "catalogue/services/petstore-api-api.yaml")["title"] == "petstore"
    assert [name for kind, name in exported(empty) if kind == "API"] == ["petstore", "petstore-api"]


def test_an_api_that_is_not_there_is_not_the_component_of_that_name(empty):
    report = imported(empty, COMPONENT, FRONT, PETS)
    assert [(one["name"], one["field"], one["target"]) for one in report["dangling"]] == [
        ("petstore", "providesApis", "api:default/petstore"),
        ("front", "consumesApis", "api:default/petstore"),
    ]
    found = empty("check", "--json", code=1).json["findings"]
    assert [one["path"] for one in found if one["code"] == "REF001"] == ["catalogue/services/front.yaml"]
    assert exported(empty)["Component", "front"]["consumesApis"] == ["petstore"]


def test_an_api_that_a_record_awaits_has_its_name_when_both_come_later(empty):
    imported(empty, FRONT, PETS)
    imported(empty, COMPONENT, API)
    assert record(empty, OF_OURS)["api"]["type"] == "openapi"
    assert record(empty, "catalogue/services/petstore-component.yaml")["type"] == "website"
    assert exported(empty)["Component", "front"]["consumesApis"] == ["petstore"]
    assert imported(empty, FRONT, COMPONENT, API, PETS)["written"] is None


def test_what_comes_later_is_named_by_its_name_with_the_next_update(empty):
    imported(empty, COMPONENT, FRONT, PETS)
    path = "catalogue/services/front.yaml"
    ours = empty.store.read(path).replace("api:default/petstore", "api:default/petstore  # slow\n    why: the prices")
    empty.store.put(path, ours)
    imported(empty, API)
    assert [one["differs"] for one in imported(empty, FRONT)["kept"]] == [["dependencies"]]
    report = imported(empty, FRONT, options=["--update"])
    assert [one["only_here"] for one in report["updated"]] == [{}]
    assert empty.store.read(path) == ours.replace("api:default/petstore", "petstore-api")


def test_a_system_and_a_group_of_one_name_or_a_user_are_different_records(empty):
    system = HEAD + "kind: System\nmetadata: {name: pets}\nspec: {owner: 'user:pets'}\n"
    user = HEAD + "kind: User\nmetadata: {name: pets}\nspec: {memberOf: [pets]}\n"
    report = imported(empty, system, user, PETS, COMPONENT.replace("SPEC", "SPEC, system: pets"))
    assert report["duplicates"] == report["unsupported"] == []
    assert [one["path"].split("/")[1] for one in report["added"]] == ["people", "services", "systems", "teams"]
    assert exported(empty)["System", "pets"] == {"owner": "user:pets"}


KIM = HEAD + "kind: User\nmetadata: {name: kim}\nspec: {memberOf: [kim]}\n"
KIMS = HEAD + "kind: Group\nmetadata: {name: kim}\nspec: {type: team, children: []}\n"
OF_KIM = API.replace("owner: pets", "owner: 'user:kim'")
OF_KIMS = COMPONENT.replace("owner: pets", "owner: kim").replace(", providesApis: [petstore]", "")


@pytest.mark.parametrize("entities", [*permutations([KIM, KIMS, OF_KIM, OF_KIMS])])
def test_a_user_and_a_group_of_one_name_each_own_what_is_theirs(empty, entities):
    """An owner is a team or a person, by name alone."""
    report = imported(empty, *entities)
    assert (report["duplicates"], report["unsupported"], report["dangling"]) == ([], [], [])
    (person,) = [one for one in report["added"] if one["kind"] == "person"]
    assert (person["name"], person["notes"]) == (
        "kim-user",
        ["this is user:default/kim, as the team kim is group:default/kim"],
    )
    assert record(empty, "catalogue/teams/kim.yaml")["members"] == ["kim-user"]
    assert (record(empty, OF_OURS)["owner"], record(empty, ITS_API)["owner"]) == ("kim", "kim-user")
    codes = {one["code"] for one in empty("check", "--json").json["findings"]}
    assert codes.isdisjoint({"REF001", "TEAM007"})
    back = exported(empty)
    assert (back["Component", "petstore"]["owner"], back["API", "petstore"]["owner"]) == ("kim", "user:kim")
    assert ("User", "kim") in back
    assert imported(empty, *entities, options=["--update"])["written"] is None


def test_a_group_does_not_take_over_what_a_person_of_its_name_owns(empty):
    imported(empty, KIM, OF_KIM)
    (group,) = imported(empty, KIMS)["added"]
    assert (group["name"], group["notes"]) == (
        "kim-group",
        ["this is group:default/kim, as the person kim is user:default/kim"],
    )
    assert record(empty, OF_OURS)["owner"] == "kim"


def test_an_owner_whose_name_a_team_of_the_store_has_is_told_apart_from_one_who_is_nowhere(empty):
    """A store from before may have a team and a person of one name."""
    empty.store.put("catalogue/teams/kim.yaml", "title: Kim's\n")
    empty.store.put("catalogue/people/kim.yaml", "name: Kim\n")
    report = imported(empty, OF_KIM)
    assert report["dangling"] == []
    (api,) = report["added"]
    assert api["notes"] == ["its owner is the person kim, and an owner of that name is the team: rename one of the two"]
    assert record(empty, OF_OURS)["owner"] == "user:default/kim"


NAMES = st.sampled_from(["a", "A", "b", "a-api", "a-api-api", "a-component", "c--d"])
NAMESPACES = st.sampled_from(["", "default", "acme", "Acme"])
KINDS = {"component": "Component", "api": "API", "system": "System", "group": "Group", "user": "User"}
DEMANDED = {
    "component": {"type": "service", "lifecycle": "production", "owner": "a"},
    "api": {"type": "openapi", "lifecycle": "production", "owner": "a", "definition": "x"},
    "system": {"owner": "a"},
    "group": {"type": "team", "children": []},
    "user": {"memberOf": []},
}
ONE_OF = ("owner", "system", "parent", "subcomponentOf", "domain")


def references(field):
    kind = st.sampled_from(["component:", "api:", "resource:"] if field in ("dependsOn", "dependencyOf") else [""])
    if field == "owner":
        kind = st.sampled_from(["", "group:", "user:"])
    one = st.builds("{}{}{}".format, kind, st.sampled_from(["", "default/", "acme/"]), NAMES)
    return one if field in ONE_OF else st.lists(one, max_size=3)


@st.composite
def entities(draw):
    kind = draw(st.sampled_from([*KINDS]))
    spec = draw(st.fixed_dictionaries({}, optional={one: references(one) for one in REFERENCES[kind]}))
    if kind == "group":
        spec["members"] = draw(references("members"))
    metadata = {
        "name": draw(NAMES),
        "namespace": draw(NAMESPACES),
        "description": draw(st.sampled_from(["", "What it is."])),
        "tags": draw(st.lists(st.sampled_from(["x", "y"]), unique=True)),
        "links": draw(st.lists(st.fixed_dictionaries({"url": NAMES}, optional={"icon": NAMES}), unique_by=str)),
    }
    said = {key: value for key, value in metadata.items() if value}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": KINDS[kind],
        "metadata": said,
        "spec": {**DEMANDED[kind], **spec},
    }


def identity(entity):
    metadata = entity["metadata"]
    return FORMAT.name_of(metadata["name"], entity["kind"].lower(), metadata.get("namespace", "default").lower())


def normal(entity):
    """What an entity says, its references in full; who is a member of what is said on either side, and left out."""
    one, spec = identity(entity), dict(entity["spec"])
    for field, kind in REFERENCES[one.kind].items():
        written = spec.get(field)
        listed = [written] if isinstance(written, str) else written or []
        spec[field] = list(dict.fromkeys(FORMAT.name_of(said, kind, one.namespace).reference for said in listed))
    for field in ("members", "memberOf", "profile"):
        spec.pop(field, None)
    metadata = {"title": entity["metadata"]["name"], **entity["metadata"], "namespace": one.namespace}
    return metadata, {key: value for key, value in spec.items() if value}


def memberships(every):
    """Each user with each group they belong to."""
    found = set()
    for one in every:
        who, spec = identity(one), one["spec"]
        found |= {(FORMAT.name_of(said, "user", who.namespace), who) for said in spec.get("members", [])}
        found |= {(who, FORMAT.name_of(said, "group", who.namespace)) for said in spec.get("memberOf", [])}
    return found


def planned(every, root):
    """The plan of an import of these entities into a store, and the entities of namespaces that have no place in it."""
    text = "---\n".join(map(dump, every))
    batch = read([Input("input.yaml", text.encode())], Graph(root))
    return plan(batch, Graph(root), update=True), {(one.kind, one.name) for one in batch.unsupported}


def write(found, root):
    for one in (*found.added, *found.updated):
        path = root / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.after, encoding="utf-8")


def document(kind, name, **spec):
    return {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


OWNED_BY_ONE_WHO_IS_NOT_HERE = document(
    "Component", "a", type="service", lifecycle="production", owner="acme/b", dependsOn=["component:acme/b"]
)


@given(st.lists(entities(), min_size=1, max_size=8))
@example([OWNED_BY_ONE_WHO_IS_NOT_HERE, document("User", "b", memberOf=[])])
@tries(150)
def test_the_entities_that_went_in_come_out_again_and_a_second_import_writes_nothing(tmp_path_factory, every):
    root = tmp_path_factory.mktemp("store")
    found, refused = planned(every, root)
    write(found, root)
    firsts = {
        identity(one): one for one in reversed(every) if (one["kind"].lower(), identity(one).whole) not in refused
    }
    back = {identity(one.entity): one.entity for one in export(Graph(root)).entities}
    assert {one: normal(entity) for one, entity in back.items()} == {one: normal(e) for one, e in firsts.items()}
    assert memberships(back.values()) == memberships(firsts.values())
    again, still_refused = planned(every, root)
    assert (again.writes, again.kept, still_refused) == (False, (), refused)
    assert not any(one.only_here for one in again.unchanged)


@given(st.lists(entities(), min_size=1, max_size=6), st.randoms(use_true_random=False))
@tries(100)
def test_what_entities_are_called_does_not_hang_on_their_order(tmp_path_factory, every, random):
    unique = list({identity(one): one for one in every if identity(one).namespace == "default"}.values())
    root = tmp_path_factory.mktemp("store")
    if unique:
        paths = {one.path: one.after for one in planned(unique, root)[0].added}
        random.shuffle(unique)
        assert {one.path for one in planned(unique, root)[0].added} == paths.keys()
