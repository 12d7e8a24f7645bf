"""What the profile basic asks of a service: that people know what it is, and who answers for it."""

from svcops.catalogue.model import Service
from svcops.overview.grounds import Grounds
from svcops.overview.judgement import Judgement, listed, met, missing, unknown
from svcops.store.entries import Entry


def owner(on: Grounds, service: Entry[Service]) -> Judgement:
    """An owner that the catalogue has, and that has contacts, or members with contacts."""
    name = service.value.owner
    ways, path = on.ways_to_owner(name), on.graph.find(("team", "person"), name)
    if ways is None and path:
        return unknown(f"{path} cannot be read", "svcops check", (path,))
    if ways is None:
        return missing(f"{name} is not in the catalogue", f"svcops service edit {service.name} --owner TEAM")
    if not ways:
        return missing(f"nothing says how to reach {name}", f"contacts in {path}")
    return met(f"{name}, by {listed(list(dict.fromkeys(one.channel for one in ways)))}")


def description(_on: Grounds, service: Entry[Service]) -> Judgement:
    """A description, in words."""
    if not service.value.description.strip():
        return missing("nothing says what it does", f'svcops service edit {service.name} --description "WHAT IT DOES"')
    return met("there is one")


def tier(_on: Grounds, service: Entry[Service]) -> Judgement:
    """A tier, so that others know what they may rest on it."""
    if service.value.tier is None:
        return missing("nothing says how critical it is", f"svcops service edit {service.name} --tier NUMBER")
    return met(f"tier {service.value.tier}")
