"""The HTTP API of Prometheus, asked for samples exactly as they were scraped, or for what sums of them come to.

https://prometheus.io/docs/prometheus/latest/querying/api/, "Instant queries" and "Range vectors": an instant query for
`SELECTOR[RANGE]` answers with a matrix of the samples in the range, with no steps and nothing looked back for. The
answer is believed only where all of it is as that page says: half of it would make a wrong figure.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from svcops.errors import NotDone
from svcops.slo.prometheus_host import Host
from svcops.slo.pulled import Series
from svcops.slo.selectors import Selector

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 64 * 2**20
"""Of one answer; of more a shorter range is asked for."""
_MOST_POINTS = 10_000
"""Of one answer; Prometheus gives 11,000 at the most."""
_PATIENCE = 10
"""A whole answer may take so many times as long as the host may be silent."""
_MOST_SAID = 64 * 1024
"""Bytes that are read of what a host says of an error."""
_LONGEST = 300
"""Characters of it that are shown."""
_TOO_MUCH = re.compile(r"too many|exceed|limit|cannot select more|maximum number", re.IGNORECASE)
_LATEST = 7_258_118_400
"""Seconds from 1970 until the year 2200: there are no later samples here."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|Inf|NaN)")
"""A value, as Prometheus writes a float ("Format overview")."""


class HostFailed(NotDone):
    """A host did not give the samples that it was asked for: which, and why."""

    def __init__(self, host: Host, reason: str, *, help: str = "") -> None:
        for secret in host.secrets:  # a host may repeat what it was sent
            reason = reason.replace(secret, "***")
        super().__init__(f"DataSource {host.name}: {host.shown} {reason}", help=help)


class TooMuch(Exception):
    """More than the host gives, or than is taken, in one answer; the text says which."""


