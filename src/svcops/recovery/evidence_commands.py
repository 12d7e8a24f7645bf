"""svcops evidence ..."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, NOT_DONE, NOT_ENOUGH_DATA, BadInput, Refused
from svcops.terminal.command import App, Argument, Context, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svcops.recovery.completeness import Completeness
    from svcops.recovery.model import Evidence
    from svcops.recovery.verdicts import Verdict
    from svcops.store.entries import Entry
    from svcops.terminal.session import Session
    from svcops.trust.trusted import Trusted

app = App("Evidence of drills: who signed it, who agreed, and whether any is missing.")

Id = Annotated[str, Argument(metavar="ID", help="Its id, or the beginning of it or of its last six characters.")]
Ids = Annotated[list[str] | None, Argument(metavar="[ID]...", help="Their ids; without any, all evidence.")]
KeyFile = Annotated[
    str, Option("--key", metavar="FILE", help="The OpenSSH key to sign with; without it git's user.signingkey.")
]
Revision = Annotated[
    str,
    Option("--trusted", metavar="REV", help="Whose keys count, and what may not be missing: origin/main, a tag."),
]


@app.verb("list", examples="svcops evidence list\nsvcops evidence list --plan ledger --verdict failed")
def list_(
    ctx: Context,
    plan: Annotated[str, Option("--plan", metavar="NAME", help="Only that of a recovery plan.")] = "",
    verdict: Annotated[str, Option("--verdict", metavar="WORD", help="passed, failed or inconclusive.")] = "",
) -> int:
    """List evidence, the newest first.

    Whether its signatures are good is what svcops evidence verify tells.
    """
    from svcops.recovery.completeness import evidence_of
    from svcops.recovery.evidence_presenting import COLUMNS, detail, row

    session: Session = ctx.obj
    graph = session.store.graph
    words = ("passed", "failed", "inconclusive")
    if verdict not in ("", *words):
        raise BadInput(f"--verdict {verdict}: no such word", help=f"One of {', '.join(words)}.")
    _refuse_unknown_plan(session, plan)
    every = sorted(evidence_of(graph).values(), key=lambda one: (one.value.ended_at, one.name), reverse=True)
    found = [one for one in every if plan in ("", one.value.plan) and verdict in ("", one.value.verdict)]
    if session.options.json:
        session.show_json("svcops.evidences/1", evidence=[detail(graph, one) for one in found])
    else:
        empty = "no evidence" + (" matches" if every else ": svcops drill run PLAN leaves some")
        session.show_table(COLUMNS, [row(graph, one, session.zone) for one in found], empty=empty)
    return session.mention_damage()


@app.verb("show", examples="svcops evidence show k7f3\nsvcops evidence show k7f3 --json")
def show(ctx: Context, given: Id) -> int:
    """Show one evidence."""
    from svcops.recovery.evidence_presenting import as_text, detail

    session: Session = ctx.obj
    entry = _called(session, given)
    if session.options.json:
        session.show_json("svcops.evidence/1", evidence=detail(session.store.graph, entry))
    elif session.options.quiet:
        session.show(entry.name)
    else:
        session.show(as_text(session.store.graph, entry, session.zone))
    return session.mention_damage()


@app.verb("sign", examples="svcops evidence sign k7f3\nsvcops evidence sign k7f3 --key ~/.ssh/id_ed25519")
def sign(ctx: Context, given: Id, key: KeyFile = "", trusted: Revision = "") -> int:
    """Sign evidence as who ran its drill.

    The signature is over the exact bytes that are committed, which name the digests of the logs, and lies beside them
    (ssh-keygen -Y sign, for svcops-evidence-execute@v1).
    """
    from svcops.recovery.evidence_presenting import detail
    from svcops.recovery.evidence_signing import sign_evidence

    session: Session = ctx.obj
    pin, found = _looked_at(session, given, trusted)
    written = session.apply(sign_evidence(session, pin, found, key))
    name = found.entry.name
    session.finish(
        written,
        name,
        "svcops.evidence/1",
        lambda: {"evidence": detail(session.store.graph, _called(session, name))},
    )
    return DONE


@app.verb("approve", examples="svcops evidence approve k7f3\nsvcops evidence approve k7f3 --key ~/.ssh/id_ed25519")
def approve(ctx: Context, given: Id, key: KeyFile = "", trusted: Revision = "") -> int:
    """Agree that evidence shows what it says, as somebody who neither ran the drill nor was its witness.

    Writes an approval over its exact bytes, signed with a key that did not sign the evidence (ssh-keygen -Y sign, for
    svcops-evidence-approve@v1).
    """
    from svcops.recovery.evidence_signing import approve_evidence

    session: Session = ctx.obj
    pin, found = _looked_at(session, given, trusted)
    by, of = session.author().by, found.entry.path
    approval_id, change = approve_evidence(session, pin, found, key)
    written = session.apply(change)
    approval = {"id": approval_id, "of": of, "by": by, "role": "approver", "signed": True}
    session.finish(written, approval_id, "svcops.approval/1", lambda: {"approval": approval})
    if found.signature.standing == "absent":
        session.say(f"{found.entry.value.by} has not signed it yet")
    return DONE


@app.verb(
    "verify",
    examples="""
