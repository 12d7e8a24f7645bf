"""The alerts of a store's SLOs replayed over history: what is asked, and what there is to show of it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from statistics import median
from typing import Any

from svcops.errors import BadInput, SvcopsError
from svcops.incidents.facts import Outline
from svcops.incidents.outlines import outlines
from svcops.slo.alerting import Alerting, alerting, name_of
from svcops.slo.attribution import impacts_of
from svcops.slo.backtesting import Caught, Replay
from svcops.slo.backtesting import replay as replayed
from svcops.slo.buckets import Reading
from svcops.slo.documents import BadSLO, sort_out
from svcops.slo.facts import Impossible, decimal, whole
from svcops.slo.questions import Question, questions
from svcops.slo.readings import distinct, read_all, sampled
from svcops.slo.windows import Window, is_fixed
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

SCHEMA = "svcops.slo-backtest/1"
HEADINGS = ("SLO", "objective", "alert", "fired", "caught", "missed", "median delay", "false")


@frozen
class Asked:
    """What is replayed: from when until when, and with which other target or window, if any."""

    start: datetime | None
    at: datetime
    target: Fraction | None = None
    window: str = ""


@frozen
class Backtest:
    """One objective: each of its alerts over history."""

    question: Question
    start: datetime
    every: timedelta
    replays: tuple[Replay, ...]


@frozen
class Backtests:
    """All of them, why some alerts can never be raised, and what is wrong with other SLOs."""

    replayed: tuple[Backtest, ...]
    remarks: tuple[str, ...]
    errors: tuple[SvcopsError, ...]


def backtests(
    graph: Graph, asked: Asked, names: Collection[str] | None = None, tell: Callable[[str], None] = lambda _: None
) -> Backtests:
    """Replay the alerts of all SLOs, or of those of these names.

    An SLO's own alert policies are replayed, else the tiers. `tell` hears what is done now. An SLO that is wrong hides
    no other.
    """
    slos, known = sort_out([(one.path, one.value) for one in graph.all("slo").values()])
    found, remarks, errors = list[Alerting](), list[str](), list[SvcopsError]()
    start, at = asked.start and sampled(asked.start), sampled(asked.at)
    for path, slo in slos:
        if names is not None and slo.metadata.name not in names:
            continue
        try:
            for question in questions(path, slo, known):
                one, told = alerting(path, slo, known, _changed(question, asked), start, at)
                found += [one] if one else []
                remarks += told
        except BadInput as error:
            errors.append(error)
    readings = read_all({one.question: one.edges for one in found}, known, graph.root, tell=tell)
    incidents = outlines(graph).values()
    replays = []
    for one in found:
        tell(f"replaying {one.question.name}")
        try:
            replays.append(_one(one, readings.of(one.question), incidents))
        except Impossible as error:
            errors.append(BadSLO(one.question.path, one.question.name, "spec.indicator", str(error)))
        except SvcopsError as error:
            errors.append(error)
    return Backtests(tuple(replays), tuple(remarks), distinct(errors))


def _changed(question: Question, asked: Asked) -> Question:
    """The objective with another target, or over another window."""
    if asked.target is not None:
        question = replace(question, target=asked.target)
    if asked.window and question.judged:
        question = replace(question, window=asked.window, judged=replace(question.judged, window=Window(asked.window)))
    return question


def _one(of: Alerting, readings: Mapping[str, Reading], incidents: Collection[Outline]) -> Backtest:
    counts, moments = of.evaluated(readings)
    impacts = list(impacts_of(of.question.service, incidents, of.start, of.at))
    burning = [one for one in of.alarms if one.burns]
    replays = tuple(replayed(one, counts, moments, of.allowed, impacts) for one in burning)
    return Backtest(of.question, of.start, of.every, replays)


def rows(found: Sequence[Backtest]) -> list[tuple[str, ...]]:
    """A line for each alert: how often it was raised, what it caught and missed, how soon, and what was false."""
    return [_row(one, each) for one in found for each in one.replays]


def _row(of: Backtest, one: Replay) -> tuple[str, ...]:
    delays = [each.delay for each in one.caught if each.delay is not None]
    delay = _signed(timedelta(seconds=median(each.total_seconds() for each in delays))) if delays else "-"
    numbers = (len(one.firings), len(delays), len(one.missed))
    asked = of.question
    return (asked.name, asked.objective, name_of(one.alarm), *map(str, numbers), delay, str(len(one.false)))


def _signed(span: timedelta) -> str:
    return f"{format_duration(-span)} before" if span < timedelta(0) else format_duration(span)


def details(found: Sequence[Backtest], zone: tzinfo) -> Iterator[str]:
    """Every firing, with the incident that it caught, and every incident that was missed."""
    for of in found:
        for one in of.replays:
            yield f"{of.question.name}, {of.question.objective}: {name_of(one.alarm)}"
            caught = {each.firing: each for each in one.caught if each.firing}
            for firing in one.firings:
                end = f"for {format_duration(firing.end - firing.start)}" if firing.end else "until now"
                each = caught.get(firing)
                what = (
                    "false"
                    if firing in one.false
                    else "explained by an incident before it"
                    if each is None
                    else _caught(each)
                )
                yield f"  {shown(firing.start, zone)} {end}: {what}"
            for impact in one.missed:
                yield f"  missed {tail(impact.incident)}, which began {shown(impact.start, zone)}"


def _caught(one: Caught) -> str:
    delay = one.delay or timedelta(0)
    when = f"{format_duration(-delay)} before it began" if delay < timedelta(0) else f"{format_duration(delay)} after"
    return f"caught {tail(one.impact.incident)}, {when}"


def as_json(of: Backtests) -> dict[str, Any]:
    """The same for a program (schema svcops.slo-backtest/1); times in UTC, spans in seconds."""
    errors = [{"message": one.message, "help": one.help} for one in of.errors]
    return {"slos": [_of(one) for one in of.replayed], "errors": errors}


def _of(of: Backtest) -> dict[str, Any]:
    asked = of.question
    return {
        "name": asked.name,
        "service": asked.service,
        "objective": asked.objective,
        "target": decimal(whole(asked.target)),
        "window": asked.window,
        "from": format_instant(of.start),
        "alerts": [_alert(one) for one in of.replays],
    }


def _alert(one: Replay) -> dict[str, Any]:
    return {
        "alert": name_of(one.alarm),
        "severity": one.alarm.severity,
        "firings": [_firing(each.start, each.end) | {"false": each in one.false} for each in one.firings],
        "incidents": [
            {
                "incident": each.impact.incident,
                "impact": _firing(each.impact.start, each.impact.end),
                "caught": each.firing is not None,
                "delay": None if each.delay is None else each.delay.total_seconds(),
            }
            for each in one.caught
        ],
    }


def _firing(start: datetime, end: datetime | None) -> dict[str, Any]:
    until = format_instant(end.astimezone(UTC)) if end else None
    return {"from": format_instant(start.astimezone(UTC)), "until": until}


def without_alerts(found: Sequence[Backtest]) -> Iterator[str]:
    """The objectives that no alert fits: their windows are too short, or too much may be bad."""
    for one in found:
        if not one.replays:
            asked, target = one.question, decimal(whole(one.question.target))
            yield f"{asked.name}: no alert fits a window of {asked.window} and a target of {target}"


def misses(of: Backtest) -> bool:
    """Whether an incident was missed by every alert."""
    missed = [{one.incident for one in each.missed} for each in of.replays]
    return bool(missed and set.intersection(*missed))


def checked_target(written: str) -> Fraction | None:
    """A share from 0 to below 1, exactly as written; BadInput where it is none."""
    if not written:
        return None
    try:
        target = Fraction(written)
    except (ValueError, ZeroDivisionError):
        target = Fraction(-1)
    if not 0 <= target < 1:
        raise BadInput(f"--target {written}: not a share from 0 to below 1", help="Such as 0.999.")
    return target


def checked_window(written: str) -> str:
    """A window of OpenSLO of fixed length, or nothing; BadInput where it is none."""
    if written:
        try:
            if is_fixed(written):
                return written
        except ValueError:
            pass
        raise BadInput(f"--window {written}: not a window of fixed length", help="Such as 7d, 4w or 12h.")
    return ""
