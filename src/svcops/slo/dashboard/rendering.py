"""The pages as HTML that stands alone: nothing is loaded from anywhere, and no record becomes markup or a script."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

from svcops.slo.dashboard.pages import Page
from svcops.store.templates import Templates, unsteered

_TEMPLATE = "dashboard/page.html"
_STYLES = ("site/style.css", "dashboard/style.css")
_SCRIPT = "dashboard/renew.js"
_POLICY = "default-src 'none'; style-src {style}; img-src data:; base-uri 'none'; form-action 'none'"
_LIVE = "; script-src {script}; connect-src 'self'"


def render(root: Path | None, pages: Iterable[Page]) -> dict[str, bytes]:
    """The pages by path; a store's own templates go before the built-in ones. BadTemplate where one is wrong.

    Without the folder of a store, the built-in ones are all there are.
    """
    from markupsafe import Markup

    templates = Templates(root)
    style = unsteered("".join(map(templates.source, _STYLES)))
    script = unsteered(templates.source(_SCRIPT))
    files = {}
    for page in pages:
        text = templates.render(
            _TEMPLATE,
            page=page,
            policy=policy_of(style, script if page.is_live else ""),
            style=Markup(style),  # noqa: S704 - a style sheet of ours, or of the store's templates
            script=Markup(script),  # noqa: S704 - the same
        )
        files[page.path] = unsteered(text).encode()
    return files


def policy_of(style: str, script: str = "") -> str:
    """What a page may do (Content Security Policy Level 3, W3C): this style sheet, and this script or none."""
    live = _LIVE.format(script=_hash(script)) if script else ""
    return _POLICY.format(style=_hash(style)) + live


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
