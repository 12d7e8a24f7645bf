"""What imports of things that happened share: the records that stand for them already, options, and what to write."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from svcops.errors import BadInput
from svcops.exchange.drafts import slug_of
from svcops.exchange.merging import differing, merged, rewritten
from svcops.exchange.plan import Plan
from svcops.exchange.sources import MAX_BYTES, Input, read_inputs
from svcops.store.change import Change
from svcops.store.formatting import kept_in_order
from svcops.store.frozen import frozen
from svcops.store.graph import Entry, Graph
from svcops.store.suggest import did_you_mean
from svcops.store.yaml_writing import plain_of

if TYPE_CHECKING:
    from svcops.terminal.session import Session

STDIN = "-"


@frozen
class Outcome:
    """A plan, and the files that carry it out: path to text, digests of those that are there, names in folders."""

    plan: Plan
    files: Mapping[str, str]
    before: Mapping[str, str]
    listings: Mapping[str, tuple[str, ...]]
    unknown_parts: Mapping[str, int]
    """What was concerned and is no service of the catalogue, with how often."""
    remarks: tuple[str, ...] = ()
    """What else a person should know of the input."""

    @property
    def is_refused(self) -> bool:
        """Whether something was given, and none of it can be a record."""
        plan = self.plan
        return bool(plan.unsupported) and not (plan.added or plan.updated or plan.unchanged or plan.kept)

    def change(self, origin: str) -> Change:
        """The change that writes it; `origin` is the body of its commit message."""
        added, updated = self.plan.added, self.plan.updated
        told = " and ".join(
            f"{verb} {len(ones)} record{'s' if len(ones) != 1 else ''}"
            for verb, ones in (("import", added), ("update", updated))
            if ones
        )
        return Change(
            f"{told.capitalize()} from {self.plan.format}",
            {path: text.encode() for path, text in self.files.items()},
            before=self.before,
            listings=self.listings,
            records=tuple(one.name for one in (*added, *updated)),
            body=origin.encode("utf-8", "backslashreplace").decode(),  # a file's name may be no UTF-8
        )


@frozen
class Choices:
    """What whoever imports says: how services and severities are called here."""

    services: Mapping[str, str]
    """Component as it is written there, to the name of a service."""
    severities: Mapping[str, str]
    """Impact or severity as it is written there, to a severity of the settings."""
    known: Mapping[str, str]
    """Names and titles of the catalogue's services, as slugs, to their names."""

    def services_of(self, parts: Iterable[str]) -> tuple[str, ...]:
        """The services that components are; those that nobody knows are left out."""
        found = (self.services.get(part) or self.known.get(slug_of(part)) for part in parts)
        return tuple(dict.fromkeys(one for one in found if one))

    def unknown(self, parts: Iterable[str]) -> list[str]:
        """The components that are no service."""
        return [part for part in parts if not self.services_of([part])]


def inputs_of(session: "Session", names: list[str]) -> list[Input]:
    """The files of these names, `-` being standard input; BadInput for one that cannot be read."""
    found = []
    for name in names:
        if name != STDIN:
            found += read_inputs(session.cwd, [name])
            continue
        try:
            text = session.stdin.read(MAX_BYTES + 1)
        except UnicodeDecodeError:
            raise BadInput("standard input is not UTF-8") from None
        found.append(Input("standard input", text.encode("utf-8", "surrogateescape")))
    return found


def pairs(option: str, given: Iterable[str], example: str) -> dict[str, str]:
    """`NAME=VALUE` of an option that may be repeated; BadInput where it is not that, or one name has two values."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.rpartition("="))
        if not (name and equals and value):
            raise BadInput(f"{option} {text}: not NAME=VALUE", help=f'Such as {option} "{example}".')
        if found.get(name, value) != value:
            raise BadInput(f"{option} {name}={value}: {name} is {found[name]} already", help="Say it once.")
        found[name] = value
    return found


def known_services(graph: Graph, chosen: Mapping[str, str]) -> dict[str, str]:
    """Names and titles of services as slugs, to their names; BadInput for a chosen one that is none."""
    names = graph.names("service")
    for part, name in chosen.items():
        if name not in names:
            help_ = did_you_mean(name, names) or "svcops service list"
            raise BadInput(f'--map "{part}={name}": there is no service {name}', help=help_)
    titles = {slug_of(entry.value.title): name for name, entry in graph.all("service").items()}
    return {**titles, **{slug_of(name): name for name in names}}


def known_severity(graph: Graph, option: str, name: str) -> str:
    """A severity of the settings; BadInput where it is none."""
    levels = [level.name for level in graph.settings.severities]
    if name not in levels:
        raise BadInput(f"{option}={name}: svcops.yaml has no severity {name}", help=f"One of {', '.join(levels)}.")
    return name


def by_origin(graph: Graph, kind: str, system: str) -> dict[str, Entry[Any]]:
    """The records of a kind that were imported from a system, by what they are called there."""
    found: dict[str, Entry[Any]] = {}
    for entry in graph.all(kind).values():
        origin = entry.value.imported
        if origin and origin.system == system:
            found.setdefault(origin.key, entry)
    return found


def with_said(entry: Entry[Any], record: Any, text: str) -> tuple[tuple[str, ...], str]:
    """Which keys of a record that is there the input says otherwise, and what its YAML `text` would be then.

    The input adds and changes, and never takes away what only the store says (`merging`).
    """
    there = plain_of(entry.value)
    said = {key: value for key, value in plain_of(record).items() if value is not None}
    after = merged(there, said, "")
    differs = differing(there, after)
    if not differs:
        return (), text
    return differs, kept_in_order(text, rewritten(text, there, after, entry.path), type(entry.value), entry.path)
