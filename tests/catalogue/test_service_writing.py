"""svcops service new and edit: clean files, diffs that show only what changed, and nothing that is not valid."""

import io
import json
import os
import stat
from pathlib import Path

import pytest

from svcops.cli.main import run
from svcops.terminal.session import Session, take_options

LEDGER = """\
# The books.
title: Ledger   # what people call it
owner: 'platform'

tier: 1
dependencies:
  # Everybody signs in.
  - service: identity
    why: every posting names who made it
  - {service: mail, critical: false}
tags: [finance, books]
"""


@pytest.fixture
def shop(console):
    console.store.write("catalogue/services/ledger.yaml", LEDGER)
    for name in ("identity", "mail"):
        console.store.write(f"catalogue/services/{name}.yaml", f"title: {name.title()}\nowner: platform\n")
    console.store.write("catalogue/systems/suite.yaml", "title: Suite\n")
    console.store.commit("Services")
    return console


def ledger(shop):
    return shop.store.read("catalogue/services/ledger.yaml")


def nothing_changed(shop, head):
    return shop.store.head() == head and shop.store.is_clean()


def test_new_writes_the_keys_in_the_order_of_the_model(shop):
    said = shop(
        "service", "new", "expenses", "--tag", "finance", "--workflow", "hand-in=Hand in  a receipt", "--tier", "2",
        "--owner", "platform", "--depends-on", "identity", "--depends-on", "mail:event:not-critical",
        "--system", "suite", "--title", "Expenses", "--type", "service", "--description", "What people paid.",
    )  # fmt: skip
    assert said.out == "expenses\n"
    assert shop.store.read("catalogue/services/expenses.yaml") == (
        "title: Expenses\n"
        "description: What people paid.\n"
        "owner: platform\n"
        "tier: 2\n"
        "type: service\n"
        "system: suite\n"
        "dependencies:\n"
        "  - service: identity\n"
        "  - service: mail\n"
        "    kind: event\n"
        "    critical: false\n"
        "core_workflows:\n"
        "  - name: hand-in\n"
        "    title: Hand in a receipt\n"
        "tags:\n"
        "  - finance\n"
    )
    assert shop.store.committed() == {"catalogue/services/expenses.yaml": "A"}
    assert shop.store.log()[0] == "Add service expenses"
    assert shop("check").code == 0


def test_a_new_circle_of_those_who_cannot_do_without_each_other_is_refused(shop):
    shop("service", "edit", "identity", "--add-dependency", "mail")
    head = shop.store.head()
    said = shop("service", "edit", "mail", "--add-dependency", "ledger", code=2)
    assert "CAT001 none of these works without the next, in a circle: mail -> ledger -> identity -> mail" in said.err
    assert "Where it goes on without it, say so: --add-dependency ledger:not-critical" in said.err
    assert "names itself" in shop("service", "edit", "mail", "--add-dependency", "mail", code=2).err
    assert nothing_changed(shop, head)
    shop("service", "edit", "mail", "--add-dependency", "ledger:not-critical")
    assert shop("check").code == 0


def test_a_new_service_closes_no_circle_with_those_that_named_it_before(shop):
    shop.store.write("catalogue/services/mail.yaml", "title: Mail\nowner: platform\ndependencies: [{service: dns}]\n")
    shop.store.commit("Named too early")
    new = ("service", "new", "dns", "--title", "Names", "--owner", "platform", "--depends-on")
    said = shop(*new, "mail", code=2).err
    assert "in a circle: dns -> mail -> dns" in said
    assert "Where it goes on without it, say so: --depends-on mail:not-critical" in said
    shop(*new, "mail:not-critical")


def test_a_new_service_that_names_itself_is_told_only_that(shop):
    said = shop("service", "new", "x", "--title", "X", "--owner", "platform", "--depends-on", "x", code=2).err
    assert "REF001" not in said
    assert "--add-dependency" not in said


def test_a_circle_that_was_there_is_left_to_the_check(shop):
    for name, needed in (("identity", "mail"), ("mail", "identity")):
        text = f"title: {name.title()}\nowner: platform\ndependencies: [{{service: {needed}}}]\n"
        shop.store.write(f"catalogue/services/{name}.yaml", text)
    shop.store.commit("A circle")
    shop("service", "edit", "mail", "--tier", "2")
    shop("service", "edit", "ledger", "--title", "General ledger")
    shop("service", "edit", "mail", "--remove-dependency", "identity", "--add-dependency", "identity:not-critical")
    assert "CAT001" not in shop("check").out


