"""A symbolic link to a folder of the store."""

from svcops.checking.rule import Rule

RULE = Rule("FILE007", "a symbolic link to a folder, which is not followed", severity="warning")
