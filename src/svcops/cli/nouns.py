"""What can follow `svcops`: one line a noun, and the module that is opened when it is called."""

from svcops.store.frozen import frozen


@frozen
class Noun:
    """A noun, or a verb that stands alone; `app` is `module:attribute` of its Typer app."""

    name: str
    help: str
    app: str


NOUNS = {
    "Records": (
        Noun("init", "Make a store here, empty or with the reference landscape", "svcops.cli.init:app"),
        Noun("check", "Check every record and say what is wrong, line by line", "svcops.checking.commands:check_app"),
        Noun("fmt", "Put the keys of records in order", "svcops.checking.fmt_commands:app"),
        Noun("schema", "JSON Schemas of records, for editors", "svcops.checking.schema_commands:app"),
        Noun("explain", "Explain the code of a finding", "svcops.checking.commands:explain_app"),
        Noun("rules", "Everything that the check looks for", "svcops.checking.listing:rules_app"),
        Noun("score", "How much is proved of each service, and what is missing", "svcops.overview.commands:app"),
        Noun("import", "Bring records from other tools", "svcops.exchange.commands:import_app"),
        Noun("export", "Give catalogue and service levels to other tools", "svcops.exchange.commands:export_app"),
        Noun("sync", "Take in what others recorded, and bring them yours", "svcops.cli.sync:app"),
        Noun("undo", "Take your own last change back", "svcops.cli.undo:app"),
    ),
    "Operations": (
        Noun("service", "What runs, who answers for it, what it needs", "svcops.overview.service_commands:app"),
        Noun("agreement", "What was promised, and how long it holds", "svcops.catalogue.agreement_commands:app"),
        Noun("maintenance", "When services are worked on, and why", "svcops.catalogue.maintenance_commands:app"),
        Noun("escalate", "Who is called now, how, and who is next", "svcops.catalogue.escalation_commands:app"),
        Noun("schedule", "Who is on call when", "svcops.catalogue.schedule_commands:app"),
        Noun("incident", "Disruptions, from the first sign to normal operations", "svcops.incidents.commands:app"),
        Noun("problem", "Why incidents happen, and what helps meanwhile", "svcops.problems.commands:app"),
        Noun("postmortem", "What happened, and what was learned", "svcops.postmortems.commands:app"),
        Noun(
            "measure",
            "What is changed so that it is less likely, or shorter",
            "svcops.postmortems.measure_commands:app",
        ),
        Noun(
            "runbook",
            "What to do, step by step, and when it was last tried",
            "svcops.runbooks.commands:app",
        ),
        Noun(
            "drill", "Recovery that is proved: plans, drills, damage that they notice", "svcops.recovery.commands:app"
        ),
        Noun("slo", "Service levels from exported metrics", "svcops.slo.commands:app"),
        Noun("report", "Figures of how disruptions go, with their records", "svcops.overview.report_commands:app"),
    ),
    "Pages": (Noun("site", "The rendered site", "svcops.portal.commands:app"),),
}

GLOBAL_OPTIONS = (
    ("--store DIR", "the store; otherwise the nearest folder above with svcops.yaml"),
    ("--json", "one JSON object with its schema's name"),
    ("--quiet, -q", "ids only"),
    ("--no-input", "never ask; a missing value is an error that names its flag"),
    ("--no-commit", "write the files, leave the commit to you"),
    ("--no-color", "as with NO_COLOR set"),
)


def find(name: str) -> Noun | None:
    """The noun of that name."""
    return next((noun for nouns in NOUNS.values() for noun in nouns if noun.name == name), None)


def names() -> list[str]:
    """Every noun, in the order of the help."""
    return [noun.name for nouns in NOUNS.values() for noun in nouns]


def help_text() -> str:
    """What `svcops --help` prints; made from the table alone, so that it needs no other import."""
    lines = [
        "Usage: svcops [OPTIONS] NOUN VERB ...",
        "",
        "Service management as records in git: provable, offline, plain text.",
    ]
    for title, nouns in NOUNS.items():
        lines += ["", f"{title}:"]
        lines += [f"  {noun.name:<12}{noun.help}" for noun in nouns]
    lines += ["", "Options, anywhere on the line:"]
    lines += [f"  {option:<14}{meaning}" for option, meaning in GLOBAL_OPTIONS]
    lines += [
        f"  {'--version':<14}the version of svcops",
        f"  {'--help':<14}this text; after a noun or a verb, its own",
        "",
        "Examples:",
        "  svcops init --example ../ops       the reference landscape, in a repository of its own",
        "  svcops check                       exit 1 when something is wrong",
        '  svcops incident open "Receipts are not extracted" --service receipt-scanner --severity sev1',
        "  svcops slo report --json",
        "",
        "Exit codes: 0 yes or done, 1 the answer is no, 2 the call or the input is wrong, 3 it could not be done,",
        "4 not enough data to say.",
    ]
    return "\n".join(lines)
