"""Which files a DataSource document means, and how they are read.

The document stays plain OpenSLO. `spec.type` is CSV, Parquet, JSONLines, OpenMetrics, PrometheusJSON
or Prometheus; `spec.connectionDetails` is a mapping of

    path    files below the store, with * ? [] and ** (required)
    time    the column, or the path inside a JSON line, that holds the time (default: timestamp)
    unit    iso (default), or s or ms for numbers that count from 1970
    zone    the IANA time zone of times without an offset; without it such a time is refused, never guessed
    metric  the column that names the metric in a long table, where every other column is a label (default: metric)
    value   the column with the value in a long table (default: value)
    step    how far apart samples usually are, such as 1m (default: the median of the distances within a series)

A table without the column `metric` is wide: a column a metric. OpenMetrics (https://prometheus.io/docs/specs/om/) and
PrometheusJSON, what the HTTP API of Prometheus answers to a range, say themselves which is which: of these only `path`
and `step` are known. Of a Prometheus the files are read that `svcops slo pull` wrote; its other keys say how its host
is reached (`svcops.slo.prometheus_host`). Folders `NAME=VALUE` above a file of a long table are labels of its series.
"""

import glob
import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from svcops.errors import BadInput, NotDone
from svcops.slo.model import DataSource
from svcops.slo.selectors import JsonPath, NotASelector, parse_path
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean
from svcops.timing.model import parse_duration

PROMETHEUS = "Prometheus"
JSON_LINES = "JSONLines"

Form = Literal["csv", "parquet", "jsonlines", "openmetrics", "prometheusjson"]
Unit = Literal["iso", "s", "ms"]

FORMS: Mapping[str, Form] = {
    "CSV": "csv",
    "Parquet": "parquet",
    JSON_LINES: "jsonlines",
    "OpenMetrics": "openmetrics",
    "PrometheusJSON": "prometheusjson",
    PROMETHEUS: "parquet",
}
"""The types of a DataSource that are read here."""

_NAMED = {"time": "__time__", "metric": "__name__", "value": "__value__", "unit": "s"}
"""How the columns are called where the format says what is what: no label has such a name."""
_OF_NAMED = ("path", "step")
OF_PROMETHEUS = ("url", "path", "token", "user", "password", "ca", "timeout", "tenant", "step")
_KEYS = ("path", "time", "unit", "zone", "metric", "value", "step")
_UNITS = ("iso", "s", "ms")
MISSING = "missing"
"""Why a key that is needed is wrong."""


class BadSource(BadInput):
    """A DataSource document that cannot be followed: which, where, and why."""

    def __init__(self, path: str, name: str, key: str, reason: str, *, help: str = "") -> None:
        place = f"spec.connectionDetails.{key}" if key else "spec.connectionDetails"
        super().__init__(f"{path}: DataSource {name}: {place}: {reason}", help=help)
        self.key = key
        self.reason = reason


class NoSamples(BadInput):
    """Nothing was pulled yet of a source whose samples lie on a host."""

    def __init__(self, path: str, name: str) -> None:
        super().__init__(f"{path}: no samples of DataSource {name} are here", help=f"svcops slo pull {name}")


class ChangedWhileRead(NotDone):
    """A file was written to while it was read, so its digest and its samples may not belong together."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while it was read", help="Run it again once the export is complete.")


@frozen
class FileSource:
    """A DataSource of files. `metric` and `value` are None where the document leaves them to their defaults."""

    document: str
    """The path of the document."""
    name: str
    form: Form
    path: str
    time: str = "timestamp"
    unit: Unit = "iso"
    zone: str | None = None
    metric: str | None = None
    value: str | None = None
    step: timedelta | None = None
    is_pulled: bool = False
    """Whether the files are those that `svcops slo pull` writes."""

    def bad(self, key: str, reason: str, *, help: str = "") -> BadSource:
        """An error about one key of `connectionDetails`."""
        return BadSource(self.document, self.name, key, reason, help=help)

    @property
    def time_path(self) -> JsonPath:
        """The time's path inside a JSON line."""
        try:
            return parse_path(self.time)
        except NotASelector as error:
            raise self.bad("time", f"{error.reason}, at character {error.column} of {self.time}") from None


@frozen
class File:
    """A file to read: its path below the store, and its state when its digest was taken."""

    path: str
    full: str
    sha256: str
    state: tuple[int, int, int]
    """Inode, size in bytes, and time of the last change in nanoseconds."""

    def check_unchanged(self) -> None:
        """ChangedWhileRead where the file is no longer what its digest says."""
        try:
            now = _state(os.stat(self.full))
        except OSError:
            raise ChangedWhileRead(self.path) from None
        if now != self.state:
            raise ChangedWhileRead(self.path)


