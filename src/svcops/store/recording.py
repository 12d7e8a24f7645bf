"""A record as the bytes of its file, which will be read again as that very record.

Commands put records together from what people type; what no record may hold is refused here, once for all of them,
before anything is written: an event that cannot be read would stop every step after it.
"""

from typing import Any

from svcops.errors import BadInput
from svcops.store.fitting import check_of
from svcops.store.yaml_writing import dump, plain_of


def text_of(record: Any) -> str:
    """The YAML of a record; BadInput where it would not be accepted again, with the value that would not."""
    plain = plain_of(record)
    declared: Any = type(record)
    check = check_of(declared)
    if not (check and check(plain)):
        _refuse_what_is_wrong(record, plain)
    return dump(plain)


def bytes_of(record: Any) -> bytes:
    """The same as the bytes of a file."""
    return text_of(record).encode()


def _refuse_what_is_wrong(record: Any, plain: Any) -> None:
    from svcops.checking.model import At
    from svcops.store.validation import validate

    _, wrong = validate(type(record), plain, At(_place_of(type(record))))
    if wrong:
        raise BadInput(wrong[0].message, help=wrong[0].help)


def _place_of(declared: type) -> str:
    """Where records of that class lie, for a help that names their kind."""
    from svcops.store.layout import KINDS

    module = f"{declared.__module__}:"
    every = {kind.model: kind.pattern for kind in KINDS if kind.model.startswith(module)}
    events = (pattern for model, pattern in every.items() if model.endswith("Event"))
    return every.get(f"{module}{declared.__name__}") or next(events, "")
