"""Approvals: who agreed to which bytes."""

from typing import Literal

from svcops.store.model import Digest, Text, Who, record
from svcops.timing.model import Instant


@record
class Approval:
    """One person's agreement to the exact bytes of one file. Unsigned, it is asserted; signed, it is proved."""

    of: Text
    """The file approved, as a path below the store."""
    digest: Digest
    """The SHA-256 of the exact bytes approved."""
    role: Literal["reviewer", "approver"]
    """reviewer: read it, and did not write it. approver: of evidence, agrees that it shows what it says."""
    by: Who
    """Whose agreement it is: a name of catalogue/people, or a mail address."""
    at: Instant
    """When they agreed, with its offset."""
