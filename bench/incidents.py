"""svcops on a store of ten thousand incidents, as whole commands: `make bench`.

Cold is without svcops' cache, warm is with it; git's own and the operating system's caches are warm in both. Every run
is a process of its own; the median is printed. `--incidents 1000` makes a smaller store. Where SVCOPS_REAL_DATA names
the folder of real data, its incidents are imported beside the generated ones.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pace
import stores

BIN = Path(sys.executable).parent
SVCOPS = str(BIN / "svcops")
SMALL = 780
"""Records of the generated store that the incidents are added to: who and what there is, and a few incidents more."""
SERVICES = 60
PEOPLE = 10
NEWEST = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
DAYS = 280
"""From the first incident to the newest; as long as the agreements of the store are in force."""
HELD_TO_REPORT = 2.0
LINE = "{:<44}{:>10}{:>10}{:>8}{:>10}"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure svcops on a store of many incidents.")
    options.add_argument(
        "--incidents", type=int, default=10_000, help="how many are generated: 10000, some 56,000 files"
    )
    options.add_argument("--runs", type=int, default=7, help="of each command; 7")
    options.add_argument("--keep", type=Path, help="a new folder for the store, which stays")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="svcops-bench-") as folder:
        place = Path(folder)
        stores.keep_bytecode(place / "bytecode")
        root = given.keep or place / "ops"
        count = make_store(root, given.incidents)
        print(f"{given.incidents:,} incidents, {count:,} files")
        measure(root, given.runs)


def make_store(root: Path, incidents: int) -> int:
    """A committed store with that many incidents; returns how many files there are."""
    stores.write(root, SMALL)
    for path, text in files(incidents):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Generated")
    import_real(root)
    return sum(1 for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)


def import_real(root: Path) -> None:
    """The incidents of the real data, where there are any."""
    source = Path(os.environ.get("SVCOPS_REAL_DATA", "")) / "statuses-github" / "incidents.jsonl"
    if not source.is_file():
        return
    command = (SVCOPS, "import", "statuspage", str(source))
    done = subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the real incidents are left out: {done.stderr.strip()}")


def files(incidents: int) -> Iterator[tuple[str, str]]:
    """Incidents of most of a year, with all that is known of them and with less, and what came out of some."""
    random = Random(4)  # noqa: S311 - the same store every time is the point
    for number in range(incidents):
        declared = NEWEST - timedelta(minutes=random.randrange(DAYS * 24 * 60))
        incident = record_id("incident", declared, number)
        folder = f"incidents/{declared.year}/{incident}"
        services = ", ".join(f"service-{one}" for one in random.sample(range(SERVICES), random.choice((1, 1, 1, 2))))
        source = random.choice(("slo", "monitoring", "monitoring", "user", "staff"))
        severity = random.choices(("sev1", "sev2", "sev3", "sev4"), (1, 4, 50, 45))[0]
        yield (
            f"{folder}/incident.yaml",
            f"title: Something broke, number {number}\nservices: [{services}]\ndetected_by: {source}\n",
        )
        events = list(timeline(random, declared, severity))
        for at, type_, more in events:
            yield f"{folder}/timeline/{file_name(at, type_, number)}", event(at, type_, more, random)
        if severity in ("sev1", "sev2"):
            yield from learned(random, incident, declared, number)


def timeline(random: Random, declared: datetime, severity: str) -> Iterator[tuple[datetime, str, str]]:
    """What happened to an incident, in order: when, what, and the event's own lines."""
    if random.random() < 0.7:
        yield declared - later(random, 5), "impact-started", ""
    yield declared, "opened", f"severity: {severity}\n"
    now, phase = declared, "incident"
    if random.random() < 0.7:
        now += later(random, 6)
        yield now, "acknowledged", "from: incident\ntext: Looking at it\n"
        phase = "remediation"
    for text in ("Looked at the dashboards, and rolled the last release back", "Users report that it works again"):
        if random.random() < 0.12:
            now += later(random, 15)
            yield now, "log", f"text: {text}\n"
    if random.random() < 0.2:
        now += later(random, 20)
        yield now, "mitigated", "text: Traffic goes to the other site\n"
    if random.random() < 0.02:
        yield now + later(random, 5), "cancelled", f"from: {phase}\ntext: A test of the alert\n"
        return
    if random.random() < 0.99:
        now += later(random, 40)
        yield now, "resolved", f"from: {phase}\ntext: The release before is back\n"
        if severity not in ("sev1", "sev2"):
            yield now + timedelta(hours=2), "closed", "from: post-mortem\nno_measure_because: It was a one-off\n"


def later(random: Random, minutes: float) -> timedelta:
    """A span about so long; a few are many times as long, as they are in life."""
    return timedelta(seconds=round(60 * minutes * random.lognormvariate(0, 1)) + 1)


def event(at: datetime, type_: str, more: str, random: Random) -> str:
    """One file of a timeline."""
    when = f"at: {at.isoformat()}\nrecorded_at: {at.isoformat()}\n"
    return f"type: {type_}\n{when}by: person-{random.randrange(PEOPLE)}\n{more}"


