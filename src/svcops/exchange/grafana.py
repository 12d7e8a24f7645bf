"""The service levels of a store as one Grafana dashboard over a Prometheus (Grafana 11, dashboard JSON, schema 39).

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/: the grid is 24 wide; a
panel's thresholds are steps, of which the first has no value.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from itertools import count
from typing import Any

from svcops.exchange.level_queries import Level, NoQuery, level_of
from svcops.slo.model import SLO
from svcops.slo.windows import length_of
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

SCHEMA = 39
_UID = "svcops-service-levels"
_WIDTH, _STAT, _HEIGHT = 24, 4, 7
_DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_LOOKBACKS = {"1h": Fraction(2, 100), "6h": Fraction(5, 100), "3d": Fraction(10, 100)}
"""Over which times burn rates are drawn, and the share of the budget that each may use up before somebody is called.

Google, The Site Reliability Workbook, chapter 5, table 5-8: over 30 days burn rates of 14.4, 6 and 1.
"""


@frozen
class LeftOut:
    """An SLO, or an objective of it, that Prometheus cannot be asked for, and why."""

    name: str
    reason: str


@frozen
class Export:
    """The dashboard, what it shows and what it does not."""

    dashboard: Mapping[str, Any]
    shown: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    def text(self) -> str:
        """The dashboard as JSON."""
        return json.dumps(self.dashboard, indent=2, ensure_ascii=False) + "\n"

    def files(self) -> dict[str, str]:
        """The one file of a folder."""
        return {"service-levels.json": self.text()}


def export(graph: Graph) -> Export:
    """Every SLO of the store that Prometheus can be asked for: a row a service, a line of panels an objective."""
    left_out: list[LeftOut] = []
    rows: dict[str, list[tuple[str, Level]]] = {}
    entries = [entry for entry in graph.all("slo").values() if isinstance(entry.value, SLO)]
    for entry in sorted(entries, key=lambda one: (one.value.spec.service, one.name)):
        for title, level in _levels(entry, graph, left_out):
            rows.setdefault(entry.value.spec.service, []).append((title, level))
    shown = tuple(title for levels in rows.values() for title, _ in levels)
    return Export(_dashboard(graph, rows), shown, tuple(left_out))


def _levels(entry: Entry[SLO], graph: Graph, left_out: list[LeftOut]) -> Iterator[tuple[str, Level]]:
    """The objectives of an SLO with what they are called; those without a query are added to `left_out`."""
    slo = entry.value
    called = slo.metadata.displayName or slo.metadata.name
    for number, objective in enumerate(slo.spec.objectives, start=1):
        more = objective.displayName or (str(number) if len(slo.spec.objectives) > 1 else "")
        try:
            level = level_of(slo, objective, graph)
        except NoQuery as reason:
            left_out.append(LeftOut(slo.metadata.name, str(reason)))
        else:
            yield f"{called} ({more})" if more else called, level


def _dashboard(graph: Graph, rows: Mapping[str, list[tuple[str, Level]]]) -> dict[str, Any]:
    organisation = graph.settings.organisation
    return {
        "uid": _UID,
        "title": f"Service levels of {organisation}" if organisation else "Service levels",
        "description": "Written by svcops export grafana; changes made here are overwritten by the next one.",
        "tags": ["svcops", "slo"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": graph.settings.time_zone,
        "time": {"from": "now-7d", "to": "now"},
        "refresh": "1m",
        "annotations": {"list": []},
        "links": [],
        "templating": {
            "list": [{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_panels(graph, rows)),
    }


def _panels(graph: Graph, rows: Mapping[str, list[tuple[str, Level]]]) -> Iterator[dict[str, Any]]:
    """A row a service, and below it a line of three panels an objective, numbered from 1."""
    numbers, y = count(1), 0
    services = graph.all("service")
    for service, levels in rows.items():
        title = services[service].value.title if service in services else service
        yield {
            "id": next(numbers),
            "type": "row",
            "title": title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": y, "w": _WIDTH, "h": 1},
        }
        y += 1
        for called, level in levels:
            x = 0
            for width, panel in (
                (_STAT, _sli(called, level)),
                (_STAT, _budget(called, level)),
                (_WIDTH - 2 * _STAT, _burn(called, level)),
            ):
                yield {"id": next(numbers), **panel, "gridPos": {"x": x, "y": y, "w": width, "h": _HEIGHT}}
                x += width
            y += _HEIGHT


def _sli(called: str, level: Level) -> dict[str, Any]:
    target = float(level.target)
    title = f"{called}: SLI over {level.window}, target {float(level.target * 100):g} %"
    return _stat(title, level.sli(), [("red", None), ("green", target)], decimals=3)


def _budget(called: str, level: Level) -> dict[str, Any]:
    return _stat(
        f"{called}: error budget left",
        level.budget_left(),
        [("red", None), ("orange", 0.0), ("green", 0.25)],
        decimals=1,
    )


def _stat(title: str, query: str, steps: list[tuple[str, float | None]], *, decimals: int) -> dict[str, Any]:
    """A number that is asked for once, coloured by where it stands."""
    return {
        "type": "stat",
        "title": title,
        "datasource": _DATA_SOURCE,
        "targets": [_target("A", query, instant=True)],
        "fieldConfig": {
            "defaults": {
                "unit": "percentunit",
                "decimals": decimals,
                "noValue": "unknown",
                "color": {"mode": "thresholds"},
                "thresholds": _thresholds(steps),
            },
            "overrides": [],
        },
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none"},
    }


def _burn(called: str, level: Level) -> dict[str, Any]:
    """Burn rates over time, with a line at each rate that calls somebody."""
    window = length_of(level.window)
    rates = {long: float(share * _ratio(window, length_of(long))) for long, share in _LOOKBACKS.items()}
    drawn = {long: rate for long, rate in rates.items() if length_of(long) < window}
    targets = [_target(chr(ord("A") + at), level.burn(long), legend=long) for at, long in enumerate(drawn)]
    steps = sorted(set(drawn.values()))
    colours = ("yellow", "orange", "red")[-len(steps) :] if steps else ()
    return {
        "type": "timeseries",
        "title": f"{called}: burn rate",
        "datasource": _DATA_SOURCE,
        "targets": targets,
        "fieldConfig": {
            "defaults": {
                "unit": "none",
                "min": 0,
                "custom": {"lineWidth": 2, "fillOpacity": 0, "thresholdsStyle": {"mode": "dashed"}},
                "thresholds": _thresholds([("transparent", None), *zip(colours, steps, strict=True)]),
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
    }


def _ratio(one: timedelta, other: timedelta) -> Fraction:
    return Fraction(one // timedelta(minutes=1), other // timedelta(minutes=1))


def _thresholds(steps: list[tuple[str, float | None]]) -> dict[str, Any]:
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for colour, value in steps]}


def _target(reference: str, query: str, *, instant: bool = False, legend: str = "") -> dict[str, Any]:
    return {
        "refId": reference,
        "datasource": _DATA_SOURCE,
        "expr": query,
        "instant": instant,
        "range": not instant,
        "legendFormat": legend or "__auto",
    }
