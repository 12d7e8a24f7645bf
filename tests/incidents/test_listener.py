"""The HTTP server that Alertmanager tells of alerts: what it takes, what it bounds; and a real Alertmanager."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from svcops.errors import BadInput, NotDone
from svcops.incidents.alertmanager import BadPayload
from svcops.incidents.listener import listener
from svcops.store.lock import Locked, store_lock
from svcops.terminal.serving import Limits, is_loopback, run

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
TOKEN = "a-token-of-the-test"
PAYLOAD = {
    "version": "4",
    "groupKey": "{}:{}",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "QueueStuck", "service": "receipt-scanner", "severity": "sev2"},
            "annotations": {"summary": "Receipts wait"},
            "startsAt": "2026-11-23T07:10:00Z",
            "fingerprint": "a",
        }
    ],
    "commonAnnotations": {"summary": "Receipts wait"},
}


def did(body):
    return {"did": "noted", "incident": body.decode() or None}


@contextmanager
def served(take=did, *, token="", limits=None):
    """A listener in this process, its log, and the means to end it."""
    log = []
    server = listener("127.0.0.1", 0, token, take, lambda line, alarming: log.append(line), limits)
    server.log_of_test = log
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(server, stop))
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def ask(server, method="POST", path="/alerts", body=b"x", **headers):
    """Status, answer and headers of a request."""
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=20)
    connection.request(method, path, body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, json.loads(data) if data else None, answer.headers


def as_host(server, host):
    """The status of a request that names another host."""
    return ask(server, Host=host)[0]


def raw(server, data, *, pause=0.0):
    """What comes back for bytes sent as they are."""
    with socket.create_connection(server.server_address[:2], timeout=20) as connection:
        for piece in data if isinstance(data, list) else [data]:
            connection.sendall(piece)
            time.sleep(pause)
        said = b""
        while piece := connection.recv(4096):
            said += piece
    return said


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_payload_is_taken_and_answered():
    with served() as server:
        assert ask(server, body=b"i-1")[:2] == (200, {"did": "noted", "incident": "i-1"})
        assert ask(server, path="/", body=b"i-2")[0] == 200
    assert "POST /alerts 200 noted i-1" in server.log_of_test[0]


def test_a_probe_needs_no_token_and_no_other_method_does_anything():
    with served(token=TOKEN) as server:
        assert ask(server, "GET", "/healthz", b"")[:2] == (200, {"listening": True})
        assert ask(server, "GET", "/", b"")[0] == 405
        assert ask(server, "GET", "/incidents", b"")[0] == 404
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
            status, _, headers = ask(server, method, "/alerts", b"")
            assert (status, headers["Allow"]) == (405, "POST")
        assert ask(server, path="/other", **bearer(TOKEN))[0] == 404


def test_without_the_token_nothing_is_taken():
    taken = []
    with served(lambda body: taken.append(body) or did(body), token=TOKEN) as server:
        for headers in ({}, bearer("another"), bearer(""), bearer(TOKEN + "x"), {"Authorization": f"Basic {TOKEN}"}):
            status, said, answer = ask(server, **headers)
            assert (status, answer["WWW-Authenticate"]) == (401, "Bearer")
            assert TOKEN not in json.dumps(said)
        assert ask(server, **bearer("ü".encode().decode("latin-1")))[0] == 401
        assert ask(server, **{"Content-Type": "text/plain"})[0] == 401, "a stranger learns nothing of what is taken"
        assert ask(server, **bearer(TOKEN))[0] == 200
    assert taken == [b"x"]
    assert TOKEN not in "".join(server.log_of_test)


def test_what_a_web_page_could_send_is_refused():
    with served() as server:
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            assert ask(server, **{"Content-Type": kind})[0] == 415
        assert ask(server, **{"Content-Type": "application/json; charset=utf-8"})[0] == 200


def test_a_web_page_whose_name_leads_here_is_refused():
    """DNS rebinding: the browser takes it for the page's own server, and asks nobody."""
    taken = []
    with served(lambda body: taken.append(body) or did(body)) as server:
        for host in (
            "evil.example",
            "evil.example:9099",
            "localhost.evil.example",
            "192.0.2.1",
            "[::2]",
            "x@localhost",
        ):
            assert as_host(server, host) == 403
            assert ask(server, "GET", "/healthz", b"", Host=host)[0] == 403
        assert taken == []
        for host in ("localhost", "LOCALHOST:9099", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:9099"):
            assert as_host(server, host) == 200
        twice = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
        for head in (b"GET /healthz HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", twice):
            assert raw(server, head).split()[1] == b"403"
    with served(token=TOKEN) as server:
        assert ask(server, Host="alerts.example.org", **bearer(TOKEN))[0] == 200
        assert ask(server, Host="alerts.example.org")[0] == 401


def test_a_payload_that_is_too_large_is_refused_before_it_is_read():
    with served(limits=Limits(body=1000)) as server:
        assert ask(server, body=b"x" * 1000)[0] == 200
        status, said, _ = ask(server, body=b"x" * 300_000)
        assert status == 413
        assert "at most 1,000 bytes" in said["error"]
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
        assert b" 413 " in raw(server, head)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"", 411),
        (b"Content-Length: 2\r\nContent-Length: 3\r\n", 411),
        (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 411),
        (b"Content-Length: -1\r\n", 400),
        (b"Content-Length: 1_0\r\n", 400),
        ("Content-Length: ٣\r\n".encode(), 400),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n", 400),
    ],
)
def test_a_length_that_says_nothing_is_refused(lines, status):
    with served() as server:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        said = raw(server, head + lines + b"\r\nxx")
        assert said.split()[1] == str(status).encode()


