"""1,000 evidences with two signatures each: `svcops evidence verify` beside plain `ssh-keygen`: `make bench`.

The peer is a loop of the shell that calls ssh-keygen for the same signatures, one after the other, and for nothing
else: no digests of logs, no chain, no approvals, no history. Another number of evidences may be given.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import stores

COUNT = 1_000
HELD_TO = 12.0
"""Seconds, for 1,000 evidences on two cores."""
AT_ONCE = 4
EXECUTE = "svcops-evidence-execute@v1"
APPROVE = "svcops-evidence-approve@v1"
LOG = "14 snapshots\n"
LOOP = """\
while read -r file mail namespace; do
    ssh-keygen -Y verify -f trust/allowed_signers -s "$file.sig" -I "$mail" -n "$namespace" <"$file" || exit 1
done <../signed
"""


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory(prefix="svcops-bench-") as folder:
        place = Path(folder)
        stores.keep_bytecode(place / "bytecode")
        store = make_store(place, count)
        verify = (str(Path(sys.executable).parent / "svcops"), "evidence", "verify", "--trusted", "audited", "--quiet")
        taken = seconds(verify, store)
        peer = seconds(("sh", "-c", LOOP), store)
        held = f", held to {HELD_TO:g} s" if count == COUNT else ""
        print(f"{count:,} evidences with two signatures each")
        print(f"{'svcops evidence verify':<44}{taken:>8.2f} s{held}")
        print(f"{'ssh-keygen -Y verify, one after the other':<44}{peer:>8.2f} s")
        print(f"{'ratio':<44}{taken / peer:>8.2f}")


def make_store(place: Path, count: int) -> Path:
    """A store with that much evidence, each after the one before, all of it signed, approved and in `audited`."""
    store = place / "store"
    keys = {name: make_key(place / name) for name in ("ada", "noor")}
    write(store / "svcops.yaml", "organisation: Example\ntime_zone: UTC\n")
    write(store / "recovery/plans/ledger.yaml", "title: The ledger\nservices: [ledger]\n")
    for name in keys:
        write(store / f"catalogue/people/{name}.yaml", f"name: {name.title()}\nemails: [{name}@example.org]\n")
    lines = [f"{name}@example.org {key.with_suffix('.pub').read_text(encoding='utf-8')}" for name, key in keys.items()]
    write(store / "trust/allowed_signers", "".join(lines))
    signed = list(write_evidence(store, count))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: sign(store / one[0], keys[one[1]], one[2]), signed))
    listed = "".join(f"{file} {name}@example.org {namespace}\n" for file, name, namespace in signed)
    write(place / "signed", listed)
    for words in (("init", "-q"), ("add", "--all"), ("commit", "-qm", "Drills"), ("tag", "audited")):
        run(("git", *words), store)
    return store


def write_evidence(store: Path, count: int) -> list[tuple[str, str, str]]:
    """The evidence and its approvals: what is to be signed, by whom, and for what."""
    signed, before = list[tuple[str, str, str]](), ""
    for number in range(count):
        name = f"evidence-20261123-{number:06}"
        path = f"recovery/evidence/2026/{name}/evidence.yaml"
        text = (
            f"id: {name}\nplan: ledger\nstarted_at: '2026-11-23T06:00:00Z'\n"
            "ended_at: '2026-11-23T06:30:00Z'\nverdict: passed\n"
            "by: ada\nstages:\n  - name: fetch\n    started_at: '2026-11-23T06:00:00Z'\n"
            "    ended_at: '2026-11-23T06:10:00Z'\n    seconds: 600.0\n    exit: 0\n    log: logs/fetch.txt\n"
            f"    digest: {digest(LOG)}\n{before}"
        )
        approval = f"approvals/2026/approval-20261123-{number:06}.yaml"
        write(store / path, text)
        write(store / path.replace("evidence.yaml", "logs/fetch.txt"), LOG)
        about = f"of: {path}\ndigest: {digest(text)}\nrole: approver\nby: noor\nat: '2026-11-23T07:00:00Z'\n"
        write(store / approval, about)
        before = f"after:\n  - id: {name}\n    digest: {digest(text)}\n"
        signed += [(path, "ada", EXECUTE), (approval, "noor", APPROVE)]
    return signed


def digest(text: str) -> str:
    """As records write it."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def write(file: Path, text: str) -> None:
    """A file, with the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def make_key(file: Path) -> Path:
    """A key without a passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    return file


def sign(file: Path, key: Path, namespace: str) -> None:
    """Put a signature beside a file."""
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", namespace, str(file)]
    subprocess.run(words, check=True, capture_output=True)


def run(words: tuple[str, ...], store: Path) -> None:
    """A command that has to end well."""
    names = {f"GIT_{role}_NAME": "Bench" for role in ("AUTHOR", "COMMITTER")}
    mails = {f"GIT_{role}_EMAIL": "bench@example.org" for role in ("AUTHOR", "COMMITTER")}
    subprocess.run(words, cwd=store, env={**os.environ, **names, **mails}, check=True, capture_output=True)


def seconds(words: tuple[str, ...], store: Path) -> float:
    """How long a command takes that has to end well; the second time, when what it reads is at hand."""
    run(words, store)
    began = time.perf_counter()
    run(words, store)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
