import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from svcops.slo.selectors import JsonPath, Matcher, NotASelector, Selector, parse_path, parse_selector


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("up", Selector("up")),
        (" job:requests:rate5m ", Selector("job:requests:rate5m")),
        ("up{}", Selector("up")),
        (
            'http_requests_total{service="x",code!~"5.."}',
            Selector("http_requests_total", (Matcher("service", "=", "x"), Matcher("code", "!~", "5.."))),
        ),
        ("up { a != 'b' , c =~ `d\\.e`, }", Selector("up", (Matcher("a", "!=", "b"), Matcher("c", "=~", "d\\.e")))),
        (r'up{a="\"\\\n\t\x41\101é\U0001F600"}', Selector("up", (Matcher("a", "=", '"\\\n\tAAé😀'),))),
        ('{"http.requests", "status code"="200"}', Selector("http.requests", (Matcher("status code", "=", "200"),))),
        ('up{a="1"} # a comment', Selector("up", (Matcher("a", "=", "1"),))),
        ('up{a="{}"}', Selector("up", (Matcher("a", "=", "{}"),))),
        ('up{a=""}', Selector("up", (Matcher("a", "=", ""),))),
    ],
)
def test_selectors_are_read_as_prometheus_reads_them(text: str, selector: Selector) -> None:
    assert parse_selector(text) == selector


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("", 1, "name is missing"),
        ("{}", 3, "name is missing"),
        ("{a='b'}", 8, "name is missing"),
        ("5xx", 1, "name is missing"),
        ("sum(up)", 4, "nothing more"),
        ("up[5m]", 3, "nothing more"),
        ("up{a='b'} offset 5m", 11, "nothing more"),
        ("up{a}", 5, "one of ="),
        ('up{a=="b"}', 6, "value in quotes"),
        ("up{a=b}", 6, "value in quotes"),
        ("up{a='b}", 6, "does not end"),
        ("up{a='b\n'}", 6, "does not end"),
        ("up{a='b'", 9, "a , or a }"),
        ("up{a='b' c='d'}", 10, "a , or a }"),
        ("up{,}", 4, "label's name"),
        ("up{1a='b'}", 4, "label's name"),
        ("up{a=~'\\d'}", 8, "unknown escape"),
        ("up{a='\\xff'}", 7, "no character"),
        ("up{a='\\ud800'}", 7, "no character"),
        ("up{'other'}", 4, "second name"),
        ("up{__name__='x'}", 4, "before the braces"),
        ("up}", 3, "nothing more"),
        ("up; DROP TABLE raw", 3, "nothing more"),
    ],
)
def test_what_is_no_selector_is_refused_at_its_character(text: str, column: int, reason: str) -> None:
    with pytest.raises(NotASelector) as caught:
        parse_selector(text)
    assert caught.value.column == column
    assert reason in caught.value.reason


def test_where_a_matcher_was_written_is_no_part_of_its_meaning() -> None:
    one, other = parse_selector('up{a="b"}'), parse_selector('up{ a = "b" }')
    assert one == other
    assert hash(one) == hash(other)
    assert (one.matchers[0].column, other.matchers[0].column) == (6, 9)


texts = st.text(max_size=8)
names = st.from_regex(r"[A-Za-z_:][A-Za-z0-9_:]{0,8}", fullmatch=True) | st.text(min_size=1, max_size=8)
labels = (st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True) | st.text(min_size=1, max_size=8)).filter(
    lambda name: name != "__name__"
)
matchers = st.builds(Matcher, labels, st.sampled_from(["=", "!=", "=~", "!~"]), texts)


@given(st.builds(Selector, names, st.lists(matchers, max_size=4).map(tuple)))
def test_a_selector_reads_back_from_its_text(selector: Selector) -> None:
    assert parse_selector(str(selector)) == selector


@given(st.lists(st.text(min_size=1, max_size=8) | st.integers(0, 99).map(str), min_size=1, max_size=5).map(tuple))
@example(("#",))
def test_a_path_reads_back_from_its_text(keys: tuple[str, ...]) -> None:
    assert parse_path(str(JsonPath(keys))) == JsonPath(keys)


@given(st.text(alphabet="up{}[]=!~\"'`\\x4,.ab 5#\n", max_size=20) | st.text(max_size=20))
@example("up{a='b'}")
def test_any_text_is_a_selector_or_refused_at_a_character_of_it(text: str) -> None:
    for parse in (parse_selector, parse_path):
        column = None
        try:
            parsed = parse(text)
        except NotASelector as error:
            column = error.column
        if column is None:
            assert parse(str(parsed)) == parsed
        else:
            assert 1 <= column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "keys", "pointer"),
    [
        ("total", ("total",), "/total"),
        (
            'server_zones["hg.nginx.org"].responses["5xx"]',
            ("server_zones", "hg.nginx.org", "responses", "5xx"),
            "/server_zones/hg.nginx.org/responses/5xx",
        ),
        (
            'server_zones["hg.nginx.org"].responses.5xx',
            ("server_zones", "hg.nginx.org", "responses", "5xx"),
            "/server_zones/hg.nginx.org/responses/5xx",
        ),
        ('["a b"][0].c-d', ("a b", "0", "c-d"), "/a b/0/c-d"),
        ("a['/~']", ("a", "/~"), "/a/~1~0"),
        (" a.b ", ("a", "b"), "/a/b"),
    ],
)
def test_paths_lead_through_keys_and_lists(text: str, keys: tuple[str, ...], pointer: str) -> None:
    path = parse_path(text)
    assert path == JsonPath(keys)
    assert path.pointer == pointer


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("", 1, "key is missing"),
        (".a", 1, "key is missing"),
        ("a.", 3, "key is missing"),
        ("a..b", 3, "key is missing"),
        ("a b", 2, "a . or a ["),
        ("a[b]", 3, "key in quotes"),
        ("a[-1]", 3, "key in quotes"),
        ("a[*]", 3, "key in quotes"),
        ('a["b"', 6, "a ]"),
        ('a["b]', 3, "does not end"),
        ("a]", 2, "a . or a ["),
    ],
)
def test_what_is_no_path_is_refused_at_its_character(text: str, column: int, reason: str) -> None:
    with pytest.raises(NotASelector) as caught:
        parse_path(text)
    assert caught.value.column == column
    assert reason in caught.value.reason
