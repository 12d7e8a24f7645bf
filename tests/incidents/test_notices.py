"""Who outside is told, and how: after the commit, never in its way, and with no secret anywhere."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from svcops.incidents.facts import read_state
from svcops.incidents.notice_formats import SAMPLE, BadTarget, action, line, target, values, wanted
from svcops.incidents.notice_templates import LONGEST, BadTemplate, render
from svcops.incidents.notices import Patience, send
from svcops.store.graph import Graph
from svcops.store.settings import Notice

OPEN = (
    "incident",
    "open",
    "Receipts wait",
    "--service",
    "receipt-scanner",
    "--severity",
    "sev2",
    "--detected-by",
    "user",
)
SECRET = "T0000-B0000-XXXXSECRET"
KEY = "r3FPuDvNOTEDyQYCc7trBkymIFcy2NkE"
QUICK = Patience(tries=3, timeout=0.5, pauses=(0.01, 0.02), longest_pause=0.2, total=3)


class Host(ThreadingHTTPServer):
    """Somebody who is told: `answers` are the statuses that it gives, one after the other, the last for ever."""

    daemon_threads = True

    def __init__(self, *answers, hangs=False, headers=()):
        self.answers, self.hangs, self.more, self.heard = list(answers), hangs, dict(headers), []
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/services/{SECRET}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(body)
        if self.server.hangs:
            time.sleep(30)
        self.send_response(self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0])
        for name, value in self.server.more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def host(*answers, **more):
    server = Host(*(answers or (200,)), **more)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def refused():
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/{SECRET}"


@pytest.fixture
def notices(console):
    """Names notices in the settings, and sets the variables."""

    def name(*listed, **variables):
        settings = console.store.read("svcops.yaml")
        console.store.write("svcops.yaml", f"{settings}notices: {json.dumps(list(listed))}\n")
        console.store.commit("Notices")
        console.store.env.update(variables)

    return name


def until(found, seconds=40):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def failed(console, incident):
    """The events that say that somebody was not told; committed."""
    timeline = console("incident", "show", incident, "--json").json["incident"]["timeline"]
    found = [one for one in timeline if one["type"] == "notice-failed"]
    return found if not console.store.git("status", "--porcelain") else []


def everything(console):
    """All that git holds, and its messages."""
    return console.store.git("log", "--patch", "--format=%B") + "".join(console.store.said)


def test_an_event_is_told_as_json_after_its_commit(console, notices):
    with host() as there:
        notices({"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"}, SVCOPS_NOTICE_DESK=there.url)
        incident = console(*OPEN).id
        until(lambda: there.heard)
    told = there.heard[0]
    assert told["schema"] == "svcops.notice/1"
    assert (told["event"]["type"], told["event"]["severity"]) == ("opened", "sev2")
    assert (told["incident"]["id"], told["incident"]["phase"], told["incident"]["major"]) == (
        incident,
        "incident",
        True,
    )
    assert told["text"] == f"{incident[-6:]} sev2: Receipts wait (receipt-scanner) - Declared, sev2"
    assert told["event"]["name"] in console.store.git("show", "--name-only", "--format=")


def test_every_step_that_is_asked_for_is_told_and_no_other(console, notices):
    with host() as there:
        notices(
            {"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK", "on": ["update", "resolved"]},
            SVCOPS_NOTICE_DESK=there.url,
        )
        short = console(*OPEN).id[-6:]
        console("incident", "log", short, "Only for us")
        console("incident", "update", short, "Receipts are late")
        until(lambda: len(there.heard) == 1)
        console("incident", "resolve", short, "Queue drained")
        until(lambda: len(there.heard) == 2)
    assert [one["event"]["text"] for one in there.heard] == ["Receipts are late", "Queue drained"]


def test_only_the_severities_that_are_asked_for_are_told(console, notices):
    with host() as there:
        notices(
            {"name": "major", "kind": "json", "address": "SVCOPS_NOTICE_DESK", "severities": ["sev1"]},
            {"name": "all", "kind": "json", "address": "SVCOPS_NOTICE_DESK"},
            SVCOPS_NOTICE_DESK=there.url,
        )
        console(*OPEN)
        until(lambda: there.heard)
        time.sleep(0.3)
    assert len(there.heard) == 1


def test_a_chat_gets_a_text_in_which_nothing_calls_anybody(console, notices):
    with host() as there:
        notices({"name": "chat", "kind": "slack", "address": "SVCOPS_NOTICE_CHAT"}, SVCOPS_NOTICE_CHAT=there.url)
        console("incident", "open", "<!channel> & <https://evil.example|x>", *OPEN[3:])
        until(lambda: there.heard)
    assert list(there.heard[0]) == ["text"]
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|x&gt;" in there.heard[0]["text"]


def test_a_pager_rings_is_acknowledged_and_falls_silent(console, notices):
    with host(202) as there:
        on = ["opened", "acknowledged", "update", "severity", "mitigated", "resolved", "closed"]
        notices(
            {"name": "pager", "kind": "pagerduty", "address": "SVCOPS_NOTICE_PAGER", "on": on},
            SVCOPS_NOTICE_PAGER=f"{there.url} {KEY}",
        )
        incident = console(*OPEN).id
        until(lambda: len(there.heard) == 1)
        console("incident", "update", incident, "Receipts are late")
        console("incident", "ack", incident)
        until(lambda: len(there.heard) == 2)
        console("incident", "severity", incident, "sev1")
        until(lambda: len(there.heard) == 3)
        console("incident", "resolve", incident)
        until(lambda: len(there.heard) == 4)
    actions = [one["event_action"] for one in there.heard]
    assert actions == ["trigger", "acknowledge", "trigger", "resolve"]
    assert {one["dedup_key"] for one in there.heard} == {incident}
    assert {one["routing_key"] for one in there.heard} == {KEY}
    first = there.heard[0]["payload"]
    assert (first["source"], first["severity"]) == ("receipt-scanner", "error")
    assert there.heard[2]["payload"]["severity"] == "critical"
    assert "payload" not in there.heard[3]
    assert SECRET not in everything(console)
    assert KEY not in everything(console)


@pytest.mark.parametrize("end", ["cancel", "merge", "resolve"])
def test_whoever_was_rung_hears_of_the_end_however_it_ends(console, notices, end):
    """By default nobody hears of a cancellation or a merge, and this pager of nothing that is less than a sev1."""
    pager = {"name": "pager", "kind": "pagerduty", "address": "SVCOPS_NOTICE_PAGER", "severities": ["sev2"]}
    with host(202) as there:
        notices(pager, SVCOPS_NOTICE_PAGER=f"{there.url} {KEY}")
        other = console(*OPEN[:6], "sev3", *OPEN[7:]).id
        incident = console(*OPEN).id
        until(lambda: len(there.heard) == 1)
        if end == "merge":
            console("incident", "severity", other, "sev1")
        if end == "resolve":
            console("incident", "severity", incident, "sev3", "--because", "One branch only")
        words = {"cancel": (incident, "A test"), "merge": (incident, "--into", other), "resolve": (incident,)}[end]
        console("incident", end, *words)
        until(lambda: len(there.heard) == 2)
    assert [(one["event_action"], one["dedup_key"]) for one in there.heard] == [
        ("trigger", incident),
        ("resolve", incident),
    ]


def test_whoever_was_never_rung_hears_of_no_end(console):
    """Nor does a chat hear more than it asked for."""
    incident = console(*OPEN).id
    console("incident", "cancel", incident, "A test")
    graph = Graph(console.store.root)
    state = read_state(graph, incident)
    events = [one.value for one in state.events]

    def heard(kind="pagerduty", **more):
        notice = Notice(name="pager", kind=kind, address="SVCOPS_NOTICE_PAGER", **more)
        return [one.type for one in events if wanted(graph, notice, state, one)]

    assert heard() == heard(severities=("sev2",)) == ["cancelled"]
    assert heard(severities=("sev1",)) == []
    assert heard(on=("acknowledged", "resolved")) == []
    assert heard("json") == ["opened"]


def test_a_pager_does_not_ring_for_what_is_over_meanwhile(console):
    """The process that sends may come late; what it would raise, nobody would end."""
    incident = console(*OPEN).id
    graph = Graph(console.store.root)
    before = read_state(graph, incident)
    assert action(before, before.events[0].value) == "trigger"
    console("incident", "resolve", incident)
    after = read_state(Graph(console.store.root), incident)
    assert [action(after, one.value) for one in after.events] == [None, "resolve"]


def test_a_correction_says_so_and_rings_for_nothing(console):
    incident = console(*OPEN, "--at", "-20m").id
    console("incident", "declared", incident, "--at", "-25m")
    graph = Graph(console.store.root)
    state = read_state(graph, incident)
    assert [action(state, one.value) for one in state.events] == ["trigger", None]
    told = [line(values(graph, state, one)) for one in state.events]
    assert [text.endswith(", corrected") for text in told] == [False, True]


def test_the_address_of_a_pager_is_its_own_unless_another_is_given():
    pager = Notice(name="pager", kind="pagerduty", address="SVCOPS_NOTICE_PAGER")
    assert target(pager, f" {KEY}\n") == ("https://events.pagerduty.com/v2/enqueue", KEY)
    assert target(pager, f"https://events.eu.pagerduty.com/v2/enqueue {KEY}") == (
        "https://events.eu.pagerduty.com/v2/enqueue",
        KEY,
    )
    assert (
        target(Notice(name="desk", kind="json", address="SVCOPS_NOTICE_DESK"), " https://a.example/x\n")[0]
        == "https://a.example/x"
    )


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f"{SECRET}{SECRET}",
        KEY[:-1],
        f"{KEY}x",
        f"{KEY[:-1]}-",
        f"{KEY[:-1]}ü",
        " ",
        f"a b {KEY}",
        f"{KEY} https://a",
    ],
)
def test_what_is_no_key_of_a_pager_is_not_sent_as_one(value):
    with pytest.raises(BadTarget) as caught:
        target(Notice(name="pager", kind="pagerduty", address="SVCOPS_NOTICE_PAGER"), value)
    assert "of 32 letters or digits" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_pager_without_a_key_is_an_event_and_nothing_goes_out(console, notices):
    with host(202) as there:
        pager = {"name": "pager", "kind": "pagerduty", "address": "SVCOPS_NOTICE_PAGER"}
        notices(pager, SVCOPS_NOTICE_PAGER=f"{there.url} {SECRET}")
        event = until(lambda: failed(console, incident))[0] if (incident := console(*OPEN).id) else None
        said = console("incident", "notices", "--test", "pager", code=3)
    assert event["text"] == "what its variable holds is no routing key of PagerDuty, of 32 letters or digits"
    assert event["text"] in said.err
    assert there.heard == []
    assert SECRET not in everything(console)


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "SVCOPS_LISTEN_TOKEN", "SVCOPS_NOTICE_", "XSVCOPS_NOTICE_A"])
def test_a_store_can_name_no_other_secret(console, notices, name):
    with host() as there:
        notices({"name": "desk", "kind": "json", "address": name}, **{name: there.url})
        console(*OPEN, code=None)
        said = console("check", code=1)
        assert "not the name of an environment variable such as SVCOPS_NOTICE_CHAT" in said.out + said.err
        console("incident", "notices", "--test", "desk", code=None)
        time.sleep(0.5)
    assert there.heard == []


def test_a_template_makes_the_text(console, notices):
    template = "{{ incident.title }} ({{ incident.services | join(', ') }}): {{ event.what }} by {{ event.by }}"
    with host() as there:
        notices(
            {"name": "chat", "kind": "slack", "address": "SVCOPS_NOTICE_CHAT", "template": template},
            SVCOPS_NOTICE_CHAT=there.url,
        )
        console(*OPEN)
        until(lambda: there.heard)
    assert there.heard[0]["text"] == "Receipts wait (receipt-scanner): Declared, sev2 by ada"


def test_a_template_that_is_no_good_keeps_nobody_from_being_told(console, notices):
    with host() as there:
        notices(
            {"name": "chat", "kind": "slack", "address": "SVCOPS_NOTICE_CHAT", "template": "{{ incident.titel }}"},
            SVCOPS_NOTICE_CHAT=there.url,
        )
        incident = console(*OPEN).id
        until(lambda: there.heard)
        event = until(lambda: failed(console, incident))[0]
    assert "Receipts wait" in there.heard[0]["text"]
    assert (event["to"], "has no attribute 'titel'" in event["text"]) == ("chat", True)
    assert "one plain line was sent instead" in event["text"]


def test_without_the_variable_nothing_is_started_and_nothing_sent(console, notices, monkeypatch):
    started = []
    notices({"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"})
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **more: started.append(given[0]) or real(*given, **more))
    console(*OPEN)
    assert not [one for one in started if "svcops.incidents.notices" in one]
    console.store.env["SVCOPS_NOTICE_DESK"] = refused()
    console("incident", "list")
    console("incident", "show", "incident-", code=0)
    assert not [one for one in started if "svcops.incidents.notices" in one]
    console("incident", "update", "incident-", "x")
    assert [one for one in started if "svcops.incidents.notices" in one]


def test_what_is_not_committed_is_not_told(console, notices):
    with host() as there:
        notices({"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"}, SVCOPS_NOTICE_DESK=there.url)
        said = console(*OPEN, "--no-commit")
        assert "nobody outside is told of what is not committed" in said.err
        time.sleep(0.5)
    assert there.heard == []


def test_a_host_with_trouble_of_its_own_is_asked_again(console, notices):
    with host(500, 503, 200) as there:
        notices({"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"}, SVCOPS_NOTICE_DESK=there.url)
        incident = console(*OPEN).id
        until(lambda: len(there.heard) == 3)
        time.sleep(0.5)
        assert failed(console, incident) == []
    assert there.heard[0] == there.heard[2]


def test_a_notice_that_fails_is_an_event_and_names_no_secret(console, notices):
    with host(404) as there:
        notices(
            {"name": "chat", "kind": "slack", "address": "SVCOPS_NOTICE_CHAT"},
            {"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"},
            SVCOPS_NOTICE_CHAT=there.url,
            SVCOPS_NOTICE_DESK=there.url,
        )
        incident = console(*OPEN).id
        events = until(lambda: failed(console, incident))
    assert {one["to"] for one in events} == {"chat", "desk"}
    assert events[0]["text"] == "127.0.0.1 answers 404"
    assert "-opened-" in events[0]["about"]
    assert len(there.heard) == 2
    assert "Notice to chat failed: 127.0.0.1 answers 404" in console("incident", "show", incident).out
    assert SECRET not in everything(console)
    console.now = datetime.now(UTC)  # what notices record is of the clock on the wall
    assert console("check").code == 0
    assert console.store.is_clean()


def test_a_host_that_hangs_keeps_no_command_waiting(console, notices):
    with host(hangs=True) as there:
        notices({"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"}, SVCOPS_NOTICE_DESK=there.url)
        env = {**os.environ, **console.store.env}
        command = [sys.executable, "-m", "svcops", *OPEN, "--quiet"]
        without = {**env, "SVCOPS_NOTICE_DESK": ""}
        began = time.monotonic()
        subprocess.run(command, cwd=console.store.root, env=without, check=True, capture_output=True)
        usual = time.monotonic() - began
        began = time.monotonic()
        incident = subprocess.run(
            command, cwd=console.store.root, env=env, check=True, capture_output=True, text=True
        ).stdout.strip()
        took = time.monotonic() - began
        assert took < usual + 2, "a host that hangs was waited for"
        assert console("incident", "log", incident, "Meanwhile").code == 0
        event = until(lambda: failed(console, incident))[0]
    assert event["text"] == "127.0.0.1 does not answer, 3 times tried"
    assert SECRET not in everything(console)


def test_several_commands_may_fail_to_tell_at_once(console, notices):
    """Each of their processes writes its event, through the store's lock."""
    notices({"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"}, SVCOPS_NOTICE_DESK=refused())
    incident = console(*OPEN).id
    for number in range(3):
        console("incident", "update", incident, f"Update {number}")
    events = until(lambda: len(found := failed(console, incident)) == 4 and found)
    assert {one["text"] for one in events} == {"127.0.0.1 cannot be reached, 3 times tried"}
    console.store.fsck()


