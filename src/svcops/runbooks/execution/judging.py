"""What a step said, against what is expected of it, and what later steps take from it. Pure."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from svcops.runbooks.processes import Ended
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.runbooks.step_settings import Capture, StepSettings

Search = Callable[[str, str], tuple[bool, str | None]]
"""Whether something of a text matches a regular expression, and its first group, or all of it. NotCompared."""
_NOTHING = object()
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
"""A text as JSON writes it (RFC 8259, section 7)."""
_STEPS = re.compile(r"[^.\[\]]+")
_MOST_SHOWN = 400
"""Characters of a reason."""


class NestsTooDeeply(ValueError):
    """What nests as deeply as this is no JSON that can be read."""

    def __init__(self) -> None:
        super().__init__("it says JSON that nests too deeply to be read")


class NotCompared(Exception):
    """A regular expression came to no end: within the limit, or within the memory that there is."""

    def __init__(self, pattern: str, limit: timedelta | None) -> None:
        within = f" within {format_duration(limit)}" if limit else ""
        super().__init__(f"what it says could not be compared with {pattern!r}{within}")


def fault(ended: Ended, wanted: int, limit: timedelta) -> str:
    """Why it did not end as it should, which is with the exit code `wanted`; empty where it did."""
    if ended.why == "limit":
        return f"it took longer than {format_duration(limit)}, and was ended"
    if ended.why != "exit":
        return "it was ended by a signal"
    return "" if ended.exit == wanted else f"exit code {ended.exit}" + (f", not {wanted}" if wanted else "")


def missing(said: str, output: str, settings: "StepSettings", search: Search) -> str:
    """What it does not say and should; empty where nothing is missing. JSON is looked for on standard output alone."""
    try:
        return next(_missing(said, output, settings, search), "")
    except NestsTooDeeply as error:
        return str(error)


def _missing(said: str, output: str, settings: "StepSettings", search: Search) -> Iterator[str]:
    if settings.text is not None and settings.text not in said:
        yield f"it does not say {settings.text!r}"
    if settings.pattern is not None and not search(settings.pattern, said)[0]:
        yield f"nothing that it says matches {settings.pattern!r}"
    if settings.json is not None:
        found = json_at(output, settings.json.path)
        wanted = settings.json.is_
        if found is _NOTHING:
            yield f"it says no JSON with {settings.json.path}"
        elif found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
            yield f"{settings.json.path} is {_written(found)}, not {_written(wanted)}"


def captured(said: str, captures: "dict[str, Capture]", search: Search) -> tuple[dict[str, str], str]:
    """The values of the variables, and why one has none, or nothing."""
    values: dict[str, str] = {}
    for name, one in captures.items():
        try:
            value = _value(said, one, search)
        except NestsTooDeeply as error:
            return values, f"{name}: {error}"
        if value is None:
            return values, f"it says nothing for {name}"
        if "\0" in value:
            return values, f"what it says for {name} holds a NUL character, which no variable can"
        values[name] = value.encode("utf-8", "replace").decode()
    return values, ""


def _value(said: str, one: "Capture", search: Search) -> str | None:
    if one.pattern is not None:
        return search(one.pattern, said)[1]
    if one.json is not None:
        value = json_at(said, one.json)
        if value is _NOTHING:
            return None
        return value if isinstance(value, str) else _written(value)
    return said.strip()


def written_forms(said: str, path: str) -> set[str]:
    """How the texts and numbers of the value at a path are written in the JSON, with its escapes."""
    leaves = set(_leaves(json_at(said, path, number=str)))
    found = set(leaves)
    for written in _TEXT.findall(said):
        with suppress(ValueError):
            if json.loads(written, strict=False) in leaves:
                found.add(written[1:-1])
    return found


def _leaves(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            waiting += one.values() if isinstance(one, dict) else one


def json_at(said: str, path: str, number: Callable[[str], Any] | None = None) -> Any:
    """The value at a path such as `items.0.name` in a text that is JSON; a marker of its own where there is none.

    NestsTooDeeply. `number` makes what stands for a number of its text.
    """
    try:
        value = json.loads(said, parse_int=number, parse_float=number)
    except ValueError:
        return _NOTHING
    except RecursionError:
        raise NestsTooDeeply from None
    for step in _STEPS.findall(path.removeprefix("$")):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def _written(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        raise NestsTooDeeply from None


def cut(reason: str) -> str:
    """A reason as it is kept, once it is masked: a part of a secret would not be known for what it is."""
    return reason if len(reason) <= _MOST_SHOWN else f"{reason[:_MOST_SHOWN]}…"
