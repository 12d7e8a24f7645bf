"""The verb `svcops runbook links`: where links of runbooks lead, in the store and outside of it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, NOT_ENOUGH_DATA, BadInput, NotDone
from svcops.runbooks.noun import app, runbook_called
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.runbooks.linking import Judged
    from svcops.runbooks.outside import Answer
    from svcops.terminal.session import Session


@app.verb("links", examples="svcops runbook links\nsvcops runbook links ledger/restore --outside --timeout 5s")
def links(
    ctx: Context,
    names: Annotated[list[str] | None, Argument(metavar="SERVICE/NAME", help="Only those of these runbooks.")] = None,
    outside: Annotated[bool, Option("--outside", help="Ask hosts for the addresses outside the store, too.")] = False,
    timeout: Annotated[
        str, Option("--timeout", metavar="DURATION", help="How long to wait for one of them: 5s, 1m.")
    ] = "10s",
) -> int:
    """Say which links of runbooks, and of the runbook_url of alerts, lead nowhere.

    Without --outside no host is asked. Exit 1 where one is dead, 3 where no host could be reached, 4 where some did not
    say, or lead out of the store. Addresses of examples (example.com) are never asked for.
    """
    from svcops.runbooks.linking import judged, references, to_ask
    from svcops.runbooks.outside import ask

    session: Session = ctx.obj
    graph = session.store.graph
    patience = _seconds(timeout)
    found = list(references(graph, [runbook_called(graph, one).name for one in names or ()]))
    pages = to_ask(found) if outside else []
    if pages:
        session.say(f"asking for {len(pages)} address{'es' if len(pages) > 1 else ''} ...")
    answers = ask(pages, patience)
    every = judged(found, answers)
    _show(session, every)
    damage = session.mention_damage()
    _mention_unreached(answers)
    return damage or _exit_code(every)


def _show(session: "Session", every: Sequence["Judged"]) -> None:
    wrong = [one for one in every if one.state in ("dead", "unknown")]
    if session.options.json:
        session.show_json("svcops.runbook-links/1", links=[_json(one) for one in every])
        return
    rows = [(f"{one.link.path}:{one.link.line}", one.link.to, one.state, one.why) for one in wrong]
    session.show_table(("where", "link", "state", "why"), rows)
    states = Counter(one.state for one in every)
    told = ", ".join(f"{states[one]} {one}" for one in ("there", "dead", "unknown", "not asked") if states[one])
    session.say(f"{len(every)} link{'' if len(every) == 1 else 's'}{': ' if told else ''}{told}")


def _json(one: "Judged") -> dict[str, object]:
    link = one.link
    return {
        "path": link.path,
        "line": link.line,
        "to": link.to,
        "outside": link.is_outside,
        "state": one.state,
        "why": one.why or None,
    }


def _mention_unreached(answers: Mapping[str, "Answer"]) -> None:
    """NotDone where hosts were asked and none was reached."""
    if answers and not any(one.reached for one in answers.values()):
        first = next(iter(answers.values()))
        raise NotDone(f"no host could be reached: {first.why}", help="Is there a network, or a proxy to name?")


def _exit_code(every: Collection["Judged"]) -> int:
    states = {one.state for one in every}
    if "dead" in states:
        return ANSWER_IS_NO
    return NOT_ENOUGH_DATA if "unknown" in states else DONE


def _seconds(text: str) -> float:
    """A time to wait; BadInput where it is none, or none at all."""
    from svcops.timing.model import parse_duration

    try:
        found = parse_duration(text.strip()).total_seconds()
    except ValueError as error:
        raise BadInput(f"--timeout {text}: {error}", help="For example 5s or 1m.") from None
    if not 0 < found <= 600:
        raise BadInput(f"--timeout {text}: not between 1s and 10m", help="For example 5s or 1m.")
    return found
