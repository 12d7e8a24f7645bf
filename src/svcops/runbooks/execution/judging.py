"""What a step said, against what is expected of it, and what later steps take from it. Pure."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from svcops.runbooks.processes import Ended
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.runbooks.step_settings import Capture, StepSettings

_NOTHING = object()
_STEPS = re.compile(r"[^.\[\]]+")
_MOST_SHOWN = 80


def fault(ended: Ended, said: str, settings: "StepSettings | None") -> str:
    """Why it is not what a program can tell it should be; empty where it is. Without settings: exit code 0."""
    if ended.why == "limit":
        return f"it took longer than {format_duration(ended.ended_at - ended.started_at)}, and was ended"
    if ended.why != "exit":
        return "it was ended by a signal"
    wanted = settings.exit if settings else 0
    if ended.exit != wanted:
        return f"exit code {ended.exit}" + (f", not {wanted}" if wanted else "")
    return next(_missing(said, settings), "") if settings else ""


def _missing(said: str, settings: "StepSettings") -> Iterator[str]:
    if settings.text is not None and settings.text not in said:
        yield f"it does not say {settings.text!r}"
    if settings.pattern is not None and not re.search(settings.pattern, said, re.MULTILINE):
        yield f"nothing that it says matches {settings.pattern!r}"
    if settings.json is not None:
        found = json_at(said, settings.json.path)
        wanted = settings.json.is_
        if found is _NOTHING:
            yield f"it says no JSON with {settings.json.path}"
        elif found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
            yield f"{settings.json.path} is {_shown(found)}, not {_shown(wanted)}"


def captured(said: str, captures: "dict[str, Capture]") -> tuple[dict[str, str], str]:
    """The values of the variables, and why one has none, or nothing."""
    values: dict[str, str] = {}
    for name, one in captures.items():
        value = _value(said, one)
        if value is None:
            return values, f"it says nothing for {name}"
        if "\0" in value:
            return values, f"what it says for {name} holds a NUL character, which no variable can"
        values[name] = value.encode("utf-8", "replace").decode()
    return values, ""


def _value(said: str, one: "Capture") -> str | None:
    if one.pattern is not None:
        found = re.search(one.pattern, said, re.MULTILINE)
        return found[1 if found.re.groups else 0] if found else None
    if one.json is not None:
        value = json_at(said, one.json)
        if value is _NOTHING:
            return None
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return said.strip()


def json_at(said: str, path: str) -> Any:
    """The value at a path such as `items.0.name` in a text that is JSON; a marker of its own where there is none."""
    try:
        value = json.loads(said)
    except ValueError:
        return _NOTHING
    for step in _STEPS.findall(path.removeprefix("$")):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
