"""Templates of notices: rendered in a process of their own, which is killed where it takes too long.

Jinja's sandbox keeps a template from reaching anything. It does not keep it from looping for ever, or from asking for
a text of ten gigabytes: limits of the process do. It has no environment, so there is no secret in it.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

LONGEST = 3000
"""Characters of a rendered text; what is longer is cut. Chat systems take about that much."""
_SECONDS = 10.0
"""Until it is killed; nearly all of it is for a machine that is busy."""
_CPU_SECONDS = 2
_MEMORY = 512 << 20


class BadTemplate(Exception):
    """A template that cannot be rendered; the text says why, in one line."""


def render(template: str, values: Mapping[str, Any], env: Mapping[str, str], *, kind: str) -> str:
    """A template over plain values; BadTemplate where it is wrong, reaches for what it must not, or takes too long.

    For `slack` what it puts in is escaped, as a text of a record must not call for everybody in the channel.
    """
    asked = json.dumps({"template": template, "values": values, "kind": kind}).encode()
    python_only = {key: value for key, value in env.items() if key.startswith("PYTHON")}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "svcops.incidents.notice_templates"],
            input=asked,
            capture_output=True,
            env={**python_only, "LC_ALL": "C.UTF-8"},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadTemplate("it takes too long") from None
    except OSError as error:
        raise BadTemplate(f"it cannot be rendered: {error.strerror}") from None
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise BadTemplate("it takes too much time or memory") from None
    if "wrong" in said:
        raise BadTemplate(said["wrong"])
    return str(said["text"])


def for_slack(value: Any) -> Any:
    """A value as Slack's mark-up shows it: nothing in it is a mention or a link."""
    if not isinstance(value, str):
        return value
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _main() -> None:
    """Of the process of its own: JSON from standard input, JSON to standard output."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    asked = json.load(sys.stdin)
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # what comes of it is no HTML
        finalize=for_slack if asked["kind"] == "slack" else None,
    )
    _limit()
    try:
        text = environment.from_string(asked["template"]).render(asked["values"])
        said = {"text": text.strip()[:LONGEST]}
    except MemoryError:
        said = {"wrong": "it takes too much memory"}
    except Exception as error:  # noqa: BLE001 - the template is the store's, and so is what it raises
        said = {"wrong": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
    print(json.dumps(said))


def _limit() -> None:
    """From here on: two seconds of the processor, half a gigabyte, no file written."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _main()
