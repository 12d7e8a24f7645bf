"""What a drill costs over the bare commands that it runs: `make bench`.

The backup is a folder of files and a database of SQLite, and the bare recovery is `cp -a` of the snapshot, which is
what its stages fetch and load do, with `rm -r` of it. The stages that verify are left out, as no bare command does
that. Of several runs the least, as what else goes on only adds to it. Held to: 5 %, or 1 s, whichever is larger.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

SVCOPS = str(Path(sys.executable).parent / "svcops")
PLAN = ("--backup", "var/backups", "--sqlite", "index=var/index.sqlite", "--files", "papers=var/papers")
NAME = "bench"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure a drill beside the commands that it stands for.")
    options.add_argument("--rows", type=int, default=1_000_000, help="of the database; 1000000")
    options.add_argument("--files", type=int, default=2_000, help="how many; 2000")
    options.add_argument("--size", type=int, default=10_000, help="bytes of each; 10000")
    options.add_argument("--runs", type=int, default=5, help="of each; 5")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="svcops-bench-") as place:
        root = Path(place) / "ops"
        svcops(Path(place), "init", "--example", "ops")
        make(root, given.rows, given.files, given.size)
        svcops(root, "drill", "new", NAME, "--title", "Bench", "--service", "document-archive", *PLAN)
        svcops(root, "drill", "baseline", NAME)
        drills, bares = [], []
        for _ in range(given.runs):
            drills.append(drill(root))
            bares.append(bare(root, Path(place) / "restored"))
    drilled, alone = min(drills), min(bares)
    over = drilled - alone
    print(f"{'drill, without what verifies':<34}{drilled:8.3f} s")
    print(f"{'cp -a and rm -r alone':<34}{alone:8.3f} s")
    print(f"{'ratio':<34}{drilled / alone:8.2f}")
    print(f"{'over':<34}{over:8.3f} s, held to {max(1, 0.05 * alone):.2f} s", flush=True)
    sys.exit(over > max(1, 0.05 * alone))


def make(root: Path, rows: int, files: int, size: int) -> None:
    """The data: rows of some 60 bytes, and files of noise."""
    papers = root / "var" / "papers"
    papers.mkdir(parents=True)
    for number in range(files):
        (papers / f"{number:06}").write_bytes(os.urandom(size))
    with closing(sqlite3.connect(root / "var" / "index.sqlite")) as index:
        index.execute("CREATE TABLE paper (id INTEGER PRIMARY KEY, title TEXT, digest BLOB)")
        index.executemany(
            "INSERT INTO paper (title, digest) VALUES (?, ?)", ((f"paper {one}", bytes(32)) for one in range(rows))
        )
        index.commit()


def drill(root: Path) -> float:
    """Seconds of the whole call, without its stages that verify."""
    started = time.perf_counter()
    said = svcops(root, "drill", "run", NAME, "--json")
    took = time.perf_counter() - started
    stages = json.loads(said)["evidence"]["stages"]
    return took - sum(one["seconds"] for one in stages if one["name"].startswith("verify"))


def bare(root: Path, to: Path) -> float:
    """Seconds of the commands alone, and of taking away what they restored."""
    (snapshot,) = (root / "var" / "backups").iterdir()
    started = time.perf_counter()
    subprocess.run(["cp", "-a", str(snapshot), str(to)], check=True)
    subprocess.run(["rm", "-r", str(to)], check=True)
    return time.perf_counter() - started


def svcops(cwd: Path, *arguments: str) -> str:
    """A call that passes."""
    return subprocess.run([SVCOPS, *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
