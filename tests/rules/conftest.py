"""Stores for the rules: a few records that others may name, and the files of one case over them."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

INCIDENT = "incidents/2026/incident-20261101-base00"
"""An incident that cases add events to: over and closed, so that no rule has anything to say about it."""


def _event(type_: str, hour: int, more: str) -> str:
    at = f"2026-11-01T{hour:02}:00:00Z"
    return f"type: {type_}\nat: {at}\nrecorded_at: {at}\nby: kim-beispiel\n{more}\n"


BASE = {
    "svcops.yaml": "organisation: Example\n",
    "catalogue/teams/operations.yaml": (
        "title: Operations\nmembers: [kim-beispiel]\ncontacts: [{channel: chat, address: operations}]\n"
    ),
    "catalogue/people/kim-beispiel.yaml": "name: Kim Beispiel\nemails: [kim@example.org]\n",
    "catalogue/services/ledger.yaml": "title: Ledger\nowner: operations\n",
    "slo/ledger.yaml": (
        "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: ledger}\nspec: {}\n"
        "---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: ledger}\n"
        "spec:\n  service: ledger\n  budgetingMethod: Occurrences\n"
        "  timeWindow: [{duration: 30d, isRolling: true}]\n  objectives: [{target: 0.99}]\n"
    ),
}

BASE_INCIDENT = {
    f"{INCIDENT}/incident.yaml": "title: A blip\nservices: [ledger]\ndetected_by: user\n",
    f"{INCIDENT}/timeline/1-opened.yaml": _event("opened", 8, "severity: sev4"),
    f"{INCIDENT}/timeline/2-resolved.yaml": _event("resolved", 9, "from: incident"),
    f"{INCIDENT}/timeline/3-closed.yaml": _event("closed", 10, "from: post-mortem\nno_measure_because: A one-off"),
}

BASE_REVIEWER = {
    "catalogue/people/noor.yaml": "name: Noor Voorbeeld\nemails: [noor@example.org]\n",
    "catalogue/people/robin.yaml": "name: Robin Sample\n",
    "catalogue/people/ada.yaml": "name: Ada Example\n",
    "catalogue/teams/operations.yaml": (
        "title: Operations\nmembers: [kim-beispiel, noor, robin, ada]\ncontacts: [{channel: chat, address: operations}]\n"
    ),
}
"""Where something is approved or moderated: people who may have done so, by an address and without one."""

Files = Mapping[str, Any]


@pytest.fixture(autouse=True)
def never_waits() -> Iterator[None]:
    """A check that waits for ever, on a pipe say, fails its test instead of holding up the others."""

    def give_up(number: int, frame: object) -> None:
        raise TimeoutError("no answer within a minute")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def store_of(tmp_path: Path) -> Callable[[Files], Path]:
    """Build a store from the files of a case, over the base; a path with null leaves a file of the base out."""

    def build(files: Files) -> Path:
        root = tmp_path / "store"
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "secret.yaml").write_text("title: A secret\nowner: nobody\n", encoding="utf-8")
        incident = BASE_INCIDENT if any(path.startswith(INCIDENT) for path in files) else {}
        reviewer = BASE_REVIEWER if any(map(_asks_others, files.items())) else {}
        for path, content in {**BASE, **incident, **reviewer, **files}.items():
            if content is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                _make(root / path, content)
        return root

    return build


def _asks_others(file: tuple[str, Any]) -> bool:
    path, content = file
    return path.startswith("approvals/") or (isinstance(content, str) and "\nmoderator: " in content)


def _make(full: Path, content: Any) -> None:
    if isinstance(content, dict) and "link" in content:
        full.symlink_to(content["link"])
    elif isinstance(content, dict) and "pipe" in content:
        os.mkfifo(full)
    elif isinstance(content, dict) and "folder" in content:
        full.mkdir()
    else:
        full.write_bytes(_bytes(content))


def _bytes(content: Any) -> bytes:
    """Text, `{hex: ...}`, `{repeat: ..., times: N}`, or a list of these one after the other."""
    if isinstance(content, list):
        return b"".join(map(_bytes, content))
    if isinstance(content, dict) and "hex" in content:
        return bytes.fromhex(content["hex"])
    if isinstance(content, dict):
        return str(content["repeat"]).encode() * content["times"]
    return str(content).encode()
