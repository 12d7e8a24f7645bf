"""The main job, told as it goes: `make demo`.

Works in a temporary folder on a copy of the reference landscape, with real git, real commits and the real command.
Where the public data that the tests use is present (SVCOPS_REAL_DATA, or ../shared/data), real records and real
metrics are shown too.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ROBIN = ("Robin Sample", "robin@example.org")
NOOR = ("Noor Voorbeeld", "noor.voorbeeld@example.com")
"""Of the catalogue, as an approval has to be."""
AT = "2026-11-23T00:00Z"
ARCHIVE = "document-archive-index"
"""The recovery plan of the landscape, whose data `svcops init --example` makes."""

ANSWERS = (
    "For 20 minutes no receipt was extracted. Rolling back to 4.2.0 ended it.",
    "Everybody who handed in a receipt waited; nothing was lost.",
    "The alert on errors was quiet, as the queue held the receipts back and nothing failed.",
    "- Release 4.2.1 asks the model for one page at a time.\n- Nothing measures how old the queue is.",
    "The queue grew without a single error.",
    "The rollback took three minutes.",
    "It was not the end of the month.",
    "The age of the queue alerts as well.",
)
"""What people answer to the questions of the template, in their order."""

NGINX = """\
# Real metrics: 43 minutes of nginx.org's own status pages.
apiVersion: openslo/v1
kind: Service
metadata:
  name: hg.nginx.org
spec:
  description: The source code browser of nginx, as its own status page saw it.
---
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: nginx-status
spec:
  type: JSONLines
  connectionDetails:
    path: metrics/nginxplus_json_logs.jsonl
    time: timestamp
    unit: ms
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: hg-nginx-org
spec:
  description: Responses that are no error of the server.
  service: hg.nginx.org
  indicator:
    metadata:
      name: hg-nginx-org-errors
    spec:
      ratioMetric:
        counter: true
        bad:
          metricSource:
            metricSourceRef: nginx-status
            spec:
              query: server_zones["hg.nginx.org"].responses.5xx
        total:
          metricSource:
            metricSourceRef: nginx-status
            spec:
              query: server_zones["hg.nginx.org"].responses.total
  timeWindow:
    - duration: 1h
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - displayName: 98 of 100 responses
      target: 0.98
