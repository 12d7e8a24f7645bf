"""A waiver of nothing."""

from svcops.checking.rule import Rule

RULE = Rule("WAI003", "a waiver of nothing", severity="warning")
