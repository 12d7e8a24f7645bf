"""The session that must work as typed, on real input, through the console script's own door."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SVCOPS_REAL_DATA", PROJECT.parent / "shared" / "data"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}; set SVCOPS_REAL_DATA")


class Shell:
    def __init__(self, folder, env):
        self.folder = folder
        self.env = {**os.environ, **env}
        self.is_person("Robin Sample", "robin@example.org")

    def is_person(self, name, mail):
        for role in ("AUTHOR", "COMMITTER"):
            self.env |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": mail}

    def svcops(self, *words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "svcops", *words],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout, done.stderr

    def git(self, *words):
        return subprocess.run(
            ["git", *words], cwd=self.folder, env=self.env, capture_output=True, text=True, check=True
        ).stdout


def test_the_session_of_the_first_thread(tmp_path, env):
    shell = Shell(tmp_path, env)
    shell.svcops("init", "--example", "ops")
    shell.folder = tmp_path / "ops"
    shell.svcops("check")
    shell.svcops("import", "backstage", *map(str, sorted((DATA / "backstage-giantswarm").glob("*.yaml"))))
    out, _ = shell.svcops("check", "--format", "json", code=1)
    codes = [finding["code"] for finding in json.loads(out)["findings"] if finding["severity"] == "error"]
    assert codes == ["REF001"] * 28

    out, _ = shell.svcops(
        *("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner"),
        *("--severity", "sev1", "--detected-by", "slo", "--started", "-20m"),
    )
    short = out.split()[0][-6:-2]
    shell.svcops("incident", "log", short, "Rolled back to 4.2.0", "--at", "-5m")
    shell.svcops("incident", "resolve", short)
    shell.svcops("postmortem", "start", short, "--moderator", "noor-voorbeeld")
    shell.svcops("postmortem", "check", short, code=1)
    (text,) = shell.folder.glob("postmortems/*/*.md")
    text.write_text(re.sub(r"(?m)^> .*$", "Said.", text.read_text()))
    shell.git("commit", "-qam", "What happened")
    shell.svcops("postmortem", "check", short)
    _, err = shell.svcops("incident", "close", short, code=1)
    assert "svcops measure add" in err
    assert "svcops postmortem approve" in err
    shell.svcops(
        "measure",
        "add",
        short,
        "Probe the extraction queue",
        "--type",
        "detect",
        "--owner",
        "platform",
        "--due",
        "2026-12-20",
    )
    with (shell.folder / "slo/receipt-scanner.yaml").open("a") as file:
        file.write("# the age of the queue\n")
    shell.git("commit", "-qam", "Alert on the age of the queue")
    shell.svcops("measure", "anchor", short, "--path", "slo/receipt-scanner.yaml")
    shell.svcops("postmortem", "approve", short, code=1)
    shell.is_person("Noor Voorbeeld", "noor.voorbeeld@example.com")
    shell.svcops("postmortem", "approve", short)
    shell.is_person("Robin Sample", "robin@example.org")
    shell.svcops("incident", "close", short)
    out, _ = shell.svcops("slo", "report", "--at", "2026-11-23T00:00Z", "--json", code=1)
    verdicts = {slo["name"]: slo["verdict"] for slo in json.loads(out)["slos"]}
    assert verdicts.pop("receipt-extraction") == "breached"
    assert set(verdicts.values()) == {"met"}
    shell.svcops("site", "build", "--out", "site")
    assert (shell.folder / "site/index.html").is_file()
    out, _ = shell.svcops("incident", "show", short, "--json")
    assert json.loads(out)["incident"]["phase"] == "normal operations"
    assert shell.git("status", "--porcelain") == ""
