"""Jinja templates: the store's own in `templates/`, over the built-in ones.

Sandboxed: a template of a store is data of that store. It reads what it is given, and reaches nothing else.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import svcops
from svcops.errors import BadInput

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment


class BadTemplate(BadInput):
    """A template of the store cannot be rendered."""


def environment(root: Path) -> "ImmutableSandboxedEnvironment":
    """The template environment of a store; HTML is escaped, a name that is not defined is an error."""
    from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    own = root / "templates"
    folders = [FileSystemLoader(str(Path(svcops.__file__).parent / "templates"))]
    if own.is_dir() and os.path.realpath(own).startswith(os.path.realpath(root) + os.sep):
        folders.insert(0, FileSystemLoader(str(own)))
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(folders),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(root: Path, name: str, **values: Any) -> str:
    """One template, rendered; BadTemplate with the template and line where it cannot be."""
    from jinja2 import TemplateError

    try:
        return environment(root).get_template(name).render(**values)
    except TemplateError as error:
        raise bad_template(name, error) from None


def bad_template(name: str, error: Exception) -> BadTemplate:
    """A template's error for a person: which template, which line, what."""
    place = f"{getattr(error, 'name', None) or name}"
    line = getattr(error, "lineno", None)
    where = f"templates/{place}:{line}" if line else f"templates/{place}"
    return BadTemplate(f"{where}: {error}", help="Mend the template, or remove it to use the built-in one.")
