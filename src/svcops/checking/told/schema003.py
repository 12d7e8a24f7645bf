"""A value of the wrong type or form."""

from svcops.checking.rule import Rule

RULE = Rule("SCHEMA003", "a value of the wrong type or form", fixes=True)
