"""A small HTTP server that is bounded in everything, for commands that serve until they are stopped.

How long a request may take to arrive, how large it is, how many are looked after at once: all of it has an end. Whoever
has no token is on this machine, and speaks to it by a name that no web page can have: against DNS rebinding.
"""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, TypeVar

from svcops.errors import NotDone
from svcops.store.frozen import frozen

_HOST = re.compile(r"(\[(?P<six>[0-9a-f:]+)\]|(?P<name>[a-z0-9.]+))(:[0-9]{1,5})?")

Log = Callable[[str, bool], None]
"""Writes a line; true where somebody should look at it."""


@frozen
class Limits:
    """What a request may take."""

    body: int = 1_000_000
    """Bytes."""
    seconds: float = 10.0
    """Until all of it has arrived; what is done with it afterwards is not cut off."""
    at_once: int = 8
    """Requests; who comes beyond that is told to come again."""


class BoundedServer(ThreadingHTTPServer):
    """The server: a thread for each request, as long as there are not too many."""

    daemon_threads = False  # closing waits for those that write
    request_queue_size = 32

    def __init__(self, address: tuple[str, int], handler: type["BoundedHandler"], log: Log, limits: Limits) -> None:
        self.limits = limits
        self.log = log
        self._slots = threading.BoundedSemaphore(limits.at_once)
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

    def is_meant(self, hosts: list[str]) -> bool:
        """Whether a request with these headers Host is meant for this server: by default, for this machine alone."""
        host = host_of(hosts)
        return host is not None and is_loopback(host)

    def server_bind(self) -> None:
        """Without asking the network for our own name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for each request, as long as there are not too many."""
        if not self._slots.acquire(blocking=False):
            self._turn_away(request, client_address)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Of a request's own thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def _turn_away(self, request: socket.socket, client_address: Any) -> None:
        """Answer without looking at it, and without waiting."""
        with suppress(OSError):
            request.settimeout(0.05)
            request.sendall(b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n")
            request.shutdown(socket.SHUT_WR)
            request.recv(1 << 16)  # what has arrived, or closing would take the answer back
        self.log(f"{client_address[0]} - 503 too many at once", True)
        self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's way
        """A line instead of a traceback: the client went away, most often."""
        import sys

        error = sys.exception() if hasattr(sys, "exception") else None
        self.log(f"{client_address[0]} - {type(error).__name__ if error else 'broken off'}", True)


class BoundedHandler(BaseHTTPRequestHandler):
    """One request. `refuse` says how one is answered that is not meant for this server."""

    server: BoundedServer
    server_version = "svcops"
    sys_version = ""

    def refuse(self) -> None:
        """Answer a request that was sent to another name."""
        raise NotImplementedError

    def parse_request(self) -> bool:
        """Read the head; nothing is answered that was sent to another name.

        A web page can have its own name lead here, and is then asked for no leave: DNS rebinding.
        """
        if not super().parse_request():
            return False
        if self.server.is_meant(self.headers.get_all("Host") or []):
            return True
        self.refuse()
        return False

    def setup(self) -> None:
        """A client that sends slowly is cut off: each piece on its own may be in time."""
        self.request.settimeout(self.server.limits.seconds)
        self._began = time.monotonic()
        super().setup()
        self.deadline = threading.Timer(self.server.limits.seconds, self._cut_off)
        self.deadline.daemon = True
        self.deadline.start()

    def finish(self) -> None:
        """Whatever came of it."""
        self.deadline.cancel()
        super().finish()

    def _cut_off(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)

    def reply(self, status: HTTPStatus, data: bytes, headers: Mapping[str, str], told: str) -> None:
        """Answer with these bytes, and log it with what is told; that nothing changed is worth no line."""
        took = time.monotonic() - self._began
        line = f"{self.client_address[0]} {self.command} {self.path} {status.value}"
        if status is not HTTPStatus.NOT_MODIFIED:
            self.server.log(" ".join(filter(None, (line, told, f"{took:.2f} s"))), status >= HTTPStatus.BAD_REQUEST)
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        if status >= HTTPStatus.BAD_REQUEST:
            self._drop_rest()

    def _drop_rest(self) -> None:
        """Take what is still coming, a little of it: closing at once would take the answer back."""
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(0.5)
            for _ in range(16):
                if not self.connection.recv(1 << 16):
                    break

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's way
        """What http.server itself has to say: of requests that are none."""
        self.server.log(f"{self.client_address[0]} - {format % args}", True)


def host_of(stated: list[str]) -> str | None:
    """The host that the header Host names, without its port; None where it is not there once, or is none."""
    found = _HOST.fullmatch(stated[0].strip().lower()) if len(stated) == 1 else None
    return (found["six"] or found["name"]) if found else None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


S = TypeVar("S", bound=BoundedServer)


def opened(host: str, port: int, make: Callable[[tuple[str, int]], S]) -> S:
    """A server that listens already, and is not run yet; NotDone where the address cannot be had."""
    try:
        return make((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotDone(f"{host} port {port} cannot be listened at: {reason}", help="--port names another.") from None


def run(server: BoundedServer, stop: threading.Event) -> None:
    """Serve until `stop` is set, then finish what was begun; also where the wait is interrupted."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        while not stop.wait(3600):
            pass
    finally:
        server.shutdown()
        server.server_close()