def test_what_is_no_request_ends_nothing():
    with served() as server:
        assert b"Bad request version" in raw(server, b"\x16\x03\x01 tls hello\r\n\r\n")
        assert b"414" in raw(server, b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n")
        assert b"431" in raw(server, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n")
        with socket.create_connection(server.server_address[:2]):
            pass
        assert ask(server)[0] == 200


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_client_that_drips_is_cut_off(where):
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
    drops = [b"x"] * 60 if where == "body" else [b"A: b\r\n"] * 60
    began = time.monotonic()
    with served(limits=Limits(seconds=1.0)) as server:
        try:
            said = raw(server, [head + (b"\r\n" if where == "body" else b""), *drops], pause=0.25)
        except OSError:
            said = b""
        assert b" 200 " not in said
        assert time.monotonic() - began < 8, "each of its pieces was in time, and all of them took 15 s"
        assert ask(server)[0] == 200


def test_a_client_that_says_nothing_holds_no_place_for_long():
    with served(limits=Limits(seconds=0.5, at_once=1)) as server:
        silent = socket.create_connection(server.server_address[:2])
        time.sleep(0.1)
        status, _, headers = ask(server)
        assert (status, headers["Retry-After"]) == (503, "10")
        time.sleep(1.0)
        assert ask(server)[0] == 200
        silent.close()
    assert any("too many at once" in line for line in server.log_of_test)


def test_more_than_can_be_looked_after_are_told_to_come_again():
    going = threading.Event()

    def slow(body):
        going.wait(10)
        return did(body)

    statuses = []
    with served(slow, limits=Limits(at_once=3)) as server:
        threads = [threading.Thread(target=lambda: statuses.append(ask(server)[0])) for _ in range(8)]
        for thread in threads:
            thread.start()
        while len(statuses) < 5:
            time.sleep(0.02)
        assert statuses == [503] * 5
        going.set()
        for thread in threads:
            thread.join(20)
    assert sorted(statuses) == [200] * 3 + [503] * 5


def test_what_takes_long_is_not_cut_off():
    with served(lambda body: time.sleep(1.2) or did(body), limits=Limits(seconds=0.5)) as server:
        assert ask(server)[0] == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadPayload("no"), 400),
        (BadInput("no service"), 422),
        (NotDone("disk"), 500),
        (Locked("busy"), 503),
        (OSError(28, "No space left on device"), 500),
        (RuntimeError("a fault of ours"), 500),
    ],
)
def test_what_went_wrong_is_told_by_the_status(error, status):
    def fail(body):
        raise error

    with served(fail) as server:
        found, said, headers = ask(server)
        assert found == status
        assert said["error"]
        assert (headers["Retry-After"] is not None) == (status == 503)
        assert ask(server, "GET", "/healthz", b"")[0] == 200
    assert f" {status} " in server.log_of_test[0]


