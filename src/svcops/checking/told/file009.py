"""A record in Markdown with a conflict of a merge in its text. Given by `store.documents`."""

from svcops.checking.rule import Rule

RULE = Rule("FILE009", "a text in which a merge left a conflict open")
