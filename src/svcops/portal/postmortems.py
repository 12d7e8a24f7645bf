"""Post-mortems and measures as pages show them."""

from typing import TYPE_CHECKING

from svcops.incidents.closing import judged_since, last_reopened
from svcops.incidents.measures import MeasureState, measures_with
from svcops.incidents.recurrences import failures_of
from svcops.portal.addresses import Here, nowhere
from svcops.portal.reading import Narrative, World
from svcops.portal.words import Fact, Link, Mark, Moment, fact, when
from svcops.postmortems.due import going_on
from svcops.postmortems.model import Anchored, AnchoredElsewhere, Postmortem
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.ids import tail
from svcops.trust.facts import Judged

if TYPE_CHECKING:
    from markupsafe import Markup


@frozen
class MeasureRow:
    """A measure in a list."""

    short: str
    title: str
    type: str
    incident: Link
    owner: Link
    due: str
    state: Mark
    anchors: tuple[Link, ...]
    """What it is anchored in."""


@frozen
class ApprovalRow:
    """An approval, and whether it counts."""

    by: Link
    at: Moment
    state: Mark


@frozen
class PostmortemRow:
    """A post-mortem in a list."""

    title: Link
    started: Moment
    state: Mark


@frozen
class PostmortemPage:
    """A post-mortem."""

    facts: tuple[Fact, ...]
    state: Mark
    approvals: tuple[ApprovalRow, ...]
    contents: tuple[Link, ...]
    text: "Markup"
    measures: tuple[MeasureRow, ...]


def postmortem_page(here: Here, world: World, entry: Entry[Postmortem], text: "Markup") -> PostmortemPage:
    """The page of a post-mortem."""
    graph, record = world.graph, entry.value
    facts = (
        fact("About", *(incident_link(here, world, one) for one in record.incidents)),
        fact("Started by", here.who(graph, record.author)),
        *([fact("With", *(here.who(graph, one) for one in record.co_authors))] if record.co_authors else []),
        fact("Started", when(record.started_at, world.zone).text),
        fact("File", entry.path),
    )
    measures = {one.id: one for incident in record.incidents for one in measures_with(graph, incident)}.values()
    return PostmortemPage(
        facts=facts,
        state=approved(world, entry),
        approvals=tuple(
            ApprovalRow(here.who(graph, one.approval.value.by), when(one.approval.value.at, world.zone), mark)
            for one, mark in _judged(world, entry)
        ),
        contents=world.texts[entry.path].contents,
        text=text,
        measures=tuple(measure_row(here, world, one) for one in measures),
    )


def postmortem_row(here: Here, world: World, entry: Entry[Postmortem]) -> PostmortemRow:
    """A post-mortem as a line of a list."""
    link = here.link("postmortem", entry.name, entry.value.title)
    return PostmortemRow(link, when(entry.value.started_at, world.zone), approved(world, entry))


def approved(world: World, entry: Entry[Postmortem]) -> Mark:
    """Whether somebody who did not write it agreed to it as it is now."""
    tones = {mark.tone for _, mark in _judged(world, entry)}
    if "good" in tones:
        return Mark("good", "approved")
    return Mark("unknown", "approval not judged") if "unknown" in tones else Mark("warn", "not approved")


def _judged(world: World, entry: Entry[Postmortem]) -> list[tuple[Judged, Mark]]:
    narrative: Narrative = world.narratives[entry.path]
    reopened = last_reopened(going_on(world.graph, entry, world.states))
    found = judged_since(world.graph, entry, narrative.data, narrative.authors, reopened)
    return [(one, _mark(one, narrative)) for one in found]


def _mark(one: Judged, narrative: "Narrative") -> Mark:
    if one.damaged:
        return Mark("unknown", f"not judged: {one.why_not}")
    if not one.counts:
        return Mark("warn", f"does not count: {one.why_not}")
    if narrative.authors_unknown:
        return Mark("unknown", f"not judged: {narrative.authors_unknown}")
    return Mark("good", "counts, signed" if one.is_proved else "counts")


def measure_row(here: Here, world: World, state: MeasureState) -> MeasureRow:
    """A measure as a line of a list."""
    measure = state.measure
    return MeasureRow(
        short=tail(state.id),
        title=measure.title,
        type=measure.type,
        incident=incident_link(here, world, measure.incident),
        owner=here.answering(world.graph, measure.owner),
        due=measure.due,
        state=_state(world, state),
        anchors=tuple(dict.fromkeys(_anchor(here, one.value) for one in state.anchors)),
    )


def _anchor(here: Here, event: Anchored | AnchoredElsewhere) -> Link:
    if isinstance(event, AnchoredElsewhere):
        return Link(event.url, event.url)
    place = here.addresses.of_path(event.anchor.path)
    return Link(event.anchor.path, here.to(*place) if place else "")


def _state(world: World, state: MeasureState) -> Mark:
    if failures_of(world.graph, state.id):
        return Mark("warn", f"{state.standing}, did not hold")
    if state.standing != "open":
        return Mark("good" if state.standing == "anchored" else "plain", state.standing)
    if world.is_damaged("measures", state.id):
        return Mark("unknown", "unknown: a damaged file")
    return Mark("warn" if state.taken_back else "plain", ", ".join(("open", *state.remarks)))


def incident_link(here: Here, world: World, incident_id: str) -> Link:
    """A link to an incident by its title."""
    state = world.states.get(incident_id)
    return here.link(
        "incident", incident_id, state.incident.title if state else nowhere(world.graph, incident_id, "incident")
    )
