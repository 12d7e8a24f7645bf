"""What is written as YAML reads as what it was: no text turns into a number, a date or a second document."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.model import Api, Contact, CoreWorkflow, Dependency, Service, Team
from svcops.errors import BadInput
from svcops.incidents.model import Event, Opened
from svcops.store.model import record
from svcops.store.settings import Settings
from svcops.store.shape import rebuild
from svcops.store.yaml_reading import compose
from svcops.store.yaml_writing import _easily, _write, dump, dump_flow, is_same, plain_of
from svcops.timing.model import Duration, Instant

TRICKY = (
    *("", " ", "\n", "\n\n", "~", "y", "N", "yes", "No", "on", "OFF", "true", "False", "null", "NULL", "=", "<<"),
    *(
        "0",
        "-1",
        "+1",
        "0o17",
        "017",
        "0x1F",
        "0b1",
        "1_000",
        "1.5",
        ".5",
        "5.",
        "1e5",
        "1e+5",
        ".inf",
        "-.INF",
        ".nan",
    ),
    *("190:20:30", "2026-01-01", "2026-01-01T08:15:00Z", "2026-01-01 08:15:00", "1.2.3", "+49 30 23125 101"),
    *("\n\n a\nb", "  \n a\nb\n", "\n\ta\nb", " \n", "\n \n", 'say "a, b" to [x]', "C:\\ # x", '{"a": "b c"}'),
    *(": ", ":", "a: b", "a:b", "#x", "a #b", "#", " lead", "trail ", "\tlead", "trail\t", "a\tb", "- a", "-", "--- a"),
    *(
        "---",
        "...",
        "--- |",
        "? a",
        "?",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "[a",
        "]a",
        "{a",
        "}a",
        ",a",
        "a, b",
        "'",
        '"',
    ),
    *(
        "it's",
        'say "x"',
        "\\n",
        "a\nb",
        "a\nb\n",
        "a\n\nb\n\n",
        "\na",
        " a\nb",
        "a\n b\n  \nc \n",
        "a\n---\nb",
        "a\n\tb",
    ),
    *(
        "\r",
        "a\r\nb",
        "\x85",
        "a\x85b",
        "\u2028",
        "a\n\u2029",
        "\ufeff",
        "é",
        "日本語",
        "😀",
        "👩‍🚒 x",
        "x" * 300,
        "word " * 60,
    ),
)
texts = st.sampled_from(TRICKY) | st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
)
scalars = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | texts
plain_data = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)


@given(plain_data)
def test_what_is_written_reads_as_what_it_was(plain: Any) -> None:
    parsed = compose(dump(plain), "x.yaml")
    assert not parsed.findings
    assert is_same(parsed.documents, [plain])


@given(plain_data)
def test_a_fragment_for_brackets_reads_as_what_it_was(plain: Any) -> None:
    text = dump_flow(plain)
    assert "\n" not in text
    parsed = compose(f"key: [1, {text}, 2]\nother: {{inner: {text}, b: 2}}\n", "x.yaml")
    assert is_same(parsed.documents, [{"key": [1, plain, 2], "other": {"inner": plain, "b": 2}}])


@pytest.mark.parametrize("text", TRICKY)
def test_text_is_text_for_readers_of_yaml_1_1_too(text: str) -> None:
    assert yaml.safe_load(dump({"key": [text]})) == {"key": [text]}


def test_the_style_is_the_one_of_the_landscape() -> None:
    plain = {
        "title": "Übersicht",
        "description": "First line.\nSecond line.\n",
        "members": ["erika", "on"],
        "contacts": [{"channel": "telephone", "address": "+49 30: 1"}],
        "tags": [],
    }
    assert dump(plain) == (
        "title: Übersicht\n"
        "description: |\n  First line.\n  Second line.\n"
        'members:\n  - erika\n  - "on"\n'
        'contacts:\n  - channel: telephone\n    address: "+49 30: 1"\n'
        "tags: []\n"
    )


def test_one_object_that_stands_twice_is_written_twice() -> None:
    shared = {"a": 1}
    assert "&" not in dump([shared, shared])


def test_lines_of_prose_are_folded_and_quoted_text_is_not() -> None:
    prose = dump({"a": "word " * 60 + "end", "b": "x: " * 60, "c": "'x' \"y\" " * 30})
    lines = prose.splitlines()
    assert max(map(len, lines[:-2])) <= 101
    assert not any(line.endswith(" ") for line in lines)
    assert lines[-2].startswith('b: "x: x:')


@pytest.mark.parametrize("length", range(80, 110))
def test_two_blanks_where_a_line_would_be_folded_stay_two(length: int) -> None:
    text = f"{'word ' * (length // 5)}{'x' * (length % 5)}end.  Errors went down, and the queue is empty again."
    written = dump({"text": text})
    assert compose(written, "x.yaml").documents == [{"text": text}]
    assert max(map(len, written.splitlines())) <= 101


def test_a_long_word_stays_beside_its_key() -> None:
    url = "https://example.com/" + "x" * 200
    assert dump({"a": {"url": url}}) == f"a:\n  url: {url}\n"


def test_text_full_of_quotes_is_put_in_the_other_ones() -> None:
    assert dump({"a": '{"b": "c"}', "d": '"e"'}) == """a: '{"b": "c"}'\nd: '"e"'\n"""


def test_an_indented_or_late_beginning_stays_readable() -> None:
    assert dump({"a": "\n---\nb: 1\n"}) == "a: |2\n\n  ---\n  b: 1\n"
    assert dump({"a": ["  b\nc\n"]}) == "a:\n  - |2\n      b\n    c\n"


@pytest.mark.parametrize("text", ["\x00", "a\x07b", "\x1b[31m", "\x7f", "\x80", "\x9b", "\ud800", "\ufffe", "\uffff"])
def test_control_characters_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(BadInput, match=rf"links\.0\.url holds the control character U\+{ord(max(text)):04X}|U\+"):
        dump({"links": [{"url": text}]})
    with pytest.raises(BadInput):
        dump({text: 1})


@pytest.mark.parametrize(
    "plain", [{1: 2}, {"a": object()}, {"a": (1,)}, {"a": b"x"}, 10**400, {"a": datetime.now(UTC)}]
)
def test_what_is_no_plain_data_is_refused(plain: Any) -> None:
    with pytest.raises(BadInput):
        dump(plain)


@pytest.mark.parametrize("depth", [65, 5000])
def test_nesting_that_no_reader_takes_is_refused(depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = [deep]
    with pytest.raises(BadInput, match="deep"):
        dump(deep)


@record
class Promise:
    """A record of every form of field."""

    type: Literal["promise"]
    from_: str = "here"
    at: Instant
    within: Duration | None = None
    steps: tuple[Duration, ...] = ()
    notes: dict[str, str] | None = None
    critical: bool = True
    weight: float = 1.0


ZONES = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
durations = st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds))
promises = st.builds(
    Promise,
    type=st.just("promise"),
    from_=texts,
    at=instants,
    within=st.none() | durations,
    steps=st.lists(durations, max_size=3).map(tuple),
    notes=st.none() | st.dictionaries(texts, texts, max_size=3),
    critical=st.booleans(),
    weight=st.floats(allow_nan=False, allow_infinity=False),
)


@given(promises)
def test_a_record_comes_back_from_its_plain_form(promise: Promise) -> None:
    plain = compose(dump(plain_of(promise)), "x.yaml").documents[0]
    assert rebuild(Promise, plain) == promise


def test_a_record_is_written_without_what_goes_without_saying() -> None:
    service = Service(
        title="Ledger",
        owner="finance",
        dependencies=(Dependency(service="identity"), Dependency(service="bank", critical=False)),
        core_workflows=(CoreWorkflow(name="post", title="Post", slo="SLO/post"),),
        api=Api(type="openapi"),
    )
    plain = plain_of(service)
    assert plain == {
        "title": "Ledger",
        "owner": "finance",
        "dependencies": [{"service": "identity"}, {"service": "bank", "critical": False}],
        "core_workflows": [{"name": "post", "title": "Post", "slo": "SLO/post"}],
        "api": {"type": "openapi"},
    }
    assert rebuild(Service, plain) == service


def test_times_and_keys_that_python_reserves_are_spelled_as_in_records() -> None:
    at = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
    opened = Opened(type="opened", at=at, recorded_at=at, by="erika", severity="sev1", from_="incident")
    plain = plain_of(opened)
    assert plain["from"] == "incident"
    assert plain["at"] == "2026-11-23T08:15:00Z"
    assert rebuild(Event, plain) == opened
    assert plain_of(Promise(type="promise", at=at, within=timedelta(hours=1, minutes=30)))["within"] == "1h30m"


def test_records_of_every_sort_come_back() -> None:
    team = Team(title="Ops", members=("a", "b"), contacts=(Contact(channel="mail", address="ops@example.com"),))
    assert rebuild(Team, plain_of(team)) == team
    assert plain_of(Settings()) == {}
    assert rebuild(Settings, plain_of(Settings(time_zone="Europe/Berlin"))) == Settings(time_zone="Europe/Berlin")


def test_a_duration_that_records_cannot_spell_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd:
        span: timedelta

    for span in (timedelta(seconds=-1), timedelta(milliseconds=1)):
        with pytest.raises(BadInput):
            plain_of(Odd(span))
    assert plain_of(Odd(timedelta(0))) == {"span": "0s"}


WORDS = st.sampled_from(
    [
        "a",
        "word",
        "of",
        "users",
        "x" * 30,
        "y" * 110,
        "it's",
        'say "x"',
        "a:",
        "#1",
        "(b),",
        "C:\\x",
        "5",
        "—",
        "😀",
        "é",
    ]
)
PROSE = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
BLANKS = st.sampled_from([" ", " ", "  ", "   ", " " * 30])
GAPS = BLANKS | st.sampled_from(["\t", " \t", "\N{NO-BREAK SPACE}", "\n", "\n  ", "  \n"])
ANY_WORD = WORDS | st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30
)


def spaced(gaps: st.SearchStrategy[str], words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts of some words, with gaps of every width where a line may be folded, and at both ends."""
    inner = st.lists(st.tuples(words, gaps), min_size=1, max_size=40).map(lambda pairs: "".join(map("".join, pairs)))
    return st.tuples(st.just("") | gaps, inner, st.just("end") | st.just("")).map("".join)


