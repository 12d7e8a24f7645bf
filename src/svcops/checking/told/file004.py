"""Something in a folder of records that is no record."""

from svcops.checking.rule import Rule

RULE = Rule("FILE004", "something in a folder of records that is no record")
