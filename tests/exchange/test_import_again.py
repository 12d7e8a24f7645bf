"""A second import: what the input says is compared, what only the store says stays, nothing changes unasked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.exchange.merging import differing, merged, rewritten
from svcops.store.yaml_reading import compose

ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ledger
  title: {title}
  description: Keeps the books.
  labels: {{size: {size}}}
  tags: [java]
spec:
  type: service
  owner: books
  dependsOn: [archive{more}]
"""
PATH = "catalogue/services/ledger.yaml"
OURS = """\
# ours: keep this comment
title: Ledger  # as people call it
description: Keeps the books.
owner: books
tier: 1
lifecycle: production
type: service
dependencies:
  - service: archive
    critical: false  # it can wait
    why: shows the voucher
tags: [java, ours]
annotations:
  backstage.io/labels: '{"size": "big"}'
  example.com/room: "7"
"""


def entity(title="Ledger", size="big", more=""):
    return ENTITY.format(title=title, size=size, more=more)


def again(console, text, *arguments):
    console.store.write("../input.yaml", text)
    return console("import", "backstage", "../input.yaml", *arguments)


@pytest.fixture
def edited(empty):
    """A store whose ledger was imported once, and edited since."""
    empty.store.put(PATH, OURS)
    return empty


def test_what_only_the_store_says_is_no_difference(edited):
    said = again(edited, entity())
    assert said.out.splitlines()[-1] == "1 item: 1 there already."
    assert edited.store.read(PATH) == OURS


def test_what_the_input_says_otherwise_is_shown_and_left(edited):
    said = again(edited, entity("General ledger", "small", ", identity"))
    assert (
        "Already there with other content, left as they are (--update takes over what differs):\n"
        "  catalogue/services/ledger.yaml  title, dependencies, annotations backstage.io/labels  input.yaml:4\n"
    ) in said.out
    assert said.out.splitlines()[-1] == "1 item: 1 there with other content."
    assert edited.store.read(PATH) == OURS


def test_an_update_takes_over_what_differs_and_nothing_else(edited):
    said = again(edited, entity("General ledger", "small", ", identity"), "--update")
    assert (
        edited.store.read(PATH)
        == """\
# ours: keep this comment
title: General ledger  # as people call it
description: Keeps the books.
owner: books
tier: 1
lifecycle: production
type: service
dependencies:
  - service: archive
    critical: false  # it can wait
    why: shows the voucher
  - service: identity
tags: [java, ours]
annotations:
  backstage.io/labels: '{"size": "small"}'
  example.com/room: "7"
"""
    )
    assert "-title: Ledger  # as people call it\n+title: General ledger  # as people call it\n" in said.out
    assert edited.store.log()[0] == "Update 1 record from Backstage"
    assert edited.store.is_clean()
    assert "1 there already" in again(edited, entity("General ledger", "small", ", identity"), "--update").out


def test_an_update_puts_new_keys_where_they_belong(edited):
    edited.store.put(PATH, OURS.replace("description: Keeps the books.\n", ""))
    again(edited, entity(), "--update")
    assert edited.store.read(PATH) == OURS
    assert edited("fmt", "--check", PATH).code == 0


def test_a_dry_update_only_shows_the_diff(edited):
    said = again(edited, entity("General ledger"), "--update", "--dry-run")
    assert "+title: General ledger" in said.out
    assert edited.store.read(PATH) == OURS
    report = again(edited, entity("General ledger"), "--update", "--dry-run", "--json").json
    (updated,) = report["updated"]
    assert updated["differs"] == ["title"]
    assert updated["diff"].startswith(f"--- a/{PATH}\n+++ b/{PATH}\n")


def test_a_field_that_the_format_gave_up_goes_from_the_annotations(edited):
    text = entity().replace("  labels: {size: big}\n", "")
    again(edited, text, "--update")
    assert "backstage.io/labels" not in edited.store.read(PATH)
    assert 'example.com/room: "7"' in edited.store.read(PATH)


