"""A record that is too large to be one."""

from svcops.checking.rule import Rule

RULE = Rule("FILE002", "a record that is too large to be one")
