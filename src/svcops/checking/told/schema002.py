"""A key that the record must have, and has not."""

from svcops.checking.rule import Rule

RULE = Rule("SCHEMA002", "a record without a key that it must have")
