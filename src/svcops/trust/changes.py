"""Recording an approval."""

from typing import Literal

from svcops.store.change import Change
from svcops.store.events import Author, subject
from svcops.store.ids import new_id, year_of
from svcops.store.recording import bytes_of
from svcops.trust.facts import digest_text
from svcops.trust.model import Approval


def approve(
    author: Author, path: str, data: bytes, what: str, *, role: Literal["reviewer", "approver"] = "reviewer"
) -> tuple[str, Change]:
    """Approve the exact bytes of a file in a role: the approval's id, and the change that records it."""
    approval_id = new_id("approval", author.now, author.random_bytes)
    moment = author.after(None)
    approval = Approval(of=path, digest=digest_text(data), role=role, by=author.by, at=moment)
    file = f"approvals/{year_of(approval_id)}/{approval_id}.yaml"
    return approval_id, Change(subject(f"Approve {what}"), {file: bytes_of(approval)}, records=(approval_id,))
