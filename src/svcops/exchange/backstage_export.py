"""The catalogue of a store as Backstage entities; what could not go is counted and named, never dropped in silence."""

from collections.abc import Mapping
from typing import Any

from svcops.exchange import backstage_there
from svcops.exchange.backstage_entities import FORMAT
from svcops.exchange.backstage_own import with_own
from svcops.exchange.backstage_records import Around
from svcops.exchange.backstage_writing import Known, is_name
from svcops.exchange.kept import holders
from svcops.exchange.names import Names, names_of
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.yaml_writing import dump

FILES = {"Component": "components", "API": "apis", "System": "systems", "Group": "groups", "User": "users"}
"""For each kind of entity: the file of a folder that it goes to."""

_EXPORTED = ("service", "system", "team", "person")
_LEFT_OUT = ("agreement", "escalation", "schedule")
"""Kinds of records of a catalogue that Backstage has nothing for."""


@frozen
class Exported:
    """An entity, and the fields of its record that only its annotations say."""

    kind: str
    name: str
    entity: Mapping[str, Any]
    annotated: tuple[str, ...]

    @property
    def reference(self) -> str:
        """As Backstage names it: `component:ledger`."""
        return f"{self.entity['kind']}:{self.entity['metadata']['name']}".lower()


@frozen
class LeftOut:
    """A record that has no place in Backstage, and why."""

    kind: str
    name: str
    reason: str


@frozen
class Export:
    """The entities of a store, and what could not become one."""

    entities: tuple[Exported, ...]
    left_out: tuple[LeftOut, ...]

    def text(self, kind: str = "") -> str:
        """The entities (of one kind) as YAML documents."""
        chosen = [one.entity for one in self.entities if kind in ("", one.entity["kind"])]
        return "---\n".join(dump(dict(one)) for one in chosen)

    def files(self) -> dict[str, str]:
        """A file a kind of entity, by name."""
        kinds = dict.fromkeys(str(one.entity["kind"]) for one in self.entities)
        return {f"{FILES[kind]}.yaml": self.text(kind) for kind in kinds}


def export(graph: Graph) -> Export:
    """Every service, system, team and person of the store as an entity."""
    names = names_of({key: one for key, one in holders(graph, FORMAT).items() if is_name(one.name)})
    said = _said_by_the_other(graph, names)
    known, around = _known(graph, names, said), _around(graph, names, said)
    entities: list[Exported] = []
    left_out: list[LeftOut] = []
    for kind in _EXPORTED:
        for name, entry in graph.all(kind).items():
            if is_name(names.entity(kind, name)):
                entity, own = with_own(kind, name, entry.value, known, around)
                entities.append(Exported(kind, name, entity, own))
            else:
                left_out.append(LeftOut(kind, name, "Backstage takes names of at most 63 characters"))
    left_out += [
        LeftOut(kind, name, "Backstage has nothing for it") for kind in _LEFT_OUT for name in graph.names(kind)
    ]
    return Export(tuple(entities), tuple(left_out))


def _said_by_the_other(graph: Graph, names: Names) -> dict[str, list[str]]:
    """For each service, those of the services it depends on that say so themselves."""
    needs = backstage_there.needs(graph)
    said: dict[str, list[str]] = {}
    for service, other in backstage_there.said_by_the_other(graph, names):
        if {("service", service), ("service", other)} <= names.holders.keys() and other in needs.get(service, ()):
            said.setdefault(service, []).append(other)
    return said


def _known(graph: Graph, names: Names, said: Mapping[str, list[str]]) -> Known:
    teams_of: dict[str, list[str]] = {}
    for team, entry in graph.all("team").items():
        for person in entry.value.members:
            if team not in teams_of.setdefault(person, []):
                teams_of[person].append(team)
    return Known(
        apis={name for name, entry in graph.all("service").items() if entry.value.api},
        only_people=set(graph.names("person")) - set(graph.names("team")),
        teams_of=teams_of,
        names=names,
        needs=backstage_there.needs(graph),
        told=said,
    )


def _around(graph: Graph, names: Names, said: Mapping[str, list[str]]) -> Around:
    """What an import of the whole export knows."""
    members: dict[str, list[str]] = {}
    for team, person in backstage_there.said_by_the_person(graph, names):
        if is_name(person):
            members.setdefault(team, []).append(person)
    return Around(
        members=members,
        people=set(filter(is_name, graph.all("person"))),
        groups=set(filter(is_name, graph.all("team"))),
        names=names,
        needs=said,
        told_twice=backstage_there.told_twice(graph, names, said),
    )