def test_a_service_is_needed_in_several_ways_and_then_in_none(shop):
    shop("service", "edit", "ledger", "--add-dependency", "identity:data")
    assert "already" in shop("service", "edit", "ledger", "--add-dependency", "identity", code=2).err
    assert shop.store.read("catalogue/services/ledger.yaml").count("service: identity") == 2
    shop("service", "edit", "ledger", "--remove-dependency", "identity")
    assert "identity" not in shop.store.read("catalogue/services/ledger.yaml")


def test_new_writes_no_more_than_was_said(shop):
    found = shop("service", "new", "bank", "--title", "Bank", "--owner", "ada", "--external", "--json").json
    assert shop.store.read("catalogue/services/bank.yaml") == "title: Bank\nowner: ada\nexternal: true\n"
    assert (found["schema"], found["service"]["name"], found["service"]["external"]) == (
        "svcops.service/1",
        "bank",
        True,
    )
    assert found["written"] == {"paths": ["catalogue/services/bank.yaml"], "commit": shop.store.head()}


@pytest.mark.parametrize(
    ("name", "more", "says"),
    [
        ("ledger", [], "there is a service ledger already: catalogue/services/ledger.yaml"),
        ("Expenses", [], "is no name for a service"),
        ("../x", [], "is no name for a service"),
        ("con", [], "Windows keeps it for a device"),
        ("x" * 201, [], "it has 201 characters"),
        ("x", ["--owner", "platfrom"], "Did you mean platform?"),
        ("x", ["--system", "sweet"], "system names no system of this store: sweet"),
        ("x", ["--escalation", "p"], "escalation names no escalation of this store: p"),
        ("x", ["--depends-on", "identty"], "Did you mean identity?"),
        ("x", ["--depends-on", "identity:phone"], "'identity:phone' is no dependency"),
        ("x", ["--depends-on", "identity:call:data"], "'identity:call:data' is no dependency"),
        ("x", ["--depends-on", "identity:not-critical", "--depends-on", "identity"], "CAT006 a second dependency on"),
        ("x", ["--workflow", "Sign in"], "NAME=TITLE"),
        ("x", ["--workflow", "a=A", "--workflow", "a=B"], "CAT005 a second core workflow a"),
        ("x", ["--title", "  "], "title"),
        ("x", ["--tier", "0"], "tier is 0: tiers begin at 1"),
        ("x", ["--tier", "0"], "svcops schema service shows what every key takes."),
        ("x", ["--depends-on", "x"], "CAT001 x names itself as what it cannot do without. Leave it out"),
        ("x", ["--tag", " "], "must not be empty"),
        ("x", ["--tier", "high"], "not a whole number"),
    ],
)
def test_new_refuses_what_would_not_be_valid_and_writes_nothing(shop, name, more, says):
    head = shop.store.head()
    given = [] if "--title" in more else ["--title", "X"]
    given += [] if "--owner" in more else ["--owner", "platform"]
    assert says in shop("service", "new", name, *given, *more, code=2).err
    assert nothing_changed(shop, head)


def test_the_longest_name_there_may_be(shop):
    shop("service", "new", "x" * 200, "--title", "X", "--owner", "platform")
    shop("service", "edit", "x" * 200, "--tier", "2")
    assert shop("check").code == 0


def test_new_names_the_flag_that_is_missing(shop):
    assert "--owner" in shop("service", "new", "x", "--title", "X", code=2).err


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        (["--title", "The ledger"], "title: Ledger   #", "title: The ledger   #"),
        (["--title", "The\n ledger "], "title: Ledger   #", "title: The ledger   #"),
        (["--owner", "ada"], "owner: 'platform'", "owner: 'ada'"),
        (["--tier", "2"], "tier: 1\n", "tier: 2\n"),
        (["--system", "suite"], "tier: 1\n", "tier: 1\nsystem: suite\n"),
        (["--external"], "tier: 1\n", "tier: 1\nexternal: true\n"),
        (["--description", "Books."], "owner: 'platform'\n", "description: Books.\nowner: 'platform'\n"),
        (["--unset", "tier"], "tier: 1\n", ""),
        (["--add-tag", "tax"], "[finance, books]", "[finance, books, tax]"),
        (["--remove-tag", "finance"], "[finance, books]", "[books]"),
        (["--remove-dependency", "mail"], "  - {service: mail, critical: false}\n", ""),
        (["--add-workflow", "post=Enter a posting"], "tags:", "core_workflows:\n  - name: post\n    title: Enter a posting\ntags:"),
        (
            ["--add-dependency", "receipt-scanner:data"],
            "critical: false}\n",
            "critical: false}\n  - service: receipt-scanner\n    kind: data\n",
        ),
        (
            ["--remove-dependency", "mail", "--add-dependency", "mail:event"],
            "  - {service: mail, critical: false}\n",
            "  - {service: mail, kind: event}\n",
        ),
        (["--remove-tag", "books", "--add-tag", "tax"], "[finance, books]", "[finance, tax]"),
        (
            ["--remove-tag", "finance", "--remove-tag", "books", "--add-tag", "tax"],
            "tags: [finance, books]\n",
            "tags: [tax]\n",
        ),
    ],
)  # fmt: skip
def test_edit_changes_what_was_said_and_no_other_byte(shop, options, before, after):
    assert LEDGER.count(before) == 1
    assert shop("service", "edit", "ledger", *options).out == "ledger\n"
    assert ledger(shop) == LEDGER.replace(before, after)
    assert shop.store.committed() == {"catalogue/services/ledger.yaml": "M"}
    assert shop.store.log()[0].startswith("Edit service ledger: ")


