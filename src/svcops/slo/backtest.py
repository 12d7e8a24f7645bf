"""The alerts of a store's SLOs replayed over history: what is asked, and what there is to show of it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from statistics import median
from typing import Any

from svcops.errors import ANSWER_IS_NO, DONE, NOT_ENOUGH_DATA, BadInput, SvcopsError
from svcops.incidents.facts import Outline
from svcops.incidents.outlines import outlines
from svcops.slo.agreed import exclusions_of
from svcops.slo.alerting import Alerting, Evaluated, alerting, name_of
from svcops.slo.answers import lacking, share_of
from svcops.slo.attributing import UNCOVERED, Impact, is_covered
from svcops.slo.attribution import impacts_of
from svcops.slo.backtesting import STEP, Caught, Firing, Replay
from svcops.slo.backtesting import replay as replayed
from svcops.slo.buckets import Reading
from svcops.slo.burning import Alarm
from svcops.slo.documents import BadSLO, sort_out
from svcops.slo.facts import Impossible, cut, decimal, whole
from svcops.slo.naming import named
from svcops.slo.pacing import Apart, apart
from svcops.slo.presenting import UNKNOWN, nearest
from svcops.slo.questions import Question, questions
from svcops.slo.readings import distinct, read_all, sampled
from svcops.slo.slices import Counts
from svcops.slo.windows import Window, is_fixed
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.hours import Interval
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
    """One objective: each of its alerts over history; where nothing is known of that, no replays, and the reason."""

    question: Question
    start: datetime
    coverage: Fraction
    """The share of history, without what is excluded, of which something is known."""
    alarms: tuple[Alarm, ...]
    replays: tuple[Replay, ...]
    reason: str = ""


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
    exclusions = exclusions_of(graph)
    start, at = asked.start and sampled(asked.start), sampled(asked.at)
    for path, slo in slos:
        if names is not None and slo.metadata.name not in names:
            continue
        try:
            for question in questions(path, slo, known):
                one, told = alerting(path, slo, known, exclusions, _changed(question, asked), start, at)
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
    evaluated, out = of.evaluated(readings), apart(of.excluded_since(of.start))
    kept = out.kept(of.start, of.at)
    coverage = 1 - share_of(evaluated.counts.missing(kept), kept)
    burning = tuple(one for one in of.alarms if one.burns)
    reason = _unknown(of, evaluated, kept)
    if reason:
        return Backtest(of.question, of.start, coverage, burning, (), reason)
    impacts = list(impacts_of(of.question.service, incidents, of.start, of.at))
    unseen = {one: why for one in impacts if (why := _unseen(one, of.at, evaluated.counts, out))}
    replays = tuple(replayed(one, evaluated.pacing, evaluated.moments, impacts, unseen) for one in burning)
    return Backtest(of.question, of.start, coverage, burning, replays)


def _unknown(of: Alerting, evaluated: Evaluated, kept: Sequence[Interval]) -> str:
    """Why nothing is known of history; empty where something is."""
    between = f"from {format_instant(of.start)} to {format_instant(of.at)}"
    if not kept:
        return f"all is excluded {between}"
    if evaluated.counts.good(kept) is None:
        return f"no samples of {lacking(of.judged, evaluated.counts, kept)} {between}"
    return ""


def _unseen(impact: Impact, at: datetime, counts: Counts, out: Apart) -> str:
    """Why no alert can have been raised in an impact, whatever happened; empty where one can."""
    end = max(impact.end or at, impact.start + STEP)
    kept = out.kept(impact.start, end)
    if not kept:
        return "all of the incident is excluded"
    return "" if is_covered(counts, kept) else UNCOVERED


def rows(found: Sequence[Backtest]) -> list[tuple[str, ...]]:
    """A line for each alert: how often it was raised, what it caught and missed, how soon, and what was false.

    Of a history of which nothing is known dashes.
    """
    return [row for one in found for row in _rows(one)]


def _rows(of: Backtest) -> Iterator[tuple[str, ...]]:
    asked = of.question
    if of.reason:
        yield from ((asked.name, asked.objective, name_of(one), *(UNKNOWN,) * 5) for one in of.alarms)
    for one in of.replays:
        yield (asked.name, asked.objective, *_row(one))


def _row(one: Replay) -> tuple[str, ...]:
    delays = [each.delay for each in one.caught if each.delay is not None]
    delay = _signed(timedelta(seconds=median(each.total_seconds() for each in delays))) if delays else UNKNOWN
    caught = sum(each.firing is not None for each in one.caught)
    return (name_of(one.alarm), *map(str, (len(one.firings), caught, len(one.missed))), delay, str(len(one.false)))


def _signed(span: timedelta) -> str:
    return f"{format_duration(-span)} before" if span < timedelta(0) else format_duration(span)


def details(found: Sequence[Backtest], zone: tzinfo) -> Iterator[str]:
    """Every firing, with the incident that it caught, and every incident that was missed, or nobody knows of."""
    for of in found:
        name = f"{of.question.name}, {of.question.objective}"
        if of.reason:
            yield from (f"{name}: {name_of(one)}\n  unknown: {of.reason}" for one in of.alarms)
        for one in of.replays:
            yield f"{name}: {name_of(one.alarm)}"
            for firing in one.firings:
                end = f"for {format_duration(firing.end - firing.start)}" if firing.end else "until now"
                yield f"  {shown(firing.start, zone)} {end}: {_what(one, firing)}"
            for impact in one.missed:
                yield f"  missed {_since(impact, zone)}"
            for each in one.unseen:
                yield f"  unknown whether it missed {_since(each.impact, zone)}: {each.unseen}"


def _since(impact: Impact, zone: tzinfo) -> str:
    which = "was declared" if impact.since_declared else "began"
    return f"{tail(impact.incident)}, which {which} {shown(impact.start, zone)}"


def _what(of: Replay, firing: Firing) -> str:
    """What a firing was: the first of some incidents, one more of them, or raised by what is left of them."""
    first = [_caught(one) for one in of.caught if one.firing == firing]
    if first:
        return "; ".join(first)
    if inside := of.inside(firing):
        return f"{_named(inside)} again, caught before"
    if before := of.before(firing):
        return f"explained by {_named(before)} before it"
    perhaps = of.perhaps(firing)
    return f"may be of {_named(perhaps)}, whose start is not known" if perhaps else "false"


def _named(impacts: Sequence[Impact]) -> str:
    return ", ".join(tail(one.incident) for one in impacts)


def _caught(one: Caught) -> str:
    if one.delay is None:
        when = "whose start is not known"
    elif one.delay < timedelta(0):
        when = f"{format_duration(-one.delay)} before it began"
    else:
        when = f"{format_duration(one.delay)} after"
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
        "coverage": nearest(of.coverage),
        "reason": of.reason,
        "alerts": [_unknown_alert(one) for one in of.alarms] if of.reason else [_alert(one) for one in of.replays],
    }


def _unknown_alert(one: Alarm) -> dict[str, Any]:
    return {"alert": name_of(one), "severity": one.severity, "firings": None, "incidents": None}


def _alert(one: Replay) -> dict[str, Any]:
    return {
        "alert": name_of(one.alarm),
        "severity": one.alarm.severity,
        "firings": [_firing(each.start, each.end) | {"false": each in one.false} for each in one.firings],
        "incidents": [
            {
                "incident": each.impact.incident,
                "impact": _firing(each.impact.start, each.impact.end) | {"since_declared": each.impact.since_declared},
                "caught": None if each.unseen else each.firing is not None,
                "delay": None if each.delay is None else each.delay.total_seconds(),
                "reason": each.unseen,
            }
            for each in one.caught
        ],
    }


def _firing(start: datetime, end: datetime | None) -> dict[str, Any]:
    until = format_instant(end.astimezone(UTC)) if end else None
    return {"from": format_instant(start.astimezone(UTC)), "until": until}


def notes(found: Sequence[Backtest]) -> Iterator[str]:
    """Of each objective: that no alert fits it, what of its history is not known, and of which incidents."""
    for one in found:
        asked = one.question
        if not one.alarms:  # its window is too short, or too much may be bad
            target = decimal(whole(asked.target))
            yield f"{asked.name}: no alert fits a window of {asked.window} and a target of {target}"
        elif one.reason:
            yield f"{named(asked)}: {one.reason}"
        elif one.coverage < 1:
            yield f"{named(asked)}: {cut(one.coverage * 100, 1)} % of its history is known"
        for incident, why in _unseen_by_all(one).items():
            yield f"{named(asked)}: whether {tail(incident)} would have been caught is unknown: {why}"


def _unseen_by_all(of: Backtest) -> dict[str, str]:
    """The incidents that no alert caught, though nobody knows whether one would have, and why."""
    caught = {one.impact.incident for each in of.replays for one in each.caught if one.firing}
    unseen = {one.impact.incident: one.unseen for each in of.replays for one in each.unseen}
    return {incident: why for incident, why in unseen.items() if incident not in caught}


def exit_code(found: Sequence[Backtest]) -> int:
    """1 where an incident was missed by every alert, 4 where nothing was replayed, or something is unknown, else 0."""
    if any(map(_misses, found)):
        return ANSWER_IS_NO
    is_unknown = any(one.reason or _unseen_by_all(one) for one in found)
    return NOT_ENOUGH_DATA if is_unknown or not any(one.replays for one in found) else DONE


def _misses(of: Backtest) -> bool:
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
