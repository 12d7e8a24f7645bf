"""Given names and surnames that stand alone, among contributing factors: whether a person is meant, or a word.

`The queue was deleted by Kim` names somebody, and `Will be deleted`, `since May` and `zum Beispiel` do not. Within a
sentence a given name that is no word is somebody. As the first word of a sentence it needs a verb behind it, and one
that is a word as well, or a surname, needs a deed. Months are not looked at: `released by May` is a day.
"""

import re
from collections.abc import Collection, Iterator

_OF_MONTHS = "January March April May June July August September October November December Mai Juni Juli"
_ALSO_WORDS = """
Ace Amber Angel Art Ash Austin Autumn Basil Berry Bill Blue Bob Bond Brook Brooklyn Buck Buddy Carol Carolina Chance
Charity Charlotte Chase Chelsea Chip Christian Clay Cliff Cole Crystal Daisy Dale Dallas Dawn Dean Don Drew Duke Dusty
Earl Ernst Eve Faith Faye Finn Fleur Flora Florence Forest Frank Gale Gene Georgia Ginger Glen Glory Grace Grant Guy
Harmony Hazel Heath Heather Heide Holly Honor Hope Hunter India Iris Israel Ivy Jack Jade Jasmine Jay Jean Jewel Job
Jordan Josh Joy Justice Kay King Kit Lance Lane Laurel Lily Linde London Madison Mark Mason Max Melody Mercy Merry
Mike Milan Miles Misty Nick Norm Nova Olive Page Paris Parker Pat Patience Pearl Penny Pepper Phoenix Pierce Porter
Prince Ray Reed Reef Rich River Rob Robin Rocky Rod Roman Rosa Rose Rosemary Ruby Rusty Sage Sandy Skip Sky Stan Star
Sterling Stone Sue Summer Sunny Sydney Terry Tiffany Trace Trip Van Victor Victoria Viola Violet Virginia Wade Ward
Will Wolf Woody
"""
"""Given names that are words of English or German, or places, and begin sentences or stand in names of things."""
_MONTHS, _WORDS = frozenset(_OF_MONTHS.split()), frozenset(_ALSO_WORDS.split())

_DEED = (
    "(?:(?:mis)?configured|applied|approved|broke|broken|cancelled|changed|clicked|closed|copied|deleted|deployed"
    "|disabled|dropped|edited|enabled|entered|executed|killed|merged|moved|overwrote|overwritten|pushed|ran|released"
    "|removed|renamed|restarted|reverted|rolled|skipped|started|stopped|triggered|truncated|typed|wiped|wrote|written)"
)
_DONE = (
    r"(?:\w{0,20}ge\w{1,30}(?:t|en)|\w{1,30}iert|(?:be|ent|er|über|ver|zer)\w{1,30}(?:t|en)"
    r"|(?:ab|an|auf|aus|ein|los|um|weg|zu)\w{1,30}(?:t|en))"
)
"""A participle of German."""
_OF_HIS = r"(?:['\u2019]s|s)\s+(?:\w+\s+)?(?i:change|commit|deploy\w*|edit|fix|merge|release|review|script|Änderung)\b"
_FEW = r"(?:\w+\s+){0,4}?"
_VERB = r"(?:\w+ly\s+)?(?:\w{2,}ed|\w{2,}te|broke|did|had|has|hat|ließ|made|ran|took|was|war|went|wrote)\b"
_WITHIN = r"(?:(?<=[^\W\d_]\s)|(?<=[,;:]\s)|(?<=\())"
"""Where a sentence goes on, and a word has a capital because it is a name, or German."""


def alone(given: Collection[str], short: Collection[str]) -> Iterator[str]:
    """Patterns, each with one group, of names that stand alone; `short` are given names and surnames."""
    handles, sure = _any(short), _any(one for one in given if one not in _WORDS and one not in _MONTHS)
    doubtful = _any(one for one in short if one not in _MONTHS)
    if handles:
        yield rf"(?<![\w@.-])(@(?i:{handles}))(?![\w@.-]*\w)"
    if sure:
        bound = rf"({sure})(?![\w-])"
        yield rf"{_WITHIN}({sure})s?(?![\w-])"
        yield rf"(?<![\w@.-]){bound}(?:\s+{_VERB}|['\u2019]s?\s)"
    if doubtful:
        bound = rf"(?<![\w@.-])({doubtful})"
        yield rf"{bound}(?:\s+(?:\w+ly\s+|ha[ds]\s+)?{_DEED}\b|{_OF_HIS}|\s+h(?:at|atte)\s+{_FEW}{_DONE}\b)"
        yield rf"\b{_DEED}\s+(?:\w+\s+)?by\s+({doubtful})(?![\w-])"
        yield rf"\bvon\s+({doubtful})\s+{_FEW}{_DONE}\b"


def _any(names: Collection[str] | Iterator[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=lambda one: (-len(one), one))))
