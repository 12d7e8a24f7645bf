"""A folder of the store that is nearly named like one of records, whose files nobody reads. Given by `store.walk`."""

from svcops.checking.rule import Rule

RULE = Rule("FILE008", "a misspelt folder of records", "warning")
