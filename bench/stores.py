"""Generated stores for the measurements: a believable mix of records, all of them valid, the same for the same size."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def keep_bytecode(folder: Path) -> None:
    """Measure as people start programs: with compiled modules at hand, whatever the environment says."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def write(root: Path, records: int) -> int:
    """Fill a folder with a store of about that many records; returns how many there are."""
    count = 0
    for path, text in files(records):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        count += 1
    return count


def files(records: int) -> Iterator[tuple[str, str]]:
    """Every file of the store. Of a hundred records, some sixty are incidents and what belongs to them."""
    part = max(1, records // 78)
    yield "svcops.yaml", "organisation: Example\ntime_zone: Europe/Berlin\n"
    yield from _who(part)
    yield from _what(part)
    yield from _happened(part)


def _who(part: int) -> Iterator[tuple[str, str]]:
    """People, and for every four of them a team, a schedule and an escalation policy."""
    teams = max(1, part // 4)
    for number in range(part):
        person = (
            f"name: Person {number}\nemails: [person-{number}@example.org]\n"
            f"contacts:\n  - channel: telephone\n    address: '+49 30 {number:06}'\n"
        )
        yield f"catalogue/people/person-{number}.yaml", person
    for number in range(teams):
        members = ", ".join(f"person-{one}" for one in range(number, part, teams))
        team = (
            f"title: Team {number}\nmembers: [{members}]\n"
            f"contacts:\n  - channel: chat\n    address: https://chat.example.org/{number}\n"
        )
        policy = (
            f"title: Policy {number}\nlevels:\n  - notify:\n      - schedule: schedule-{number}\n"
            f"  - after: 15m\n    notify:\n      - team: team-{number}\n"
        )
        schedule = (
            f"title: Schedule {number}\nteam: team-{number}\n"
            f"rotations:\n  - people: [{members}]\n    starts: 2026-01-05\n"
        )
        yield f"catalogue/teams/team-{number}.yaml", team
        yield f"catalogue/escalations/policy-{number}.yaml", policy
        yield f"catalogue/schedules/schedule-{number}.yaml", schedule


def _what(part: int) -> Iterator[tuple[str, str]]:
    """Systems and services, with what belongs to each."""
    teams, services = max(1, part // 4), part * 6
    for number in range(teams):
        yield f"catalogue/systems/system-{number}.yaml", f"title: System {number}\nowner: team-{number}\n"
    for number in range(services):
        name = f"service-{number}"
        yield f"catalogue/services/{name}.yaml", _service(number, teams)
        yield f"slo/{name}.yaml", _slo(name)
        if number % 2 == 0:
            yield f"runbooks/{name}/restore.md", _runbook(name)
            yield from _exercise(name, number)
    for number in range(part):
        yield f"catalogue/agreements/agreement-{number}.yaml", _agreement(number)
        yield _maintenance(number)


def _service(number: int, teams: int) -> str:
    name, team = f"service-{number}", number % teams
    dependencies = "".join(f"  - service: service-{one}\n    kind: call\n" for one in _needs(number))
    return (
        f"title: Service {number}\ndescription: >-\n  What it does, told in a line.\nowner: team-{team}\ntier: 2\n"
        f"type: service\nsystem: system-{team}\nescalation: policy-{team}\n"
        + (f"dependencies:\n{dependencies}" if dependencies else "")
        + f"core_workflows:\n  - name: use\n    title: Use it\n    slo: SLO/{name}\ntags: [generated]\n"
    )


def _needs(number: int) -> list[int]:
    """The services that a service stands on."""
    return list(dict.fromkeys([number // 3, number // 7])) if number > 6 else []


def _slo(name: str) -> str:
    return (
        f"apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: {name}\nspec:\n  service: {name}\n"
        "  budgetingMethod: Occurrences\n  timeWindow:\n    - duration: 28d\n      isRolling: true\n"
        f"  objectives:\n    - target: 0.99\n  indicator:\n    metadata:\n      name: {name}-good\n"
        "    spec:\n      ratioMetric:\n        counter: true\n"
        "        good:\n          metricSource:\n            type: Prometheus\n"
        "            spec:\n              query: good\n"
        "        total:\n          metricSource:\n            type: Prometheus\n"
        "            spec:\n              query: total\n"
    )


def _runbook(name: str) -> str:
    steps = "## Meaning\n\n## Preconditions\n\n## Steps\n\n1. Look at it.\n2. Restore it.\n\n## Verification\n"
    return f"---\ntitle: Restore {name}\nkind: recovery\nservices: [{name}]\n---\n\n{steps}"


def _exercise(name: str, number: int) -> Iterator[tuple[str, str]]:
    at = _NOW - timedelta(days=number % 100)
    id_ = _id("exercise", at, number)
    ended = (at + timedelta(hours=1)).isoformat()
    text = f"runbook: {name}/restore\nstarted_at: {at.isoformat()}\nended_at: {ended}\nby: person-0\nresult: passed\n"
    yield f"exercises/{at.year}/{id_}/exercise.yaml", text


def _agreement(number: int) -> str:
    covered = range(number * 6, number * 6 + 6)
    services = ", ".join(f"service-{one}" for one in covered)
    return (
        f"title: Agreement {number}\nservices: [{services}]\nsupport_hours:\n  open:\n    - days: [mon-fri]\n"
        "      from: '08:00'\n      until: '18:00'\n  holidays: DE-BE\nresponse:\n"
        "  - severity: sev1\n    respond: 15m\n    resolve: 4h\n    clock: always\n"
        "  - severity: sev2\n    respond: 30m\n"
        f"availability:\n  percent: {100 - _outage(number):.6f}\n  slos: [SLO/service-{number * 6}]\n"
        "rto: 4h\nrpo: 15m\nagreed:\n  with: The business\n  at: 2026-01-10\n"
        "  document: https://example.org/agreement\nvalid_from: 2026-01-15\nvalid_until: 2099-12-31\n"
    )


@cache
def _outage(number: int) -> float:
    """Percent of the time that an agreement allows to be down: more than the agreements of what its services need."""
    needed = {one // 6 for service in range(number * 6, number * 6 + 6) for one in _needs(service)} - {number}
    return 2.5 * max(map(_outage, needed), default=0.0001)


def _maintenance(number: int) -> tuple[str, str]:
    at = _NOW - timedelta(days=number % 100)
    id_ = _id("maintenance", at, number)
    until = (at + timedelta(hours=2)).isoformat()
    text = (
        f"title: Update {number}\nservices: [service-{number}]\nreason: A new version\n"
        f"planned:\n  from: {at.isoformat()}\n  until: {until}\n"
        f"actual:\n  from: {at.isoformat()}\n  until: {until}\nby: person-0\n"
    )
    return f"maintenance/{at.year}/{id_}.yaml", text


def _happened(part: int) -> Iterator[tuple[str, str]]:
    for number in range(part * 8):
        opened = _NOW - timedelta(hours=number % 7000)
        id_ = _id("incident", opened, number)
        folder = f"incidents/{opened.year}/{id_}"
        service = f"service-{number % (part * 6)}"
        text = f"title: Something broke, number {number}\nservices: [{service}]\ndetected_by: monitoring\n"
        yield f"{folder}/incident.yaml", text
        for minute, type_, more in (
            (0, "impact-started", ""),
            (5, "opened", "severity: sev3\n"),
            (9, "log", "text: Looked at the dashboards, and rolled the last release back\n"),
            (30, "log", "text: Users report that it works again\n"),
            (40, "resolved", "from: incident\n"),
            (90, "closed", "from: post-mortem\nno_measure_because: It went away with the next release\n"),
        ):
            at = opened + timedelta(minutes=minute)
            stamp = at.strftime("%Y%m%dt%H%M%Sz")
            when = f"at: {at.isoformat()}\nrecorded_at: {at.isoformat()}\n"
            body = f"type: {type_}\n{when}by: person-{number % part}\n{more}"
            yield f"{folder}/timeline/{stamp}-{type_}-{id_[-6:]}.yaml", body


def _id(kind: str, at: datetime, number: int) -> str:
    tail = "".join(_CROCKFORD[number >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))
    return f"{kind}-{at:%Y%m%d}-{tail}"
