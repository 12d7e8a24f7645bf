"""A tag, which a record may not have."""

from svcops.checking.rule import Rule

RULE = Rule("YAML003", "a tag, which a record may not have")