def test_what_somebody_has_not_committed_is_not_swept_in(edited):
    edited.store.write(PATH, OURS.replace("tier: 1", "tier: 2"))
    edited.store.write("../input.yaml", entity("General ledger"))
    said = edited("import", "backstage", "../input.yaml", "--update", code=3)
    assert PATH in said.err
    assert "tier: 2" in edited.store.read(PATH)


def test_a_title_that_stood_in_for_none_may_be_changed(empty):
    text = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: ledger}\nspec: {owner: books}\n"
    again(empty, text)
    assert empty.store.read(PATH) == "title: ledger\nowner: books\nlifecycle: unknown\n"
    empty.store.put(PATH, "title: The ledger\nowner: books\nlifecycle: production\n")
    assert "1 there already" in again(empty, text, "--update").out


PLAIN = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(max_size=2),
        "tags": st.lists(st.sampled_from("abc"), max_size=3, unique=True),
        "emails": st.lists(st.sampled_from("abc"), max_size=3, unique=True),
        "dependencies": st.lists(
            st.fixed_dictionaries({"service": st.sampled_from("abc")}, optional={"why": st.sampled_from("xy")}),
            max_size=3,
            unique_by=lambda one: one["service"],
        ),
        "annotations": st.dictionaries(st.sampled_from(["p/a", "p/b", "q/a"]), st.sampled_from("xy"), min_size=1),
    },
)


@given(PLAIN, PLAIN)
def test_taking_over_twice_is_taking_over_once(there, said):
    once = merged(there, said, "p/")
    assert differing(once, merged(once, said, "p/")) == ()


@given(PLAIN, PLAIN)
def test_taking_over_takes_nothing_of_the_stores_own_away(there, said):
    after = merged(there, said, "p/")
    assert there.keys() - {"annotations"} <= after.keys()
    assert set(there.get("tags", [])) <= set(after.get("tags", []))
    assert set(there.get("emails", [])) <= set(after.get("emails", []))
    assert {one["service"] for one in there.get("dependencies", [])} <= {
        one["service"] for one in after.get("dependencies", [])
    }
    assert {key for key in there.get("annotations", {}) if key[0] == "q"} <= after.get("annotations", {}).keys()


def test_what_a_hook_kept_from_being_committed_is_not_told_to_be_done(empty):
    empty.store.hook("pre-commit", "exit 1")
    empty.store.write("../input.yaml", entity())
    assert "written, but not committed" in empty("import", "backstage", "../input.yaml", code=3).err
    (empty.store.root / ".git/hooks/pre-commit").unlink()
    said = empty("import", "backstage", "../input.yaml", code=3)
    assert said.out.splitlines()[-1] == "1 item: 1 there already."
    assert f"there already, but 1 file is not committed: {PATH}" in said.err
    assert f"git add -- {PATH} && git commit -- {PATH}" in said.err
    empty.store.git("add", PATH)
    empty.store.git("commit", "-qm", "By hand", "--", PATH)
    assert "nothing to add" in again(empty, entity()).err


def test_who_wants_no_commit_is_told_of_none(empty):
    again(empty, entity(), "--no-commit")
    assert "nothing to add" in again(empty, entity(), "--no-commit").err
    assert "nothing written: a dry run" in again(empty, entity(), "--dry-run").err


ONLY_HERE = "as the input does not name them, or no longer does; they stay until somebody takes them away:"
TEAM = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: books}\nspec: {type: team, children: []}\n"
USER = "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: ada}\nspec: {memberOf: [books]}\n"


@pytest.mark.parametrize("options", [(), ("--update",)])
def test_a_dependency_that_the_input_no_longer_names_stays_and_is_told(empty, options):
    again(empty, entity(more=", identity"))
    said = again(empty, entity(), *options)
    assert (
        f"Only here, {ONLY_HERE}\n"
        f"  {PATH}  dependencies: identity  svcops service edit ledger --remove-dependency identity\n"
    ) in said.out
    assert "service: identity" in empty.store.read(PATH)
    empty("service", "edit", "ledger", "--remove-dependency", "identity")
    assert "Only here" not in again(empty, entity(), *options).out


