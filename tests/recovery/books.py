"""The ledger's books: a plan, its data, and what drills of it left in the store."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from svcops.recovery.damage import EXPECTED
from svcops.store.yaml_reading import compose

AGREEMENT = """\
title: Bookkeeping
services: [ledger]
support_hours: always
rto: {rto}
rpo: {rpo}
agreed: {{with: The company, at: "2026-01-26", by: ada, document: "https://contracts.example.org/1"}}
"""
PLAN = """\
title: The ledger's books from their backup
services: [ledger]
scenario: The disk is lost
environment: {where: here, isolation: a scratch folder}
backup: {tool: folder, repository: var/backups}
data:
  - {kind: sqlite, name: books, source: var/books.sqlite}
  - {kind: files, name: papers, source: var/papers, path: papers}
"""
COMMANDS = """\
title: By commands
services: [ledger]
backup:
  tool: commands
  repository: var/tars
  list: [sh, -c, 'cd "$SVCOPS_REPOSITORY" && for one in *.tar; do printf "%s\\t2026-11-23T07:15:00Z\\n" "${one%.tar}"; done']
  fetch: [sh, -c, 'tar -xf "$SVCOPS_REPOSITORY/$SVCOPS_SNAPSHOT.tar" -C "$SVCOPS_FOLDER"']
  keep: [sh, -c, 'tar -cf "$SVCOPS_REPOSITORY/one.tar" -C "$SVCOPS_FOLDER" . && echo one']
data:
  - kind: commands
    name: papers
    export: [sh, -c, 'cp -r var/papers/. "$SVCOPS_FOLDER"']
    fingerprint:
      - bash
      - -euo
      - pipefail
      - -c
      - |
        cd "$SVCOPS_FOLDER"
        find . -type f | sort | while read -r one; do
          printf '%s\\t%s\\t%s\\n' "$one" "$(stat -c %s "$one")" "$(sha256sum <"$one" | cut -c -64)"
        done
"""
DAMAGE = "damage: [" + ", ".join(f"{{case: {one}}}" for one in EXPECTED) + "]\n"


def agree(console: Any, rto: str = "4h", rpo: str = "1h") -> None:
    console.store.write("catalogue/agreements/bookkeeping.yaml", AGREEMENT.format(rto=rto, rpo=rpo))
    console.store.commit("What is agreed")


def plan(console: Any, more: str = DAMAGE, text: str = PLAN) -> None:
    console.store.write("recovery/plans/books.yaml", text + more)
    console.store.write(".gitattributes", "/recovery/evidence/** -text\n")
    console.store.git("add", "--all")
    console.store.commit("The plan")


def make_books(root: Path) -> None:
    (root / "var" / "papers" / "2026").mkdir(parents=True)
    (root / "var" / "papers" / "2026" / "receipt.txt").write_text("one receipt")
    with closing(sqlite3.connect(root / "var" / "books.sqlite")) as books:
        books.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, amount INTEGER, note TEXT)")
        books.executemany(
            "INSERT INTO entry (amount, note) VALUES (?, ?)", [(one, f"note {one}") for one in range(2000)]
        )
        books.commit()


def evidence(console: Any) -> dict[str, Any]:
    """The newest evidence of the store, as it is committed."""
    path = console.store.git("log", "--diff-filter=A", "--name-only", "--format=", "--", "*/evidence.yaml").split()[0]
    found: dict[str, Any] = compose(console.store.at_head(path), path).documents[0]
    return found | {"id": Path(path).parent.name, "folder": str(Path(path).parent)}


def reasons(found: dict[str, Any]) -> list[str]:
    return [one["reason"] for one in found.get("faults", ())]


def snapshots(console: Any) -> list[Path]:
    return sorted((console.store.root / "var" / "backups").iterdir())


def is_clean(console: Any) -> bool:
    """Whether the store is as committed, and no drill is left anywhere."""
    drills = console.store.git_dir / "svcops" / "drills"
    return console.store.status() == [] and not any(one.is_dir() for one in drills.iterdir())