def test_a_store_cannot_have_code_of_its_own_run(console, notices):
    """The process that sends starts in the store, and imports nothing from there."""
    with host() as there:
        notices(
            {"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK", "template": "x"},
            SVCOPS_NOTICE_DESK=there.url,
        )
        for name in ("json.py", "svcops.py", "httpx.py", "jinja2.py", "sitecustomize.py"):
            console.store.write(name, f"open({str(console.store.path / 'ran')!r}, 'w').close()\n")
        console.store.commit("Code")
        console(*OPEN)
        until(lambda: there.heard)
    assert not (console.store.path / "ran").exists()


def test_alerts_are_told_too(console, notices, tmp_path):
    alert = {
        "status": "firing",
        "labels": {"alertname": "QueueStuck", "service": "ledger", "severity": "sev3"},
        "startsAt": "2026-11-23T07:10:00Z",
    }
    payload = {"version": "4", "groupKey": "k", "status": "firing", "alerts": [alert]}
    (tmp_path / "payload.json").write_text(json.dumps(payload))
    with host() as there:
        notices({"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"}, SVCOPS_NOTICE_DESK=there.url)
        console("incident", "ingest", str(tmp_path / "payload.json"))
        until(lambda: there.heard)
        console("incident", "ingest", str(tmp_path / "payload.json"))
        time.sleep(0.3)
    assert [one["event"]["type"] for one in there.heard] == ["opened"]