class Connection:
    """A host that can be asked."""

    def __init__(self, host: Host, client: "httpx.Client") -> None:
        self._host = host
        self._client = client
        self._failed: HostFailed | None = None
        """Why it gave no values: it is not waited for again and again."""

    def samples(self, selector: Selector, start: int, end: int) -> list[Series]:
        """The samples of a selector from `start` until before `end`, in milliseconds; each of them once.

        HostFailed where the host does not answer, refuses, or does not say what it should; TooMuch where a shorter
        range may be had.
        """
        # Up to version 2 a range takes in its start, so that one sample more may come; from 3 on it does not.
        query = f"{selector}[{end - start}ms]"
        last = end - 1
        content = self._get("query", {"query": query, "time": _seconds(last)})
        found = [self._series(one, selector, start, end) for one in self._matrix(content)]
        if len({tuple(sorted(one.labels.items())) for one in found}) < len(found):
            self._fail("gives one series twice")
        return [one for one in found if one.times]

    def values(self, query: str, start: int, end: int, step: int) -> dict[int, float]:
        """What a query that sums everything comes to at each `step` from `start` to `end`, in milliseconds.

        Where it comes to nothing there is no value. HostFailed as above, also where a shorter range may be had.
        """
        if self._failed:
            raise self._failed
        found: dict[int, float] = {}
        for first in range(start, end + 1, step * _MOST_POINTS):
            last = min(end, first + step * (_MOST_POINTS - 1))
            over = {"start": _seconds(first), "end": _seconds(last), "step": f"{step / 1000:.3f}"}
            try:
                result = self._matrix(self._get("query_range", {"query": query, **over}))
            except TooMuch as error:
                self._fail(str(error), help=f"It was asked for {query}.")
            found.update(self._points(result, query, range(first, last + 1, step)))
        return found

    def _points(self, result: list[Any], query: str, moments: range) -> Iterator[tuple[int, float]]:
        """The points of the one series that a sum can have, held against what was asked."""
        if not result:
            return
        one = result[0] if len(result) == 1 and isinstance(result[0], dict) else {}
        if one.get("metric") != {} or not isinstance(one.get("values"), list):
            self._fail(f"answers {_shown(query)} with something else than one series without labels")
        for pair in one["values"]:
            moment, value = self._sample(pair, query)
            if moment not in moments:
                self._fail(f"gives a value of {_shown(query)} of another time than was asked for")
            if not isfinite(number := float(value)):
                self._fail(f"answers {_shown(query)} with {value}")
            yield moment, number

    @cached_property
    def is_open(self) -> bool:
        """Whether a range leaves out its start, as from version 3 of Prometheus on; not where the host says nothing."""
        try:
            told = json.loads(self._get("status/buildinfo", {}))
            version = str(told["data"]["version"])
        except (HostFailed, TooMuch, ValueError, RecursionError, LookupError, TypeError):
            return False
        return version.partition(".")[0] >= "3"

    def _get(self, what: str, parameters: Mapping[str, str]) -> bytes:
        """What the host answers to a question of the API."""
        import httpx

        seconds = self._host.timeout.total_seconds()
        try:
            with self._client.stream("GET", f"{self._host.url}/api/v1/{what}", params=parameters) as answer:
                if answer.is_success:
                    return b"".join(self._pieces(answer, seconds * _PATIENCE))
                told = bytearray()
                for piece in answer.iter_bytes():
                    told += piece
                    if len(told) > _MOST_SAID:
                        break
        except httpx.TimeoutException:
            self._fail(f"does not answer within {seconds:g} s", help="timeout: in its document allows for more.")
        except httpx.ConnectError as error:
            self._fail(f"cannot be reached ({error})", help="Look at url:, and at ca: where it is about a certificate.")
        except httpx.DecodingError as error:
            self._fail(f"answers with what cannot be unpacked ({error})")
        except httpx.InvalidURL as error:
            self._fail(f"is no address ({error})", help="Mend url: in its document.")
        except httpx.TransportError as error:
            self._fail(f"ended its answer too early ({error})")
        return self._refused(answer, bytes(told))

    def _pieces(self, answer: "httpx.Response", seconds: float) -> Iterator[bytes]:
        until = time.monotonic() + seconds
        size = 0
        for piece in answer.iter_bytes():
            size += len(piece)
            if size > MOST_BYTES:
                raise TooMuch(f"gives more than {MOST_BYTES / 2**20:g} MB in one answer")
            if time.monotonic() > until:
                self._fail(f"takes longer than {seconds:g} s for one answer")
            yield piece

    def _refused(self, answer: "httpx.Response", told: bytes) -> NoReturn:
        """Say what an answer means that is none."""
        host, status = self._host, answer.status_code
        for secret in host.secrets:
            told = told.replace(secret.encode(), b"***")
        why = _said(told)
        if status in (413, 422) and (status == 413 or _TOO_MUCH.search(why)):
            raise TooMuch(f"answers {status}: {why}")
        help_ = ""
        if 300 <= status < 400:
            place = urlsplit(answer.headers.get("location", "")).netloc
            why = f"sends elsewhere ({status}), which is not followed, as it would be told the secrets, too"
            self._fail(why, help=f"Where that is right, name {place or 'the place itself'} in url:.")
        if status in (401, 403):
            named = " and ".join(host.variables)
            help_ = f"Look at what {named} holds." if named else "token:, or user: and password:, name variables."
            help_ += " Where it keeps tenants apart, tenant: names one." if status == 403 else ""
        elif status == 404:
            help_ = "url: goes as far as what comes before /api/v1; that of a Mimir ends in /prometheus."
        elif status == 429 or status >= 500:
            help_ = "Try again later, or with a shorter range: --from, --until."
        self._fail(f"answers {status}" + (f": {why}" if why else ""), help=help_)

    def _matrix(self, content: bytes) -> list[Any]:
        """The result in an answer."""
        try:
            answer = json.loads(content, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            self._fail("answers with what is no JSON", help="Is url: that of a Prometheus?")
        if not isinstance(answer, dict) or answer.get("status") != "success":
            self._fail("answers with what is no success of the API of Prometheus", help="Is url: that of a Prometheus?")
        if answer.get("warnings"):
            self._fail(f"warns, so its answer may be but a part: {_shown(answer['warnings'])}")
        if answer.get("isPartial"):
            self._fail("says that its answer is but a part (isPartial)")
        data = answer.get("data")
        kind = data.get("resultType") if isinstance(data, dict) else None
        result = data.get("result") if isinstance(data, dict) else None
        if kind != "matrix" or not isinstance(result, list):
            self._fail(f"answers with {_shown(kind)}, and a matrix was asked for")
        return result

    def _series(self, one: Any, selector: Selector, start: int, end: int) -> Series:
        """A series of the result, held against what was asked."""
        labels = one.get("metric") if isinstance(one, dict) else None
        if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
            self._fail("gives a series without its labels")
        if labels.get("__name__") != selector.metric:
            self._fail(f"gives samples of {_shown(labels.get('__name__'))}, and {selector.metric} was asked for")
        for matcher in selector.matchers:
            if matcher.op == "=" and labels.get(matcher.label, "") != matcher.value:
                self._fail(f"gives a series of {selector.metric} for which {matcher} does not hold")
        if one.get("histograms"):
            self._fail(f"has native histograms of {selector.metric}, which are not read")
        pairs = one.get("values")
        if not isinstance(pairs, list):
            self._fail(f"gives a series of {selector.metric} without samples")
        samples: dict[int, str] = {}
        for pair in pairs:
            moment, value = self._sample(pair, selector.metric)
            if not start - 1 <= moment < end:
                self._fail(f"gives a sample of {selector.metric} of another time than was asked for")
            if samples.setdefault(moment, value) != value:
                self._fail(f"gives two values of one series of {selector.metric} at one time")
        samples.pop(start - 1, None)
        return Series(labels, list(samples), [float(value) for value in samples.values()])

    def _sample(self, pair: Any, what: str) -> tuple[int, str]:
        if isinstance(pair, list) and len(pair) == 2:
            moment, value = pair
            is_time = type(moment) in (int, float) and 0 <= moment < _LATEST
            if is_time and isinstance(value, str) and _NUMBER.fullmatch(value):
                return round(moment * 1000), value
        return self._fail(f"gives a sample of {_shown(what)} that is no time and number: {_shown(pair)}")

    def _fail(self, reason: str, *, help: str = "") -> NoReturn:
        self._failed = HostFailed(self._host, reason, help=help)
        raise self._failed from None


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"


@contextmanager
def connected(host: Host) -> Iterator[Connection]:
    """A connection to a host; no redirect is followed."""
    import httpx

    from svcops import __version__

    headers = {"User-Agent": f"svcops/{__version__}", "Accept": "application/json", **host.headers}
    timeout = host.timeout.total_seconds()
    verify = host.ca or True
    try:
        client = httpx.Client(timeout=timeout, follow_redirects=False, headers=headers, verify=verify)
    except (ValueError, OSError, ImportError) as error:
        why = f"cannot be asked: a proxy or certificates are set wrong ({type(error).__name__})"
        raise HostFailed(host, why, help="Look at HTTPS_PROXY, HTTP_PROXY, SSL_CERT_FILE.") from None
    with client:
        yield Connection(host, client)


def _no_constant(name: str) -> NoReturn:
    """Python would read NaN and Infinity, which are no JSON (RFC 8259)."""
    raise ValueError(name)


def _said(told: bytes) -> str:
    """What a host says of an error: `error` of its JSON, or a line of text; nothing of a page."""
    text = told.decode(errors="replace")
    try:
        content = json.loads(text)
        text = str(content["error"]) if isinstance(content, dict) and "error" in content else text
    except (ValueError, RecursionError):
        pass
    return "" if "<html" in text.lower() else _shown(text)


def _shown(value: Any) -> str:
    """A value of somebody else's on one line, not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
