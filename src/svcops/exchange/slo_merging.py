"""An OpenSLO document that is there and what an input says of it, as one: `merging` for documents of a file.

Labels, annotations and alert policies that only the store has stay. What is measured, over which time and against which
targets belongs together and follows the input as a whole: half of one indicator and half of another would be neither.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from svcops.exchange.merging import annotations_after

_INSTEAD = {"indicator": "indicatorRef", "indicatorRef": "indicator"}
"""For each of two keys that stand in each other's place: the other."""


def merged(there: Mapping[str, Any], said: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The plain data of the document with what the input says of it; `prefix` begins the input's own annotations."""
    return {
        **there,
        **said,
        "metadata": _metadata(there.get("metadata", {}), said.get("metadata", {}), prefix),
        "spec": _spec(there.get("spec", {}), said.get("spec", {})),
    }


def differing(there: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The places at which two documents differ: `spec.objectives`, and of labels and annotations each one."""
    return tuple(_differing(there, after, "", depth=2))


def _differing(there: Mapping[str, Any], after: Mapping[str, Any], before: str, depth: int) -> Iterator[str]:
    for key in dict.fromkeys([*after, *there]):
        one, other = there.get(key), after.get(key)
        if one == other:
            continue
        deeper = depth > 1 or key in ("labels", "annotations")
        if deeper and isinstance(one or {}, dict) and isinstance(other or {}, dict):
            yield from _differing(one or {}, other or {}, f"{before}{key}.", depth - 1)
        else:
            yield f"{before}{key}"


def _metadata(there: Mapping[str, Any], said: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    both = {**there, **said}
    labels = {**(there.get("labels") or {}), **(said.get("labels") or {})}
    annotations = annotations_after(there.get("annotations") or {}, said.get("annotations") or {}, prefix)
    for key, value in (("labels", labels), ("annotations", annotations)):
        if value:
            both[key] = value
        else:
            both.pop(key, None)
    return both


def _spec(there: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    replaced = {other for key, other in _INSTEAD.items() if key in said and other not in said}
    spec = {key: value for key, value in {**there, **said}.items() if key not in replaced}
    if said.get("connectionDetails") in ({}, []) and "connectionDetails" in there:
        spec["connectionDetails"] = there["connectionDetails"]  # the input does not know where the source is
    policies = list(_policies(there.get("alertPolicies") or [], said.get("alertPolicies") or []))
    if policies:
        spec["alertPolicies"] = policies
    return spec


def _policies(there: list[Any], said: list[Any]) -> Iterator[Any]:
    """Those of both, by name: in the store's order, then what is new."""
    new = {_called(one): one for one in said}
    for one in there:
        yield new.pop(_called(one), one)
    yield from new.values()


def _called(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """What a policy of an SLO is called, by reference or written out, and its conditions: several may share a name."""
    conditions = (policy.get("spec") or {}).get("conditions") or []
    return (_name(policy, "alertPolicyRef"), *(_name(one, "conditionRef") for one in conditions))


def _name(of: Mapping[str, Any], reference: str) -> str:
    return str(of.get(reference) or (of.get("metadata") or {}).get("name"))
