"""A document nested too deep, or a number too long."""

from svcops.checking.rule import Rule

RULE = Rule("YAML007", "a document nested too deep, or a number too long")
