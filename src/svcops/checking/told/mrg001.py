"""A file that two branches changed in ways that cannot be merged."""

from svcops.checking.rule import Rule

RULE = Rule("MRG001", "a file that two branches changed in ways that cannot be merged")
