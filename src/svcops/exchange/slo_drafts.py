"""OpenSLO v1 documents as drafts, whichever format they come from, and what imports of SLOs are told by options."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from svcops.checking.model import Finding
from svcops.errors import BadInput
from svcops.exchange.drafts import Batch, Draft, NoRecord, Reference, Unsupported, as_text, validated
from svcops.exchange.promql import PROMETHEUS, Asking
from svcops.exchange.sources import Document, Source
from svcops.slo.model import Document as AnyDocument
from svcops.slo.policies import SHORT_WINDOW
from svcops.slo.windows import is_fixed, length_of
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.shape import references
from svcops.store.suggest import did_you_mean

VERSION = "openslo/v1"
KIND = "slo"
"""The kind of record that an OpenSLO document is."""
_DEFAULT_SOURCE = "prometheus"
_DURATION = re.compile(r"[0-9]+[mhdwMQY]")
_UNITS = (("w", timedelta(weeks=1)), ("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))
_BEYOND_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@frozen
class Options:
    """What whoever imports says beside the files."""

    service: str = ""
    """Which service SLOs are for that name none."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Services as they are called there, to those of the catalogue."""
    window: str = ""
    """Over which time SLOs are judged that do not say."""
    source: str = ""
    """The DataSource of the store that is asked for plain selectors."""

    def service_of(self, named: object) -> str:
        """The service that is meant; NoRecord where none is named."""
        if named not in (None, "") and not isinstance(named, str):
            raise NoRecord("its service is no text")
        written = str(named or self.service)
        if not written:
            raise NoRecord("it names no service: --service NAME says which")
        return self.services.get(written, written)


def checked(options: Options, graph: Graph) -> Options:
    """The options; BadInput for a window that is none, and for a source or service that the store does not have."""
    if options.window and not (_DURATION.fullmatch(options.window) and length_of(options.window)):
        raise BadInput(f"--window {options.window}: not a duration of OpenSLO", help="Such as --window 28d.")
    if options.source and graph.find((f"{KIND}:DataSource",), options.source) is None:
        near = did_you_mean(options.source, graph.candidates((f"{KIND}:DataSource",)))
        help_ = near or "Write it first: svcops schema slo shows what it takes."
        raise BadInput(f"--source {options.source}: the store has no DataSource of that name", help=help_)
    for one in (options.service, *options.services.values()):
        if one and graph.find(("service", f"{KIND}:Service"), one) is None:
            near = did_you_mean(one, graph.candidates(("service", f"{KIND}:Service")))
            raise BadInput(f"there is no service {one} in this store", help=near or "svcops service list")
    return options


def asking_of(options: Options, graph: Graph) -> Asking:
    """Whom the imported indicators ask."""
    there = graph.all(KIND).get(f"DataSource/{_DEFAULT_SOURCE}")
    queries = _DEFAULT_SOURCE if there is None or there.value.spec.type == PROMETHEUS else ""
    return Asking(options.source or _DEFAULT_SOURCE, queries)


def document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    """A document as plain data, without what says nothing."""
    said = {key: value for key, value in metadata.items() if value not in (None, "", {})}
    return {
        "apiVersion": VERSION,
        "kind": kind,
        "metadata": {"name": name, **said},
        "spec": {key: value for key, value in spec.items() if value not in (None, "", [])},
    }


def draft_of(
    plain: Any, source: Source, prefix: str, notes: Iterable[str] = (), place: Document | None = None
) -> Draft:
    """The draft of a document; NoRecord where OpenSLO would not take it.

    `place` is the document of the input where it is the same, so that its references are told at their lines.
    """
    record, wrong = validated(KIND, plain)
    if wrong:
        raise NoRecord("; ".join(wrong))
    kind, name = record.kind, record.metadata.name
    kept = tuple(key for key in record.metadata.annotations or {} if key.startswith(prefix))
    named = tuple(
        Reference(_written(keys), ref.kinds, to, place.source(*keys) if place else source)
        for keys, ref, to in references(AnyDocument, record)
    )
    return Draft(KIND, f"{kind}/{name}", kind, plain, record, source, named, kept, tuple(dict.fromkeys(notes)))


SILENCED = "its alerts are switched off there: here the default ones apply, as it has no policy of its own"
"""What a person should know of an SLO that the other tool does not alert on."""
Noted = tuple[dict[str, Any], tuple[str, ...]]
"""Plain data (of a document, or of an indicator), and what a person should know of it."""


@frozen
class Entity:
    """An SLO, or another thing that the input defines, and what makes its drafts: that may raise NoRecord."""

    kind: str
    name: str
    source: Source
    make: Callable[[], Iterable[Draft]]


def gathered(entities: Iterable[Entity]) -> tuple[list[Draft], list[Unsupported]]:
    """The drafts, and of what could become none, why."""
    drafts: list[Draft] = []
    refused: list[Unsupported] = []
    for one in entities:
        try:
            drafts += list(one.make())
        except NoRecord as reason:
            refused.append(Unsupported(one.kind, one.name, str(reason), one.source))
    return drafts, refused


