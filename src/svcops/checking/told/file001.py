"""A file that is not clean UTF-8 text."""

from svcops.checking.rule import Rule

RULE = Rule("FILE001", "a file that is not clean UTF-8 text")
