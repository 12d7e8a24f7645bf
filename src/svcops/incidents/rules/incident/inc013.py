"""A name in the timeline of an incident that goes on, which leads nowhere."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.incidents.model import Linked, RoleGiven
from svcops.incidents.roles import TITLES
from svcops.store.graph import Graph
from svcops.store.ids import is_id
from svcops.store.suggest import did_you_mean


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        if not state.is_over:  # people leave, and files are renamed: what is over was right in its time
            yield from _in(context.graph, state)


def _in(graph: Graph, state: State) -> Iterator[Finding]:
    for event in state.counting:
        one = event.value
        if isinstance(one, RoleGiven):
            if one.role in state.roles and (meant := TITLES.get(one.role)):
                message = f"the role {one.role} is one of your own: nobody is {meant} by it"
                yield Finding("INC013", message, event.at("role"), f"The field's is {meant}.", severity="warning")
            if one.to and state.roles.get(one.role) == one.to and "@" not in one.to and one.to not in _people(graph):
                message = f"{one.role} is {one.to}, who is no person of the catalogue: nobody knows how to reach them"
                help_ = did_you_mean(one.to, list(_people(graph))) or "A name of catalogue/people, or a mail address."
                yield Finding("INC013", message, event.at("to"), help_, severity="warning")
        elif isinstance(one, Linked) and not _leads_somewhere(graph, one.to):
            message = f"linked to what is not there: {one.to}"
            help_ = (
                "The id of an incident, a path of the store, or an address such as https://tickets.example.com/4711."
            )
            yield Finding("INC013", message, event.at("to"), help_, severity="warning")


def _people(graph: Graph) -> list[str]:
    return graph.names("person")


def _leads_somewhere(graph: Graph, to: str) -> bool:
    if to.startswith(("https://", "http://")):
        return True
    if is_id(to):
        return to in graph.names("incident") or to in graph.names("problem")
    return graph.tree.has(to)


RULE = Rule(
    "INC013",
    "a name in the timeline of an incident that goes on, which leads nowhere",
    "warning",
    whole=True,
    find=_find,
)
