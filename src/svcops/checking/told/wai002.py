"""A waiver that has run out."""

from svcops.checking.rule import Rule

RULE = Rule("WAI002", "a waiver that has run out", severity="warning")
