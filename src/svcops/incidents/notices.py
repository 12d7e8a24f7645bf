"""Telling others of what happened to an incident: after the commit, in a process of its own, never in its way.

`notify` starts that process and returns. It sends, and where that fails, writes an event that says so. An address is
a secret: no message, event or commit names more of it than its host.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from svcops.store.frozen import frozen

if TYPE_CHECKING:
    import httpx

    from svcops.incidents.facts import State
    from svcops.incidents.model import AnyEvent
    from svcops.store.entries import Entry
    from svcops.store.settings import Notice
    from svcops.store.writing import Written
    from svcops.terminal.session import Session


_ENDS = {"resolved", "closed", "cancelled", "merged"}
"""What a pager may have to hear of, whatever it was set to: it must not ring for what is over."""


@frozen
class Patience:
    """How long a host is tried, in seconds."""

    tries: int = 3
    timeout: float = 3.0
    """To connect, and between two pieces of an answer."""
    pauses: tuple[float, ...] = (0.5, 1.5)
    """Before the second try, and the third."""
    longest_pause: float = 5.0
    """Where a host names a time."""
    total: float = 15.0
    """After which it has failed, whatever is still under way."""


@frozen
class Post:
    """Something to send: to which notice, about which event."""

    notice: str
    about: str
    address: str
    body: Mapping[str, Any]


@frozen
class Failure:
    """Somebody should have been told, and was not, or not as the settings say; `text` says why, without a secret."""

    notice: str
    about: str
    text: str


def notify(session: "Session", incident_id: str, written: "Written") -> None:
    """Have those told whom svcops.yaml names, of events that were just committed; returns at once.

    Nothing is started where no variable with an address is set, or where nobody wants to hear of these events.
    """
    notices = [one for one in session.store.graph.settings.notices if session.env.get(one.address)]
    heard = {type_ for one in notices for type_ in one.on}
    if any(one.kind == "pagerduty" for one in notices):
        heard |= _ENDS
    paths = [path for path in written.paths if f"/{incident_id}/timeline/" in path]
    names = [path.rpartition("/")[2].removesuffix(".yaml") for path in paths]
    about = [name for name in names if _type_in(name) in heard]
    if not about:
        return
    if written.commit is None:
        session.say("nobody outside is told of what is not committed")
        return
    command = [sys.executable, "-P", "-m", "svcops.incidents.notices"]  # -P: nothing is imported from the store
    try:
        child = subprocess.Popen(
            [*command, str(session.store.root), incident_id, *about],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=session.store.root,
            env=dict(session.env),
            start_new_session=True,
        )
    except OSError as error:
        session.warn(f"nobody outside is told: {error.strerror}")
        return
    threading.Thread(target=child.wait, daemon=True).start()  # where this process lives on, it is no zombie


def _type_in(name: str) -> str:
    """The type that the name of an event's file tells: `20261123t081500000z-impact-started-k7f3q2`."""
    return name.partition("-")[2].rpartition("-")[0]


def failures(session: "Session", incident_id: str, names: Iterable[str], patience: Patience) -> list[Failure]:
    """Send what is to be said of these events of an incident, to everybody at once; what did not get there."""
    from svcops.incidents.facts import read_state
    from svcops.incidents.notice_formats import wanted

    graph = session.store.graph
    state = read_state(graph, incident_id, whole=False)
    wished = set(names)
    events = [one for one in state.events if one.name.rpartition("/")[2] in wished]
    posts: list[Post] = []
    failed: list[Failure] = []
    for notice in graph.settings.notices:
        for event in events:
            if session.env.get(notice.address) and wanted(graph, notice, state, event.value):
                made, wrong = _post(session, notice, state, event)
                posts += made
                failed += wrong
    return failed + _send_all(posts, patience)


def _post(
    session: "Session", notice: "Notice", state: "State", event: "Entry[AnyEvent]"
) -> tuple[list[Post], list[Failure]]:
    """What to send, and what went wrong in making it: with a template that is no good, one line is sent."""
    from svcops.incidents.notice_formats import BadTarget, action, body, level_of, plain_text, target, values
    from svcops.incidents.notice_templates import BadTemplate, render

    graph = session.store.graph
    about, name = values(graph, state, event), event.name.rpartition("/")[2]
    try:
        address, key = target(notice, session.env[notice.address])
    except BadTarget as error:
        return [], [Failure(notice.name, name, str(error))]
    text, wrong = "", list[Failure]()
    if notice.template:
        try:
            text = render(notice.template, about, session.env, kind=notice.kind)
        except BadTemplate as error:
            wrong.append(Failure(notice.name, name, f"its template: {error}; one plain line was sent instead"))
    doing, level = action(state, event.value) or "", level_of(graph, state.severity)
    content = body(notice, about, text or plain_text(notice, about), key=key, doing=doing, level=level)
    return [Post(notice.name, name, address, content)], wrong


def try_out(session: "Session", notice: "Notice", patience: Patience) -> str:
    """Send a notice that says it is a test; why it failed, or nothing. BadTemplate where it cannot be rendered."""
    from svcops.incidents.notice_formats import SAMPLE, BadTarget, body, plain_text, target
    from svcops.incidents.notice_templates import render

    text = render(notice.template, SAMPLE, session.env, kind=notice.kind) if notice.template else ""
    try:
        address, key = target(notice, session.env[notice.address])
    except BadTarget as error:
        return str(error)
    text = text or plain_text(notice, SAMPLE)
    steps = ("trigger", "resolve") if notice.kind == "pagerduty" else ("",)  # a test leaves no alert behind
    posts = [body(notice, SAMPLE, text, key=key, doing=doing, level="info") for doing in steps]
    failed = _send_all([Post(notice.name, "test", address, one) for one in posts], patience)
    return failed[0].text if failed else ""


