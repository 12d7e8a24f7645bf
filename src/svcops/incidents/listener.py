"""A small HTTP server by which Alertmanager tells of alerts: `svcops incident listen`.

Bounded in everything: how long a request may take to arrive, how large it is, how many are looked after at once. It
answers 200 when the commit is made and not before; with a 5xx Alertmanager sends again, with a 4xx it does not.
"""

import hmac
import ipaddress
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from svcops.errors import BadInput, NotDone, SvcopsError
from svcops.incidents.alertmanager import MOST_BYTES, BadPayload
from svcops.store.frozen import frozen
from svcops.store.lock import Locked

PATHS = ("/", "/alerts")
HEALTH = "/healthz"
_HOST = re.compile(r"(\[(?P<six>[0-9a-f:]+)\]|(?P<name>[a-z0-9.]+))(:[0-9]{1,5})?")
_LATER = {"Retry-After": "10"}


@frozen
class Limits:
    """What a request may take."""

    body: int = MOST_BYTES
    """Bytes."""
    seconds: float = 10.0
    """Until all of it has arrived; what is done with it afterwards is not cut off."""
    at_once: int = 8
    """Requests; who comes beyond that is told to come again."""


class _Answer(Exception):
    """A request is answered, and not looked at any further."""

    def __init__(
        self, status: HTTPStatus, error: str, *, help: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.headers = headers or {}
        self.content = {"error": error, **({"help": help} if help else {})}


Take = Callable[[bytes], dict[str, Any]]
"""Lets a payload do to the store what it has to: what it did, for the answer. Raises SvcopsError."""
Log = Callable[[str, bool], None]
"""Writes a line; true where somebody should look at it."""


class Listener(ThreadingHTTPServer):
    """The server. `take` is called by one thread at a time; without a token everybody on this machine may send."""

    daemon_threads = False  # closing waits for those that write
    request_queue_size = 32

    def __init__(
        self, address: tuple[str, int], token: str, take: Take, log: Log, limits: Limits | None = None
    ) -> None:
        self.token = token
        self.limits = limits or Limits()
        self.log = log
        self._take = take
        self._writing = threading.Lock()
        self._slots = threading.BoundedSemaphore(self.limits.at_once)
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

    def server_bind(self) -> None:
        """Without asking the network for our own name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def take(self, body: bytes) -> dict[str, Any]:
        """What a payload did; _Answer where it did nothing."""
        try:
            with self._writing:
                return self._take(body)
        except BadPayload as error:
            raise _Answer(HTTPStatus.BAD_REQUEST, error.message, help=error.help) from None
        except BadInput as error:
            raise _Answer(HTTPStatus.UNPROCESSABLE_ENTITY, error.message, help=error.help) from None
        except Locked as error:
            raise _Answer(HTTPStatus.SERVICE_UNAVAILABLE, error.message, headers=_LATER) from None
        except SvcopsError as error:
            raise _Answer(HTTPStatus.INTERNAL_SERVER_ERROR, error.message, help=error.help) from None
        except Exception as error:  # noqa: BLE001 - one request must not end the server, and is sent again
            reason = f"{type(error).__name__}: {error}"
            raise _Answer(HTTPStatus.INTERNAL_SERVER_ERROR, reason) from None

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


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Listener
    server_version = "svcops"
    sys_version = ""
    error_message_format = '{"error": "%(message)s"}\n'
    error_content_type = "application/json"

    def parse_request(self) -> bool:
        """Read the head; without a token, nothing is taken that was sent to another name than this machine's.

        A web page can have its own name lead here, and is then asked for no leave: DNS rebinding.
        """
        if not super().parse_request():
            return False
        if self.server.token or _is_to_loopback(self.headers.get_all("Host") or []):
            return True
        error = {"error": "without a token only requests to localhost are taken", "help": "--token-file names one."}
        self._reply(HTTPStatus.FORBIDDEN, error, {}, "the Host is not localhost")
        return False

    def setup(self) -> None:
        """A client that sends slowly is cut off: each piece on its own may be in time."""
        self.request.settimeout(self.server.limits.seconds)
        self._began = time.monotonic()
        super().setup()
        self._deadline = threading.Timer(self.server.limits.seconds, self._cut_off)
        self._deadline.daemon = True
        self._deadline.start()

    def finish(self) -> None:
        """Whatever came of it."""
        self._deadline.cancel()
        super().finish()

    def _cut_off(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)

    def do_POST(self) -> None:
        """Take a payload."""
        try:
            body = self._body()
            self._deadline.cancel()
            self.connection.settimeout(self.server.limits.seconds)
            did = self.server.take(body)
        except _Answer as answer:
            self._reply(answer.status, answer.content, answer.headers, str(answer))
        else:
            self._reply(HTTPStatus.OK, did, {}, " ".join(filter(None, (did["did"], did["incident"]))))

    def do_GET(self) -> None:
        """Say that it is there."""
        if self.path == HEALTH:
            self._reply(HTTPStatus.OK, {"listening": True}, {}, "")
        else:
            self._not_allowed() if self.path in PATHS else self._reply(HTTPStatus.NOT_FOUND, {}, {}, "no such path")

    def _not_allowed(self) -> None:
        self._reply(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "POST a payload"}, {"Allow": "POST"}, "")

    do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = _not_allowed  # noqa: N815 - http.server's way

    def _body(self) -> bytes:
        """The payload, once everything about the request is as it has to be; else _Answer."""
        if self.path not in PATHS:
            raise _Answer(HTTPStatus.NOT_FOUND, "no such path", help=f"POST to {' or '.join(PATHS)}")
        given = self.headers.get("Authorization", "")
        if self.server.token and not _is_token(given, self.server.token):
            why = "the bearer token is missing, or another"
            raise _Answer(HTTPStatus.UNAUTHORIZED, why, headers={"WWW-Authenticate": "Bearer"})
        if self.headers.get_content_type() != "application/json":  # a web page cannot send it without asking
            raise _Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type has to be application/json")
        length = self._length()
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Answer(HTTPStatus.REQUEST_TIMEOUT, f"of {length} bytes {len(body)} arrived in time")
        return body

    def _length(self) -> int:
        stated = self.headers.get_all("Content-Length") or []
        if len(stated) != 1 or "Transfer-Encoding" in self.headers:
            raise _Answer(HTTPStatus.LENGTH_REQUIRED, "Content-Length has to say how long the payload is")
        if not (stated[0].isascii() and stated[0].isdigit() and len(stated[0]) < 20):
            raise _Answer(HTTPStatus.BAD_REQUEST, "Content-Length is no number of bytes")
        length = int(stated[0])
        if length > self.server.limits.body:
            most = f"a payload has at most {self.server.limits.body:,} bytes"
            raise _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, most, help="Set max_alerts of the webhook_configs.")
        return length

    def _reply(self, status: HTTPStatus, content: dict[str, Any], headers: dict[str, str], told: str) -> None:
        data = (json.dumps(content) + "\n").encode()
        took = time.monotonic() - self._began
        line = f"{self.client_address[0]} {self.command} {self.path} {status.value}"
        self.server.log(" ".join(filter(None, (line, told, f"{took:.2f} s"))), status >= HTTPStatus.BAD_REQUEST)
        self.send_response_only(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
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


def _is_token(given: str, token: str) -> bool:
    """Whether the header holds the token; how long it takes says nothing of how much of it is right."""
    kind, _, value = given.partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(value.strip().encode(), token.encode())


def _is_to_loopback(stated: list[str]) -> bool:
    """Whether the header Host, of any port, is there once and can mean this machine alone."""
    found = _HOST.fullmatch(stated[0].strip().lower()) if len(stated) == 1 else None
    return found is not None and is_loopback(found["six"] or found["name"])


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listener(host: str, port: int, token: str, take: Take, log: Log, limits: Limits | None = None) -> Listener:
    """A server that listens already, and is not run yet.

    BadInput where others than this machine could send without a token; NotDone where the address cannot be had.
    """
    if not token and not is_loopback(host):
        help_ = "Name a file that holds one: --token-file FILE, or set SVCOPS_LISTEN_TOKEN."
        raise BadInput(f"{host} can be reached from elsewhere, and there is no token", help=help_)
    try:
        return Listener((host, port), token, take, log, limits)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotDone(f"{host} port {port} cannot be listened at: {reason}", help="--port names another.") from None


def run(server: Listener, stop: threading.Event) -> None:
    """Serve until `stop` is set, then finish what was begun; also where the wait is interrupted."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        while not stop.wait(3600):
            pass
    finally:
        server.shutdown()
        server.server_close()
