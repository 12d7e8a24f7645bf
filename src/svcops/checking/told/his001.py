"""A record of what happened that was changed after it was written."""

from svcops.checking.rule import Rule

RULE = Rule("HIS001", "a record of what happened that was changed later", "warning")
