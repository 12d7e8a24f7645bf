"""A team: two clones of one store, and the bare repository that they share it through."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NOOR = ("Noor Voorbeeld", "noor@example.org")


@dataclass
class Team:
    """`ada` and `noor` are consoles on clones of their own; `hub` is the path of the bare repository."""

    ada: Any
    noor: Any
    hub: Path

    def hub_git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.hub, env=self.ada.store.env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def hub_hook(self, name: str, script: str) -> None:
        hook = self.hub / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        hook.chmod(0o755)

    def open(self, who: Any, title: str = "Receipts are late", *more: str) -> str:
        """An incident's id."""
        what = ("--service", "ledger", "--severity", "sev3", "--detected-by", "user")
        return str(who("incident", "open", title, *what, *more).id)


@pytest.fixture
def team(console: Any, tmp_path: Path, new_console: Callable[[Any], Any]) -> Team:
    """Ada's store, pushed; and Noor's clone of it."""
    hub = tmp_path / "hub.git"
    ada = console.store
    ada.git("init", "--quiet", "--bare", "--initial-branch=main", str(hub))
    ada.git("remote", "add", "origin", hub.as_uri())
    ada.git("push", "--quiet", "--set-upstream", "origin", "main")
    ada.git("clone", "--quiet", hub.as_uri(), str(tmp_path / "noor"))
    noor = type(ada)(tmp_path / "noor", ada.env)
    noor.git("config", "user.name", NOOR[0])
    noor.git("config", "user.email", NOOR[1])
    other = new_console(noor)
    other.who = NOOR
    other._seed = 1000
    return Team(console, other, hub)
