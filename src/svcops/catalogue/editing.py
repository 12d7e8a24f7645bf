"""Making and editing a service: what people ask for on the command line, or write in an editor, as a valid record.

Whatever comes of an edit is read and validated as a file of the store would be, before anything is written.
"""

import os
import re
import shlex
import stat
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Any, get_args

from svcops.catalogue.model import CoreWorkflow, Dependency, Service
from svcops.catalogue.validity import NOT_CRITICAL, NotValid, Worse, worse
from svcops.checking.model import KeyPath
from svcops.errors import BadInput, NotDone
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.model import SLUG

_KINDS: tuple[str, ...] = get_args(Dependency.__annotations__["kind"])
_PARTS = ("why", "slo")
"""What an item says that is no part of it as it is typed: options of their own do."""

_LONGEST = 200
"""Characters of a name; its file has an ending more, and others beside it while it is written."""
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")


@frozen
class Part:
    """A value inside an item of a list, such as the SLO of a core workflow: the item stays, with all else it says."""

    key: str
    """Of the list."""
    item: str
    """The name of the item."""
    field: str
    value: str
    """Empty: it is taken away."""

    @property
    def what(self) -> str:
        """The change in a few words."""
        return f"{self.field} of {self.item}" if self.value else f"no {self.field} of {self.item}"


@frozen
class Edits:
    """What an edit asks for: values by key, keys to take away, items to add to lists, to take from them, to change."""

    values: Mapping[str, Any]
    unset: Sequence[str] = ()
    add: Sequence[tuple[str, Any]] = ()
    """The key of a list, and the item as plain data."""
    remove: Sequence[tuple[str, str]] = ()
    """The key of a list, and the name of the item."""
    parts: Sequence[Part] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.unset or self.add or self.remove or self.parts)

    @property
    def what(self) -> str:
        """The edit in a few words, for the commit's message."""
        words = [*self.values, *(f"no {key}" for key in self.unset)]
        added = [(key, _name_of(item)) for key, item in self.add]
        words += [f"{'change' if one in self.remove else 'add'} {' '.join(one)}" for one in added]
        words += [f"remove {key} {name}" for key, name in self.remove if (key, name) not in added]
        return ", ".join([*words, *(one.what for one in self.parts)])


def new_name(graph: Graph, name: str) -> str:
    """A name that a new service may have; BadInput where it is none, or taken."""
    if not re.fullmatch(SLUG, name):
        help_ = "Lower-case letters, digits, and single . _ - between them: receipt-scanner."
        raise BadInput(f"{name!r} is no name for a service", help=help_)
    if _DEVICE.fullmatch(name):
        help_ = f"Windows keeps it for a device, and could not check the store out. Say more: {name}-service."
        raise BadInput(f"{name!r} is no name for a service", help=help_)
    if len(name) > _LONGEST:
        help_ = f"At most {_LONGEST}: its file is named like it, and file systems end at 255."
        raise BadInput(f"{name[:20]}... is no name for a service: it has {len(name)} characters", help=help_)
    path = graph.find(("service",), name)
    if path:
        raise BadInput(f"there is a service {name} already: {path}", help=f"svcops service edit {name}")
    return name


def dependency(text: str) -> Dependency:
    """`NAME`, `NAME:KIND` or `NAME:KIND:not-critical`, as it is typed; BadInput says what may stand there."""
    name, *rest = text.split(":")
    kinds = [one for one in rest if one in _KINDS]
    critical = NOT_CRITICAL not in rest
    if not name or len(kinds) + (not critical) != len(rest) or len(kinds) > 1:
        help_ = f"NAME, and after colons one of {', '.join(_KINDS)}, or {NOT_CRITICAL}: ledger:event:{NOT_CRITICAL}"
        raise BadInput(f"{text!r} is no dependency", help=help_)
    made = Dependency(service=name, critical=critical)
    return replace(made, kind=kinds[0]) if kinds else made  # type: ignore[arg-type]


def workflow(text: str) -> CoreWorkflow:
    """`NAME=TITLE`, as it is typed; BadInput where it is not that."""
    name, _, title = text.partition("=")
    if not re.fullmatch(SLUG, name) or not title.strip():
        raise BadInput(f"{text!r} is no core workflow", help="NAME=TITLE: sign-in='Sign in'")
    return CoreWorkflow(name=name, title=" ".join(title.split()))


_Typed = Iterable[str] | None


def additions(dependencies: _Typed, workflows: _Typed, tags: _Typed) -> tuple[tuple[str, Any], ...]:
    """Items to add, as they are typed: the list that each belongs to, and the item as plain data; else BadInput."""
    from svcops.store.yaml_writing import plain_of

    return (
        *(("dependencies", plain_of(dependency(one))) for one in dependencies or ()),
        *(("core_workflows", plain_of(workflow(one))) for one in workflows or ()),
        *(("tags", one) for one in tags or ()),
    )


def removals(dependencies: _Typed, workflows: _Typed, tags: _Typed) -> tuple[tuple[str, str], ...]:
    """Items to take away: the list that each is in, and its name."""
    return (
        *(("dependencies", one) for one in dependencies or ()),
        *(("core_workflows", one) for one in workflows or ()),
        *(("tags", one) for one in tags or ()),
    )


