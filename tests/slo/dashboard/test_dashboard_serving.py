"""svcops slo serve: pages for browsers on this machine, and for nobody whom a name led here."""

import http.client
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.browser import dump, needs_chromium

from svcops.errors import NotDone
from svcops.slo.dashboard.living import Served
from svcops.slo.dashboard.serving import server
from svcops.terminal.serving import run

PAGES = {
    "index.html": Served(b"<!DOCTYPE html><p>all</p>", '"one"'),
    "services/a.html": Served(b"<!DOCTYPE html><p>a</p>", '"two"'),
}


class Still:
    """A dashboard to which nothing happens."""

    files = PAGES


@contextmanager
def served(host="127.0.0.1"):
    log = []
    made = server(host, 0, Still(), lambda line, alarming: log.append((line, alarming)))
    made.log_of_test = log
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(made, stop))
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join()


def ask(made, path="/", method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", made.server_address[1], timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def test_pages_are_sent_with_what_a_browser_has_to_know():
    with served() as made:
        status, text, headers = ask(made)
        assert (status, text) == (200, "<!DOCTYPE html><p>all</p>")
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["ETag"] == '"one"'
        assert headers["Cache-Control"] == "no-cache"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert ask(made, "/services/a.html?x=1#y")[:2] == (200, "<!DOCTYPE html><p>a</p>")
        assert ask(made, method="HEAD")[:2] == (200, "")


def test_what_a_browser_has_is_not_sent_again_and_not_logged():
    with served() as made:
        assert ask(made, If_None_Match='"one"')[:2] == (304, "")
        assert made.log_of_test == []
        assert ask(made, If_None_Match='"another"')[0] == 200
        assert len(made.log_of_test) == 1


@pytest.mark.parametrize(
    "path", ["/nothing", "/../svcops.yaml", "/%2e%2e/svcops.yaml", "//evil.example/", "/services/"]
)
def test_nothing_else_is_sent(path):
    with served() as made:
        status, text, headers = ask(made, path)
        assert status == 404
        assert "The overview is at /" in text
        assert headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_can_only_be_read(method):
    with served() as made:
        status, _, headers = ask(made, method=method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "localhost, evil.example"])
def test_who_comes_by_another_name_is_refused(host):
    with served() as made:
        status, text, _ = ask(made, Host=host)
        assert status == 403
        assert "<p>" not in text


def test_on_another_address_numbers_are_taken_and_names_are_not():
    with served("0.0.0.0") as made:
        assert ask(made, Host="10.0.0.1:80")[0] == 200
        assert ask(made, Host="localhost")[0] == 200
        assert ask(made, Host="evil.example")[0] == 403


def test_an_address_that_is_taken_is_told():
    with served() as made, pytest.raises(NotDone, match="cannot be listened at"):
        server("127.0.0.1", made.server_address[1], Still(), print)


@contextmanager
def process(board, *more):
    """svcops slo serve, of a process of its own: that, and where it listens."""
    arguments = (sys.executable, "-m", "svcops", "--quiet", "slo", "serve", "--port", "0", *more)
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(board.root.parent)}
    running = subprocess.Popen(
        arguments, cwd=board.root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield running, running.stdout.readline().strip()
    finally:
        running.kill()
        running.communicate()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_serves_until_it_is_stopped(small, sent, code):
    with process(small(), "--at", "2026-11-23T12:00:00Z") as (running, url):
        assert url.startswith("http://127.0.0.1:")
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/")
        assert "Checkout" in connection.getresponse().read().decode()
        running.send_signal(sent)
        _, told = running.communicate(timeout=60)
        assert running.returncode == code
        assert "Traceback" not in told


def test_a_port_that_cannot_be_is_refused(small):
    done = small().call("slo", "serve", "--port", "70000")
    assert done.status == 2
    assert "there is no such port" in done.err


class Once(BaseHTTPRequestHandler):
    """Answers once, and is damaged then."""

    def do_GET(self):
        first, self.server.seen = not self.server.seen, True
        if self.path == "/" and first:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(self.server.page)
        else:
            self.send_error(503)

    def log_message(self, *_):
        pass


def test_in_a_browser_the_page_runs_without_a_word_of_complaint(small, tmp_path):
    needs_chromium()
    with process(small(), "--at", "2026-11-23T12:00:00Z") as (_, url):
        document, console = dump(url, tmp_path, "--virtual-time-budget=6000")
    assert console == []
    assert 'role="status">Renews itself</p>' in document


def test_in_a_browser_the_page_says_that_it_is_old_when_the_server_is_gone(small, tmp_path):
    needs_chromium()
    with process(small(), "--at", "2026-11-23T12:00:00Z") as (_, url):
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/")
        page = connection.getresponse().read()
    with HTTPServer(("127.0.0.1", 0), Once) as fake:
        fake.page, fake.seen = page, False
        threading.Thread(target=fake.serve_forever, daemon=True).start()
        document, _ = dump(f"http://127.0.0.1:{fake.server_port}/", tmp_path, "--virtual-time-budget=9000")
        fake.shutdown()
    assert "The server does not answer since" in document
    assert "All figures are old: those of Mon 2026-11-23 12:00." in document
    assert "Missed" in document or "Met:" in document


def test_in_a_browser_the_page_renews_itself(small, tmp_path):
    needs_chromium()
    board = small()
    with process(board, "--at", "2026-11-23T12:00:00Z") as (_, url):
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/")
        old = connection.getresponse().read()
    new = old.replace(b">Checkout<", b">Renewed checkout<")
    assert new != old

    class Twice(Once):
        def do_GET(self):
            self.server.seen += self.path == "/"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("ETag", f'"{min(self.server.seen, 2)}"')
            self.end_headers()
            self.wfile.write(old if self.server.seen < 2 else new)

    with HTTPServer(("127.0.0.1", 0), Twice) as fake:
        fake.seen = 0
        threading.Thread(target=fake.serve_forever, daemon=True).start()
        document, console = dump(f"http://127.0.0.1:{fake.server_port}/", tmp_path, "--virtual-time-budget=9000")
        fake.shutdown()
    assert console == []
    assert "Renewed checkout" in document
    assert 'role="status">Renewed at ' in document
