"""Whether addresses outside the store still lead somewhere, asked of their hosts: only when somebody wants to know.

HEAD first, and GET where a host does not answer that well (RFC 9110, sections 9.3.1 and 9.3.2). Of an answer nothing
but its status is read, and no cookie is kept.
"""

import asyncio
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from svcops.store.frozen import frozen

if TYPE_CHECKING:
    import httpx

State = Literal["there", "dead", "unknown"]

_AT_ONCE = 8
_HOPS = 5
"""How often an address may send elsewhere."""
_CLOSED = (401, 403, 407)
"""What answers so is there, for whoever may see it."""
_LATER = (408, 425, 429)
"""Another time it may answer otherwise."""
_EXAMPLE = re.compile(r"(?:.+\.)?(?:example(?:\.(?:com|net|org))?|invalid|test)", re.IGNORECASE)
"""Names that nobody can have (RFC 2606, RFC 6761)."""


@frozen
class Answer:
    """What became of an address: `why` says what is wrong with it; `reached` is whether its host answered."""

    state: State
    why: str = ""
    reached: bool = True


def page_of(url: str) -> str:
    """The page of an address, without the place in it: that the host is not asked for."""
    return url.partition("#")[0]


def is_asked(url: str) -> bool:
    """Whether an address can be asked for: one of the web, and no host of an example."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and not _EXAMPLE.fullmatch(parts.hostname or "")
    except ValueError:
        return True  # it is none, and that is to be told


def ask(pages: Collection[str], patience: float) -> dict[str, Answer]:
    """What hosts answer for these pages, several at once; none takes longer than `patience` seconds."""
    return asyncio.run(_ask(pages, patience)) if pages else {}


async def _ask(pages: Iterable[str], patience: float) -> dict[str, Answer]:
    import httpx

    found: dict[str, Answer] = {}
    turn = asyncio.Semaphore(_AT_ONCE)
    headers = {"User-Agent": "svcops"}
    async with httpx.AsyncClient(headers=headers, timeout=patience, max_redirects=_HOPS) as client:

        async def one(page: str) -> None:
            async with turn:
                found[page] = await _answer(client, page, patience)

        await asyncio.gather(*map(one, dict.fromkeys(pages)))
    return found


async def _answer(client: "httpx.AsyncClient", page: str, patience: float) -> Answer:
    """What is known of a page after it was asked for."""
    import httpx

    try:
        _ = urlsplit(page).port  # ValueError where no host has it
        async with asyncio.timeout(patience):
            status = await _status(client, "HEAD", page)
            if not _is_there(status):
                status = await _status(client, "GET", page)
    except (TimeoutError, httpx.TimeoutException):
        return Answer("unknown", f"no answer within {patience:g} s", reached=False)
    except httpx.ConnectError as error:
        return Answer("unknown", f"the host cannot be reached ({error})", reached=False)
    except httpx.TooManyRedirects:
        return Answer("dead", f"sends elsewhere more than {_HOPS} times")
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
        return Answer("dead", f"no address of the web ({error})")
    except (httpx.HTTPError, ExceptionGroup) as error:
        return Answer("unknown", f"the host ends its answer too early ({type(error).__name__})")
    return _judged(status)


async def _status(client: "httpx.AsyncClient", method: str, page: str) -> int:
    client.cookies.clear()
    async with client.stream(method, page, follow_redirects=True) as answer:
        return answer.status_code


def _is_there(status: int) -> bool:
    return status < 400 or status in _CLOSED


def _judged(status: int) -> Answer:
    if _is_there(status):
        return Answer("there")
    is_late = status in _LATER or status >= 500
    return Answer("unknown" if is_late else "dead", f"the host answers {status}")
