"""A symbolic link that leads out of the store."""

from svcops.checking.rule import Rule

RULE = Rule("FILE003", "a symbolic link that leads out of the store")
