"""The roles of the field, and what people type for them."""

from svcops.incidents.model import COMMANDER

TITLES = {
    "commander": COMMANDER,
    "ic": COMMANDER,
    "operations": "operations-lead",
    "ops": "operations-lead",
    "communications": "communications-lead",
    "comms": "communications-lead",
}
"""What people type for the roles of the field."""
KNOWN_ROLES = frozenset({*TITLES, *TITLES.values(), "scribe"})
