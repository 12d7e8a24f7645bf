"""A change: what a command wants written, as a value. Rooms make them, `svcops.store.writing` applies them."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from svcops.store.frozen import frozen


def digest_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal digits."""
    from hashlib import sha256  # here, as it brings a library that a check of unsigned records does not need

    return sha256(data).hexdigest()


@frozen
class Change:
    """Files to write, under one commit message. Changes add up to one commit.

    `files` maps a path below the store to its new bytes, or None to delete it. `before` maps those that exist to the
    digest of what was read; a path not in it must not exist yet. `listings` maps folders to the names that were read in
    them: a decision that rests on all events of a record is void once another event has come.
    """

    subject: str
    files: Mapping[str, bytes | None]
    before: Mapping[str, str] = field(default_factory=dict)
    listings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    """Ids or names of the records changed, for the commit's trailer."""
    body: str = ""

    def __add__(self, other: "Change") -> "Change":
        """Both as one; ValueError where one would undo what the other does."""
        for path in self.files.keys() & other.files.keys():
            if self.files[path] != other.files[path]:
                raise ValueError(f"the changes both write {path}")
        for folder in self.listings.keys() & other.listings.keys():
            if self.listings[folder] != other.listings[folder]:
                raise ValueError(f"the changes read {folder} differently")
        return Change(
            self.subject,
            {**self.files, **other.files},
            {**self.before, **other.before},
            {**self.listings, **other.listings},
            tuple(dict.fromkeys((*self.records, *other.records))),
            "\n\n".join(filter(None, (self.body, other.body))),
        )

    @property
    def message(self) -> str:
        """The commit message: subject, body, and a trailer a record."""
        trailers = "\n".join(f"Svcops-Record: {record}" for record in self.records)
        return "\n\n".join(part for part in (_one_line(self.subject), self.body, trailers) if part) + "\n"


def listing_of(root: Path, folder: str) -> tuple[str, ...]:
    """The names in a folder of the store, sorted, temporary files left out; empty where there is no such folder."""
    try:
        return tuple(sorted(path.name for path in (root / folder).iterdir() if not path.name.startswith(".")))
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _one_line(text: str) -> str:
    """A subject line that git takes for one: no line breaks, and no `#` at its start."""
    return " ".join(text.split()).lstrip("#").strip()
