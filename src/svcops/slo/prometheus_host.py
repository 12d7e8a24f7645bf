"""How the host of a DataSource of type Prometheus is reached, as its document says (docs/records.md has the keys).

A secret is the value of an environment variable, which the document names. It is in no record and in no message.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from svcops.errors import BadInput
from svcops.slo.model import DataSource
from svcops.slo.sources import MISSING, OF_PROMETHEUS, BadSource, details_of
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration, parse_duration

if TYPE_CHECKING:
    import ssl

_TIMEOUT = timedelta(seconds=30)
_LONGEST = timedelta(hours=1)
_SECRETS = ("token", "user", "password")
"""The keys that name a variable."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class NoSecret(BadInput):
    """A variable that a document names for a secret is not set, or holds what no header can."""

    def __init__(self, name: str, variable: str, reason: str) -> None:
        super().__init__(f"DataSource {name}: the variable {variable} {reason}", help=f"export {variable}=...")


@frozen
class Host:
    """Where samples are asked for. `headers` may hold secrets: they are sent to this host, and shown nowhere."""

    name: str
    """Of the DataSource."""
    url: str
    """Up to what comes before /api/v1."""
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """What is in the headers and in no message."""
    variables: tuple[str, ...]
    """The names of those that hold the secrets."""
    timeout: timedelta
    ca: "ssl.SSLContext | None" = None
    """What is trusted instead of the certificates of public hosts."""

    @property
    def shown(self) -> str:
        """The host and its port, for people."""
        return urlsplit(self.url).netloc


def host_of(document: DataSource, path: str, env: Mapping[str, str], root: Path) -> Host:
    """Read a document of type Prometheus, `path` being its own: BadSource where it is wrong, NoSecret without one."""
    name = document.metadata.name
    details, timeout = _written(document, path)
    try:
        ca = _trusted(details["ca"], root) if "ca" in details else None
    except ValueError as error:
        raise BadSource(path, name, "ca", str(error)) from None
    authorization, secrets = _authorization(name, details, env)
    tenant = {"X-Scope-OrgID": details["tenant"]} if "tenant" in details else {}
    return Host(
        name=name,
        url=details["url"].rstrip("/"),
        headers={**authorization, **tenant},
        secrets=secrets,
        variables=tuple(details[key] for key in _SECRETS if key in details),
        timeout=timeout,
        ca=ca,
    )


def check_host(document: DataSource, path: str) -> None:
    """BadSource where a document of type Prometheus is wrong as it is written, whatever this machine has."""
    _written(document, path)


def _written(document: DataSource, path: str) -> tuple[dict[str, str], timedelta]:
    """What a document says, and how long its host is waited for."""
    details = details_of(document, path, OF_PROMETHEUS, least="url")
    for key, reason, help_ in _mistakes(details):
        raise BadSource(path, document.metadata.name, key, reason, help=help_)
    try:
        return details, _timeout(details["timeout"]) if "timeout" in details else _TIMEOUT
    except ValueError as error:
        raise BadSource(path, document.metadata.name, "timeout", str(error)) from None


def _mistakes(details: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Of every key that is wrong: its name, why, and what to do."""
    example = "Such as https://prometheus.example.org, up to what comes before /api/v1."
    wrong = _wrong_with(details["url"]) if "url" in details else MISSING
    if wrong:
        yield "url", wrong, example
    if ("user" in details) != ("password" in details):
        yield "user" if "user" in details else "password", "user and password belong together", ""
    if "token" in details and "user" in details:
        yield "token", "beside user and password: keep one of the two", ""
    for key in _SECRETS:
        if key in details and not _VARIABLE.fullmatch(details[key]):
            help_ = "The secret itself stays out of the document: export it, and name the variable here."
            yield key, "not the name of an environment variable", help_
    tenant = details.get("tenant", "")
    if tenant != tenant.strip() or not (tenant.isprintable() and tenant.isascii()):
        yield "tenant", "a header holds plain ASCII text alone", ""


def _wrong_with(url: str) -> str:
    """Why this is no address of a host; nothing where it is one. What may be a secret is not repeated."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "not a web address"
    if "@" in parts.netloc:
        return "a user or password does not stand in it: user: and password: name variables that hold them"
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        return "not a web address of http or https"
    if parts.query or parts.fragment:
        return "a query or a fragment does not belong in it"
    if parts.path.rstrip("/").endswith(("/api/v1", "/api/v1/query", "/api/v1/query_range")):
        return "it goes as far as what comes before /api/v1"
    return ""


def _authorization(
    name: str, details: Mapping[str, str], env: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The header of RFC 6750 (a bearer token) or of RFC 7617 (user and password), and what of it is secret."""

    def secret(key: str) -> str:
        variable = details[key]
        value = env.get(variable, "").strip()
        if not value:
            raise NoSecret(name, variable, "is not set")
        if key == "token" and not (value.isascii() and value.isprintable()):
            raise NoSecret(name, variable, "holds what is no token")
        return value

    if "token" in details:
        token = secret("token")
        return {"Authorization": f"Bearer {token}"}, (token,)
    if "user" in details:
        user, password = secret("user"), secret("password")
        if ":" in user:
            raise NoSecret(name, details["user"], "holds a colon, which no user's name has")
        both = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {both}"}, (both, password)
    return {}, ()


def _timeout(written: str) -> timedelta:
    """ValueError where it is no time that one can wait."""
    timeout = parse_duration(written)
    if not timedelta(0) < timeout <= _LONGEST:
        raise ValueError(f"not above 0 and up to {format_duration(_LONGEST)}")
    return timeout


def _trusted(written: str, root: Path) -> "ssl.SSLContext":
    """Who is trusted; ValueError where the file cannot be read, or holds no certificates."""
    import ssl

    place = root / written
    if not place.is_file():
        raise ValueError(f"there is no file {written}")
    try:
        return ssl.create_default_context(cafile=place)
    except (ssl.SSLError, OSError) as error:
        raise ValueError(f"{written} holds no certificates in PEM ({error.strerror or error})") from None