# Sending, without a store.


@pytest.mark.parametrize(
    ("answers", "said", "times"),
    [
        ((204,), "", 1),
        ((429, 200), "", 2),
        ((408, 408, 200), "", 3),
        ((500,), "127.0.0.1 answers 500, 3 times tried", 3),
        ((403,), "127.0.0.1 answers 403", 1),
        ((302,), "127.0.0.1 sends elsewhere (302), which is not followed", 1),
    ],
)
def test_what_an_answer_means(answers, said, times):
    with host(*answers, headers={"Location": "http://127.0.0.1:1/"}) as there:
        assert send(there.url, {}, QUICK) == said
        assert len(there.heard) == times


def test_a_host_may_say_when_to_come_again_within_bounds():
    with host(503, 200, headers={"Retry-After": "86400"}) as there:
        began = time.monotonic()
        assert send(there.url, {}, QUICK) == ""
        assert 0.2 <= time.monotonic() - began < 2
    with host(503, 200, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}) as there:
        assert send(there.url, {}, QUICK) == ""


def test_what_cannot_be_reached_is_named_by_its_host_alone():
    assert send(refused(), {}, QUICK) == "127.0.0.1 cannot be reached, 3 times tried"
    with host(hangs=True) as there:
        assert send(there.url, {}, QUICK) == "127.0.0.1 does not answer, 3 times tried"


