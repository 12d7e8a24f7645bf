"""A small HTTP server by which Alertmanager tells of alerts: `svcops incident listen`.

It answers 200 when the commit is made and not before; with a 5xx Alertmanager sends again, with a 4xx it does not.
"""

import hmac
import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from svcops.errors import BadInput, SvcopsError
from svcops.incidents.alertmanager import MOST_BYTES, BadPayload
from svcops.store.lock import Locked
from svcops.terminal.serving import BoundedHandler, BoundedServer, Limits, Log, is_loopback, opened

PATHS = ("/", "/alerts")
HEALTH = "/healthz"
_LATER = {"Retry-After": "10"}


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


class Listener(BoundedServer):
    """The server. `take` is called by one thread at a time; without a token everybody on this machine may send."""

    def __init__(
        self, address: tuple[str, int], token: str, take: Take, log: Log, limits: Limits | None = None
    ) -> None:
        self.token = token
        self._take = take
        self._writing = threading.Lock()
        super().__init__(address, _Handler, log, limits or Limits(MOST_BYTES))

    def is_meant(self, hosts: list[str]) -> bool:
        """Who has the token may come by any name."""
        return bool(self.token) or super().is_meant(hosts)

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


class _Handler(BoundedHandler):
    """One request."""

    server: Listener
    error_message_format = '{"error": "%(message)s"}\n'
    error_content_type = "application/json"

    def refuse(self) -> None:
        """Without a token, nothing is taken that was sent to another name than this machine's."""
        error = {"error": "without a token only requests to localhost are taken", "help": "--token-file names one."}
        self._reply(HTTPStatus.FORBIDDEN, error, {}, "the Host is not localhost")

    def do_POST(self) -> None:  # noqa: N802 - http.server's way
        """Take a payload."""
        try:
            body = self._body()
            self.deadline.cancel()
            self.connection.settimeout(self.server.limits.seconds)
            did = self.server.take(body)
        except _Answer as answer:
            self._reply(answer.status, answer.content, answer.headers, str(answer))
        else:
            self._reply(HTTPStatus.OK, did, {}, " ".join(filter(None, (did["did"], did["incident"]))))

    def do_GET(self) -> None:  # noqa: N802 - http.server's way
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
        self.reply(
            status, data, {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}, told
        )


def _is_token(given: str, token: str) -> bool:
    """Whether the header holds the token; how long it takes says nothing of how much of it is right."""
    kind, _, value = given.partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(value.strip().encode(), token.encode())


def listener(host: str, port: int, token: str, take: Take, log: Log, limits: Limits | None = None) -> Listener:
    """A server that listens already, and is not run yet.

    BadInput where others than this machine could send without a token; NotDone where the address cannot be had.
    """
    if not token and not is_loopback(host):
        help_ = "Name a file that holds one: --token-file FILE, or set SVCOPS_LISTEN_TOKEN."
        raise BadInput(f"{host} can be reached from elsewhere, and there is no token", help=help_)
    return opened(host, port, lambda address: Listener(address, token, take, log, limits))