"""


class Unexpected(Exception):
    """The demo saw what it did not expect: the product, or the demo, is broken."""


class Terminal:
    """Shows what it types and what comes back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.person = ROBIN
        self.colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def tell(self, text: str) -> None:
        """A line of the story."""
        print(f"\n\x1b[1m# {text}\x1b[0m" if self.colour else f"\n# {text}", flush=True)

    def type(self, *words: str, exit_code: int = 0, lines: int = 0, last: int = 1) -> str:
        """Type a command, show what it prints (the first `lines` and the `last` ones), return its standard output."""
        who = f" ({self.person[0].split()[0]})" if self.person != ROBIN else ""
        print(f"${who} {shlex.join(words)}", flush=True)
        name, mail = self.person
        env = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **{f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": mail for role in ("AUTHOR", "COMMITTER")},
        }
        done = subprocess.run(words, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        self._show((done.stdout + done.stderr).splitlines(), lines, last)
        if done.returncode != exit_code:
            raise Unexpected(f"{shlex.join(words)}: exit code {done.returncode}, expected {exit_code}")
        if exit_code:
            print(f"  (exit code {exit_code})")
        return done.stdout

    def _show(self, printed: list[str], lines: int, last: int) -> None:
        left_out = len(printed) - lines - last if lines else 0
        for number, line in enumerate(printed):
            if left_out <= 0 or number < lines or number >= len(printed) - last:
                print(f"  {line}")
            elif number == lines:
                print(f"  ... {left_out} more lines")


def main() -> int:
    """Tell the whole story; 1 where it does not go as told."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="svcops-demo-"))
    terminal = Terminal(folder)
    try:
        site = story(terminal, real_data())
    except Unexpected as error:
        print(f"\nThe demo went wrong: {error}\nWhat it made lies in {folder}", file=sys.stderr)
        return 1
    print(f"\nThe site lies at {site}\nThe store lies at {folder / 'ops'}; remove {folder} when you have seen it.")
    print(f"This took {time.monotonic() - started:.1f} s.")
    return 0


def real_data() -> Path | None:
    """The folder of real public data, where there is one."""
    folder = Path(os.environ.get("SVCOPS_REAL_DATA", PROJECT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def story(terminal: Terminal, data: Path | None) -> Path:
    """The incident cycle, service levels, a recovery and the site; returns the site's first page."""
    terminal.tell("A store of its own, with the reference landscape: a small business suite")
    terminal.type("svcops", "init", "--example", "ops")
    terminal.folder /= "ops"
    terminal.type("svcops", "check")
    terminal.tell("Whom to call now, who suffers when the sign-in fails, and what each service still has to prove")
    terminal.type("svcops", "escalate", "payroll", "--severity", "sev1", lines=8)
    terminal.type("svcops", "service", "impact", "identity", lines=6)
    terminal.type("svcops", "score", lines=12)
    terminal.type("svcops", "service", "list")
    if data:
        real_catalogue(terminal, sorted((data / "backstage-giantswarm").glob("*.yaml")))
    terminal.tell("Service levels, from the samples that the landscape ships: receipts missed their target")
    terminal.type("svcops", "slo", "report", "--at", AT, exit_code=1)
    terminal.tell("The same as pictures, in pages that open from the disk: where each budget went")
    terminal.type("svcops", "slo", "dashboard", "--at", AT, exit_code=1)
    if data:
        real_metrics(terminal, data / "metrics" / "nginx-plus" / "nginxplus_json_logs.jsonl")
    incident(terminal)
    recovery(terminal)
    terminal.tell("The site: services, incidents, service levels, for everybody who has no terminal")
    terminal.type("svcops", "site", "build", "--out", "site", "--at", AT)
    terminal.tell("All of it is plain git")
    terminal.type("git", "log", "--oneline")
    return terminal.folder / "site" / "index.html"


def real_catalogue(terminal: Terminal, files: Iterable[Path]) -> None:
    """A real Backstage catalogue, imported, and what the check finds in it."""
    terminal.tell("A real Backstage catalogue of 105 entities: what it defines twice, and what leads nowhere")
    terminal.type("svcops", "import", "backstage", *map(str, files), lines=24)
    terminal.tell("The check names the line of each of them; nobody's own records are mixed up with it")
    terminal.type("svcops", "check", exit_code=1, lines=16, last=4)
    terminal.tell("That was only to look: the commit is taken back")
    terminal.type("git", "revert", "--no-edit", "HEAD", lines=1)
    terminal.type("svcops", "check")


def real_metrics(terminal: Terminal, export: Path) -> None:
    """Service levels from nginx.org's own status snapshots."""
    terminal.tell("The same from real metrics: 43 minutes of nginx.org's status pages, 298 responses, 3 of them bad")
    shutil.copy(export, terminal.folder / "metrics")
    (terminal.folder / "slo" / "nginx-org.yaml").write_text(NGINX, encoding="utf-8")
    terminal.type("git", "add", "slo/nginx-org.yaml")
    terminal.type("git", "commit", "--quiet", "--message", "Measure what users of hg.nginx.org saw")
    terminal.type("svcops", "slo", "report", "hg-nginx-org", "--at", "2015-10-31T00:41Z")


def incident(terminal: Terminal) -> None:
    """From a disruption to an anchored measure."""
    terminal.tell("Receipts are not extracted: an incident, in one line")
    opened = terminal.type(
        *("svcops", "incident", "open", "Receipts are not extracted", "--service", "receipt-scanner"),
        *("--severity", "sev1", "--detected-by", "slo", "--started", "-20m"),
    )
    short = opened.split()[0][-6:-2]
    terminal.type("svcops", "incident", "log", short, "Rolled back to 4.2.0", "--at", "-5m")
    terminal.type("svcops", "incident", "resolve", short)
    postmortem(terminal, short)
    terminal.tell("A major incident does not close before something is learned and anchored")
    terminal.type("svcops", "incident", "close", short, exit_code=1)
    terminal.type(
        *("svcops", "measure", "add", short, "Probe the extraction queue"),
        *("--type", "detect", "--owner", "platform", "--due", "2026-12-20"),
    )
    with (terminal.folder / "slo" / "receipt-scanner.yaml").open("a", encoding="utf-8") as file:
        file.write("# The age of the oldest receipt in the queue alerts as well.\n")
    terminal.type("git", "commit", "--quiet", "--all", "--message", "Alert on the age of the queue")
    terminal.type("svcops", "measure", "anchor", short, "--path", "slo/receipt-scanner.yaml")
    terminal.tell("Who wrote the post-mortem cannot approve it; somebody else can")
    terminal.type("svcops", "postmortem", "approve", short, exit_code=1)
    terminal.person = NOOR
    terminal.type("svcops", "postmortem", "approve", short)
    terminal.person = ROBIN
    terminal.type("svcops", "incident", "close", short)
    terminal.type("svcops", "incident", "show", short)


def postmortem(terminal: Terminal, short: str) -> None:
    """What happened, with the facts filled in, the rest asked for, and the answers checked."""
    terminal.tell("The post-mortem begins with the facts; somebody who did not lead the incident moderates it")
    terminal.type("svcops", "postmortem", "start", short, "--moderator", "noor-voorbeeld")
    terminal.tell("It asks for the rest, and the check names what is not answered yet")
    terminal.type("svcops", "postmortem", "check", short, exit_code=1, lines=6, last=2)
    (file,) = (terminal.folder / "postmortems").glob("*/*.md")
    answers = iter(ANSWERS)
    file.write_text(re.sub(r"(?m)^> .*$", lambda _: next(answers), file.read_text(encoding="utf-8")), encoding="utf-8")
    terminal.type("git", "commit", "--quiet", "--all", "--message", "Say what happened, and why it could")
    terminal.type("svcops", "postmortem", "check", short)


def recovery(terminal: Terminal) -> None:
    """From a backup to evidence that stands, and to a backup that is damaged."""
    terminal.tell("A recovery that is proved: a backup is taken, restored elsewhere, compared in full, and measured")
    terminal.type("svcops", "drill", "baseline", ARCHIVE)
    terminal.type("svcops", "drill", "run", ARCHIVE)
    terminal.tell("Would it fail if it had to? Each damage is done to a copy of the backup, and has to be noticed")
    found = terminal.type("svcops", "drill", "harden", ARCHIVE, last=40)
    evidence(terminal, found.split()[4])
    terminal.tell("Now one file of the backup itself is cut short")
    page = next((terminal.folder / "var" / "backups").glob("*/*/documents/*"))
    page.write_bytes(page.read_bytes()[:100])
    terminal.type("svcops", "drill", "run", ARCHIVE, exit_code=1, lines=2, last=2)


def evidence(terminal: Terminal, drill: str) -> None:
    """Signed by who ran it, approved by somebody else, verified by an auditor who has no svcops."""
    terminal.tell("The evidence is signed by who ran the drill; keys count that the trusted revision lists")
    signers = ""
    for name, mail in (ROBIN, NOOR):
        key = name.split()[0].lower()
        terminal.type("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", mail, "-f", f"../{key}")
        public = (terminal.folder.parent / f"{key}.pub").read_text(encoding="utf-8")
        signers += f'{mail} namespaces="svcops-evidence-*" {public}'
    (terminal.folder / "trust").mkdir(exist_ok=True)
    (terminal.folder / "trust" / "allowed_signers").write_text(signers, encoding="utf-8")
    terminal.type("git", "add", "trust")
    terminal.type("git", "commit", "--quiet", "--message", "Say whose keys count")
    terminal.type("git", "tag", "trusted")
    terminal.type("git", "config", "svcops.trusted", "trusted")
    terminal.type("svcops", "evidence", "sign", drill, "--key", "../robin")
    terminal.person = NOOR
    terminal.type("svcops", "evidence", "approve", drill, "--key", "../noor")
    terminal.person = ROBIN
    terminal.type("svcops", "evidence", "verify", drill)
    terminal.tell("An auditor verifies it without svcops")
    terminal.type("svcops", "evidence", "bundle", drill, "--output", "../audit")
    terminal.type("sh", "../audit/verify.sh")


if __name__ == "__main__":
    sys.exit(main())