def test_what_only_the_store_names_is_in_the_json_whatever_else_differs(edited):
    report = again(edited, entity("General ledger").replace("  dependsOn: [archive]\n", ""), "--json").json
    assert [one["only_here"] for one in report["kept"]] == [{"dependencies": ["archive"], "tags": ["ours"]}]


def test_tags_links_and_texts_that_the_input_no_longer_has_stay_and_are_told(empty):
    link = "{url: 'https://books.example.com', title: Books}"
    given = entity().replace("  tags: [java]\n", f"  tags: [java, old one]\n  links: [{link}]\n")
    given = given.replace("  owner: books\n", "  owner: books\n  system: suite\n")
    again(empty, given)
    before = empty.store.read(PATH)
    left = entity().replace("  description: Keeps the books.\n", "")
    said = again(empty, left, "--update")
    edit = "svcops service edit ledger"
    assert (
        f"Only here, {ONLY_HERE}\n"
        f"  {PATH}  description: Keeps the books.     {edit} --unset description\n"
        f"  {PATH}  system: suite                     {edit} --unset system\n"
        f"  {PATH}  links: https://books.example.com\n"
        f"  {PATH}  tags: old one                     {edit} --remove-tag 'old one'\n"
    ) in said.out
    assert empty.store.read(PATH) == before
    empty("service", "edit", "ledger", "--unset", "description", "--unset", "system", "--remove-tag", "old one")
    empty("service", "edit", "ledger", "--unset", "links")
    assert "Only here" not in again(empty, left, "--update").out


def test_what_another_entity_says_of_a_service_is_not_all_that_the_input_would_say(empty):
    again(empty, entity())
    needed = entity().replace("name: ledger", "name: identity").replace("dependsOn: [archive", "dependencyOf: [ledger")
    assert "Only here" not in again(empty, needed).out


def test_a_long_text_that_is_only_here_is_cut_and_whole_in_the_json(edited):
    text = "Keeps the books. " * 20 + "\nFor ever."
    edited("service", "edit", "ledger", "--description", text)
    left = entity().replace("  description: Keeps the books.\n", "")
    row = next(line for line in again(edited, left).out.splitlines() if "description: " in line)
    assert "Keeps [...]  svcops service edit ledger --unset description" in row
    (there,) = again(edited, left, "--json").json["unchanged"]
    assert there["only_here"]["description"] == [text.strip()]


def test_a_member_who_left_is_told_where_the_input_has_that_person(empty):
    again(empty, f"{TEAM}---\n{USER}")
    left = USER.replace("[books]", "[]")
    assert "catalogue/teams/books.yaml  members: ada\n" in again(empty, f"{TEAM}---\n{left}").out
    assert "Only here" not in again(empty, TEAM).out


def test_what_others_say_of_a_service_is_not_what_its_own_file_left_out(empty):
    needed = (
        entity().replace("name: ledger", "name: identity").replace("dependsOn: [archive]", "dependencyOf: [ledger]")
    )
    again(empty, f"{entity()}---\n{needed}")
    for text in (entity(), needed, f"{entity()}---\n{needed}"):
        assert "Only here" not in again(empty, text).out
    given_up = needed.replace("  dependencyOf: [ledger]\n", "")
    assert "dependencies: identity" in again(empty, f"{entity()}---\n{given_up}").out


JANE = "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: jane}\nspec: {profile: {email: jane@old.example}}\n"
GROUP = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: books}\nspec: {type: team, children: [], profile: {email: b@old.example}}\n"
RECORDS = {"jane": "catalogue/people/jane.yaml", "books": "catalogue/teams/books.yaml"}


def exported(console, kind):
    text = console("export", "backstage").out
    return next(one for one in text.split("---\n") if f"kind: {kind}\n" in one)


