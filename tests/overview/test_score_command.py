"""svcops score: what a person, a program and a CI job see."""

import shutil
import subprocess

import pytest

EXERCISE = "exercises/2026/exercise-20261101-aaaaaa/exercise.yaml"
SERVICE = "catalogue/services/ledger.yaml"
IDENTITY = "catalogue/services/identity.yaml"
LEGEND = """\
+ met, - missing, ? unknown, . not asked; in each column, in this order:
  basic     owner description tier
  operated  agreement escalation on-call workflows slos alerts dependencies
  provable  exercises restore key-dates measures
"""
RUNBOOK = "runbooks/ledger/slow.md"
PLAN = "recovery/plans/ledger.yaml"


def test_the_table_has_a_mark_for_each_requirement_and_says_what_they_are(ledger):
    said = ledger("score")
    assert said.out == (
        "identity\tbasic\t+++\t+++-.?.\t--.+\tworkflows, alerts\nledger\tprovable\t+++\t+++++++\t++++\t\n"
    )
    assert said.err == (
        f"{LEGEND}2 services run here: every one meets basic;\n"
        "missing for operated: 1 without core workflows, of 1 nobody can tell whether they have a runbook for each alert\n"
    )


def test_one_service_is_told_with_every_reason(ledger):
    ledger.store.write(EXERCISE, ledger.store.read(EXERCISE).replace("result: passed", "result: failed"))
    assert (
        ledger("score", "Ledger").out
        == """\
ledger  Ledger
  meets operated; missing for provable: exercises, key-dates

basic
  + owner         finance, by chat
  + description   there is one
  + tier          tier 1

operated
  + agreement     books
                  counts until 2028-01-01 00:00
  + escalation    finance, named by the store
  + on-call       finance, at every hour of the next 28 d
  + workflows     post
  + slos          SLO/posting
  + alerts        PostingBurn
  + dependencies  identity

provable
  - exercises     ledger/late never passed, the last run failed on 2026-11-01
                  next: exercise runbooks/ledger/late.md, and record it below exercises/
  + restore       drill of ledger, passed on 2026-11-01
                  counts until 2027-01-30 11:00
  - key-dates     ledger/late never passed, the last run failed on 2026-11-01
                  next: exercise the runbooks of keydates/close.yaml, and record it below exercises/
  + measures      none is open
"""
    )


def test_json_has_every_requirement_with_its_proof(ledger):
    found = ledger("score", "--json").json
    assert found["schema"] == "svcops.score/1"
    assert found["store"] == {
        "profile": "basic",
        "next": "operated",
        "services": 2,
        "experimental": 0,
        "lacking": [
            {"requirement": "workflows", "title": "core workflows", "services": 1, "unknown": 0},
            {"requirement": "alerts", "title": "a runbook for each alert", "services": 1, "unknown": 1},
        ],
    }
    identity, of_ledger = found["services"]
    assert (identity["profile"], identity["next"], identity["highest"]) == ("basic", "operated", "provable")
    assert {one["name"]: one for one in of_ledger["requirements"]}["restore"] == {
        "name": "restore",
        "title": "fresh evidence of a restore",
        "profile": "provable",
        "standing": "met",
        "why": "drill of ledger, passed on 2026-11-01",
        "proved": "2026-11-01T10:00:00Z",
        "until": "2027-01-30T10:00:00Z",
        "next": None,
    }
    one = ledger("score", "ledger", "--json").json
    assert one["store"] is None
    assert one["services"] == [of_ledger]


def test_quiet_names_the_services(ledger):
    assert ledger("score", "--quiet").out == "identity\nledger\n"
    assert ledger("score", "--quiet").err == ""


def test_a_profile_that_is_asked_for_shows_in_the_exit_code(ledger):
    assert ledger("score", "--profile", "basic").code == 0
    assert "operated is not met: 2 services run here" in ledger("score", "--profile", "operated", code=1).err
    assert ledger("score", "ledger", "--profile", "provable").code == 0
    said = ledger("score", "identity", "--profile", "Operated", "--quiet", code=1)
    assert said.err == "operated is not met: identity meets basic; missing for operated: workflows, alerts\n"


def trying(name: str) -> str:
    return f"title: {name}\ndescription: Tried out.\nowner: finance\ntier: 3\nlifecycle: experimental\n"


def test_an_experiment_is_told_beside_what_the_others_meet(ledger):
    """Its row says basic, so the line below the table says that not every service meets more."""
    ledger.store.write(IDENTITY, ledger.store.read(IDENTITY) + "external: true\n")
    ledger.store.write("catalogue/services/lab.yaml", trying("Lab"))
    said = ledger("score")
    assert "lab\tbasic\t+++\t" in said.out
    assert said.err == (
        f"{LEGEND}2 services run here: every one meets what is asked of it: provable;"
        " 1 experimental service no more than basic\n"
    )
    store = ledger("score", "--json").json["store"]
    assert (store["profile"], store["services"], store["experimental"]) == ("provable", 2, 1)


