"""A file that is not YAML."""

from svcops.checking.rule import Rule

RULE = Rule("YAML001", "a file that is not YAML")