@frozen
class Input:
    """What a report read: a file, its digest, and the times of its first and last sample (None without samples).

    `source` names the DataSource that it was read for.
    """

    path: str
    sha256: str
    first: datetime | None
    last: datetime | None
    source: str


def file_source(document: DataSource, path: str) -> FileSource:
    """Read a DataSource document of one of the FORMS; `path` is the document's own. BadSource says what is wrong."""
    name, form = document.metadata.name, FORMS[document.spec.type]
    if document.spec.type == PROMETHEUS:
        given = details_of(document, path, OF_PROMETHEUS, least="url")
        source = FileSource(
            document=path,
            name=name,
            form=form,
            path=given.get("path", f"metrics/{name}/*.parquet"),
            time="__time__",
            unit="ms",
            metric="__name__",
            value="__value__",
            is_pulled=True,
        )
        _check(source)
        return replace(source, step=_step(source, given["step"])) if "step" in given else source
    is_named = form in ("openmetrics", "prometheusjson")
    details = details_of(document, path, _OF_NAMED if is_named else _KEYS, least="path")
    if "path" not in details:
        raise BadSource(path, name, "path", MISSING, help="Name the files below the store, such as metrics/*.csv.")
    columns = cast("dict[str, Any]", {**details, **(_NAMED if is_named else {})})
    source = FileSource(document=path, name=name, form=form, **{**columns, "step": None})
    _check(source)
    return replace(source, step=_step(source, details["step"])) if "step" in details else source


def details_of(document: DataSource, path: str, keys: Collection[str], *, least: str) -> dict[str, str]:
    """The `connectionDetails` of a document, where they are a mapping of these keys to text; else BadSource.

    `least` is the key that no such mapping does without, for the error.
    """
    name, details = document.metadata.name, document.spec.connectionDetails
    if not isinstance(details, dict):
        raise BadSource(path, name, "", f"a mapping with at least {least}: is missing")
    for key, value in details.items():
        if key not in keys:
            help_ = did_you_mean(key, keys) or f"Known here: {', '.join(keys)}."
            raise BadSource(path, name, key, "not a key that is known here", help=help_)
        if not isinstance(value, str) or not value:
            raise BadSource(path, name, key, "is empty" if value == "" else "must be text")
    return details


def _step(source: FileSource, written: str) -> timedelta:
    try:
        step = parse_duration(written)
    except ValueError as error:
        raise source.bad("step", f"{written}: {error}") from None
    if not step:
        raise source.bad("step", "samples are some time apart")
    return step


def _check(source: FileSource) -> None:
    if source.unit not in _UNITS:
        raise source.bad("unit", f"{source.unit} is not one of {', '.join(_UNITS)}")
    parts = source.path.replace("\\", "/").split("/")
    if source.path.startswith(("/", "\\", "~")) or os.path.isabs(source.path) or ":" in parts[0]:
        raise source.bad("path", f"{source.path} is not a path below the store")
    if ".." in parts:
        raise source.bad("path", f"{source.path} leads out of the store: .. is refused")
    if source.is_pulled and (len(parts) < 2 or glob.has_magic("/".join(parts[:-1])) or parts[-1] != "*.parquet"):
        why = f"{source.path} is not one folder for what is pulled, and the Parquet files in it"
        raise source.bad("path", why, help=f"Such as metrics/{source.name}/*.parquet.")
    if source.form == "jsonlines":
        for key in ("metric", "value"):
            if getattr(source, key) is not None:
                raise source.bad(key, "JSON lines have no columns: the query is a path")
        _ = source.time_path
    if source.zone is not None:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(source.zone)
        except (KeyError, ValueError, OSError):
            raise source.bad("zone", f"{source.zone} is not a known time zone such as Europe/Berlin") from None


def find_files(source: FileSource, root: Path) -> tuple[File, ...]:
    """The files that a source means, in the order of their paths, with their digests.

    BadSource where there are none, or where one is reached through a link that leaves the store; NotDone where one
    cannot be read.
    """
    found = sorted(
        path.replace(os.sep, "/")
        for path in glob.glob(source.path, root_dir=root, recursive=True)
        if os.path.isfile(root / path)
    )
    if not found and source.is_pulled:
        raise NoSamples(source.document, source.name)
    if not found:
        raise source.bad("path", f"no file matches {source.path}", help="Export the samples there, or mend the path.")
    inside = os.path.realpath(root) + os.sep
    for path in found:
        if not os.path.realpath(root / path).startswith(inside):
            raise source.bad("path", f"{path} is a link that leaves the store")
    return tuple(_file(root, path) for path in found)


def _file(root: Path, path: str) -> File:
    full = os.path.realpath(root / path)
    try:
        with open(full, "rb") as file:
            state = _state(os.fstat(file.fileno()))
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotDone(f"{path} cannot be read: {error.strerror}") from None
    return File(path, full, digest, state)


def _state(stat: os.stat_result) -> tuple[int, int, int]:
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns)