def parts(slos: _Typed, whys: _Typed) -> tuple[Part, ...]:
    """`NAME=SLO` of core workflows, `NAME=TEXT` of what dependencies are needed for, as typed; BadInput where not that.

    An SLO may be given by its name alone: `sign-in` is `SLO/sign-in`.
    """
    return (
        *(_slo(one) for one in slos or ()),
        *(
            _part("dependencies", "why", one, "reason for a dependency", "identity='everybody signs in'")
            for one in whys or ()
        ),
    )


def _slo(text: str) -> Part:
    part = _part("core_workflows", "slo", text, "SLO of a core workflow", "sign-in=SLO/sign-in")
    return part if "/" in part.value or not part.value else replace(part, value=f"SLO/{part.value}")


def _part(key: str, field: str, text: str, what: str, example: str) -> Part:
    name, equals, value = text.partition("=")
    if not name.strip() or not equals:
        help_ = f"The name it is about, =, and the {field}: {example}. Nothing after the = takes it away."
        raise BadInput(f"{text!r} is no {what}", help=help_)
    return Part(key, name.strip(), field, " ".join(value.split()))


def edited(data: bytes, edits: Edits, path: str) -> bytes:
    """The bytes of a service with the edits made, new keys in the order of the model, every other byte as it was.

    BadInput where an item to remove is not there, or one to add is; CannotEdit where only a person can keep the layout.
    """
    from svcops.store.formatting import kept_in_order
    from svcops.store.yaml_editing import remove, set_value

    text = before = _readable(data, path)
    for key, value in edits.values.items():
        text = set_value(text, (key,), value, path=path)
    for key in edits.unset:
        if key not in _plain(text, path):
            raise BadInput(f"{path} has no key {key}", help=f"It has {_listed(_plain(text, path))}.")
        text = remove(text, (key,), path=path)
    for key in dict.fromkeys(key for key, _ in (*edits.remove, *edits.add)):
        text = _with_items(text, key, edits, path)
    for part in edits.parts:
        text = _with_part(text, part, path)
    return kept_in_order(before, text, Service, path).encode()


def _with_items(text: str, key: str, edits: Edits, path: str) -> str:
    """The text with the items of one list taken away and added; one that is both is changed where it stands."""
    from svcops.store.yaml_editing import Added, arrange, remove

    plain = _plain(text, path).get(key)
    items: list[Any] = plain if isinstance(plain, list) else []
    names = [_name_of(one) for one in items]
    gone = [name for of, name in edits.remove if of == key]
    for name in gone:
        if name not in names:
            raise BadInput(f"{path} has no {name} in {key}", help=f"It has {_listed(names)}.")
    free = [place for place, name in enumerate(names) if name in gone]
    known = [one for place, one in enumerate(items) if place not in free]
    changed: dict[int, Any] = {}
    added: list[Added] = []
    for item in (item for of, item in edits.add if of == key):
        if any(_is_same(item, one, key) for one in known):
            help_ = "To change it, remove it in the same call."
            raise BadInput(f"{path} has {_name_of(item)} in {key} already", help=help_)
        known.append(item)
        place = _place_for(item, items, free)
        if place is None:
            added.append(Added(item))
        else:
            free.remove(place)
            changed[place] = item
    stay = [place for place in range(len(items)) if place not in free]
    if not (stay or added):
        return remove(text, (key,), path=path)
    text = arrange(text, (key,), [*stay, *added], path=path)
    for place, item in changed.items():
        text = _with_item(text, (key, stay.index(place)), items[place], item, path)
    return text


def _is_same(item: Any, other: Any, key: str) -> bool:
    """Whether two items are one, by the name; dependencies by the kind, too: one may be needed in several ways."""
    if key != "dependencies":
        return _name_of(item) == _name_of(other)
    return isinstance(other, dict) and _way(item) == _way(other)


def _place_for(item: Any, items: Sequence[Any], free: Sequence[int]) -> int | None:
    """Where an item stands that is taken away, and of the name of this one: of two, that of the same kind."""
    named = [place for place in free if _name_of(items[place]) == _name_of(item)]
    of_kind = [place for place in named if isinstance(item, dict) and _way(items[place]) == _way(item)]
    return next(iter([*of_kind, *named]), None)


def _with_item(text: str, place: KeyPath, there: Any, item: Any, path: str) -> str:
    """The text with an item as it was typed; what cannot be typed with it, such as the why, stays."""
    from svcops.store.yaml_editing import remove, set_value

    if not isinstance(item, dict) or not isinstance(there, dict):
        return set_value(text, place, item, path=path)
    for one in fields(Dependency if "service" in item else CoreWorkflow):
        keys = (*place, one.name)
        if one.name in item:
            text = set_value(text, keys, item[one.name], path=path)
        elif one.name not in _PARTS and there.get(one.name, one.default) != one.default:
            text = remove(text, keys, path=path)
    return text


