"""The dashboard over HTTP: its pages, and nothing else. `svcops slo serve`."""

import ipaddress
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from svcops.slo.dashboard.living import Living, Served
from svcops.slo.dashboard.pages import INDEX
from svcops.terminal.serving import BoundedHandler, BoundedServer, Limits, Log, host_of, is_loopback, opened

_PLAIN = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "frame-ancestors 'none'",  # a page cannot say it of itself
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_AT_ONCE = 32


class Server(BoundedServer):
    """The server of a dashboard that lives."""

    def __init__(self, address: tuple[str, int], living: Living, log: Log) -> None:
        self.living = living
        self._is_loopback = is_loopback(address[0])
        super().__init__(address, _Handler, log, Limits(at_once=_AT_ONCE))

    def is_meant(self, hosts: list[str]) -> bool:
        """On other addresses than loopback those are meant, too, that are written as numbers: no name leads to them."""
        return super().is_meant(hosts) or (not self._is_loopback and _is_address(host_of(hosts)))

    @property
    def files(self) -> Mapping[str, Served]:
        """The pages by path."""
        return self.living.files


class _Handler(BoundedHandler):
    """One request."""

    server: Server
    error_message_format = "%(message)s\n"
    error_content_type = "text/plain; charset=utf-8"

    def refuse(self) -> None:
        """Another name leads here."""
        self._say(HTTPStatus.FORBIDDEN, "Ask for it by the address that svcops slo serve printed.", "another Host")

    def do_GET(self) -> None:  # noqa: N802 - http.server's way
        """Send a page, unless the browser has it already (RFC 9110, 13.1.2)."""
        path = urlsplit(self.path).path.lstrip("/") or INDEX
        page = self.server.files.get(path)
        if page is None:
            self._say(HTTPStatus.NOT_FOUND, "There is no such page. The overview is at /", "")
        elif page.tag in (self.headers.get("If-None-Match") or ""):
            self.reply(HTTPStatus.NOT_MODIFIED, b"", {**_HEADERS, "ETag": page.tag}, "")
        else:
            length = {"Content-Length": str(len(page.data)), "ETag": page.tag}
            self.reply(HTTPStatus.OK, page.data, {**_HEADERS, **length}, "")

    do_HEAD = do_GET  # noqa: N815 - http.server's way

    def _not_allowed(self) -> None:
        self._say(HTTPStatus.METHOD_NOT_ALLOWED, "GET a page.", "", Allow="GET, HEAD")

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _not_allowed  # noqa: N815 - http.server's way

    def _say(self, status: HTTPStatus, text: str, told: str, **headers: str) -> None:
        data = f"{text}\n".encode()
        self.reply(status, data, {**_PLAIN, "Content-Length": str(len(data)), **headers}, told)


def server(host: str, port: int, living: Living, log: Log) -> Server:
    """A server that listens already, and is not run yet; NotDone where the address cannot be had."""
    return opened(host, port, lambda address: Server(address, living, log))


def _is_address(host: str | None) -> bool:
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return True
