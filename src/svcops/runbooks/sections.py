"""Which sections a runbook has to have, by its kind (decision 26)."""

from svcops.runbooks.model import Kind

REQUIRED: dict[Kind, tuple[str, ...]] = {
    "operation": ("Meaning", "Impact", "Diagnosis", "Mitigation"),
    "recovery": ("Meaning", "Preconditions", "Steps", "Verification"),
    "key-date": ("Meaning", "Preconditions", "Steps", "Verification"),
}
"""Without these a runbook is no help: what it is about, what is at stake, how it is done, and how one knows."""
