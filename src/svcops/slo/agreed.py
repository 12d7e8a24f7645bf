"""What a store excludes from its service levels."""

from svcops.slo.exclusions import Exclusions
from svcops.store.graph import Graph


def exclusions_of(graph: Graph) -> Exclusions:
    """The exclusions of a store; one whose times nobody can work out is left out, as a file that is damaged is."""
    every = list(graph.all("exclusion").values())
    if not every:
        return Exclusions()
    from svcops.slo.recurring import is_sound

    agreed = [one for one in every if is_sound(one.value)]
    graph.unusable |= {one.path for one in every} - {one.path for one in agreed}
    maintenances = graph.all("maintenance").values() if any(one.value.maintenance for one in agreed) else ()
    return Exclusions(agreed, list(maintenances))
