"""A record that cannot be read from the disk."""

from svcops.checking.rule import Rule

RULE = Rule("FILE005", "a record that cannot be read from the disk")
