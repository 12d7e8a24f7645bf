"""What a call shows: data on standard output, remarks on standard error, tables for people, lines for programs."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.terminal.session import Options, Session, printable, take_options


class Screen(io.StringIO):
    def isatty(self):
        return True


def session(stdout=None, env=None, **options):
    return Session(
        options=Options(**options),
        cwd=Path("/"),
        env=env or {},
        stdin=io.StringIO(),
        stdout=stdout or io.StringIO(),
        stderr=io.StringIO(),
        now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        random_bytes=bytes,
    )


ROWS = [("one", "a\tb\nc"), ("two", "")]


def test_a_table_is_one_line_a_row_when_piped():
    call = session()
    call.show_table(("name", "text"), ROWS)
    assert call.stdout.getvalue() == "one\ta b c\ntwo\t\n"


def test_a_table_is_the_first_column_with_quiet():
    call = session(quiet=True)
    call.show_table(("name", "text"), ROWS)
    call.say("not said")
    assert (call.stdout.getvalue(), call.stderr.getvalue()) == ("one\ntwo\n", "")


def test_a_table_has_headings_on_a_terminal():
    call = session(Screen(), {"TERM": "dumb", "COLUMNS": "40"})
    call.show_table(("name", "text"), ROWS)
    assert "name" in call.stdout.getvalue()
    assert "one" in call.stdout.getvalue()


@pytest.mark.parametrize(("no_color", "is_coloured"), [(False, True), (True, False)])
def test_a_cell_has_its_colour_where_there_is_one(no_color, is_coloured, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    call = session(Screen(), {}, no_color=no_color)
    call.show_table(("name", "state"), [("one", "amber"), ("two", "yes")], styles={"amber": "yellow"})
    assert ("\x1b[33mamber" in call.stdout.getvalue()) is is_coloured
    assert "amber" in call.stdout.getvalue()


INCIDENT = ("incident-20261123-k7f3q2", "sev1", "remediation", "Receipts are late")


@pytest.mark.parametrize(("columns", "shown"), [("80", INCIDENT[0]), ("50", "k7f3q2"), ("20", INCIDENT[0])])
def test_where_ids_do_not_fit_their_tails_are_told_and_in_no_room_at_all_a_block(columns, shown, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    call = session(Screen(), {"TERM": "dumb"})
    call.show_table(("id", "severity", "phase", "title"), [INCIDENT])
    text = call.stdout.getvalue()
    assert shown in text.split()
    assert (INCIDENT[0] in text) == (shown == INCIDENT[0])
    assert ("  severity  sev1\n" in text) == (columns == "20")


def test_an_empty_table_says_so_beside_the_data():
    call = session()
    call.show_table(("name",), [], empty="Nothing.")
    assert (call.stdout.getvalue(), call.stderr.getvalue()) == ("", "Nothing.\n")


@pytest.mark.parametrize(
    ("stream", "env", "no_color", "coloured"),
    [
        (Screen(), {}, False, True),
        (Screen(), {"NO_COLOR": "1"}, False, False),
        (Screen(), {"NO_COLOR": ""}, False, True),
        (Screen(), {}, True, False),
        (io.StringIO(), {}, False, False),
    ],
)
def test_colour_only_for_people_who_want_it(stream, env, no_color, coloured):
    assert session(stream, env, no_color=no_color).use_color(stream) is coloured


@given(st.text())
def test_what_is_shown_is_nothing_that_a_terminal_obeys(text):
    shown = printable(text)
    assert len(shown) == len(text)
    assert all(char.isprintable() or char in "\n\t" for char in shown)


@given(st.lists(st.sampled_from(["--json", "-q", "--store=x", "word", "--other"])))
def test_every_word_that_is_no_global_option_is_kept_in_order(words):
    _, rest = take_options(words)
    assert rest == [word for word in words if word in ("word", "--other")]


def test_json_holds_nothing_that_a_terminal_obeys_and_reads_back_the_same():
    call = session()
    call.show_json("svcops.test/1", text="\x1b[31m \x9b é 漢 \u202e")
    assert "\x9b" not in call.stdout.getvalue()
    assert "é 漢" in call.stdout.getvalue()
    assert json.loads(call.stdout.getvalue()) == {"schema": "svcops.test/1", "text": "\x1b[31m \x9b é 漢 \u202e"}


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_no_cell_of_a_table_is_ever_left_out(width):
    call = session(Screen(), {}, no_color=True)
    rows = [("incident-20261123-k7f3q2", "normal operations", "Receipts are not extracted"), ("x", "", "y")]
    from svcops.terminal.tables import show

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        show(call, ("id", "phase", "title"), rows)
    printed = call.stdout.getvalue()
    assert "incident-20261123-k7f3q2" in printed
    for word in ("normal", "operations", "Receipts", "extracted", "y"):
        assert word in printed
    if width > 40:
        assert max(map(len, printed.splitlines())) <= width
