"""Checking a large store with two processes: the work is Python's, and a second core does half of it.

The store's first folders are shared out by how many files they hold. The second process is forked once the files are
listed and sends its part back through a pipe. Where there is no fork, or it fails, one process does it all.
"""

import os
import pickle
import signal
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import NoReturn

from svcops.checking import engine
from svcops.store.graph import Graph
from svcops.store.layout import KINDS
from svcops.store.model import Kind


def check_apart(graph: Graph, now: datetime, paths: Mapping[str, list[str]]) -> list[engine.Outcome] | None:
    """Both parts; None where it cannot be done by two."""
    mine, others = shares(paths)
    if not others or not hasattr(os, "fork") or (os.cpu_count() or 1) < 2:
        return None
    graph.let_go()
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return None
    if child == 0:
        _send(reading, writing, graph, now, others)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        try:
            part = engine.part(graph, now, mine)
            answer = pipe.read()
            _, status = os.waitpid(child, 0)
        except BaseException:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            raise
    # The bytes are those of this program's own child, which ended well: nobody else can have written them.
    other = pickle.loads(answer) if answer and status == 0 else engine.part(graph, now, others)  # noqa: S301
    return [part, other]


def shares(paths: Mapping[str, list[str]]) -> tuple[list[Kind], list[Kind]]:
    """The kinds in two shares of about as many files, a first folder whole; the first has the catalogue."""
    folders: dict[str, list[Kind]] = {}
    for kind in KINDS:
        folders.setdefault(kind.pattern.partition("/")[0], []).append(kind)
    sizes = {folder: sum(len(paths[kind.name]) for kind in kinds) for folder, kinds in folders.items()}
    first, second = ["svcops.yaml", "catalogue"], list[str]()
    sums = [sizes["svcops.yaml"] + sizes["catalogue"], 0]
    for folder in sorted(folders.keys() - set(first), key=lambda name: (-sizes[name], name)):
        (first if sums[0] <= sums[1] else second).append(folder)
        sums[0 if sums[0] <= sums[1] else 1] += sizes[folder]
    return [kind for one in first for kind in folders[one]], [kind for one in second for kind in folders[one]]


def _send(reading: int, writing: int, graph: Graph, now: datetime, kinds: list[Kind]) -> NoReturn:
    """What the second process does, and all it does. It keeps no end to read from: its parent's death must show."""
    status = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as out:
            out.write(pickle.dumps(engine.part(graph, now, kinds)))
        status = 0
    finally:
        os._exit(status)
