"""A key that is not text."""

from svcops.checking.rule import Rule

RULE = Rule("YAML005", "a key that is not text")