def test_an_edit_leaves_nothing_to_format(shop):
    assert shop("fmt", "--check").code == 0
    shop(
        "service", "edit", "ledger", "--system", "suite", "--description", "Books.", "--external",
        "--add-workflow", "post=Enter a posting", "--add-dependency", "receipt-scanner:data:not-critical",
    )  # fmt: skip
    assert shop("fmt", "--check").code == 0


def test_keys_in_an_order_of_their_own_stay_in_it(shop):
    text = "owner: platform\ntitle: Mail\n"
    shop.store.write("catalogue/services/mail.yaml", text)
    shop.store.commit("My order")
    shop("service", "edit", "mail", "--description", "Letters.")
    assert shop.store.read("catalogue/services/mail.yaml") == text + "description: Letters.\n"


def test_line_ends_that_git_converts_stay_and_are_no_change_of_somebody_else(shop):
    shop.store.write(".gitattributes", "*.yaml text eol=lf\n")
    shop.store.commit("Line ends")
    shop.store.write("catalogue/services/ledger.yaml", LEDGER.replace("\n", "\r\n").encode())
    shop("service", "edit", "ledger", "--tier", "2")
    edited = LEDGER.replace("tier: 1", "tier: 2")
    path = shop.store.root / "catalogue/services/ledger.yaml"
    assert path.read_bytes() == edited.replace("\n", "\r\n").encode()
    assert shop.store.git("show", "HEAD:catalogue/services/ledger.yaml") == edited
    assert shop.store.is_clean()


def test_edit_says_in_the_log_what_was_changed(shop):
    shop("service", "edit", "ledger", "--tier", "2", "--unset", "tags", "--remove-dependency", "mail")
    assert shop.store.log()[0] == "Edit service ledger: tier, no tags, remove dependencies mail"
    assert "dependencies:" in ledger(shop)


def test_the_last_dependency_takes_its_key_along(shop):
    shop("service", "edit", "ledger", "--remove-dependency", "mail", "--remove-dependency", "identity")
    assert "dependencies" not in ledger(shop)


def test_edit_of_what_is_so_already_writes_nothing(shop):
    head = shop.store.head()
    said = shop("service", "edit", "ledger", "--tier", "1")
    assert (said.out, said.err) == ("", "ledger says so already; nothing to change\n")
    found = shop("service", "edit", "ledger", "--tier", "1", "--json").json
    assert (found["schema"], found["service"]["tier"], found["written"]) == ("svcops.service/1", 1, None)
    assert nothing_changed(shop, head)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--owner", "platfrom"], "Did you mean platform?"),
        (["--add-dependency", "nobody"], "service names no service of this store: nobody"),
        (["--add-dependency", "mail"], "has mail in dependencies already"),
        (["--remove-dependency", "bank"], "has no bank in dependencies"),
        (["--remove-tag", "x"], "It has finance, books."),
        (["--unset", "owner"], "the key owner is missing"),
        (["--unset", "system"], "has no key system"),
        (["--unset", "tier", "--tier", "2"], "--tier and --unset tier contradict each other"),
        (["--title", ""], "must not be empty"),
        (["--tier", "-1"], "tiers begin at 1"),
        (["--add-tag", ""], "must not be empty"),
    ],
)
def test_edit_refuses_what_would_not_be_valid_and_writes_nothing(shop, options, says):
    head = shop.store.head()
    assert says in shop("service", "edit", "ledger", *options, code=2).err
    assert ledger(shop) == LEDGER
    assert nothing_changed(shop, head)


