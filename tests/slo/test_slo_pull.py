"""`svcops slo pull`: against servers that answer as they like. A real Prometheus is in test_slo_pull_prometheus.py."""

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.slo.hosts import Asked, Server, matrix, serving

NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())
GOOD, BAD = {"__name__": "logins_total", "code": "200"}, {"__name__": "logins_total", "code": "500"}
ANSWER = matrix((GOOD, [(NOON - 1800, "10"), (NOON, "109")]), (BAD, [(NOON - 1800, "0"), (NOON, "1")]))


def metric(query: str) -> Any:
    return {"metricSource": {"metricSourceRef": "prometheus", "spec": {"query": query}}}


def document(kind: str, name: str, spec: Any) -> str:
    return json.dumps({"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})


class Pulling:
    """A store with an SLO on logins over an hour, and what becomes of it. It is noon."""

    def __init__(self, console: Any) -> None:
        self.console = console
        self.slo('logins_total{code="500"}', "logins_total")

    def slo(self, bad: str, total: str, name: str = "logins") -> None:
        spec = {
            "service": "ledger",
            "indicator": {
                "metadata": {"name": "sli"},
                "spec": {"ratioMetric": {"counter": True, "bad": metric(bad), "total": metric(total)}},
            },
            "timeWindow": [{"duration": "1h", "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"target": 0.9}],
        }
        self.console.store.write(f"slo/{name}.yaml", document("SLO", name, spec))

    def source(self, url: str, **details: str) -> None:
        spec = {"type": "Prometheus", "connectionDetails": {"url": url, "timeout": "1s", **details}}
        self.console.store.write("slo/prometheus.yaml", document("DataSource", "prometheus", spec))

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        self.console.now = datetime(2026, 11, 23, 11, 59, tzinfo=UTC)
        return self.console("slo", *arguments, code=code)

    @property
    def files(self) -> list[Path]:
        """All files of samples, hidden ones too."""
        return sorted(path for path in (self.console.store.root / "metrics").rglob("*") if path.is_file())

    @contextmanager
    def host(self, answer: object = ANSWER, **details: str) -> Iterator[Server]:
        """A host that gives this answer, or is asked to answer, as the source of the store."""

        def one(asked: Asked) -> None:
            answer(asked) if callable(answer) else asked.answer(200, answer)

        with serving(one) as server:
            self.source(server.url, **details)
            yield server


@pytest.fixture
def pulling(console: Any) -> Pulling:
    return Pulling(console)


def test_what_was_pulled_is_what_the_report_reads_without_the_host(pulling: Pulling) -> None:
    with pulling.host():
        said = pulling("pull", "--from", "11:00")
    assert said.out.splitlines()[0].split("\t") == [
        "prometheus", "logins_total", "1", "2", "4", "2026-11-23T12:30:00+01:00", "2026-11-23T13:00:00+01:00",
    ]  # fmt: skip
    (level,) = pulling("report", "--json").json["slos"]
    assert (level["bad"], level["total"]) == (1, 100)


def test_until_something_was_pulled_the_report_says_what_to_type(pulling: Pulling) -> None:
    pulling.source("http://localhost:1")
    said = pulling("report", code=2)
    assert "no samples of DataSource prometheus are here" in said.err
    assert "help: svcops slo pull prometheus" in said.err


def test_a_selector_that_was_not_pulled_does_not_pass_for_no_errors(pulling: Pulling) -> None:
    with pulling.host(matrix((GOOD, [(NOON - 60, "1")]))):
        pulling.slo('logins_total{code="200",a="b"}', 'logins_total{code="200"}')
        pulling("pull")
    pulling.slo('logins_total{code="500"}', 'logins_total{code="200"}')
    said = pulling("report", code=2)
    assert "bad.metricSource.spec.query: its samples were not pulled from DataSource prometheus, from 2026-" in said.err


def test_samples_are_asked_for_day_by_day_from_the_day_on_which_the_longest_window_begins(pulling: Pulling) -> None:
    with pulling.host(matrix()) as server:
        said = pulling("pull", "--json")
    (asked,) = server.asked
    assert (asked.path, asked.query) == ("/api/v1/query", "logins_total[43200001ms]")
    assert asked.parameters["time"] == f"{NOON}.000"
    (pulled,) = said.json["pulled"]
    assert pulled["files"] == ["metrics/prometheus/logins_total-c53ab3db-20261123T000000Z-20261123T120000Z.parquet"]
    assert (pulled["series"], pulled["samples"], pulled["first"]) == (0, 0, None)
    with pulling.host(matrix()) as server:
        pulling("pull", "--from", "2026-11-21T22:00Z")
    assert [one.query for one in server.asked] == [
        "logins_total[7200000ms]",
        "logins_total[86400000ms]",
        "logins_total[43200001ms]",
    ]


def test_a_sample_at_the_edge_of_two_chunks_is_in_one_of_them_however_the_host_counts(pulling: Pulling) -> None:
    midnight = NOON - 12 * 3600
    samples = {midnight - 0.001: "1", midnight: "2", NOON: "3"}

    def answer(asked: Asked, *, is_closed: bool) -> None:
        end = float(asked.parameters["time"])
        start = round(end - int(asked.query.split("[")[1][:-3]) / 1000, 3)
        inside = [(one, value) for one, value in samples.items() if start < one <= end or (is_closed and one == start)]
        asked.answer(200, matrix((GOOD, inside)))

    for is_closed in (True, False):
        with pulling.host(lambda asked, is_closed=is_closed: answer(asked, is_closed=is_closed)):
            said = pulling("pull", "--from", "2026-11-22T20:00Z", "--json")
        assert said.json["pulled"][0]["samples"] == 3
        counts = [duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall() for path in pulling.files]
        assert counts == [[(1,)], [(2,)]]


def test_a_chunk_of_too_many_samples_is_halved(pulling: Pulling) -> None:
    def answer(asked: Asked) -> None:
        if int(asked.query.split("[")[1][:-3]) > 3 * 3600 * 1000:
            asked.answer(422, {"status": "error", "error": "query processing would load too many samples into memory"})
        else:
            asked.answer(200, matrix())

    with pulling.host(answer):
        pulling("pull", "--from", "2026-11-23T02:00Z", "--until", "2026-11-23T09:59:59Z")
    assert [path.name.split("-", 2)[2].removesuffix(".parquet") for path in pulling.files] == [
        "20261123T020000Z-20261123T035959Z",
        "20261123T035959Z-20261123T055959Z",
        "20261123T055959Z-20261123T075959Z",
        "20261123T075959Z-20261123T095959Z",
    ]


def test_where_a_minute_is_too_much_it_ends(pulling: Pulling) -> None:
    with pulling.host(lambda asked: asked.answer(422, {"error": "too many samples"})) as server:
        said = pulling("pull", "--from", "11:00", code=3)
    assert f"DataSource prometheus: {server.url[7:]} answers 422: too many samples\n" in said.err
    assert not pulling.files


def test_pulling_again_replaces_what_is_there_and_its_parts(pulling: Pulling) -> None:
    with pulling.host(matrix((GOOD, [(NOON - 3600 * 9, "1")]))):
        pulling("pull", "--until", "-6h")
        (part,) = pulling.files
    with pulling.host(matrix((GOOD, [(NOON - 3600 * 9, "1"), (NOON - 60, "5")]))):
        pulling("pull")
        (whole,) = pulling.files
        assert part != whole
        before = whole.read_bytes()
        pulling("pull")
    assert [path.read_bytes() for path in pulling.files] == [before]


def test_what_the_host_has_forgotten_stays(pulling: Pulling) -> None:
    with pulling.host():
        pulling("pull")
    before = pulling.files[0].read_bytes()
    with pulling.host(matrix()):
        said = pulling("pull")
    assert pulling.files[0].read_bytes() == before
    assert "stays as it is: prometheus has fewer samples of that time by now" in said.err


@pytest.mark.parametrize(
    ("details", "secrets", "header"),
    [
        ({"token": "TOKEN"}, {"TOKEN": "s3cret"}, "Bearer s3cret"),
        ({"user": "U", "password": "P"}, {"U": "ada", "P": "s3cret"}, "Basic YWRhOnMzY3JldA=="),
    ],
)
def test_secrets_of_the_environment_are_sent_and_never_shown(pulling: Pulling, details, secrets, header) -> None:
    pulling.console.store.env.update(secrets)
    with pulling.host(tenant="team-a", **details) as server:
        said = pulling("pull", "--from", "11:00")
    assert server.asked[0].headers["authorization"] == header
    assert server.asked[0].headers["x-scope-orgid"] == "team-a"
    with pulling.host(lambda asked: asked.answer(403, f"no: {asked.headers['authorization']}"), **details):
        refused = pulling("pull", "--from", "11:00", code=3)
    assert "answers 403: no: " in refused.err
    for text in (said.out, said.err, refused.out, refused.err):
        assert "s3cret" not in text
        assert "YWRh" not in text


def test_a_secret_that_is_not_there_is_asked_for_by_its_variable(pulling: Pulling) -> None:
    with pulling.host(token="TOKEN") as server:
        said = pulling("pull", code=2)
    assert "DataSource prometheus: the variable TOKEN is not set\n  help: export TOKEN=...\n" in said.err
    assert not server.asked


def test_nobody_is_followed_elsewhere_with_the_secrets(pulling: Pulling) -> None:
    pulling.console.store.env["TOKEN"] = "s3cret"
    with serving(lambda asked: asked.answer(200, ANSWER)) as other:
        place = f"{other.url}/api/v1/query"
        with pulling.host(lambda asked: asked.answer(302, Location=place), token="TOKEN"):
            said = pulling("pull", code=3)
        assert "sends elsewhere (302), which is not followed" in said.err
        assert f"name {other.url[7:]} in url:" in said.err
        assert not other.asked


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("<html>Welcome</html>", "answers with what is no JSON"),
        ('{"status": "success", "data": {"resultType": "matrix", "result": [NaN]}}', "answers with what is no JSON"),
        ("[" * 100_000, "answers with what is no JSON"),
        ([], "answers with what is no success of the API of Prometheus"),
        ({"status": "success"}, "answers with null, and a matrix was asked for"),
        ({"status": "success", "data": {"resultType": "vector", "result": []}}, "answers with vector, and a matrix"),
        ({**ANSWER, "warnings": ["a store is away"]}, 'warns, so its answer may be but a part: ["a store is away"]'),
        ({**ANSWER, "isPartial": True}, "says that its answer is but a part"),
        (matrix(({"__name__": "other"}, [])), "gives samples of other, and logins_total was asked for"),
        (matrix(({}, [])), "gives samples of null, and logins_total was asked for"),
        (matrix((GOOD, [(NOON, "many")])), 'that is no time and number: [1795435200, "many"]'),
        (matrix((GOOD, [(NOON, "1_0")])), "that is no time and number"),
        (matrix((GOOD, [(float(10**300), "1")])), "that is no time and number"),
        (matrix((GOOD, [(NOON, 1)])), "that is no time and number"),
        (matrix((GOOD, [("now", "1")])), "that is no time and number"),
        (matrix((GOOD, [(NOON + 1, "1")])), "of another time than was asked for"),
        (matrix((GOOD, [(NOON, "1"), (NOON, "2")])), "gives two values of one series of logins_total at one time"),
        (matrix((GOOD, [(NOON, "1")]), (GOOD, [(NOON, "1")])), "gives one series twice"),
        (matrix(({**GOOD, "Code": "x"}, [(NOON, "1")])), "has labels of logins_total that no table can hold: code and"),
        (matrix(({**GOOD, "__time__": "x"}, [(NOON, "1")])), "that no table can hold: __time__"),
        ({"status": "success", "data": {"resultType": "matrix", "result": [{"metric": GOOD, "histograms": [[1, {}]]}]}},
         "has native histograms of logins_total, which are not read"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_and_nothing_is_written(pulling: Pulling, answer: object, why: str) -> None:
    with pulling.host(answer) as server:
        said = pulling("pull", code=3)
    assert said.err.startswith(f"error: DataSource prometheus: {server.url[7:]} ")
    assert why in said.err
    assert not pulling.files


@pytest.mark.parametrize(
    ("status", "body", "said", "help_"),
    [
        (401, "", "answers 401\n", "token:, or user: and password:, name variables."),
        (404, "<html>gone</html>", "answers 404\n", "url: goes as far as what comes before /api/v1"),
        (503, "busy", "answers 503: busy\n", "Try again later"),
        (400, {"status": "error", "error": "parse error"}, "answers 400: parse error\n", ""),
        (422, {"status": "error", "error": "no such thing"}, "answers 422: no such thing\n", ""),
    ],
)
def test_a_refusal_is_told_with_what_to_do(pulling: Pulling, status: int, body: Any, said: str, help_: str) -> None:
    with pulling.host(lambda asked: asked.answer(status, body)):
        told = pulling("pull", code=3).err
    assert said in told
    assert help_ in told
    assert not pulling.files


def test_a_proxy_that_is_set_wrong_is_told(pulling: Pulling, monkeypatch: Any) -> None:
    pulling.source("http://prometheus.example")
    monkeypatch.setenv("HTTP_PROXY", "nonsense://proxy")
    assert "a proxy or certificates are set wrong (ValueError)" in pulling("pull", code=3).err


def test_an_answer_that_is_cut_off_is_none(pulling: Pulling) -> None:
    with pulling.host(lambda asked: asked.answer(200, ANSWER, Content_Length="99999")):
        said = pulling("pull", code=3)
    assert "ended its answer too early" in said.err
    assert not pulling.files


def test_a_host_that_hangs_is_left(pulling: Pulling) -> None:
    let_go = threading.Event()
    with pulling.host(lambda _: let_go.wait(60)):
        said = pulling("pull", code=3)
        let_go.set()
    assert "does not answer within 1 s" in said.err


def test_a_host_that_is_not_there_is_told(pulling: Pulling) -> None:
    pulling.source("http://localhost:1")
    assert "localhost:1 cannot be reached" in pulling("pull", code=3).err


def test_an_answer_without_end_is_not_taken(pulling: Pulling, monkeypatch: Any) -> None:
    from svcops.slo import prometheus_api

    monkeypatch.setattr(prometheus_api, "MOST_BYTES", 1024)
    with pulling.host('{"status": "success", "data": ' + " " * 5000):
        said = pulling("pull", code=3)
    assert "in one answer" in said.err
    assert not pulling.files


@pytest.mark.parametrize(
    ("details", "why"),
    [
        ({"url": "ftp://host"}, "url: not a web address"),
        ({"url": "http://ada:s3cret@host"}, "url: a user or password does not stand in it"),
        ({"url": "http://host/api/v1"}, "url: it goes as far as what comes before /api/v1"),
        ({"url": "http://host:port"}, "url: not a web address"),
        ({"token": "s3cret-as-it-is"}, "token: not the name of an environment variable"),
        ({"user": "U"}, "user: user and password belong together"),
        ({"token": "T", "user": "U", "password": "P"}, "token: beside user and password"),
        ({"timeout": "0s"}, "timeout: not above 0"),
        ({"timeout": "soon"}, "timeout: not a duration"),
        ({"ca": "certificates/none.pem"}, "ca: there is no file certificates/none.pem"),
        ({"ca": "svcops.yaml"}, "ca: svcops.yaml holds no certificates in PEM"),
        ({"tenant": "a\nb"}, "tenant: a header holds plain ASCII text alone"),
        ({"tokn": "T"}, "tokn: not a key that is known here"),
    ],
)
def test_a_document_that_is_wrong_is_told_at_its_key(pulling: Pulling, details: dict[str, str], why: str) -> None:
    pulling.source(**{"url": "http://host", **details})
    said = pulling("pull", code=2)
    assert f"slo/prometheus.yaml: DataSource prometheus: spec.connectionDetails.{why}" in said.err
    assert "s3cret" not in said.err


def test_one_source_that_fails_and_one_slo_that_is_wrong_hide_no_other(pulling: Pulling) -> None:
    spec = {"service": "ledger", "timeWindow": [], "budgetingMethod": "Occurrences", "objectives": []}
    pulling.console.store.write("slo/wrong.yaml", document("SLO", "wrong", spec))
    with pulling.host():
        said = pulling("pull", code=2)
    assert "SLO wrong" in said.err
    assert len(pulling.files) == 1


@pytest.mark.parametrize(
    ("arguments", "why", "help_"),
    [
        (("prometeus",), "there is no DataSource 'prometeus' of type Prometheus", "Did you mean prometheus?"),
        (("--until", "2026-11-24T00:00Z"), "--until 2026-11-24T00:00Z: still to come", "Leave it out"),
        (("--from", "-1h", "--until", "-2h"), "--from -1h: after --until", "Such as --from -7d"),
    ],
)
def test_a_call_that_is_wrong_says_what_to_type(pulling: Pulling, arguments: Any, why: str, help_: str) -> None:
    pulling.source("http://localhost:1")
    said = pulling("pull", *arguments, code=2)
    assert why in said.err
    assert help_ in said.err


def test_a_host_whose_certificate_a_file_vouches_for_is_trusted_and_no_other(pulling: Pulling, tmp_path: Path) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", pulling.console.store.root / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]  # noqa: RUF005
        + ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(lambda asked: asked.answer(200, ANSWER), context) as server:
        pulling.source(server.url)
        assert "cannot be reached ([SSL: CERTIFICATE_VERIFY_FAILED]" in pulling("pull", code=3).err
        pulling.source(server.url, ca="ca.pem")
        pulling("pull")
    assert len(pulling.files) == 1


def test_a_host_that_goes_away_leaves_whole_files_and_a_report_that_says_what_is_missing(pulling: Pulling) -> None:
    pulling.slo('logins_total{code="500"}', 'logins_total{code="200"}')

    def answer(asked: Asked) -> None:
        is_bad = '"500"' in asked.query
        asked.answer(503 if is_bad else 200, "gone" if is_bad else matrix((GOOD, [(NOON, "1")])))

    with pulling.host(answer):
        said = pulling("pull", code=3)
    assert "answers 503: gone" in said.err
    (whole,) = pulling.files
    assert whole.suffix == ".parquet"
    assert "its samples were not pulled from DataSource prometheus" in pulling("report", code=2).err


def test_a_part_that_was_pulled_for_less_time_than_the_total_is_unknown_there(pulling: Pulling) -> None:
    pulling.slo('logins_total{code="500"}', 'logins_total{code="200"}')
    with pulling.host(lambda asked: asked.answer(200, matrix((BAD if "500" in asked.query else GOOD, [(NOON, "1")])))):
        pulling("pull", "--from", "-1h")
        for path in pulling.files:
            if duckdb.sql(f"SELECT code FROM '{path}'").fetchall() == [("500",)]:
                path.unlink()
        pulling("pull", "--from", "-10m")
    said = pulling("report", code=2)
    assert "not pulled from DataSource prometheus, from 2026-11-23T11:00:00Z to 2026-11-23T11:50:00Z" in said.err


def test_a_file_that_was_not_pulled_is_no_answer(pulling: Pulling) -> None:
    with pulling.host():
        pulling("pull")
    duckdb.sql("SELECT 'logins_total' AS __name__").write_parquet(str(pulling.files[0].with_name("own.parquet")))
    said = pulling("report", code=2)
    assert "metrics/prometheus/own.parquet: svcops slo pull did not write it" in said.err


def test_a_damaged_file_is_told_and_pulled_anew(pulling: Pulling) -> None:
    with pulling.host():
        pulling("pull")
        pulling.files[0].write_bytes(b"PAR1 and no more")
        assert "metrics/prometheus/logins_total" in pulling("report", code=2).err
        pulling("pull")
    pulling("report")


def test_an_answer_that_never_ends_is_left(pulling: Pulling, monkeypatch: Any) -> None:
    from svcops.slo import prometheus_api

    monkeypatch.setattr(prometheus_api, "_PATIENCE", 0)
    with pulling.host():
        assert "takes longer than 0 s for one answer" in pulling("pull", code=3).err


def test_paths_alone_are_told_to_a_program_that_asks_for_no_more(pulling: Pulling) -> None:
    with pulling.host():
        said = pulling("pull", "--quiet")
    assert said.out.splitlines() == [str(path.relative_to(pulling.console.store.root)) for path in pulling.files]
    assert said.err == ""
