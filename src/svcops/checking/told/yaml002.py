"""A key that is set twice."""

from svcops.checking.rule import Rule

RULE = Rule("YAML002", "a key that is set twice", fixes=True)
