"""A key that the record does not have."""

from svcops.checking.rule import Rule

RULE = Rule("SCHEMA001", "a key that the record does not have", fixes=True)
