"""docs/records.md tells the truth: its examples are one store without findings, and its reports are real ones."""

import re
import shlex
from dataclasses import MISSING, fields
from datetime import timedelta
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from svcops.catalogue import model as catalogue
from svcops.keydates.model import KeyDate
from svcops.recovery import model as recovery
from svcops.recovery import plan
from svcops.runbooks.model import Exercise, Runbook, StepResult
from svcops.runbooks.step_settings import Capture, JsonIs, StepSettings
from svcops.slo import model as slo
from svcops.slo.exclusion import Exclusion, Recurring
from svcops.slo.sources import _KEYS, OF_PROMETHEUS
from svcops.store.layout import KINDS, kind_of_path
from svcops.store.settings import Notice, Policy, Settings, SeverityLevel, Waiver
from svcops.store.yaml_writing import plain_of
from svcops.timing.model import Hours, OpenHours

PAGE = Path(__file__).resolve().parents[2] / "docs" / "records.md"
TEXT = PAGE.read_text(encoding="utf-8")
FENCES = [token for token in MarkdownIt().parse(TEXT) if token.type == "fence"]
FILES = {path: token.content for token in FENCES if (path := token.info.partition(" ")[2].strip())}

TABLES: dict[str, type] = {
    "the settings": Settings,
    "a severity": SeverityLevel,
    "the policy": Policy,
    "a notice": Notice,
    "a waiver": Waiver,
    "a service": catalogue.Service,
    "a dependency": catalogue.Dependency,
    "a core workflow": catalogue.CoreWorkflow,
    "an API": catalogue.Api,
    "a link": catalogue.Link,
    "a system": catalogue.System,
    "a team": catalogue.Team,
    "a contact": catalogue.Contact,
    "a person": catalogue.Person,
    "a schedule": catalogue.Schedule,
    "a rotation": catalogue.Rotation,
    "an override": catalogue.Override,
    "an escalation policy": catalogue.Escalation,
    "a level": catalogue.EscalationLevel,
    "a responder": catalogue.Responder,
    "an agreement": catalogue.Agreement,
    "a scope": catalogue.Scope,
    "a response window": catalogue.ResponseWindow,
    "an availability": catalogue.Availability,
    "what was agreed": catalogue.Agreed,
    "hours": Hours,
    "a stretch": OpenHours,
    "a maintenance": catalogue.Maintenance,
    "a runbook": Runbook,
    "a step's block": StepSettings,
    "a JSON value": JsonIs,
    "a capture": Capture,
    "an exercise": Exercise,
    "a step of a run": StepResult,
    "a recovery plan": plan.RecoveryPlan,
    "an environment": plan.Environment,
    "a backup with `tool: folder`": plan.FolderBackup,
    "a backup with `tool: commands`": plan.CommandBackup,
    "data with `kind: sqlite`": plan.SqliteData,
    "data with `kind: files`": plan.FilesData,
    "data with `kind: commands`": plan.CommandData,
    "limits": plan.Limits,
    "a damage": plan.Damage,
    "a baseline": recovery.Baseline,
    "a fingerprint": recovery.Fingerprint,
    "a part": recovery.Part,
    "evidence": recovery.Evidence,
    "a content": recovery.Content,
    "a target": recovery.Target,
    "a backup that was restored": recovery.Identity,
    "a stage": recovery.StageResult,
    "a case": recovery.CaseResult,
    "a defect": recovery.Defect,
    "a head": recovery.Head,
    "a key date": KeyDate,
    "an exclusion": Exclusion,
    "what comes again": Recurring,
    "every document": slo.SLO,
    "`metadata`": slo.Metadata,
    "a DataSource's `spec`": slo.DataSourceSpec,
    "an SLO's `spec`": slo.SLOSpec,
    "`timeWindow`": slo.TimeWindow,
    "`ratioMetric`": slo.RatioMetric,
    "`metricSource`": slo.MetricSource,
    "an objective": slo.Objective,
    "an SLO's alert policy": slo.SLOPolicy,
    "an AlertPolicy's `spec`": slo.AlertPolicySpec,
    "an AlertCondition's `spec`": slo.AlertConditionSpec,
    "a condition": slo.ConditionSpec,
}
"""Which model a table of keys is about, by its heading."""

IN_PART = {"an objective"}
"""Tables that leave out what is not worked out yet."""


