"""A record in Markdown without its fields."""

from svcops.checking.rule import Rule

RULE = Rule("FILE006", "a record in Markdown without its fields at the top")