@pytest.mark.parametrize(
    "address", [SECRET, "", "ftp://a.example/x", "http://", "https://[::1", "http://a b/\x00", "//x"]
)
def test_what_is_no_address_is_told_and_not_shown(address):
    said = send(address, {}, QUICK)
    assert said == "what its variable holds is no web address"


def test_a_proxy_that_is_set_wrong_is_no_leak(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"nonsense://user:{SECRET}@proxy.example")
    said = send("http://host.example/x", {}, QUICK)
    assert said.startswith("host.example: it cannot be sent (")
    assert SECRET not in said


# Templates, in their process.


def test_a_template_is_rendered_apart():
    assert render("{{ a }} {{ b|upper }}", {"a": 1, "b": "x"}, os.environ, kind="json") == "1 X"
    assert render("{{ a }}<b>", {"a": "<!here> & co"}, os.environ, kind="slack") == "&lt;!here&gt; &amp; co<b>"
    assert len(render("{{ 'x' * 10000 }}", {}, os.environ, kind="json")) == LONGEST


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ a.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.environ }}",
        "{{ self.__dict__ }}",
        "{{ '{0.__class__}'.format(a) }}",
        "{{ a|attr('__class__') }}",
        "{% include 'svcops.yaml' %}",
        "{% for %}",
        "{{ missing }}",
        "{{ a.append(1) }}",
    ],
)
def test_a_template_that_reaches_out_is_refused(template):
    with pytest.raises(BadTemplate) as caught:
        render(template, {"a": [1]}, os.environ, kind="json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 9 ** (9 ** 9) }}",
        "{{ a * 10 ** 9 }}",
        "{{ a|center(10 ** 9) }}",
    ],
)
def test_a_template_that_would_never_end_is_killed(template):
    began = time.monotonic()
    with pytest.raises(BadTemplate, match=r"memory|long|OverflowError"):
        render(template, {"a": "x"}, os.environ, kind="json")
    assert time.monotonic() - began < 15


