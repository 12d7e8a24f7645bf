"""svcops check on generated stores, cold and warm, beside its peers in the same run: `make bench`.

Cold is without a cache, warm is with one that is older than the file system's clock tick; git's own and the operating
system's caches are warm in both. Every run is a process of its own; the median is printed. Memory is the most that all
processes of one more run held at the same time, pages that two of them share counted twice. The peers do less: yamllint
and check-jsonschema (with a schema that lets every mapping pass) read the same files of the first store one by one,
doorstop checks as many items of its own. `--sizes 1000,10000` leaves the largest out.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pace
import stores

SIZES = "1000,10000,100000"
HELD_TO = {10_000: (2.0, 0.35), 100_000: (20.0, 1.5)}
"""Seconds, cold and warm, by number of records."""
MEMORY_HELD_TO = 600
"""Megabytes."""
MOST_OF_PEERS = 10_000
"""Records beyond which nobody wants to wait for the peers."""
BIN = Path(sys.executable).parent
CHECK = (str(BIN / "svcops"), "check")
LINE = "{:<28}{:>9}{:>11}{:>12}{:>10}{:>10}{:>8}{:>10}"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure svcops check beside its peers.")
    options.add_argument("--sizes", default=SIZES, help=f"records, with commas between; {SIZES}")
    sizes = [int(size) for size in options.parse_args().sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="svcops-bench-") as folder:
        place = Path(folder)
        stores.keep_bytecode(place / "bytecode")
        slower = pace.slower(place)
        print(LINE.format("", "files", "median", "per 10,000", "memory", "held to", "ratio", "as there"))
        cold = [measure(place / str(size), size, slower) for size in sizes]
        if sizes[0] <= MOST_OF_PEERS:
            print("\nThe files of the first line; the ratio is to svcops check, cold.")
            peers(place, place / str(sizes[0]), cold[0])


def measure(root: Path, size: int, slower: float) -> float:
    """Print two lines about a store of that many records; returns the seconds without a cache."""
    count = stores.write(root, size)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    cache = root / ".git" / "svcops"
    runs = 5 if size <= 10_000 else 3
    limits = HELD_TO.get(size, (None, None))

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    time.sleep(2.5)  # a file younger than a tick of the clock is read every time
    found = []
    for name, prepare, limit in (("cold", forget, limits[0]), ("warm", lambda: None, limits[1])):
        median = statistics.median(seconds(CHECK, root, prepare) for _ in range(runs))
        prepare()
        line(f"svcops check, {name}", count, median, megabytes(CHECK, root), limit, slower)
        found.append(median)
    return found[0]


def peers(place: Path, root: Path, ours: float) -> None:
    """Print a line about each peer that can be run."""
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*.yaml"))
    schema = place / "schema.json"
    schema.write_text('{"type": "object"}', encoding="utf-8")
    rules = "{extends: default, rules: {document-start: disable, line-length: disable}}"
    peer("yamllint", (str(BIN / "yamllint"), "-d", rules, *files), root, len(files), ours)
    validate = (str(BIN / "check-jsonschema"), "--schemafile", str(schema), *files)
    peer("check-jsonschema", validate, root, len(files), ours)
    doorstop = doorstop_in(place / "venv")
    if doorstop:
        items = write_items(place / "doorstop", len(files), doorstop)
        peer("doorstop", (doorstop,), items, len(files), ours)


def peer(name: str, command: tuple[str, ...], folder: Path, count: int, ours: float) -> None:
    """Print a line about a peer; its ratio is how many times as long as svcops it took."""
    if not Path(command[0]).exists():
        print(f"{name:<28}not installed")
        return
    median = statistics.median(seconds(command, folder) for _ in range(3))
    ratio = f"{median / ours:.1f}"
    per = f"{median / count * 10_000:.2f} s"
    memory = f"{megabytes(command, folder):.0f} MB"
    print(LINE.format(name, f"{count:,}", f"{median:.2f} s", per, memory, "", ratio, ""), flush=True)


def doorstop_in(folder: Path) -> str | None:
    """Doorstop's command in a virtual environment that is thrown away; None where it cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "doorstop>=3"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"{'doorstop':<28}cannot be installed: {reason}")
        return None
    return str(folder / "bin" / "doorstop")


def write_items(folder: Path, count: int, doorstop: str) -> Path:
    """A repository with one document of that many doorstop items, each with a link to the one before."""
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run([doorstop, "create", "REQ", "reqs"], cwd=folder, check=True, capture_output=True)
    for number in range(1, count + 1):
        text = f"active: true\nderived: false\nheader: ''\nlevel: 1.{number}\nlinks: []\nnormative: true\nref: ''\n"
        item = f"{text}reviewed: null\ntext: |\n  Requirement {number}.\n"
        (folder / "reqs" / f"REQ{number:05}.yml").write_text(item, encoding="utf-8")
    return folder


def line(name: str, count: int, median: float, memory: float, limit: float | None, slower: float) -> None:
    """Print what was measured of svcops; the ratios are to what it is held to, here and where that was set."""
    per = f"{median / count * 10_000:.2f} s"
    held = f"{limit:.2f} s" if limit else ""
    ratio = f"{median / limit:.2f}" if limit else ""
    there = f"{median / limit / slower:.2f}" if limit else ""
    shown = f"{memory:.0f} MB"
    print(LINE.format(name, f"{count:,}", f"{median:.2f} s", per, shown, held, ratio, there), flush=True)
    if memory > MEMORY_HELD_TO:
        print(f"{'':<28}more than the {MEMORY_HELD_TO} MB it is held to")


def seconds(command: tuple[str, ...], folder: Path, prepare: Callable[[], None] = lambda: None) -> float:
    """How long one run takes, from start to end of its process."""
    prepare()
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    return time.perf_counter() - started


def megabytes(command: tuple[str, ...], folder: Path) -> float:
    """The most memory that a run and its children held at once; without /proc, the most that one of them held."""
    most = 0
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while True:
            most = max(most, sum(map(_held, _family(process.pid))))
            ended, _, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = 0
                break
            time.sleep(0.005)
    unit = 1 if sys.platform == "darwin" else 1024
    return max(most, usage.ru_maxrss * unit) / 1e6


def _family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return [pid]
    return [pid, *map(int, children.split())]


def _held(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where nobody can tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
