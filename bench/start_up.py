"""Start-up of whole commands, beside their peers in the same run: `make bench`.

Each command is started as a process of its own, in turn with its peer, after a warm-up that also warms the store's
cache; the median and the ratio of the medians are printed. The peers: `python -c pass` for --version, and a hello-world
of the same Typer for everything else.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pace
import stores

RUNS = 31
BIN = Path(sys.executable).parent
PASS = (sys.executable, "-c", "pass")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="svcops-bench-") as folder:
        place = Path(folder)
        stores.keep_bytecode(place / "bytecode")
        hello = place / "hello.py"
        hello.write_text(pace.HELLO, encoding="utf-8")
        store = make_store(place)
        greet = (sys.executable, str(hello))
        svcops = str(BIN / "svcops")
        print(f"{'command':<34}{'median':>10}{'peer':>10}{'ratio':>8}{'held to':>9}")
        compare("svcops --version", (svcops, "--version"), PASS, 2.0, store)
        compare("svcops --help", (svcops, "--help"), greet, 0.5, store)
        compare("svcops incident list, warm", (svcops, "incident", "list"), greet, 1.0, store)
        compare("svcops incident list, piped JSON", (svcops, "incident", "list", "--json"), greet, 1.0, store)
        compare("svcops incident show --help", (svcops, "incident", "show", "--help"), greet, None, store)
        compare("svcops check, warm", (svcops, "check"), greet, None, store)


def make_store(place: Path) -> Path:
    """The reference landscape with twenty incidents."""
    env = environment()
    run = [str(BIN / "svcops")]
    subprocess.run([*run, "init", "--example", "ops"], cwd=place, env=env, check=True, capture_output=True)
    store = place / "ops"
    for number in range(20):
        call = ["incident", "open", f"Number {number}", "--service", "payroll", "--severity", "sev3"]
        subprocess.run([*run, *call, "--detected-by", "user"], cwd=store, env=env, check=True, capture_output=True)
    time.sleep(2.5)  # a cache entry younger than its file's clock tick is not trusted
    return store


def environment() -> dict[str, str]:
    """This process's environment, with somebody for git to name."""
    names = {f"GIT_{role}_NAME": "Bench" for role in ("AUTHOR", "COMMITTER")}
    mails = {f"GIT_{role}_EMAIL": "bench@example.org" for role in ("AUTHOR", "COMMITTER")}
    return {**os.environ, **names, **mails}


def compare(name: str, command: tuple[str, ...], peer: tuple[str, ...], held_to: float | None, store: Path) -> None:
    """Run the two in turn and print one line."""
    ours, theirs = [], []
    for number in range(RUNS + 3):
        mine, other = seconds(command, store), seconds(peer, store)
        if number >= 3:
            ours.append(mine)
            theirs.append(other)
    one, two = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    limit = f"{held_to:.1f}" if held_to else ""
    print(f"{name:<34}{one:>7.1f} ms{two:>7.1f} ms{one / two:>8.2f}{limit:>9}", flush=True)


def seconds(command: tuple[str, ...], folder: Path) -> float:
    """How long one run takes, from start to end of its process."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
