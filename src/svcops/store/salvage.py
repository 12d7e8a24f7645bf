"""What still holds of a svcops.yaml that is damaged: an unknown key takes nothing else away."""

from dataclasses import replace

from svcops.checking.model import At
from svcops.store.declared import declared_of
from svcops.store.documents import parse
from svcops.store.entries import validated
from svcops.store.files import Tree
from svcops.store.layout import SETTINGS, kind
from svcops.store.settings import Settings


def salvaged(tree: Tree) -> Settings:
    """The settings of a damaged svcops.yaml: each key that can be read, and what holds without the others.

    Without the time zone there is none, as one that is not the store's is hours off.
    """
    declared = declared_of(kind("settings"))
    data, _ = tree.read(SETTINGS)
    parsed = parse(data, SETTINGS)
    plain = parsed.documents[0] if not parsed.findings else None
    written = plain if isinstance(plain, dict) else {}
    at = At(SETTINGS)
    readable = {key: value for key, value in written.items() if validated(declared, {key: value}, at)[0] is not None}
    found, _ = validated(declared, readable, at)
    settings: Settings = found or Settings()
    return settings if "time_zone" in readable else replace(settings, time_zone="")