def test_a_store_of_experiments_is_asked_for_no_more_than_basic(ledger):
    for name in ("ledger", "identity"):
        ledger.store.write(f"catalogue/services/{name}.yaml", trying(name))
    assert ledger("score").err == f"{LEGEND}2 services run here: every one meets basic, and no more is asked of them\n"


@pytest.mark.parametrize("profile", ["basic", "operated", "provable"])
def test_a_profile_is_met_where_all_that_it_asks_is_of_the_store_as_of_a_service(ledger, profile):
    """As PRO001 has it: of an experiment nothing above basic is asked, so that it keeps nobody from anything."""
    ledger.store.write(IDENTITY, ledger.store.read(IDENTITY) + "external: true\n")
    ledger.store.write("catalogue/services/lab.yaml", trying("Lab"))
    ledger.store.write("svcops.yaml", f"{ledger.store.read('svcops.yaml')}profile: {profile}\n")
    for service in ((), ("lab",), ("ledger",)):
        assert ledger("score", *service, "--profile", profile).err.count("is not met") == 0
    assert "PRO001" not in {one["code"] for one in ledger("check", "--json", code=None).json["findings"]}
    ledger.store.write("catalogue/services/lab.yaml", trying("Lab").replace("tier: 3\n", ""))
    for service in ((), ("lab",)):
        assert f"{profile} is not met" in ledger("score", *service, "--profile", profile, code=1).err
    assert "PRO001" in {one["code"] for one in ledger("check", "--json", code=1).json["findings"]}


def test_a_service_of_others_is_judged_where_it_is_asked_for_by_name(ledger):
    ledger.store.write("catalogue/services/bank.yaml", "title: Bank\nowner: finance\nexternal: true\n")
    assert ledger("score", "bank", "--profile", "basic").code == 0
    assert (
        "bank meets basic; missing for operated: agreement" in ledger("score", "bank", "--profile=operated", code=1).err
    )


def test_a_store_without_services_meets_nothing(console, new_store):
    empty = type(console)(new_store("empty"))
    assert empty("score").err == "no services\n"
    assert empty("score", "--json").json["store"]["profile"] is None
    assert "no services are run here" in empty("score", "--profile", "basic", code=4).err


def test_what_changed_since_a_revision(ledger):
    ledger.store.write(PLAN, ledger.store.read(PLAN).replace("title", "every: 1d\ntitle"))
    ledger.store.write("keydates/close.yaml", "title: Close\nservices: [ledger]\n")
    workflow = "core_workflows: [{name: in, title: Sign in, slo: SLO/posting}]\n"
    identity = "catalogue/services/identity.yaml"
    ledger.store.write(identity, ledger.store.read(identity) + workflow)
    said = ledger("score", "--since", "HEAD")
    assert said.out == (
        "identity\tgained\tworkflows\tin\n"
        "identity\tgained\tslos\tSLO/posting (an SLO of ledger)\n"
        "identity\tgained\talerts\tPostingBurn\n"
        "ledger\tlost\trestore\tledger last passed on 2026-11-01, too long ago\n"
        "ledger\tlost\tkey-dates\tclose names no runbook\n"
    )
    assert "5 changes since HEAD (" in said.err
    assert "too old" not in said.err
    assert ledger("score", "ledger", "--since", "HEAD").out.count("\n") == 2
    assert ledger("score", "--since", "HEAD", "--quiet").out == "identity\nledger\n"
    since = ledger("score", "--since", "HEAD", "--json").json["since"]
    assert (since["commit"], since["merged"], since["conflicts"]) == (ledger.store.head(), False, [])
    assert since["store"]["profile"] == "basic"
    assert since["changes"][-1] == {
        "service": "ledger",
        "change": "lost",
        "requirement": "key-dates",
        "why": "close names no runbook",
    }


def test_since_with_nothing_changed_says_so(ledger):
    said = ledger("score", "--since", "HEAD")
    assert said.out == ""
    assert said.err.startswith("no change since HEAD (")


@pytest.fixture
def branch(ledger):
    """A branch whose drills have to be fresher, behind main: there a service came, and the key date went."""
    store = ledger.store
    store.git("switch", "--quiet", "--create", "mine")
    store.write(PLAN, store.read(PLAN).replace("title", "every: 1d\ntitle"))
    store.commit("Drill every day")
    store.git("switch", "--quiet", "main")
    store.write("catalogue/services/mail.yaml", "title: Mail\nowner: finance\n")
    store.git("rm", "--quiet", "keydates/close.yaml")
    store.commit("Mail, and no close")
    store.git("switch", "--quiet", "mine")
    return ledger