def file_name(at: datetime, type_: str, number: int) -> str:
    """A name as svcops gives it."""
    return f"{at:%Y%m%dt%H%M%S}000z-{type_}-{tail(number)}.yaml"


def learned(random: Random, incident: str, declared: datetime, number: int) -> Iterator[tuple[str, str]]:
    """The post-mortem of an incident, and a measure, most often anchored."""
    began = (declared + timedelta(days=1)).isoformat()
    head = f"title: Something broke, number {number}\nincidents: [{incident}]\nauthor: person-1\nstarted_at: {began}\n"
    text = f"---\n{head}---\n\n## What happened\n\nThe release was rolled back.\n"
    path = f"postmortems/{declared.year}/{incident.replace('incident', 'postmortem', 1)}.md"
    yield path, text
    if random.random() < 0.7:
        approval = f"approvals/{declared.year}/{record_id('approval', declared, number)}.yaml"
        digest = sha256(text.encode()).hexdigest()
        yield approval, f"of: {path}\ndigest: sha256:{digest}\nrole: reviewer\nby: person-2\nat: {began}\n"
    folder = f"measures/{declared.year}/{record_id('measure', declared, number)}"
    due = (declared + timedelta(days=30)).date().isoformat()
    measure = f"title: Look at the queue\ntype: detect\nincident: {incident}\nowner: team-0\ndue: {due}\n"
    yield f"{folder}/measure.yaml", f"{measure}added_at: {began}\nby: person-1\n"
    if random.random() < 0.8:
        at = declared + timedelta(days=20)
        anchor = f"anchor:\n  path: slo/service-0.yaml\n  after: '{'0' * 40}'\n"
        yield f"{folder}/{file_name(at, 'anchored', number)}", event(at, "anchored", anchor, random)


def record_id(kind: str, at: datetime, number: int) -> str:
    """An id as svcops gives it, another for each number."""
    return f"{kind}-{at:%Y%m%d}-{tail(number)}"


def tail(number: int) -> str:
    """Six characters; those of the first half are those of the records that the small store has."""
    number += 1 << 20
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))


def measure(root: Path, runs: int) -> None:
    """Print a line about each command."""
    slower = pace.slower(root.parent)
    cache = root / ".git" / "svcops" / "cache"

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    print(LINE.format("", "median", "held to", "ratio", "as there"))
    time.sleep(2.5)  # a file younger than a tick of the clock is read every time
    listing = ("incident", "list")
    line("incident list, without the cache", median(root, listing, min(runs, 3), forget), 4.0, slower)
    line("incident list, with it", median(root, listing, runs), 0.7, slower)
    everything = ("report", "response", "--since", "2026-01-01", "--until", "2026-11-01")
    line("report response, all of them", median(root, everything, runs), HELD_TO_REPORT, slower)
    line("report response --by service", median(root, (*everything, "--by", "service"), runs), HELD_TO_REPORT, slower)
    line("report response --json", median(root, (*everything, "--json"), runs), HELD_TO_REPORT, slower)
    line(
        "report response, the last 90 days",
        median(root, ("report", "response", "--until", "2026-10-31"), runs),
        2.0,
        slower,
    )
    opening = ("incident", "open", "Receipts are late", "--service", "service-1", "--severity", "sev3")
    line("incident open", median(root, (*opening, "--detected-by", "user"), runs), 0.6, slower)
    newest = subprocess.run((SVCOPS, *listing, "--quiet"), cwd=root, capture_output=True, text=True, check=True)
    line("incident log", median(root, ("incident", "log", newest.stdout.split()[0], "Rolled back"), runs), 0.6, slower)


def median(root: Path, words: tuple[str, ...], runs: int, prepare: Callable[[], None] = lambda: None) -> float:
    """Seconds of a whole command; one more run goes before where nothing is to be prepared."""
    if prepare.__name__ == "<lambda>":
        seconds(root, words)
    found = []
    for _ in range(runs):
        prepare()
        found.append(seconds(root, words))
    return statistics.median(found)


def seconds(root: Path, words: tuple[str, ...]) -> float:
    """How long one run takes, from start to end of its process."""
    started = time.perf_counter()
    done = subprocess.run((SVCOPS, *words), cwd=root, env=environment(), capture_output=True, text=True, check=False)
    took = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"svcops {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
    return took


def line(name: str, took: float, held_to: float, slower: float) -> None:
    """Print what was measured; the ratios are to what it is held to, here and where that was set."""
    ratio = took / held_to
    row = (f"svcops {name}", f"{took:.2f} s", f"{held_to:.2f} s", f"{ratio:.2f}", f"{ratio / slower:.2f}")
    print(LINE.format(*row), flush=True)


def git(root: Path, *words: str) -> None:
    """Run git in the store."""
    subprocess.run(("git", *words), cwd=root, env=environment(), check=True, capture_output=True)


def environment() -> dict[str, str]:
    """This process's environment, with somebody for git to name."""
    names = {f"GIT_{role}_NAME": "Bench" for role in ("AUTHOR", "COMMITTER")}
    mails = {f"GIT_{role}_EMAIL": "bench@example.org" for role in ("AUTHOR", "COMMITTER")}
    return {**os.environ, **names, **mails}


if __name__ == "__main__":
    main()