def _way(item: Any) -> tuple[str, str]:
    """The name of a dependency and its kind, that of one without any among them."""
    kind = item.get("kind") if isinstance(item, dict) else ""
    return _name_of(item), kind or Dependency.__dataclass_fields__["kind"].default


def _with_part(text: str, part: Part, path: str) -> str:
    """The text with one value inside an item changed, or taken away; BadInput where there is no such item or value."""
    from svcops.store.yaml_editing import remove, set_value

    names = _names_in(text, path, part.key)
    if part.item not in names:
        raise BadInput(f"{path} has no {part.item} in {part.key}", help=f"It has {_listed(names)}.")
    if names.count(part.item) > 1:
        help_ = "Change it in an editor: svcops service edit NAME."
        raise BadInput(f"{path} has {part.item} in {part.key} more than once", help=help_)
    number = names.index(part.item)
    place = (part.key, number, part.field)
    if part.value:
        return set_value(text, place, part.value, path=path)
    if part.field not in _plain(text, path)[part.key][number]:
        raise BadInput(f"{path} says no {part.field} of {part.item}", help="There is nothing to take away.")
    return remove(text, place, path=path)


def _readable(data: bytes, path: str) -> str:
    """The text of a record that is a mapping; BadInput where it is too damaged to change one value of it."""
    from svcops.store.documents import parse

    parsed = parse(data, path)
    if parsed.findings or not isinstance(parsed.documents[0], dict):
        raise BadInput(f"{path} is damaged", help="svcops check shows the place; correct it in an editor.")
    return data.decode()


def _plain(text: str, path: str) -> dict[str, Any]:
    from svcops.store.documents import parse

    plain: dict[str, Any] = parse(text.encode(), path).documents[0]
    return plain


def _names_in(text: str, path: str, key: str) -> list[str]:
    """What the items of a list are called."""
    items = _plain(text, path).get(key)
    return [_name_of(item) for item in items] if isinstance(items, list) else []


@frozen
class Copy:
    """A copy of a record that an editor changed, in a folder of its own."""

    folder: Path
    path: Path
    data: bytes
    found: Worse = field(default_factory=Worse)
    """What is wrong with it, and was before."""

    def discard(self) -> None:
        """Take the copy away."""
        from shutil import rmtree

        rmtree(self.folder, ignore_errors=True)


def edit_by_hand(graph: Graph, record: str, data: bytes, env: Mapping[str, str]) -> Copy:
    """A copy of the service at the path `record` as an editor leaves it: unchanged, or no less valid than it was.

    NotValid where it is neither, NotDone where the editor failed, or left no file: they name the copy, which is kept.
    """
    from tempfile import mkdtemp

    from svcops.store.documents import Locator
    from svcops.store.files import WorkTree

    words = _editor(env)
    folder = Path(mkdtemp(prefix="svcops-"))
    path = folder / record
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    try:
        done = subprocess.run([*words, str(path)], env=dict(env), check=False)
    except OSError as error:
        Copy(folder, path, data).discard()
        raise NotDone(f"{words[0]} could not be started: {error.strerror}", help="Set VISUAL or EDITOR.") from None
    if done.returncode:
        raise NotDone(f"{words[0]} ended with {done.returncode}, and nothing was written", help=f"Your copy: {path}")
    copy = Copy(folder, path, _left_behind(folder, path, words[0]))
    found = worse(graph, record, copy.data, data) if copy.data != data else Worse()
    if found.new:
        locator = Locator(WorkTree(folder))
        new, left = (
            tuple(replace(one, span=one.span or locator.span(one.at)) for one in ones)
            for ones in (found.new, found.left)
        )
        raise NotValid(f"{record} would not be valid", Worse(new, left), f"Your copy is kept: {path}")
    return replace(copy, found=found)


def _left_behind(folder: Path, path: Path, editor: str) -> bytes:
    """What an editor left of a copy; NotDone where that is no file, named where anything is left at all."""
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for
            raise NotDone(f"{editor} left no file, and nothing was written", help=f"What it left: {path}")
        return path.read_bytes()
    except FileNotFoundError:
        Copy(folder, path, b"").discard()
        raise NotDone(f"{editor} removed the file, and nothing was written") from None
    except OSError as error:
        help_ = f"What it left: {path}"
        raise NotDone(f"what {editor} left cannot be read: {error.strerror}", help=help_) from None


def _editor(env: Mapping[str, str]) -> list[str]:
    """The command of the editor, as git takes it from the same variables."""
    chosen = env.get("VISUAL") or env.get("EDITOR") or ""
    try:
        words = shlex.split(chosen)
    except ValueError:
        raise BadInput(f"VISUAL or EDITOR cannot be read: {chosen}", help="A quote is not closed.") from None
    if not words:
        raise BadInput(
            "no editor is set", help="Set VISUAL or EDITOR, or say what to change: svcops service edit --help"
        )
    return words


def _name_of(item: Any) -> str:
    """What an item of a list is called: a dependency by its service, a workflow by its name, a tag by itself."""
    return str(item.get("service") or item.get("name") or "") if isinstance(item, dict) else str(item)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