def test_a_template_finds_no_secret_in_its_process(monkeypatch):
    """Were the sandbox left, there would be nothing there: the environment is not handed on."""
    seen = {}
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *given, **more: seen.update(more["env"]) or real(*given, **more))
    render("x", {}, {"SVCOPS_NOTICE_CHAT": SECRET, "PYTHONUTF8": "1"}, kind="json")
    assert seen == {"PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


# The verb.


def test_notices_are_listed_with_whether_they_are_set(console, notices):
    assert "names no notices" in console("incident", "notices").err
    notices(
        {"name": "chat", "kind": "slack", "address": "SVCOPS_NOTICE_CHAT", "severities": ["sev1"]},
        {"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK", "on": ["opened"]},
        SVCOPS_NOTICE_CHAT=f"https://chat.example/{SECRET}",
    )
    said = console("incident", "notices").out
    assert (
        "chat\tslack\tSVCOPS_NOTICE_CHAT set\topened, severity, update, mitigated, resolved, reopened\tsev1\n" in said
    )
    assert "desk\tjson\tSVCOPS_NOTICE_DESK not set\topened\tevery severity\n" in said
    listed = console("incident", "notices", "--json")
    assert [(one["name"], one["is_set"]) for one in listed.json["notices"]] == [("chat", True), ("desk", False)]
    assert console("incident", "notices", "--quiet").out == "chat\ndesk\n"
    assert SECRET not in said + listed.out


def test_a_notice_can_be_tried_out(console, notices):
    with host() as there, host(202) as pager, host(500) as broken:
        notices(
            {"name": "chat", "kind": "slack", "address": "SVCOPS_NOTICE_CHAT", "template": "{{ incident.title }}"},
            {"name": "pager", "kind": "pagerduty", "address": "SVCOPS_NOTICE_PAGER"},
            {"name": "broken", "kind": "json", "address": "SVCOPS_NOTICE_BROKEN"},
            {"name": "desk", "kind": "json", "address": "SVCOPS_NOTICE_DESK"},
            {"name": "bad", "kind": "json", "address": "SVCOPS_NOTICE_CHAT", "template": "{{ nothing }}"},
            SVCOPS_NOTICE_CHAT=there.url,
            SVCOPS_NOTICE_PAGER=f"{pager.url} {KEY}",
            SVCOPS_NOTICE_BROKEN=broken.url,
        )
        head = console.store.head()
        assert "the test got to chat" in console("incident", "notices", "--test", "chat").err
        assert console("incident", "notices", "--test", "pager", "--json").json["sent"]
        said = console("incident", "notices", "--test", "broken", code=3)
        assert "127.0.0.1 answers 500, 3 times tried" in said.err
        assert SECRET not in said.err
    assert there.heard == [{"text": "This is a test of the notices of svcops"}]
    assert [one["event_action"] for one in pager.heard] == ["trigger", "resolve"]
    assert "export SVCOPS_NOTICE_DESK=..." in console("incident", "notices", "--test", "desk", code=3).err
    assert "'nothing' is undefined" in console("incident", "notices", "--test", "bad", code=3).err
    assert "Did you mean chat?" in console("incident", "notices", "--test", "chta", code=2).err
    assert console.store.head() == head


def test_the_sample_of_a_test_is_what_a_template_gets(console):
    console(*OPEN)
    graph = Graph(console.store.root)
    state = read_state(graph, "incident-")
    given = values(graph, state, state.events[-1])
    assert set(given["incident"]) == set(SAMPLE["incident"])
    assert set(given["event"]) <= set(SAMPLE["event"])
