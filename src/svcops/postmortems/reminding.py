"""Who has to do what by when, after incidents: as values, and as text that can be mailed or posted."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from svcops.incidents.facts import State
from svcops.incidents.measures import measure_states
from svcops.incidents.model import COMMANDER
from svcops.postmortems.checks import no_moderator
from svcops.postmortems.due import Due
from svcops.postmortems.standing import Standing
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.store.people import who as person

if TYPE_CHECKING:
    from svcops.catalogue.model import Person
    from svcops.store.entries import Entry


@frozen
class Item:
    """One thing to do: `what` in a few words, by when, and the command that goes on with it."""

    id: str
    what: str
    day: date
    overdue: bool
    command: str


@frozen
class Reminder:
    """What one person or team has to do. `mail` is empty where no address is known."""

    to: str
    mail: str
    items: tuple[Item, ...]


def reminders(
    graph: Graph, written: Sequence[Standing], unwritten: Sequence[Due], today: date, ahead: int
) -> list[Reminder]:
    """What is overdue, or due within `ahead` days, by who has to do it; whose is most urgent first."""
    until = today + timedelta(days=ahead)
    found: dict[str, list[Item]] = {}
    everything = (*_drafts(graph, written, today), *_missing(graph, unwritten, today), *_measures(graph, today))
    for who, item in everything:
        if item.day <= until:
            found.setdefault(who, []).append(item)
    ordered = {who: tuple(sorted(items, key=lambda one: (one.day, one.id))) for who, items in found.items()}
    made = [Reminder(who, _mail(graph, who), items) for who, items in ordered.items()]
    return sorted(made, key=lambda one: (one.items[0].day, one.to))


def as_text(one: Reminder) -> str:
    """A reminder as plain text, with a line to whom it goes."""
    return "\n".join(_lines(one))


def as_dict(one: Reminder) -> dict[str, Any]:
    """A reminder for JSON; `mail` is null where it is not known."""
    return {
        "to": one.to,
        "mail": one.mail or None,
        "items": [
            {
                "id": item.id,
                "what": item.what,
                "due": item.day.isoformat(),
                "overdue": item.overdue,
                "command": item.command,
            }
            for item in one.items
        ],
    }


def _lines(one: Reminder) -> Iterator[str]:
    yield f"To: {one.to}{f' <{one.mail}>' if one.mail else ''}"
    for item in one.items:
        due = f"was due on {item.day:%a %Y-%m-%d}" if item.overdue else f"due on {item.day:%a %Y-%m-%d}"
        yield ""
        yield f"- {item.what}: {due}"
        yield f"  {item.command}"


def _drafts(graph: Graph, written: Sequence[Standing], today: date) -> Iterator[tuple[str, Item]]:
    for one in written:
        if one.status == "draft" and one.due:
            entry, short = one.entry, tail(one.entry.name)
            known = {state.id: state for state in one.states}
            if next(no_moderator(graph, entry, known), None):
                left, command = "needs a moderator who did not lead the incident", "moderate {} PERSON"
            else:
                left, command = "is not approved", "check {}"
            what = f'The post-mortem of "{entry.value.title}" ({short}) {left}'
            yield (
                person(graph, entry.value.author),
                _item(entry.name, what, one.due, today, f"svcops postmortem {command.format(short)}"),
            )


def _missing(graph: Graph, unwritten: Sequence[Due], today: date) -> Iterator[tuple[str, Item]]:
    for one in unwritten:
        short = tail(one.state.id)
        what = f'"{one.state.incident.title}" ({short}) waits for its post-mortem'
        command = f"svcops postmortem start {short}"
        if one.damaged:
            what, command = f'The post-mortem of "{one.state.incident.title}" ({short}) is damaged', "svcops check"
        item = _item(one.state.id, what, one.day, today, command)
        yield _answers(graph, one.state), item


def _measures(graph: Graph, today: date) -> Iterator[tuple[str, Item]]:
    for one in measure_states(graph).values():
        if one.standing == "open":
            what = f'The measure "{one.measure.title}" ({tail(one.id)}) is neither anchored nor dropped'
            day = date.fromisoformat(one.measure.due)
            yield one.measure.owner, _item(one.id, what, day, today, f"svcops measure show {tail(one.id)}")


def _item(id_: str, what: str, day: date, today: date, command: str) -> Item:
    return Item(id_, what, day, today > day, command)


def _answers(graph: Graph, state: State) -> str:
    """Who led the incident last, else the team that owns the first of its services, else who declared it."""
    if COMMANDER in state.roles:
        return person(graph, state.roles[COMMANDER])
    services = graph.all("service")
    owners = [services[one].value.owner for one in state.services if one in services]
    return owners[0] if owners else next((one.value.by for one in state.events), "unknown")


def _mail(graph: Graph, who: str) -> str:
    """Where mail for a person or a team goes; empty where nothing is known."""
    people: Mapping[str, Entry[Person]] = graph.all("person")
    if who in people:
        return next(iter(people[who].value.emails), "")
    team = graph.all("team").get(who)
    contacts = team.value.contacts if team else ()
    known = next((one.address for one in contacts if one.channel in ("mail", "email")), "")
    return known or (who if "@" in who else "")
