"""Two records of one kind and one name."""

from svcops.checking.rule import Rule

RULE = Rule("NAME002", "a second record of one kind and one name")
