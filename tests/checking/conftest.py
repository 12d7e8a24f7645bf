"""Stores without git, svcops called in them, and expected outputs as files."""

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from svcops.cli.main import run
from svcops.terminal.session import Session, take_options

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
SNAPSHOTS = Path(__file__).parent / "snapshots"


@dataclass
class Answer:
    """What a call printed, and its exit code."""

    code: int
    out: str
    err: str


class Terminal(io.StringIO):
    """Standard output as a person's terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Write the files of a store, with a svcops.yaml, into a folder that is in no git repository."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "store"
        for path, content in {"svcops.yaml": "organisation: Example\n", **files}.items():
            full = root / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make


@pytest.fixture
def call() -> Callable[..., Answer]:
    """Call svcops in a folder; `terminal` makes standard output one, `env` is the environment."""

    def svcops(cwd: Path, *arguments: str, terminal: bool = False, env: Mapping[str, str] | None = None) -> Answer:
        options, rest = take_options(arguments)
        out, err = Terminal() if terminal else io.StringIO(), io.StringIO()
        session = Session(
            options=options,
            cwd=cwd,
            env=env or {},
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            now=lambda: NOW,
            random_bytes=bytes,
        )
        return Answer(run(session, rest), out.getvalue(), err.getvalue())

    return svcops


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compare a text with the file of that name; UPDATE_SNAPSHOTS=1 writes the file instead."""

    def compare(name: str, text: str) -> None:
        file = SNAPSHOTS / name
        if os.environ.get("UPDATE_SNAPSHOTS"):
            file.write_bytes(text.encode())
        assert file.exists(), (
            f"{file} is missing: UPDATE_SNAPSHOTS=1 pytest tests/checking makes it; read it before you commit"
        )
        assert text == file.read_bytes().decode()

    return compare
