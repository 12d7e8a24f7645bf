"""An alias that repeats nothing, itself, or far too much."""

from svcops.checking.rule import Rule

RULE = Rule("YAML004", "an alias that repeats nothing, itself, or far too much")