def runs() -> list[tuple[list[str], str]]:
    """Every call of svcops that the page shows with its output."""
    shown = (token.content.partition("\n") for token in FENCES if token.info.strip() == "console")
    return [(shlex.split(command.removeprefix("$ svcops ")), output) for command, _, output in shown]


def table(heading: str) -> dict[str, str]:
    """The keys of a table, each with its last cell."""
    _, found, rest = TEXT.partition(f"\n| key of {heading} |")
    assert found, heading
    rows = rest.partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    return {cell[0].strip("` "): cell[-1].strip(" |") for cell in cells}


@pytest.fixture
def page(console: Any) -> Any:
    """svcops on a store of exactly the files that the page shows."""
    store = console.store
    store.git("rm", "--quiet", "-r", ".")
    for path, content in FILES.items():
        store.write(path, content)
    store.commit("The records of the page")
    return console


def test_examples_are_a_store_without_findings(page: Any) -> None:
    said = page("check")
    assert said.out.startswith("All good"), said.out
    assert sorted(path for path in FILES if not kind_of_path(path)) == [
        "metrics/checkout-counters.csv",
        "metrics/parcels.csv",
        "metrics/search.jsonl",
    ]


def test_alerts_of_the_examples_are_answered(page: Any) -> None:
    (service,) = page("score", "web-shop", "--json", code=None).json["services"]
    (alerts,) = (one for one in service["requirements"] if one["name"] == "alerts")
    assert (alerts["standing"], alerts["why"]) == ("met", "CheckoutBudgetBurn")


def test_every_kind_of_record_has_an_example() -> None:
    shown = {found[0].name for path in FILES if (found := kind_of_path(path))}
    assert shown == {kind.name for kind in KINDS}


@pytest.mark.parametrize(("command", "output"), runs(), ids=lambda value: value[2] if isinstance(value, list) else "")
def test_reports_are_what_is_printed(page: Any, command: list[str], output: str) -> None:
    said = page(*command, code=None)
    assert said.out == output
    assert said.code == (1 if "breached" in output else 0)


def test_every_worked_example_is_run() -> None:
    assert [command[:2] for command, _ in runs()] == [["slo", "report"]] * 3


@pytest.mark.parametrize("heading", TABLES)
def test_keys_are_those_of_the_model(heading: str) -> None:
    rows, model = table(heading), TABLES[heading]
    known = {field.name.rstrip("_"): field for field in fields(model)}
    assert rows.keys() <= known.keys()
    assert rows.keys() == known.keys() or heading in IN_PART
    for key, last in rows.items():
        default = known[key].default
        assert (last == "needed") == (default is MISSING), key
        if default is not MISSING and not last.startswith(("this, or", "needed to be computed")):
            assert last == _shown(default), key


def _shown(default: Any) -> str:
    """A default as the page writes it."""
    if default == Settings().severities:
        return f"`{default[0].name}` to `{default[-1].name}`"
    if default == Policy():
        return "see below"
    if default is None or default == ():
        return "none"
    if isinstance(default, (timedelta, tuple)):
        return f"`{plain_of(default)}`".replace("'", "")
    return f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else "empty"


def test_keys_of_connection_details_are_those_that_are_read() -> None:
    assert tuple(table("`connectionDetails`")) == _KEYS
    assert tuple(table("a Prometheus's `connectionDetails`")) == OF_PROMETHEUS


def test_every_table_of_keys_is_held_against_its_model() -> None:
    headings = re.findall(r"^\| key of (.+?) \|", TEXT, re.MULTILINE)
    assert set(headings) == {*TABLES, "`connectionDetails`", "a Prometheus's `connectionDetails`"}


def test_digests_are_those_of_the_examples() -> None:
    approval = next(content for path, content in FILES.items() if path.startswith("approvals/"))
    of = re.findall(r"^of: (.+)$", approval, re.MULTILINE)[0]
    assert f"digest: sha256:{sha256(FILES[of].encode()).hexdigest()}\n" in approval
    anchored = next(content for path, content in FILES.items() if "-anchored-" in path)
    changed = FILES[re.findall(r"path: (.+)$", anchored, re.MULTILINE)[0]].encode()
    blob = sha1(b"blob %d\0" % len(changed) + changed, usedforsecurity=False).hexdigest()
    assert f"after: {blob}\n" in anchored


def test_page_is_no_wider_than_other_pages() -> None:
    assert max(len(line) for line in TEXT.splitlines()) <= 120