def manifest_entity(one: Document, prefix: str, make: Callable[[], Noted]) -> Entity:
    """The SLO of a manifest in which `manifest_fault` finds nothing."""
    source = one.source("metadata", "name")

    def draft() -> list[Draft]:
        plain, notes = make()
        return [draft_of(plain, source, prefix, notes)]

    return Entity("SLO", one.plain["metadata"]["name"], source, draft)


def manifest_fault(one: Document, format_: str, version: str, kind: str) -> Finding | None:
    """What keeps a document from being a manifest of that version and kind, with a name and a spec."""
    plain = one.plain
    if not isinstance(plain, dict) or plain.get("apiVersion") != version:
        return one.finding(f"not an SLO of {format_}: its apiVersion is no {version}")
    if plain.get("kind") != kind:
        return one.finding(f"kind is no {kind}", "kind")
    metadata = plain.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return one.finding("metadata.name is missing, or no text")
    return None if isinstance(plain.get("spec"), dict) else one.finding("spec is missing, or no mapping")


def batch_of(
    format_: str,
    prefix: str,
    entities: int,
    drafts: Sequence[Draft],
    refused: Sequence[Unsupported],
    graph: Graph,
) -> Batch:
    """The batch of a format's drafts, with the DataSource that they ask where neither they nor the store has it."""
    asks = any(one.name == _DEFAULT_SOURCE and _is_source(one) for draft in drafts for one in draft.references)
    is_there = graph.find((f"{KIND}:DataSource",), _DEFAULT_SOURCE) is not None
    own = any(draft.name == f"DataSource/{_DEFAULT_SOURCE}" for draft in drafts)
    if asks and not is_there and not own:
        plain = document("DataSource", _DEFAULT_SOURCE, {"type": PROMETHEUS, "connectionDetails": {}})
        drafts = (*drafts, draft_of(plain, drafts[0].source, prefix, ("where it is reached is not said",)))
    return Batch(format_, prefix, entities, tuple(drafts), tuple(refused))


def objective_of(share: object, key: str) -> dict[str, Any]:
    """A target; NoRecord where none is said."""
    if share is None:
        raise NoRecord("it has no target")
    return {key: share}


def rolling(duration: str) -> list[dict[str, Any]]:
    """A rolling window."""
    return [{"duration": duration, "isRolling": True}]


def shorthand(span: timedelta) -> str:
    """A length as OpenSLO writes it, in the largest unit that it is a whole number of; NoRecord where none is."""
    for unit, length in _UNITS:
        if span and not span % length:
            return f"{span // length}{unit}"
    raise NoRecord(f"OpenSLO has no duration of {span}")


def fixed_length(duration: str) -> timedelta:
    """The length of a window in days and the like; NoRecord for months, whose length differs."""
    if not is_fixed(duration):
        raise NoRecord(f"its alerts follow from the length of its window, and {duration} has no fixed one")
    return length_of(duration)


def burn_policy(
    name: str,
    severity: str,
    threshold: Fraction,
    lookback: str,
    *,
    short: str = "",
    alert: str = "",
    after: str = "",
    **metadata: Any,
) -> dict[str, Any]:
    """An alert policy, written out in its SLO, of a burn rate above a threshold; over a `short` window, too.

    `alert` is what the other tool calls the alert: routes and runbooks know it by that name, which the policy has, too,
    where OpenSLO takes it. Several may share it, and their conditions tell them apart.
    """
    called = alert if alert and name_of(alert) == alert else name
    condition = {"kind": "burnrate", "op": "gt", "threshold": float(threshold), "lookbackWindow": lookback}
    if after:
        condition["alertAfter"] = after
    is_shorter = bool(short) and length_of(short) < length_of(lookback)  # of short periods both are a minute
    annotations = {SHORT_WINDOW: short} if is_shorter else {}
    spec = {"severity": severity, "condition": condition}
    asked = document("AlertCondition", f"{name}-burn", spec, annotations=annotations)
    del asked["apiVersion"]
    if alert and called != alert:
        metadata["displayName"] = alert
    policy = document("AlertPolicy", called, {"alertWhenBreaching": True, "conditions": [asked]}, **metadata)
    del policy["apiVersion"]
    return policy


def texts_of(found: object) -> dict[str, str]:
    """A mapping with its values as text, such as labels; empty for anything else."""
    if not isinstance(found, dict):
        return {}
    return {str(key): value if isinstance(value, str) else as_text(value) for key, value in found.items()}


def name_of(*parts: str) -> str:
    """A name that OpenSLO takes, of parts that may be any text."""
    return "-".join(_BEYOND_A_NAME.sub("-", part).strip("._-") for part in parts if part)


def _is_source(reference: Reference) -> bool:
    return reference.kinds == (f"{KIND}:DataSource",)


def _written(keys: Iterable[str | int]) -> str:
    """A key path as people write it: `spec.objectives[0].indicatorRef`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")