@pytest.fixture
def astray(shop):
    """A ledger whose owner is nobody, and that needs what is not there, in two places."""
    text = LEDGER.replace("'platform'", "team-rocket").replace("mail", "nowhere")
    shop.store.write("catalogue/services/ledger.yaml", text)
    shop.store.commit("Brought in")
    return shop


def test_edit_lets_stand_what_was_wrong_before_and_says_so(astray):
    said = astray("service", "edit", "ledger", "--tier", "2")
    assert "tier: 2\n" in ledger(astray)
    assert said.err.count("It was so before.") == 2
    assert "REF001 owner names no team or person of this store: team-rocket. It was so before." in said.err
    said = astray("service", "edit", "ledger", "--owner", "platform")
    assert said.err.count("It was so before.") == 1
    assert "team-rocket" not in said.err
    assert "It was so before" not in astray("service", "edit", "ledger", "--remove-dependency", "nowhere").err


def test_edit_refuses_what_it_would_make_worse_beside_what_was_wrong_before(astray):
    before = ledger(astray)
    said = astray("service", "edit", "ledger", "--add-dependency", "nobody", code=2).err
    assert "  REF001 service names no service of this store: nobody\n" in said
    assert "  REF001 owner names no team or person of this store: team-rocket. It was so before." in said
    assert "nowhere" in astray("service", "edit", "ledger", "--add-dependency", "nowhere:data", code=2).err
    assert ledger(astray) == before


def test_edit_of_a_damaged_or_unknown_service_is_an_error(shop):
    assert "Did you mean ledger?" in shop("service", "edit", "ledgr", "--tier", "2", code=2).err
    shop.store.write("catalogue/services/mail.yaml", "title: [\n")
    assert "catalogue/services/mail.yaml is damaged" in shop("service", "edit", "mail", "--tier", "2", code=2).err


def test_edit_reads_nothing_through_a_link_that_leaves_the_store(shop, tmp_path):
    (tmp_path / "outside.yaml").write_text("title: A secret\nowner: platform\n", encoding="utf-8")
    (shop.store.root / "catalogue/services/link.yaml").symlink_to(tmp_path / "outside.yaml")
    said = shop("service", "edit", "link", "--tier", "2", code=2)
    assert "catalogue/services/link.yaml: a symbolic link that leaves the store" in said.err