def test_one_at_a_time_writes():
    inside, most = [], []

    def take(body):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.05)
        inside.pop()
        return did(body)

    with served(take) as server:
        threads = [threading.Thread(target=ask, args=(server,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert max(most) == 1


def test_ending_waits_for_what_was_begun():
    finished = []

    def slow(body):
        time.sleep(0.6)
        finished.append(body)
        return did(body)

    with served(slow) as server:
        thread = threading.Thread(target=ask, args=(server,))
        thread.start()
        time.sleep(0.2)
    assert finished == [b"x"]
    thread.join(20)


def test_only_loopback_needs_no_token():
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.0.2.1", "example.org", "")))
    for host in ("0.0.0.0", "::", ""):
        with pytest.raises(BadInput, match="there is no token"):
            listener(host, 0, "", did, print)


def test_an_address_that_is_taken_or_none_is_told():
    with served() as server, pytest.raises(NotDone, match="cannot be listened at"):
        listener("127.0.0.1", server.server_address[1], "", did, print)
    with pytest.raises(NotDone, match="cannot be listened at"):
        listener("127.0.0.1", 70_000, "", did, print)
    with pytest.raises(NotDone, match="cannot be listened at"):
        listener("no-such-host.invalid", 0, TOKEN, did, print)


@contextmanager
def listening(console, *options, env=None, ends_with=0, by=signal.SIGTERM):
    """`svcops incident listen` as a process of its own: its address."""
    command = [sys.executable, "-m", "svcops", "incident", "listen", "--port", "0", *options]
    process = subprocess.Popen(
        command,
        cwd=console.store.root,
        env={**os.environ, **console.store.env, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.said = []
    reading = threading.Thread(target=lambda: process.said.extend(process.stderr))
    reading.start()
    try:
        process.url = process.stdout.readline().strip()
        yield process
        process.send_signal(by)
        assert process.wait(60) == ends_with, process.said
    finally:
        process.kill()
        process.wait()
        reading.join(10)
        process.stdout.close()
        process.stderr.close()


def post(url, plain, token=""):
    request = urllib.request.Request(
        url, json.dumps(plain).encode(), {"Content-Type": "application/json", **bearer(token)}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_post_is_a_commit_before_it_is_answered(console):
    with listening(console) as process:
        status, said = post(process.url, PAYLOAD)
        assert (status, said["did"]) == (200, "opened")
        assert said["commit"] == console.store.head()
        status, again = post(process.url, PAYLOAD)
        assert (status, again["did"], again["commit"]) == (200, "nothing", None)
        assert post(process.url, {"version": "3"})[0] == 400
        with socket.create_connection(("127.0.0.1", int(process.url.rpartition(":")[2]))) as connection:
            connection.sendall(b"GET /\x1b[31m HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert b"404" in connection.recv(1000)
        strange = {**PAYLOAD, "groupKey": "x", "alerts": [{**PAYLOAD["alerts"][0], "labels": {"service": "mail"}}]}
        status, refused = post(process.url, strange)
        assert status == 422
        assert "service=mail is no service" in refused["error"]
    text = "".join(process.said)
    assert f"POST / 200 opened {said['incident']}" in text
    assert "--service NAME stands in" in text
    assert text.endswith("stopped\n")
    assert "\x1b" not in text
    assert console.store.is_clean()


def test_what_a_person_should_know_is_logged_and_a_start_to_come_is_no_payload(console):
    with listening(console) as process:
        unmapped = {**PAYLOAD["alerts"][0], "labels": {**PAYLOAD["alerts"][0]["labels"], "severity": "page"}}
        assert post(process.url, {**PAYLOAD, "alerts": [unmapped]})[0] == 200
        to_come = {**PAYLOAD["alerts"][0], "startsAt": "9999-12-31T23:59:59Z"}
        status, said = post(process.url, {**PAYLOAD, "alerts": [to_come]})
        assert (status, "startsAt is more than a day from now" in said["error"]) == (400, True)
    assert "severity=page is not mapped" in "".join(process.said)


def test_what_cannot_be_committed_is_not_answered_with_done(console):
    console.store.hook("pre-commit", "exit 1")
    with listening(console) as process:
        assert post(process.url, PAYLOAD)[0] == 500
        status, again = post(process.url, PAYLOAD)
        assert status == 500
        assert "not committed" in again["error"]
        console.store.hook("pre-commit", "exit 0")
        console.store.commit("By hand")
        assert post(process.url, PAYLOAD)[0] == 200


def test_while_somebody_else_writes_the_answer_waits(console):
    answers = []
    with listening(console) as process:
        with store_lock(console.store.git_dir / "svcops", print):
            thread = threading.Thread(target=lambda: answers.append(post(process.url, PAYLOAD)[0]))
            thread.start()
            time.sleep(1.5)
            assert answers == []
        thread.join(60)
    assert answers == [200]


def test_the_clock_of_each_request_is_its_own(console):
    with listening(console, "--severity", "*=sev3") as process:
        first = post(process.url, {**PAYLOAD, "groupKey": "1"})[1]["incident"]
        time.sleep(1.1)
        second = post(process.url, {**PAYLOAD, "groupKey": "2"})[1]["incident"]
    declared = [console("incident", "show", one, "--json").json["incident"]["declared"] for one in (first, second)]
    assert declared[0] < declared[1]


def test_interrupting_it_is_130(console):
    with listening(console, ends_with=130, by=signal.SIGINT) as process:
        assert post(process.url, PAYLOAD)[0] == 200
    assert "".join(process.said).endswith("stopped\n")


def test_the_token_comes_from_a_file_or_the_environment(console, tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    for options, env in ((("--token-file", str(tmp_path / "token")), {}), ((), {"SVCOPS_LISTEN_TOKEN": TOKEN})):
        with listening(console, "--host", "0.0.0.0", *options, env=env) as process:
            assert post(process.url, PAYLOAD)[0] == 401
            assert post(process.url, PAYLOAD, TOKEN)[0] == 200
        assert TOKEN not in "".join(process.said)


def test_what_cannot_begin_says_why(console, tmp_path):
    assert "there is no token" in console("incident", "listen", "--host", "0.0.0.0", code=2).err
    (tmp_path / "empty").write_text("\n")
    assert "is empty" in console("incident", "listen", "--token-file", str(tmp_path / "empty"), code=2).err
    assert "No such file" in console("incident", "listen", "--token-file", "nowhere", code=2).err
    assert "there is no such port" in console("incident", "listen", "--port", "70000", code=2).err
    assert "no service 'x'" in console("incident", "listen", "--service", "x", code=2).err


@contextmanager
def alertmanager(folder, receiver):
    """A real one, of a process of its own, that tells our listener at once: its address."""
    folder.mkdir()
    (folder / "alertmanager.yml").write_text(
        f"""
route:
  receiver: svcops
  group_by: [alertname, service]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1s
receivers:
  - name: svcops
    webhook_configs:
      - url: {receiver}/alerts
        http_config:
          authorization: {{type: Bearer, credentials: {TOKEN}}}
"""
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [
                ALERTMANAGER,
                f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: is_ready(url))
        yield url
    finally:
        process.terminate()
        process.wait(30)


def is_ready(url):
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def until(found, seconds=30):
    """What is found, once it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def raise_alert(url, queue, *, over=False):
    moment = time.time()
    plain = {
        "labels": {"alertname": "QueueStuck", "service": "receipt-scanner", "severity": "critical", "queue": queue},
        "annotations": {"summary": "Receipts wait"},
        "startsAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment - 60)),
    }
    if over:
        plain["endsAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    request = urllib.request.Request(
        f"{url}/api/v2/alerts", json.dumps([plain]).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.skipif(
    not ALERTMANAGER and not os.environ.get("CI"), reason="Alertmanager is missing: scripts/components installs it"
)
def test_a_real_alertmanager_opens_tells_more_and_resolves(console, tmp_path):
    """From an alert by its API to a resolved incident; told again and again meanwhile, as repeat_interval has it."""

    def now():
        listed = console("incident", "list", "--json").json["incidents"]
        return console("incident", "show", listed[0]["id"], "--json").json["incident"] if listed else {"timeline": []}

    options = ("--severity", "critical=sev2")
    with (
        listening(console, *options, env={"SVCOPS_LISTEN_TOKEN": TOKEN}) as process,
        alertmanager(tmp_path / "alertmanager", process.url) as url,
    ):
        raise_alert(url, "a")
        opened = until(lambda: now() if now()["timeline"] else None)
        assert (opened["title"], opened["severity"], opened["phase"]) == ("QueueStuck", "sev2", "incident")
        assert opened["services"] == ["receipt-scanner"]
        raise_alert(url, "b")
        more = until(lambda: now() if len(now()["timeline"]) > 3 else None)
        assert (more["timeline"][-1]["type"], more["timeline"][-1]["firing"]) == ("alert", 2)
        until(lambda: sum("nothing" in line for line in process.said) > 1)
        raise_alert(url, "a", over=True)
        raise_alert(url, "b", over=True)
        over = until(lambda: now() if now().get("resolved") else None)
    assert over["phase"] == "post-mortem"
    assert [one["type"] for one in over["timeline"]][:4] == ["impact-started", "opened", "alert", "alert"]
    assert len(console("incident", "list", "--json").json["incidents"]) == 1
    console.now = datetime.now(UTC)  # what notices record is of the clock on the wall
    assert console("check").code == 0
    assert console.store.is_clean()
