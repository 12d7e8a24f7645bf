"""A small document archive to practise recovery on: made up, and of the same content each time.

The reference landscape has a plan that backs it up and drills it (recovery/plans/document-archive-index.yaml).
"""

from pathlib import Path

FOLDER = "var/document-archive"
"""Where it is; git ignores it."""
_DOCUMENTS = 240
_KINDS = ("receipt", "voucher", "payslip")
_CREATE = (
    """CREATE TABLE document (id TEXT PRIMARY KEY, kind TEXT NOT NULL, archived_on TEXT NOT NULL, path TEXT NOT NULL,
    bytes INTEGER NOT NULL, sha256 BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE word (document TEXT NOT NULL REFERENCES document (id), word TEXT NOT NULL, times INTEGER NOT NULL)",
    "CREATE INDEX word_by_word ON word (word)",
)


def make(root: Path) -> None:
    """Write documents, and the index that finds them."""
    from contextlib import closing
    from datetime import date, timedelta
    from hashlib import sha256
    from sqlite3 import connect

    place = root / FOLDER
    (place / "documents").mkdir(parents=True, exist_ok=True)
    with closing(connect(place / "index.sqlite")) as index:
        for one in _CREATE:
            index.execute(one)
        for number in range(_DOCUMENTS):
            kind, name = _KINDS[number % len(_KINDS)], f"{number:05}"
            day = date(2026, 1, 2) + timedelta(days=number)
            lines = [f"{kind} {name} of {day}", *(f"position {one}: {number * one % 977}" for one in range(1, 40))]
            data = "\n".join(lines).encode()
            path = place / "documents" / f"{name}.txt"
            path.write_bytes(data)
            row = (name, kind, day.isoformat(), path.name, len(data), sha256(data).digest())
            index.execute("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)", row)
            words = [(name, word, lines[0].count(word)) for word in lines[0].split()]
            index.executemany("INSERT INTO word VALUES (?, ?, ?)", words)
        index.commit()
