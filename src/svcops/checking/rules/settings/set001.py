"""Settings that cannot hold."""

from collections.abc import Iterator

from svcops.checking.model import Edit, Finding, Fix, Related
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry
from svcops.store.settings import Settings
from svcops.store.suggest import did_you_mean


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("settings").values():
        yield from _time_zone(entry)
        yield from _severities(entry)
        yield from _matrix(entry)
        yield from _templates(entry)


def _time_zone(entry: Entry[Settings]) -> Iterator[Finding]:
    try:
        entry.value.zone()
    except ValueError:
        from zoneinfo import available_timezones

        zone = entry.value.time_zone
        near = did_you_mean(zone, sorted(available_timezones()))
        help_ = near or "Write a zone of the IANA database, such as Europe/Berlin, or UTC."
        message = f"time_zone is {zone}, which this machine's zone database does not know"
        meant = [one for one in available_timezones() if one.lower() == zone.lower()]
        at = entry.at("time_zone")
        fix = Fix(f"write {meant[0]}", (Edit(at, meant[0]),)) if len(meant) == 1 else None
        yield Finding("SET001", message, at, help_, fix=fix)


def _severities(entry: Entry[Settings]) -> Iterator[Finding]:
    levels = entry.value.severities
    if not levels:
        help_ = "List at least one, the highest first; without the key the four of svcops hold, sev1 to sev4."
        yield Finding("SET001", "severities is empty: no incident could be opened", entry.at("severities"), help_)
    first: dict[str, int] = {}
    for number, level in enumerate(levels):
        if first.setdefault(level.name, number) != number:
            at = entry.at("severities", number, "name")
            earlier = Related("first named here", entry.at("severities", first[level.name], "name"))
            message = f"a second severity of the name {level.name}"
            yield Finding("SET001", message, at, "Rename one of the two.", related=(earlier,))


def _matrix(entry: Entry[Settings]) -> Iterator[Finding]:
    names = [level.name for level in entry.value.severities]
    for impact, row in (entry.value.severity_matrix or {}).items():
        for scope, severity in row.items():
            if severity not in names:
                message = f"severity_matrix names {severity}, which is none of the severities"
                help_ = did_you_mean(severity, names) or f"One of {', '.join(names)}."
                yield Finding("SET001", message, entry.at("severity_matrix", impact, scope), help_)


def _templates(entry: Entry[Settings]) -> Iterator[Finding]:
    for number, notice in enumerate(entry.value.notices):
        wrong = _wrong_with(notice.template) if notice.template else ""
        if wrong:
            message = f"the template of the notice {notice.name} cannot be rendered: {wrong}"
            help_ = (
                f"Mend it; svcops incident notices --test {notice.name} tries it out. Until then a plain line is sent."
            )
            yield Finding("SET001", message, entry.at("notices", number, "template"), help_)


def _wrong_with(template: str) -> str:
    """What Jinja says of a template, which is parsed and no more: neither rendered, nor folded where it is constant."""
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(autoescape=False)
    try:
        parsed = environment.parse(template)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {' '.join((error.message or '').split())}"
    except RecursionError:
        return "it is nested too deep"
    for one in parsed.find_all((nodes.Filter, nodes.Test)):
        kind, known = ("filter", environment.filters) if isinstance(one, nodes.Filter) else ("test", environment.tests)
        if one.name not in known:
            return f"line {one.lineno}: there is no {kind} {one.name}"
    return ""


RULE = Rule("SET001", "a setting of the store that cannot hold", fixes=True, find=_find)