SPACED = spaced(BLANKS, st.sampled_from(["a", "word", "users"])) | spaced(GAPS, ANY_WORD)
LINES = st.lists(st.one_of(PROSE, st.sampled_from(["", "  in", "- x", "\tt"])), min_size=1, max_size=5).map("\n".join)
VALUES = st.one_of(
    PROSE,
    SPACED,
    LINES,
    st.sampled_from(TRICKY),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.datetimes().map(str),
)
KEYS = st.sampled_from(["text", "from", "imported", "n", "on", "at", "recorded_at", "two words", "Key"])
RECORDS = st.recursive(
    st.dictionaries(KEYS, VALUES | st.lists(VALUES, max_size=3), min_size=1, max_size=4),
    lambda below: st.dictionaries(KEYS, below | VALUES, min_size=1, max_size=3),
    max_leaves=6,
)


@given(SPACED, st.integers(1, 12), st.sampled_from([40, 100]))
def test_every_text_can_be_written_whatever_its_gaps(text: str, depth: int, width: int) -> None:
    plain: Any = {"text": text, text: [text]}
    for _ in range(depth):
        plain = {"below": plain}
    assert is_same(compose(dump(plain, width=width), "x.yaml").documents, [plain])


@given(RECORDS, st.sampled_from([40, 100, 2**31]))
def test_what_is_written_without_ruamel_is_what_ruamel_would_write(plain: Any, width: int) -> None:
    easy = _easily(plain, width)
    assert easy is None or easy == _write(plain, width)


@given(st.dictionaries(KEYS.filter(str.islower), PROSE, min_size=1))
def test_most_records_are_written_without_ruamel(plain: Any) -> None:
    plain = {key: text.lstrip("#—😀é (-") or "x" for key, text in plain.items() if key not in ("n", "on", "two words")}
    assert not plain or _easily(plain, 100) is not None
