"""A waiver that cannot be read, or cannot hold."""

from svcops.checking.rule import Rule

RULE = Rule("WAI001", "a waiver that cannot be read, or cannot hold")
