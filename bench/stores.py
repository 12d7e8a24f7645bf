"""Generated stores for the measurements: a believable mix of records, all of them valid, the same for the same size."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
_DIGEST = f"sha256:{sha256(b'').hexdigest()}"


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
    for number in range(part):
        name = f"person-{number}"
        text = f"name: Person {number}\nemails: [{name}@example.org]\ncontacts:\n  - channel: telephone\n    address: '+49 30 {number:06}'\n"
        yield f"catalogue/people/{name}.yaml", text
    for number in range(max(1, part // 4)):
        team = f"title: Team {number}\nmembers: [person-{number}]\ncontacts:\n  - channel: chat\n    address: https://chat.example.org/{number}\n"
        yield f"catalogue/teams/team-{number}.yaml", team
        calls = f"title: Policy {number}\nlevels:\n  - notify:\n      - schedule: schedule-{number}\n  - after: 15m\n    notify:\n      - team: team-{number}\n"
        yield f"catalogue/escalations/policy-{number}.yaml", calls
        turns = f"title: Schedule {number}\nteam: team-{number}\nrotations:\n  - people: [person-{number}, person-{(number + 1) % part}]\n    starts: 2026-01-05\n"
        yield f"catalogue/schedules/schedule-{number}.yaml", turns


def _what(part: int) -> Iterator[tuple[str, str]]:
    teams, services = max(1, part // 4), part * 6
    for number in range(max(1, part // 4)):
        yield f"catalogue/systems/system-{number}.yaml", f"title: System {number}\nowner: team-{number}\n"
    for number in range(services):
        name, team = f"service-{number}", f"team-{number % teams}"
        needs = [number // 3, number // 7] if number > 6 else []
        dependencies = "".join(f"  - service: service-{one}\n    kind: call\n" for one in dict.fromkeys(needs))
        yield (
            f"catalogue/services/{name}.yaml",
            f"title: Service {number}\ndescription: >-\n  What it does, told in a line.\nowner: {team}\ntier: 2\ntype: service\n"
            f"system: system-{number % teams}\nescalation: policy-{number % teams}\n"
            + (f"dependencies:\n{dependencies}" if needs else "")
            + f"core_workflows:\n  - name: use\n    title: Use it\n    slo: SLO/{name}\ntags: [generated]\n",
        )
        yield f"slo/{name}.yaml", _slo(name)
        if number % 2 == 0:
            yield f"runbooks/{name}/restore.md", _runbook(name)
            yield from _exercise(name, number)
    for number in range(part):
        covered = ", ".join(f"service-{one}" for one in range(number * 6, number * 6 + 6))
        yield f"catalogue/agreements/agreement-{number}.yaml", _agreement(number, covered)
    for number in range(part):
        yield _maintenance(number)


def _slo(name: str) -> str:
    return (
        f"apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: {name}\nspec:\n  service: {name}\n  budgetingMethod: Occurrences\n"
        "  timeWindow:\n    - duration: 28d\n      isRolling: true\n  objectives:\n    - target: 0.99\n  indicator:\n    metadata:\n"
        f"      name: {name}-good\n    spec:\n      ratioMetric:\n        counter: true\n        good:\n          metricSource:\n"
        "            type: Prometheus\n            spec:\n              query: good\n        total:\n          metricSource:\n"
        "            type: Prometheus\n            spec:\n              query: total\n"
    )


def _runbook(name: str) -> str:
    return f"---\ntitle: Restore {name}\nkind: recovery\nservices: [{name}]\n---\n\n## Steps\n\n1. Look at it.\n2. Restore it.\n"


def _exercise(name: str, number: int) -> Iterator[tuple[str, str]]:
    at = _NOW - timedelta(days=number % 100)
    id_ = _id("exercise", at, number)
    ended = (at + timedelta(hours=1)).isoformat()
    text = f"runbook: {name}/restore\nstarted_at: {at.isoformat()}\nended_at: {ended}\nby: person-0\nresult: passed\n"
    yield f"exercises/{at.year}/{id_}/exercise.yaml", text


def _agreement(number: int, services: str) -> str:
    return (
        f"title: Agreement {number}\nservices: [{services}]\nsupport_hours:\n  open:\n    - days: [mon-fri]\n      from: '08:00'\n      until: '18:00'\n"
        "  holidays: DE-BE\nresponse:\n  - severity: sev1\n    respond: 15m\n    resolve: 4h\n    clock: always\n  - severity: sev2\n    respond: 30m\n"
        f"availability:\n  percent: 99.0\n  slos: [SLO/service-{number * 6}]\nrto: 4h\nrpo: 15m\n"
        "agreed:\n  with: The business\n  at: 2026-01-10\n  document: https://example.org/agreement\nvalid_from: 2026-01-15\nvalid_until: 2099-12-31\n"
    )


def _maintenance(number: int) -> tuple[str, str]:
    at = _NOW - timedelta(days=number % 100)
    id_ = _id("maintenance", at, number)
    until = (at + timedelta(hours=2)).isoformat()
    text = f"title: Update {number}\nservices: [service-{number}]\nreason: A new version\nplanned:\n  from: {at.isoformat()}\n  until: {until}\nby: person-0\n"
    return f"maintenance/{at.year}/{id_}.yaml", text


def _happened(part: int) -> Iterator[tuple[str, str]]:
    for number in range(part * 8):
        opened = _NOW - timedelta(hours=number % 7000)
        id_ = _id("incident", opened, number)
        folder = f"incidents/{opened.year}/{id_}"
        text = f"title: Something broke, number {number}\nservices: [service-{number % (part * 6)}]\ndetected_by: monitoring\n"
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
            body = f"type: {type_}\nat: {at.isoformat()}\nrecorded_at: {at.isoformat()}\nby: person-{number % part}\n{more}"
            yield f"{folder}/timeline/{stamp}-{type_}-{id_[-6:]}.yaml", body


def _id(kind: str, at: datetime, number: int) -> str:
    tail = "".join(_CROCKFORD[number >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))
    return f"{kind}-{at:%Y%m%d}-{tail}"
