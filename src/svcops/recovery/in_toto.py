"""Evidence as a Statement of in-toto, for tools that collect attestations.

The shape is that of https://in-toto.io/Statement/v1 with the predicate
https://in-toto.io/attestation/test-result/v0.1: what was tested (the subject), by what (the configuration), and the
names of the tests by how they ended. The subject is the evidence, whose bytes name everything else. A test of which
nobody can tell how it ended has not passed, and WARNED is said of one that did: so it is among those that failed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svcops.recovery.model import Content, Evidence
    from svcops.store.entries import Entry

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


def statement(entry: "Entry[Evidence]", digest: str) -> dict[str, Any]:
    """The Statement of one evidence, whose bytes have this SHA-256."""
    one = entry.value
    failed = list(dict.fromkeys(_failed(one)))
    return {
        "_type": STATEMENT,
        "subject": [{"name": entry.path, "digest": {"sha256": digest}}],
        "predicateType": PREDICATE,
        "predicate": {
            "result": "FAILED" if failed else "PASSED",
            "configuration": list(_configuration(one)),
            "passedTests": [name for name in dict.fromkeys(_passed(one)) if name not in failed],
            "warnedTests": [],
            "failedTests": failed,
        },
    }


def _configuration(one: "Evidence") -> Iterator[dict[str, Any]]:
    """What was followed, and what was expected: by git's object ids. By hand, the plan's name alone is known."""
    contents = [*one.followed, *([one.baseline] if one.baseline else [])]
    if not contents:
        yield {"name": f"recovery/plans/{one.plan}.yaml", "uri": f"recovery/plans/{one.plan}.yaml"}
    yield from map(_resource, contents)


def _resource(content: "Content") -> dict[str, Any]:
    commit = {"annotations": {"gitCommit": content.commit}} if content.commit else {}
    return {"name": content.path, "digest": {"gitBlob": content.blob}, **commit}


def _passed(one: "Evidence") -> Iterator[str]:
    """What is known to have passed: of a drill that did not, no stage is, whatever the exit code of its command."""
    stages = one.stages if one.verdict == "passed" else ()
    yield from (f"stage {stage.name}" for stage in stages)
    yield from (f"damage case {case.case}" for case in one.cases if case.noticed)
    if one.verdict == "passed" and not (one.stages or one.cases):
        yield f"drill of {one.plan}"


def _failed(one: "Evidence") -> Iterator[str]:
    """Why a drill did not pass, or nobody can tell whether it did, and the damage that it did not notice."""
    if one.verdict != "passed":
        yield f"drill of {one.plan}"
        yield from (fault.reason for fault in one.faults)
        yield from (f"stage {stage.name}" for stage in one.stages if stage.exit)
    yield from (f"damage case {case.case}" for case in one.cases if not case.noticed)
