"""Finding post-mortems and measures by what people type, and what an anchor must show."""

from collections.abc import Callable

from svcops.incidents.measures import measure_states
from svcops.postmortems.model import Content
from svcops.store.graph import Graph
from svcops.store.ids import matching, resolve, tail

_PAST = ("incidents/", "postmortems/", "measures/", "approvals/", "exercises/", "recovery/evidence/", "metrics/")


def find_postmortem(graph: Graph, given: str) -> str:
    """The post-mortem's id; it shares its tail with its first incident, whose id will do."""
    return resolve(given.replace("incident-", "postmortem-", 1), graph.names("postmortem"), noun="postmortem")


def find_measure(graph: Graph, given: str, *, open_only: bool) -> str:
    """A measure's id, given its own or that of an incident with only one measure (or one open measure)."""
    measures = measure_states(graph)
    own = matching(given, measures)
    incidents = matching(given, graph.names("incident"))
    if not own and len(incidents) == 1:
        own = [
            name
            for name, one in measures.items()
            if one.measure.incident == incidents[0] and not (open_only and one.standing != "open")
        ]
        noun = "open measure" if open_only else "measure"
        return resolve_among(own, given, noun, lambda name: f"{tail(name)}  {measures[name].measure.title}")
    return resolve(given, measures, noun="measure", describe=lambda name: f"{name}  {measures[name].measure.title}")


def resolve_among(found: list[str], given: str, noun: str, describe: Callable[[str], str]) -> str:
    """The only one found; BadInput that lists them where there are several, or says that there is none."""
    from svcops.errors import BadInput
    from svcops.store.ids import AmbiguousName

    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(f"  {describe(name)}" for name in found)
        raise AmbiguousName(f"incident {given} has {len(found)} {noun}s:\n{listed}", help="Name the measure itself.")
    raise BadInput(
        f"incident {given} has no {noun}",
        help=f'svcops measure add {given} "WHAT" --type prevent --owner TEAM --due DATE',
    )


def is_anchor_place(path: str) -> bool:
    """Whether a path can hold what works next time: records of what happened cannot."""
    return not path.startswith(_PAST) and not path.startswith(".")


def anchor_content(path: str, before: str | None, after: str | None) -> Content | None:
    """What an anchor records, or None where nothing changed."""
    return None if after is None or after == before else Content(path=path, before=before, after=after)