svcops evidence verify
svcops evidence verify k7f3 --trusted origin/main
git config svcops.trusted origin/main && svcops evidence verify --json
""",
)
def verify(ctx: Context, given: Ids = None, trusted: Revision = "") -> int:
    """Verify evidence: its signature, its approval, its logs, the chain, and whether any is missing.

    Whose keys count is read from the trusted revision, never from what is checked out. Exit 0: all of it stands.
    1: something does not hold. 2: a record is damaged. 3: a signature could not be looked at. 4: nobody signed or
    approved it, or nobody can tell whether any is missing. Of several, 3 goes before 1, before 2, before 4.
    """
    from svcops.recovery.completeness import completeness, uncommitted
    from svcops.recovery.evidence_presenting import completeness_detail, verdict_detail, verdicts_text

    session: Session = ctx.obj
    entries = _chosen(session, given or [])
    pin = _pin(session, trusted)
    found = _judged(session, pin, entries)
    whole = completeness(session.store, pin)
    waiting = uncommitted(session.store, entries)
    if waiting:
        more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        session.warn(f"{waiting[0]}{more} not committed: as long as it is not, it holds here alone")
    if session.options.json:
        told = completeness_detail(whole, pin.name, pin.commit)
        evidence = [verdict_detail(one, whole) for one in found]
        session.show_json("svcops.verification/1", evidence=evidence, completeness=told)
    elif session.options.quiet:
        standing = [one.entry.name for one in found if one.standing == "good"]
        if standing:
            session.show("\n".join(standing))
    else:
        session.show(verdicts_text(found, whole))
    return _exit_code(found, whole, session.mention_damage())


@app.verb("bundle", examples="svcops evidence bundle k7f3 h3w8 --output ../for-the-auditor")
def bundle(
    ctx: Context,
    given: Annotated[list[str], Argument(metavar="ID...", help="Their ids; all of it has to stand.")],
    output: Annotated[str, Option("--output", metavar="DIR", help="The folder to make.")],
    trusted: Revision = "",
) -> int:
    """Make a folder that an auditor verifies with plain ssh-keygen and a short script.

    It holds the exact bytes, the signatures, whose keys count by the trusted revision, and a short script, verify.sh.
    Whether any evidence is missing is said in it. Exit 0: nothing is. 1: some is missing, or the script does not agree.
    4: nobody can tell.
    """
    from svcops.recovery.bundle import bundle_files, script_says, write_bundle
    from svcops.recovery.completeness import completeness
    from svcops.recovery.evidence_presenting import completeness_text
    from svcops.recovery.evidence_signing import refuse_another_form

    session: Session = ctx.obj
    pin, graph = _pin(session, trusted), session.store.graph
    found = _judged(session, pin, _chosen(session, given))
    _refuse_what_does_not_stand(found)
    whole = completeness(session.store, pin)
    for one in found:
        refuse_another_form(graph, one.entry)
    files = bundle_files(graph, pin, found, completeness_text(whole))
    write_bundle(session.place(output), files)
    names = [one.entry.name for one in found]
    if session.options.json:
        told = {"path": output, "evidence": names, "files": len(files) + 1, "trusted": pin.name, "commit": pin.commit}
        session.show_json("svcops.bundle/1", bundle={**told, "completeness": whole.standing})
    else:
        session.show("\n".join(names) if session.options.quiet else output)
        session.say(f"wrote {len(files) + 1} files; an auditor runs: sh {output}/verify.sh SIGNERS REVOKED PEOPLE")
    if whole.standing != "complete":
        session.warn(completeness_text(whole))
    wrong = script_says(session.place(output))
    if wrong:
        session.warn(f"verify.sh, run over it here, as of now, does not agree: {wrong}")
        if "expired" in wrong or "not yet valid" in wrong:
            session.say("verify.sh -t 2026-12-01 judges keys as of a day; different keys may need bundles of their own")
    return _exit_code(found, whole, session.mention_damage()) or (ANSWER_IS_NO if wrong else DONE)


@app.verb("export", examples="svcops evidence export k7f3 --in-toto > statement.json")
def export(
    ctx: Context,
    given: Id,
    in_toto: Annotated[bool, Option("--in-toto", help="As a Statement v1, predicate test-result/v0.1.")] = False,
    trusted: Revision = "",
) -> int:
    """Write evidence for other tools, as JSON, which is not signed; what the evidence is worth is said beside it.

    Exit codes are those of svcops evidence verify.
    """
    from svcops.recovery.completeness import completeness
    from svcops.recovery.evidence_presenting import verdicts_text
    from svcops.recovery.in_toto import statement
    from svcops.store.change import digest_of
    from svcops.terminal.session import json_text

    session: Session = ctx.obj
    if not in_toto:
        raise BadInput("evidence is exported in a format of others", help="Name it: --in-toto")
    entry = _called(session, given)
    pin = _pin(session, trusted)
    found = _judged(session, pin, [entry])
    whole = completeness(session.store, pin)
    data = session.store.blob(entry.path)
    session.show(json_text(statement(entry, digest_of(data))), painted=True)
    session.warn(f"the statement is not signed; of the evidence:\n{verdicts_text(found, whole)}")
    return _exit_code(found, whole, session.mention_damage())


def _refuse_what_does_not_stand(found: "Sequence[Verdict]") -> None:
    wrong = [
        f"  {one.entry.name}: {name}: {part.why}"
        for one in found
        for name, part in one.parts.items()
        if part.standing != "good"
    ]
    if wrong:
        more = [f"  and {len(wrong) - 8} more"] if len(wrong) > 8 else []
        raise Refused(
            "\n".join(["not all of it stands:", *wrong[:8], *more]), help="svcops evidence verify tells more."
        )


def _exit_code(found: "Sequence[Verdict]", whole: "Completeness", damage: int) -> int:
    standings = {one.standing for one in found}
    if "unknown" in standings:
        return NOT_DONE
    if "bad" in standings or whole.standing == "incomplete":
        return ANSWER_IS_NO
    if damage:
        return damage
    return NOT_ENOUGH_DATA if "absent" in standings or whole.unknown or not found else DONE


def _called(session: "Session", given: str) -> "Entry[Evidence]":
    """The evidence that an id means; BadInput where it is not just one, or damaged."""
    from svcops.recovery.completeness import evidence_of
    from svcops.store.ids import resolve

    graph = session.store.graph
    known = evidence_of(graph)

    def describe(name: str) -> str:
        return f"{name}  {known[name].value.plan}, {known[name].value.verdict}" if name in known else f"{name}  damaged"

    help_ = "svcops evidence list shows what there is."
    name = resolve(given, graph.names("evidence"), noun="evidence", describe=describe, help=help_)
    if name not in known:
        path = graph.find(("evidence",), name)
        raise BadInput(f"the evidence {name} is damaged: {path}", help="svcops check shows the place.")
    return known[name]


def _chosen(session: "Session", given: "Sequence[str]") -> "list[Entry[Evidence]]":
    """Those that are named, each once, in the order of their ids; all where none is."""
    from svcops.recovery.completeness import evidence_of

    named = {one.name: one for one in (_called(session, text) for text in given)}
    return sorted((named if given else evidence_of(session.store.graph)).values(), key=lambda one: one.name)


def _pin(session: "Session", given: str) -> "Trusted":
    from svcops.trust.trusted import trusted

    return trusted(session.store, given)


def _judged(session: "Session", pin: "Trusted", entries: "Sequence[Entry[Evidence]]") -> "list[Verdict]":
    from svcops.recovery.verdicts import judge
    from svcops.terminal.progress import progress

    with progress(session, "signatures verified", 0) as tick:
        return judge(session.store.graph, pin, entries, session.now(), tick)


def _looked_at(session: "Session", given: str, revision: str) -> "tuple[Trusted, Verdict]":
    """One evidence with what it is worth, before somebody puts their name to it."""
    pin = _pin(session, revision)
    (found,) = _judged(session, pin, [_called(session, given)])
    return pin, found


def _refuse_unknown_plan(session: "Session", plan: str) -> None:
    from svcops.recovery.completeness import evidence_of
    from svcops.store.suggest import did_you_mean

    graph = session.store.graph
    known = {*graph.names("recovery-plan"), *(one.value.plan for one in evidence_of(graph).values())}
    if plan and plan not in known:
        near = did_you_mean(plan, sorted(known)) or "ls recovery/plans shows them."
        raise BadInput(f"there is no recovery plan {plan!r}", help=near)