def test_a_mail_address_that_changed_there_comes_first_and_the_old_one_stays_and_is_told(empty):
    again(empty, JANE)
    said = again(empty, JANE.replace("old", "new"), "--update")
    assert empty.store.read(RECORDS["jane"]) == "name: jane\nemails:\n  - jane@new.example\n  - jane@old.example\n"
    assert f"Only here, {ONLY_HERE}\n  {RECORDS['jane']}  emails: jane@old.example\n" in said.out
    assert "email: jane@new.example" in exported(empty, "User")
    assert "1 there already" in again(empty, JANE.replace("old", "new"), "--update").out


def test_a_mail_of_a_group_that_changed_there_comes_before_the_old_one_and_after_other_ways_that_were_before(empty):
    again(empty, GROUP)
    telephone, chat = "{channel: telephone, address: '+49 1'}", "{channel: chat, address: '#books'}"
    old = "{channel: mail, address: b@old.example}"
    empty.store.put(RECORDS["books"], f"title: books\ncontacts: [{telephone}, {old}, {chat}]\n")
    assert "1 there already" in again(empty, GROUP).out
    report = again(empty, GROUP.replace("old", "new"), "--update", "--json").json
    assert [one["only_here"] for one in report["updated"]] == [{"contacts": ["mail b@old.example"]}]
    books = compose(empty.store.read(RECORDS["books"]), RECORDS["books"]).documents[0]
    assert [one["address"] for one in books["contacts"]] == ["+49 1", "b@new.example", "b@old.example", "#books"]
    assert "email: b@new.example" in exported(empty, "Group")


def test_an_address_that_an_annotation_of_ours_holds_comes_after_the_one_that_changed_there(empty):
    empty.store.put(RECORDS["jane"], "name: jane\nemails: [jane@old.example, jane@home.example]\n")
    changed = exported(empty, "User").replace("email: jane@old", "email: jane@new")
    assert "svcops/emails" in changed
    again(empty, changed, "--update")
    written = "emails: [jane@new.example, jane@home.example, jane@old.example]\n"
    assert empty.store.read(RECORDS["jane"]).endswith(written)


def test_a_comment_beside_an_address_never_comes_to_stand_beside_another_one(empty):
    empty.store.put(RECORDS["jane"], "name: jane\nemails:\n  - jane@old.example  # until May\n")
    again(empty, JANE.replace("old", "new"), "--update")
    assert "new.example  # until May" not in empty.store.read(RECORDS["jane"])


def test_of_a_list_of_addresses_only_the_entry_that_changes_is_changed(empty):
    contacts = """\
title: books
contacts:
  # whom everybody asks
  - channel: mail
    address: 'b@old.example'   # read by two
  # at night only this
  - channel: telephone
    address: "+1 212 555 0100"   # the bridge
"""
    empty.store.put(RECORDS["books"], contacts)
    again(empty, GROUP.replace("old", "new"), "--update")
    added = "contacts:\n  - channel: mail\n    address: b@new.example\n"
    assert empty.store.read(RECORDS["books"]) == contacts.replace("contacts:\n", added)


def test_an_address_that_comes_to_the_front_takes_its_comments_along(empty):
    empty.store.put(
        RECORDS["jane"],
        """\
name: jane
emails:
  - "jane@old.example"   # until May
  # from June on
  - 'jane@new.example'   # hers
""",
    )
    again(empty, JANE.replace("old", "new"), "--update")
    assert (
        empty.store.read(RECORDS["jane"])
        == """\
name: jane
emails:
  # from June on
  - 'jane@new.example'   # hers
  - "jane@old.example"   # until May
"""
    )


def test_of_a_list_in_a_document_of_a_file_only_the_items_that_change_are_changed():
    text = """\
objectives:
  - {name: fast, target: 0.9}   # most
  # what was agreed
  - {name: slow, target: '0.5'}
  - name: 'all'   # in the end
"""
    there = compose(text, "").documents[0]
    fast, _, all_ = there["objectives"]
    shorter = {"objectives": [{**fast, "target": 0.95}, all_, {"name": "new"}]}
    assert rewritten(text, there, shorter, "") == (
        "objectives:\n  - {name: fast, target: 0.95}   # most\n  - name: 'all'   # in the end\n  - name: new\n"
    )