LOST = "ledger\tlost\trestore\tledger last passed on 2026-11-01, too long ago\n"


def test_a_branch_answers_for_its_own_change_and_not_for_what_main_did_meanwhile(branch):
    said = branch("score", "--since", "main")
    assert said.out == LOST
    assert said.err.startswith("1 change to main (")
    assert said.err.endswith("), judged on the result of merging this branch with it, as of now\n")
    found = branch("score", "--since", "main", "--json").json
    since = found["since"]
    assert (since["commit"], since["merged"], since["conflicts"]) == (
        branch.store.git("rev-parse", "main").strip(),
        True,
        [],
    )
    assert [found["store"]["services"], since["store"]["services"], since["after"]["services"]] == [2, 3, 3]
    assert branch("score", "mail", "--since", "main", code=2).err.startswith("error: ")
    assert branch("score", "identity", "--since", "main").out == ""


def test_what_is_not_committed_is_of_the_branch(branch):
    branch.store.write("catalogue/services/tax.yaml", "title: Tax\nowner: finance\n")
    assert branch("score", "--since", "main").out == (
        f"{LOST}tax\tnew service\t\tmeets no profile; basic lacks description, tier\n"
    )
    assert branch.store.git("status", "--porcelain") == "?? catalogue/services/tax.yaml\n"


def test_a_branch_that_went_on_without_a_change_makes_none(branch):
    branch.store.git("reset", "--quiet", "--hard", "HEAD~1")
    said = branch("score", "--since", "main")
    assert (said.out, said.err.partition(" (")[0]) == ("", "no change to main")


def test_what_git_cannot_merge_is_judged_since_the_two_parted(branch):
    store = branch.store
    parted = store.git("rev-parse", "HEAD~1").strip()
    for name in ("main", "mine"):
        store.git("switch", "--quiet", name)
        store.write(SERVICE, store.read(SERVICE).replace("title: Ledger", f"title: The ledger of {name}"))
        store.commit(name)
    said = branch("score", "--since", "main")
    assert said.out == LOST
    assert said.err.startswith(
        f"git cannot merge main with this branch, in {SERVICE}: what changed is told since the two parted,"
        f" at {parted[:10]}\n1 change since {parted[:10]} ("
    )
    since = branch("score", "--since", "main", "--json").json["since"]
    assert (since["revision"], since["commit"]) == ("main", parted)
    assert (since["merged"], since["conflicts"]) == (False, [SERVICE])


def test_what_only_the_merge_damages_is_unknown_and_named(branch):
    """Each side writes a key, and git puts both in one file without asking."""
    store = branch.store
    store.write(SERVICE, f"{store.read(SERVICE)}tags: [books]\n")
    store.commit("A tag at the end")
    store.git("switch", "--quiet", "main")
    store.write(SERVICE, f"tags: [money]\n{store.read(SERVICE)}")
    store.commit("A tag at the beginning")
    store.git("switch", "--quiet", "mine")
    said = branch("score", "--since", "main")
    assert "ledger\tunknown\t\tits record is damaged\n" in said.out
    assert f"left out of the merge with main, damaged there: {SERVICE}\n" in said.err


def test_a_revision_that_shares_no_history_has_no_change_to_tell(ledger):
    ledger.store.git("switch", "--quiet", "--orphan", "alone")
    ledger.store.write("svcops.yaml", "organisation: Example\n")
    ledger.store.commit("Another beginning")
    assert "HEAD and main have no common history" in ledger("score", "--since", "main", code=2).err


def test_where_a_shallow_clone_parted_nobody_can_tell(branch, tmp_path):
    source = f"file://{branch.store.path}"
    branch.store.git("clone", "--quiet", "--depth=1", "--no-single-branch", source, str(tmp_path / "clone"))
    branch.cwd = tmp_path / "clone"
    assert "what changed since origin/main cannot be known" in branch("score", "--since", "origin/main", code=4).err


def test_what_the_clock_took_is_named_apart(ledger):
    env = {**ledger.store.env, "GIT_COMMITTER_DATE": "2026-05-01T12:00:00Z"}
    early = ledger.store.read(EXERCISE).replace("ended_at: 2026-11-01", "ended_at: 2026-04-01")
    ledger.store.write(EXERCISE, early)
    ledger.store.git("add", "--all")
    subprocess.run(["git", "commit", "--quiet", "--message=early"], cwd=ledger.store.path, env=env, check=True)
    said = ledger("score", "--since", "HEAD")
    assert said.out == (
        "ledger\ttoo old\texercises\tledger/late last passed on 2026-04-01, too long ago\n"
        "ledger\ttoo old\tkey-dates\tledger/late last passed on 2026-04-01, too long ago\n"
    )
    assert "too old: it held on that day, and nothing but time passed" in said.err


