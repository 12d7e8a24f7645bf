"""How fast this machine is, beside the one on which the bounds were set: by a Typer hello-world, in the same run."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

HELLO = """\
import typer

app = typer.Typer()


@app.command()
def hello(name: str = "world") -> None:
    print(f"Hello {name}")


app()
"""
THERE = 0.166
"""Seconds that it takes there, of Typer 0.29."""
_RUNS = 11


def slower(place: Path) -> float:
    """How many times as long it takes here; printed, as this machine may be faster in an hour."""
    file = place / "hello.py"
    file.write_text(HELLO, encoding="utf-8")
    found = []
    for _ in range(_RUNS + 1):
        started = time.perf_counter()
        subprocess.run((sys.executable, str(file)), check=True, capture_output=True)
        found.append(time.perf_counter() - started)
    here = statistics.median(found[1:])
    print(f"A Typer hello-world takes {here * 1000:.0f} ms here, and {THERE * 1000:.0f} ms where the bounds were set:")
    print(f"'ratio' is to the bound, 'as there' the same with {here / THERE:.2f} times as much of it.\n", flush=True)
    return here / THERE
