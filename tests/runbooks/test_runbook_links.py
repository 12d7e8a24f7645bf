"""svcops runbook links: what leads nowhere in the store, and outside of it when that is asked for."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

TEXT = "---\ntitle: Late\nkind: operation\nservices: [ledger]\n---\n## Meaning\n{}\n## Impact\n## Diagnosis\n## Mitigation\n"
CONDITION = """\
apiVersion: openslo/v1
kind: AlertCondition
metadata:
  name: fast-late
  annotations:
    runbook_url: {}
spec: {{severity: page, condition: {{kind: burnrate, op: gt, threshold: 6, lookbackWindow: 1h}}}}
"""


class Host:
    """A host on loopback that answers by its paths, and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.over = threading.Event()
        self.statuses = {("HEAD", "/no-head"): 405, ("HEAD", "/wrong-head"): 404}
        self.places = {"/moved": "/there", "/round": "/round"}
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.asked.append((self.command, self.path))
                if self.path == "/slow":
                    host.over.wait(20)
                place = host.places.get(self.path)
                name = self.path.strip("/")
                status = 302 if place else int(name) if name.isdigit() else 200
                self.send_response(host.statuses.get((self.command, self.path), status))
                if place:
                    self.send_header("Location", place)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_GET  # noqa: N815 - as http.server calls it

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def host():
    made = Host()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.over.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def nobody():
    """An address at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def links(console, *targets, options=(), code=0):
    """What is said of a runbook with these links."""
    text = TEXT.format("\n".join(f"[x]({one})" for one in targets))
    console.store.write("runbooks/ledger/late.md", text)
    return console("runbook", "links", "ledger/late", *options, code=code)


def outside(console, *targets, options=(), code=0):
    return links(console, *targets, options=("--outside", "--json", *options), code=code).json["links"]


def test_without_being_asked_no_host_is_asked(console, host):
    said = links(console, f"{host.url}/404", "#impact")
    assert (said.out, host.asked) == ("", [])
    assert "2 links: 1 there, 1 not asked" in said.err


def test_what_is_dead_in_the_store_is_told_with_its_line(console):
    said = links(console, "#impact", "gone.md", code=1)
    assert said.out == "runbooks/ledger/late.md:8\tgone.md\tdead\tthere is no runbooks/ledger/gone.md\n"
    assert links(console, "#impact", "gone.md", options=("--quiet",), code=1).out == "runbooks/ledger/late.md:8\n"


@pytest.mark.parametrize(
    ("path", "state", "asked"),
    [
        ("/there", "there", ["HEAD"]),
        ("/there#place", "there", ["HEAD"]),
        ("/no-head", "there", ["HEAD", "GET"]),
        ("/wrong-head", "there", ["HEAD", "GET"]),
        ("/moved", "there", ["HEAD", "HEAD"]),
        ("/403", "there", ["HEAD"]),
        ("/404", "dead", ["HEAD", "GET"]),
        ("/410", "dead", ["HEAD", "GET"]),
        ("/round", "dead", ["HEAD"] * 6),
        ("/429", "unknown", ["HEAD", "GET"]),
        ("/500", "unknown", ["HEAD", "GET"]),
    ],
)
def test_an_address_is_asked_for_by_head_and_then_by_get(console, host, path, state, asked):
    (one,) = outside(console, host.url + path, code={"there": 0, "dead": 1, "unknown": 4}[state])
    assert (one["state"], [method for method, _ in host.asked]) == (state, asked)
    assert bool(one["why"]) == (state != "there")


def test_an_address_that_stands_in_many_places_is_asked_for_once(console, host):
    outside(console, f"{host.url}/there", f"{host.url}/there#a", f"{host.url}/there#b")
    assert host.asked == [("HEAD", "/there")]


def test_one_dead_among_many_is_an_answer_whatever_did_not_say(console, host, nobody):
    found = outside(console, f"{host.url}/there", f"{host.url}/404", nobody, "#impact", code=1)
    assert [one["state"] for one in found] == ["there", "dead", "unknown", "there"]


def test_a_host_that_cannot_be_reached_among_others_leaves_the_answer_open(console, host, nobody):
    found = outside(console, f"{host.url}/there", nobody, code=4)
    assert found[1]["why"].startswith("the host cannot be reached")


def test_where_no_host_can_be_reached_nothing_was_done(console, nobody):
    said = links(console, nobody, options=("--outside",), code=3)
    assert "no host could be reached" in said.err


def test_a_host_that_says_nothing_is_not_waited_for_longer_than_asked(console, host):
    (one, _) = outside(console, f"{host.url}/slow", f"{host.url}/there", options=("--timeout", "1s"), code=4)
    assert one["why"] == "no answer within 1 s"


def test_addresses_of_examples_and_of_mail_are_not_asked_for(console):
    found = outside(console, "https://login.example.com/x", "https://bank.example", "mailto:a@b.org")
    assert {one["state"] for one in found} == {"not asked"}


def test_what_leads_out_of_the_store_is_unknown(console):
    said = links(console, "#impact", "../../../nosuch/at/all.md", code=4)
    assert "it leaves the store: what stands there is not known here" in said.out
    assert "2 links: 1 there, 1 unknown" in said.err
    assert "..odd.md\tdead" in links(console, "../../..odd.md", code=1).out


@pytest.mark.parametrize("address", ["http://[::1", "http://[bad", "http://[bad#place"])
def test_what_is_no_address_is_dead(console, host, address):
    (one, _) = outside(console, address, f"{host.url}/there", code=1)
    assert one["why"].startswith("no address of the web")


def test_addresses_to_which_alerts_lead_are_among_all(console, host):
    console.store.write("slo/late.yaml", CONDITION.format(f"{host.url}/404"))
    found = console("runbook", "links", "--outside", code=1).out
    assert found == f"slo/late.yaml:6\t{host.url}/404\tdead\tthe host answers 404\n"


@pytest.mark.parametrize("given", ["0s", "soon", "11m"])
def test_a_time_that_is_none_is_told(console, given):
    assert f"--timeout {given}" in links(console, options=("--timeout", given), code=2).err


def test_a_port_that_no_host_has_is_told_and_ends_nothing(console, host):
    found = outside(console, "http://127.0.0.1:99999/x", f"{host.url}/there", code=1)
    assert [one["state"] for one in found] == ["dead", "there"]
