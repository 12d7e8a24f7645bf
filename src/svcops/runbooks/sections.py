"""Which sections a runbook has to have, by its kind (decision 26)."""

from svcops.runbooks.model import Kind
from svcops.runbooks.outline import key_of

REQUIRED: dict[Kind, tuple[str, ...]] = {
    "operation": ("Meaning", "Impact", "Diagnosis", "Mitigation"),
    "recovery": ("Meaning", "Preconditions", "Steps", "Verification"),
    "key-date": ("Meaning", "Preconditions", "Steps", "Verification"),
}
"""Without these a runbook is no help: what it is about, what is at stake, how it is done, and how one knows."""

ASKED = {
    "Meaning": "what is wrong, or what is done, and how one knows that this is the page for it",
    "Impact": "who notices what, and what gets worse with time",
    "Diagnosis": "steps that tell the causes apart, each with what is expected and where another answer leads",
    "Mitigation": "what helps, a way an item, each with what is expected afterwards",
    "Preconditions": "what has to be so before it is begun, and how one sees it",
    "Steps": "what is done, in its order, each with what is expected",
    "Verification": "how one knows that it worked",
    "Escalation": "who is called when, and with what",
}
"""What a section answers, for whoever writes it."""

PRECONDITIONS = "preconditions"
"""The key of the section whose steps tell whether anything may be done at all."""
ROLLBACK = "rollback"
"""That of the section whose steps are taken where one failed."""
DONE = frozenset({PRECONDITIONS, "diagnosis", "mitigation", "steps", "verification", ROLLBACK})
"""Those of sections in which something is done: one without steps is done by hand, all of it."""
READ_ONLY = frozenset({"meaning", "impact", "escalation", ROLLBACK})
"""The keys of sections whose steps are none of the way to success: they are read, or taken where it fails."""
_ROLES = {
    **{one: one for one in ("meaning", "impact", "escalation", *DONE)},
    **dict.fromkeys(("roll-back", "back-out", "backout"), ROLLBACK),
}
"""What sections are for, by the words that say so in the keys of their titles."""


def role_of(title: str) -> str:
    """What a section is for, by its title: the key of the one that it begins like, as `Escalation path`; else its own.

    A way back is one wherever the title says so (`How to roll back`). A title that names two, such as `Impact and
    mitigation`, is neither: what is walked must not be hidden by what is read.
    """
    key = key_of(title)
    words = [word for word in _ROLES if f"-{word}-" in f"-{key}-"]
    roles = {_ROLES[word] for word in words}
    if roles - {"steps"} == {ROLLBACK}:
        return ROLLBACK
    begins = any(f"{key}-".startswith(f"{word}-") for word in words)
    return roles.pop() if len(roles) == 1 and begins else key
