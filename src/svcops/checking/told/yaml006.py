"""A second document in the file of one record."""

from svcops.checking.rule import Rule

RULE = Rule("YAML006", "a second document in the file of one record")