def test_without_options_and_without_a_terminal_the_flags_are_named(shop):
    said = shop("service", "edit", "ledger", code=2)
    assert "there is no terminal to open an editor on" in said.err
    assert "--title, --owner, --tier" in said.err


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def by_hand(shop, tmp_path, monkeypatch):
    """svcops service edit on a terminal, with an editor that is a script; copies that are kept go with the test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def call(script, *options, editor="VISUAL", name="ledger", stdin=Screen):
        program = tmp_path / "an editor"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        chosen, rest = take_options(["service", "edit", name, *options])
        session = Session(
            options=chosen,
            cwd=shop.cwd,
            env={**shop.store.env, editor: f"'{program}' --wait"} if editor else shop.store.env,
            stdin=stdin(),
            stdout=Screen(),
            stderr=io.StringIO(),
            now=lambda: shop.now,
            random_bytes=shop._random_bytes,
        )
        return run(session, rest), session.stdout.getvalue(), session.stderr.getvalue()

    return call


def copy_named_in(text):
    return Path(text.rsplit(": ", 1)[1].strip())


def test_an_editor_opens_a_copy_and_what_is_valid_is_committed(shop, by_hand, tmp_path):
    code, out, _ = by_hand(f'echo "$1 $2" > "{tmp_path}/seen"; sed -i "s/tier: 1/tier: 3/" "$2"')
    assert (code, out) == (0, "ledger\n")
    assert ledger(shop) == LEDGER.replace("tier: 1", "tier: 3")
    assert shop.store.log()[0] == "Edit service ledger: by hand"
    flag, _, copy = (tmp_path / "seen").read_text().strip().partition(" ")
    assert flag == "--wait"
    assert copy.endswith("/catalogue/services/ledger.yaml")
    assert not copy.startswith(str(shop.store.root))
    assert not Path(copy).exists()


def test_visual_goes_before_editor(shop, by_hand):
    assert by_hand('sed -i "s/tier: 1/tier: 3/" "$2"', editor="EDITOR")[0] == 0
    assert "tier: 3" in ledger(shop)


def test_what_is_not_valid_is_not_written_and_the_copy_is_kept(shop, by_hand):
    head = shop.store.head()
    code, out, err = by_hand('sed -i "s/tier: 1/teir: 1/; s/identity/identty/" "$2"')
    assert (code, out) == (2, "")
    assert "catalogue/services/ledger.yaml would not be valid, and nothing was written" in err
    assert "5:1 SCHEMA001 teir is not a key of this record. Did you mean tier?" in err
    assert nothing_changed(shop, head)
    assert "teir: 1" in copy_named_in(err).read_text()


def test_two_workflows_of_one_name_are_told_with_the_line_of_the_second(shop, by_hand):
    workflows = r"core_workflows:\n  - {name: a, title: A}\n  - {name: a, title: B}\n"
    assert "14:12 CAT005 a second core workflow a" in by_hand(f"printf '{workflows}' >> \"$2\"")[2]


def test_a_name_that_leads_nowhere_is_told_with_its_line(shop, by_hand):
    _, _, err = by_hand('sed -i "s/service: identity/service: identty/" "$2"')
    assert "8:14 REF001 service names no service of this store: identty. Did you mean identity?" in err


def test_an_editor_that_fails_changes_nothing_and_the_copy_is_kept(shop, by_hand):
    head = shop.store.head()
    code, _, err = by_hand('echo "title: X" > "$2"; exit 3')
    assert code == 3
    assert "ended with 3, and nothing was written" in err
    assert nothing_changed(shop, head)
    assert copy_named_in(err).read_text() == "title: X\n"


@pytest.mark.parametrize("script", ['rm "$2"; mkdir "$2"', 'rm "$2"; mkfifo "$2"', 'rm "$2"; ln -s nowhere "$2"'])
def test_an_editor_that_leaves_no_file_changes_nothing_and_what_it_left_is_named(shop, by_hand, script):
    head = shop.store.head()
    code, _, err = by_hand(script)
    assert code == 3
    assert "left no file, and nothing was written" in err
    assert nothing_changed(shop, head)
    assert os.path.lexists(copy_named_in(err))


def test_an_editor_that_removes_the_file_changes_nothing_and_leaves_nothing(shop, by_hand, tmp_path):
    head = shop.store.head()
    code, _, err = by_hand('rm "$2"')
    assert code == 3
    assert "an editor removed the file, and nothing was written" in err
    assert nothing_changed(shop, head)
    assert not list(tmp_path.glob("svcops-*"))


def test_nothing_changed_writes_nothing(shop, by_hand):
    head = shop.store.head()
    code, out, err = by_hand("true")
    assert (code, out, err) == (0, "", "nothing was changed\n")
    assert json.loads(by_hand("true", "--json")[1])["written"] is None
    assert nothing_changed(shop, head)


def test_a_record_that_moved_meanwhile_is_not_overwritten_and_the_copy_is_kept(shop, by_hand):
    path = shop.store.root / "catalogue/services/ledger.yaml"
    code, _, err = by_hand(f'sed -i "s/tier: 1/tier: 3/" "$2"; echo "lifecycle: deprecated" >> "{path}"')
    assert code == 3
    assert "changed while the command ran" in err
    assert "tier: 1" in ledger(shop)
    assert "tier: 3" in copy_named_in(err).read_text()


def test_a_damaged_record_can_be_mended_by_hand(shop, by_hand):
    shop.store.write("catalogue/services/mail.yaml", "title: [\n")
    shop.store.commit("Damage")
    code, _, err = by_hand('printf "title: Mail\\nowner: platform\\n" > "$2"', name="mail")
    assert (code, shop.store.read("catalogue/services/mail.yaml")) == (0, "title: Mail\nowner: platform\n"), err


def test_without_an_editor_or_with_no_input_nothing_is_opened(by_hand):
    assert "no editor is set" in by_hand("true", editor="")[2]
    assert "say what to change" in by_hand("true", "--no-input")[2]
    assert "say what to change" in by_hand("true", stdin=io.StringIO)[2]


def test_edit_refuses_a_file_that_was_never_committed(shop):
    mine = "title: Search\nowner: platform\ndescription: an hour of writing\n"
    shop.store.write("catalogue/services/search.yaml", mine)
    head = shop.store.head()
    said = shop("service", "edit", "search", "--tier", "2", code=3)
    assert "catalogue/services/search.yaml was never committed" in said.err
    assert "git add --force -- catalogue/services/search.yaml && git commit" in said.err
    assert (shop.store.head(), shop.store.read("catalogue/services/search.yaml")) == (head, mine)
    shop("service", "edit", "search", "--tier", "2", "--no-commit")
    assert "tier: 2\n" in shop.store.read("catalogue/services/search.yaml")
