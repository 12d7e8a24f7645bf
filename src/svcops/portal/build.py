"""The site as files: every page is rendered before the first file of an older site is touched."""

from collections.abc import Iterable
from pathlib import Path

from svcops.portal.pages import Page, Site
from svcops.store.made_folder import Maker

MAKER = Maker(".svcops-site", "svcops.site-folder/1", "svcops site build", "--out")
_STYLE = "style.css"
_STYLE_SOURCE = "site/style.css"


def render(root: Path, site: Site, pages: Iterable[Page]) -> dict[str, bytes]:
    """The files of the site by path: every page, and the style sheet. BadTemplate where a template is wrong."""
    from svcops.store.templates import Templates, unsteered

    templates = Templates(root)
    files = {_STYLE: templates.source(_STYLE_SOURCE).encode()}
    for page in pages:
        text = templates.render(page.template, site=site, page=page, content=page.content)
        files[page.path] = unsteered(text).encode()
    return files