def _send_all(posts: Sequence[Post], patience: Patience) -> list[Failure]:
    """Each notice in a thread of its own, so that a host that hangs keeps nobody else waiting."""
    outcomes: dict[int, str] = {}
    threads = []
    for notice in dict.fromkeys(post.notice for post in posts):
        queue = [(number, post) for number, post in enumerate(posts) if post.notice == notice]
        thread = threading.Thread(target=_send, args=(queue, patience, outcomes), daemon=True)
        thread.start()
        threads.append((thread, patience.total * len(queue)))
    started = time.monotonic()
    for thread, allowed in threads:
        thread.join(max(0.0, started + allowed - time.monotonic()))
    said = [outcomes.get(number, "its host takes too long") for number in range(len(posts))]
    return [Failure(post.notice, post.about, wrong) for post, wrong in zip(posts, said, strict=True) if wrong]


def _send(queue: Iterable[tuple[int, Post]], patience: Patience, outcomes: dict[int, str]) -> None:
    for number, post in queue:
        outcomes[number] = send(post.address, post.body, patience)


def send(address: str, body: Mapping[str, Any], patience: Patience) -> str:
    """Post JSON to an address; why it did not get there, or nothing. Of the address only the host is ever named."""
    import httpx

    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError, TypeError):
        return "what its variable holds is no web address"
    if url.scheme not in ("http", "https") or not url.host:
        return "what its variable holds is no web address"
    headers = {"User-Agent": "svcops"}
    end = time.monotonic() + patience.total
    try:
        with httpx.Client(timeout=patience.timeout, follow_redirects=False, headers=headers) as client:
            for number in range(1, patience.tries + 1):
                wrong, pause = _try(client, url, body, patience, number)
                if not wrong:
                    return ""
                if pause is None or number == patience.tries or time.monotonic() + pause > end:
                    return wrong + (f", {number} times tried" if number > 1 else "")
                time.sleep(pause)
    except Exception as error:  # noqa: BLE001 - a proxy or certificates that are set wrong: its words may hold a secret
        return f"{url.host}: it cannot be sent ({type(error).__name__})"
    return ""


def _try(
    client: "httpx.Client", url: "httpx.URL", body: Mapping[str, Any], patience: Patience, number: int
) -> tuple[str, float | None]:
    """What went wrong, or nothing; and how long to wait before another try, None where that is of no use."""
    import httpx

    pause = patience.pauses[min(number, len(patience.pauses)) - 1]
    try:
        with client.stream("POST", url, json=body) as answer:  # what it says besides is never read
            status = answer.status_code
            asked = answer.headers.get("retry-after", "")
    except httpx.TimeoutException:
        return f"{url.host} does not answer", pause
    except httpx.ConnectError:
        return f"{url.host} cannot be reached", pause
    except httpx.TransportError as error:
        return f"{url.host}: it cannot be sent ({type(error).__name__})", pause
    if asked.isascii() and asked.isdigit():
        pause = min(float(asked), patience.longest_pause)
    return _judged(url.host, status, pause)


def _judged(host: str, status: int, pause: float) -> tuple[str, float | None]:
    """What an answer means; another try is of use where the host has trouble of its own, or too much to do."""
    if 200 <= status < 300:
        return "", None
    if 300 <= status < 400:
        return f"{host} sends elsewhere ({status}), which is not followed", None
    return f"{host} answers {status}", pause if status in (408, 429) or status >= 500 else None


def record(session: "Session", incident_id: str, failed: Iterable[Failure]) -> None:
    """Write an event for each notice that failed, in one commit; tried again where somebody holds the store."""
    from svcops.errors import NotDone
    from svcops.incidents import changes
    from svcops.incidents.facts import read_state
    from svcops.incidents.model import NoticeFailed

    for pause in (2.0, 10.0, 0.0):
        author = session.author()
        state = read_state(session.store.graph, incident_id, whole=False)
        at = author.now.replace(microsecond=0)
        made = [
            changes.add(
                state,
                author,
                NoticeFailed,
                "Note a failed notice of",
                f"{one.notice}, {one.text}",
                at=at,
                to=one.notice,
                about=one.about,
                text=one.text,
            )
            for one in failed
        ]
        with suppress(NotDone):
            session.apply(sum(made[1:], made[0]))
            return
        time.sleep(pause)


def main(arguments: list[str]) -> None:
    """The process that sends: STORE INCIDENT EVENT..."""
    import io
    from datetime import UTC, datetime
    from pathlib import Path

    from svcops.terminal.session import Options, Session

    root, incident_id, *names = arguments
    session = Session(
        options=Options(store=root, quiet=True),
        cwd=Path(root),
        env=os.environ,
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        now=lambda: datetime.now(UTC),
        random_bytes=os.urandom,
    )
    failed = failures(session, incident_id, names, Patience())
    if failed:
        record(session, incident_id, failed)
    os._exit(0)  # a thread may still wait for a host


if __name__ == "__main__":
    main(sys.argv[1:])
