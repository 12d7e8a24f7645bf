"""Jinja templates: the store's own in `templates/`, over the built-in ones.

Sandboxed: a template of a store is data of that store. It reads what it is given, and reaches nothing else, neither
by an expression nor by a symbolic link.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import svcops
from svcops.errors import BadInput

if TYPE_CHECKING:
    from jinja2 import Environment

_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def unsteered(text: str) -> str:
    """A page that steers nothing: control characters, and what turns the direction of reading, are dots."""
    return _STEERING.sub("·", text)


class BadTemplate(BadInput):
    """A template of the store cannot be rendered; the message names the template and, where it is known, the line."""

    def __init__(self, name: str, line: int | None, reason: str) -> None:
        where = f"templates/{name}:{line}" if line else f"templates/{name}"
        super().__init__(f"{where}: {reason}", help="Mend the template, or remove it to use the built-in one.")


class Templates:
    """The templates of one store; without a store, the built-in ones alone."""

    def __init__(self, root: Path | None) -> None:
        self._own = root / "templates" if root else None
        if root and self._own:
            _check(self._own, root)
        self._environment = _environment(self._own)

    def render(self, name: str, **values: Any) -> str:
        """One template, rendered; BadTemplate where it cannot be, whatever is raised in it."""
        try:
            return self._environment.get_template(name).render(**values)
        except Exception as error:  # noqa: BLE001 - the template is the store's, and so is what it raises
            raise self._bad(name, error) from None

    def source(self, name: str) -> str:
        """A file that is no template, such as a style sheet, found as templates are."""
        assert self._environment.loader is not None
        try:
            return self._environment.loader.get_source(self._environment, name)[0]
        except Exception as error:  # noqa: BLE001 - as above
            raise self._bad(name, error) from None

    def _bad(self, name: str, error: Exception) -> BadTemplate:
        """With the place that the error tells, or else its traceback: the innermost template that it went through."""
        from jinja2 import TemplateError

        line: int | None = None
        trace = error.__traceback__
        while trace:
            folder, found, below = trace.tb_frame.f_code.co_filename.replace(os.sep, "/").rpartition("/templates/")
            if folder and found:
                name, line = below, trace.tb_lineno
            trace = trace.tb_next
        if getattr(error, "lineno", None):
            name, line = str(getattr(error, "name", None) or name), int(getattr(error, "lineno", 0))
        return BadTemplate(
            name, line, str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        )


def _environment(own: Path | None) -> "Environment":
    """HTML is escaped; a name that is not defined is an error."""
    from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    built_in = Path(svcops.__file__).parent / "templates"
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(str(folder)) for folder in (own, built_in) if folder]),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _check(own: Path, root: Path) -> None:
    """BadTemplate where a store's template is a link out of it, which would publish what stands there, or no UTF-8."""
    inside = root.resolve()
    for path in (own, *sorted(own.rglob("*"))):
        name = path.relative_to(own).as_posix()
        if path.is_symlink():
            target = path.resolve()
            below = target.relative_to(inside).parts if target.is_relative_to(inside) else (".",)
            if any(part.startswith(".") for part in below):
                raise BadTemplate(name, None, "a symbolic link that leaves the store")
        if path.is_file():
            try:
                path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise BadTemplate(name, None, f"not UTF-8: {error.reason}") from None