def test_a_revision_from_before_the_store(console, new_repository, ledger):
    repository = new_repository("empty")
    repository.write("README", "Soon\n")
    repository.commit("Before")
    shutil.copytree(ledger.store.root, repository.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
    ledger.cwd = repository.path
    assert ledger("score", "--since", "HEAD").out.startswith("identity\tnew service\t\tmeets basic; operated lacks")


def test_a_revision_that_git_does_not_know(ledger):
    assert "git knows no revision nope" in ledger("score", "--since", "nope", code=2).err
    assert "git knows no revision --all" in ledger("score", "--since=--all", code=2).err


def test_a_shallow_clone_says_that_it_is_one(ledger, tmp_path, console):
    ledger.store.write(EXERCISE, ledger.store.read(EXERCISE) + "text: again\n")
    ledger.store.commit("again")
    source = f"file://{ledger.store.path}"
    ledger.store.git("clone", "--quiet", "--depth=1", source, str(tmp_path / "clone"))
    ledger.cwd = tmp_path / "clone"
    said = ledger("score", "--since", "HEAD~1", code=4)
    assert "shallow clone" in said.err
    assert "git fetch --unshallow" in said.err
    assert ledger("score", "--since", "HEAD").out == ""


def test_a_store_outside_git_has_no_past(ledger, tmp_path):
    shutil.copytree(ledger.store.root, tmp_path / "plain", ignore=shutil.ignore_patterns(".git"))
    ledger.cwd = tmp_path / "plain"
    assert ledger("score").code == 0
    assert "is not in a git repository" in ledger("score", "--since", "HEAD", code=3).err


def test_names_that_nobody_has(ledger):
    assert "Did you mean ledger?" in ledger("score", "ledgr", code=2).err
    assert "Did you mean operated?" in ledger("score", "--profile", "operatd", code=2).err


def test_what_is_damaged_is_left_out_and_shows_in_the_exit_code(ledger):
    ledger.store.write(EXERCISE, "runbook: [\n")
    said = ledger("score", code=2)
    assert "left out, damaged: exercises/" in said.err
    assert "exercises" in said.out
    ledger.store.commit("damaged")
    ledger.store.git("checkout", "--quiet", "HEAD~1", "--", EXERCISE)
    assert "left out of HEAD, damaged there: exercises/" in ledger("score", "--since", "HEAD").err


def test_nothing_of_a_record_reaches_the_terminal_as_an_order(ledger):
    ledger.store.write(SERVICE, ledger.store.read(SERVICE).replace("title: Ledger", 'title: "Led\\u202Eger"'))
    assert "\u202e" not in ledger("score", "ledger").out
    assert "\u202e" not in ledger("score", "ledger", "--json").out


def test_help_has_examples(ledger, capsys):
    ledger("score", "--help")
    assert "svcops score --since main --json" in capsys.readouterr().out


def test_what_a_damaged_record_may_undo_is_an_error_where_the_profile_is_asked_for(ledger):
    """The same for PRO001, for the closing line of the check, and for what changed."""
    store = ledger.store
    store.write("svcops.yaml", f"{store.read('svcops.yaml')}profile: provable\n")
    store.write(IDENTITY, store.read(IDENTITY).replace("title: Identity\n", "title: Identity\nexternal: true\n"))
    store.commit("Identity is run by others")
    assert ledger("check", "--json", code=1).json["remarks"] == ["profile: provable"]
    store.write(RUNBOOK, "---\ntitle: Slow\nkind: slow\nservices: [ledger]\n---\n\nLook.\n")
    found = ledger("check", "--json", code=1).json
    [message] = [one["message"] for one in found["findings"] if one["code"] == "PRO001"]
    assert message == (
        "of ledger nobody can tell whether it has fresh exercises of each runbook, which the profile provable asks for:"
        f" ledger/late, passed on 2026-11-01, but {RUNBOOK} cannot be read"
    )
    assert found["remarks"] == [
        "profile: operated; for provable of 1 of 1 service nobody can tell whether they have fresh exercises of each runbook: svcops score"
    ]
    assert "ledger\tunknown\texercises" in ledger("score", "--since", "HEAD", code=2).out


def test_without_settings_nobody_knows_how_old_a_proof_may_be(ledger):
    ledger.store.write("svcops.yaml", ledger.store.read("svcops.yaml") + "time_zoen: UTC\n")
    (service,) = (one for one in ledger("score", "--json", code=2).json["services"] if one["name"] == "ledger")
    exercises = next(one for one in service["requirements"] if one["name"] == "exercises")
    assert exercises["standing"] == "unknown"
    assert "svcops.yaml cannot be read" in exercises["why"]
