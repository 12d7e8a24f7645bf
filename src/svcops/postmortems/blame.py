"""The words that blame, in English and German: errors as the end of a search, one cause, people in the place of one.

They are looked for in what is read in one go, so that any white space may stand between two words. Over the end of a
line only a word in small letters goes on: what begins with a capital may be another entry.
"""

import re
from typing import TYPE_CHECKING

from svcops.postmortems.given_names import alone
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svcops.catalogue.model import Person
    from svcops.store.entries import Entry

_GAP = r"(?-i:[^\S\n]+|\s*\n\s*(?=[^\W\dA-ZÄÖÜ]))"
"""Between two words of one sentence."""
_WITHIN = r"(?:(?!\b(?:nicht|nichts|nie|kein\w*)\b)[^.!?;:,|]){0,80}?"
"""Other words of a German sentence, before the verb at its end; none that turns it into its opposite."""

ERROR = re.compile(
    r"\b(?:human|operator|user|manual|pilot|engineer|developer|admin(?:istrator)?|staff)(?:['\u2019]s)?"
    rf"(?:{_GAP}|-)(?:error|mistake|failure)s?\b"
    r"(?!(?:\s+|-)(?:rate|budget|message|page|log|code|report|handling|track|count)s?\b)"
    r"|\b(?:careless(?:ly|ness)?|negligen(?:ce|t|tly)|inattention|fat(?:\s+|-)finger(?:ed|ing)?)\b"
    r"|\bmenschliche[mnrs]?\s+(?:Versagens?|Fehlers?|Fehlern|Irrtums?|Irrtümer|Fehlverhaltens?)\b(?!-)"
    r"|\b(?:Bedien|Bedienungs|Benutzer|Anwender|Flüchtigkeits)fehlers?\b(?!-)"
    r"|\b(?:Fehlbedienung|Nachlässigkeit|Unachtsamkeit|Fahrlässigkeit|Schlamperei)\b(?!-)"
    r"|\bschuld\b(?!-)",
    re.IGNORECASE,
)
OF_ERROR = (
    *("error", "mistake", "failure", "careless", "negligen", "inattention", "finger"),
    *(
        "versagen",
        "fehler",
        "irrt",
        "fehlverhalten",
        "fehlbedienung",
        "lässigkeit",
        "unachtsam",
        "schlamperei",
        "schuld",
    ),
)
"""One of these is in whatever ERROR finds, in small letters."""
NO_BLAME = re.compile(
    r"\b(?:nicht|kein\w*|ohne|niemand\w*|technisch\w*)\b(?:(?!\bsondern\b)[^.!?;:|])*\Z", re.IGNORECASE
)
"""What stands in a sentence before a `Schuld` that is denied, or is a debt of the code."""

NO_ERROR = re.compile(
    r"(?:\b(?:no|without|kein\w*|ohne)(?:\s+(?:\w+\s+)?)|(?:\b(?:not|never|nicht|nie)|n['\u2019]t)\s+"
    r"(?:(?:an?|any|the|due|to|caused|because|of|by|from|down|durch|auf|von|ein\w*)\s+){0,4})\Z",
    re.IGNORECASE,
)
"""What stands right before an error that is denied."""

ROOT_CAUSE = re.compile(
    r"\broot(?:\s+|-)cause\b(?!(?:\s+|-)analys[ei]s)"
    r"|\bgrundursache\b(?!-)"
    r"|\bdie\s+(?:(?:eigentliche|einzige|alleinige|wahre)\s+)?ursache\s+(?:war|ist|lag)\b"
    r"(?!\s+(?:\w+\s+){0,2}(?:nicht|un(?:klar|bekannt))\b)",
    re.IGNORECASE,
)
OF_ROOT_CAUSE = ("root", "ursache")
"""One of these is in whatever ROOT_CAUSE finds."""
OPENS_WITH_IT = re.compile(
    r"(?:\W|_|\d+[.)])*(?:(?:the|a|our|one|only|single|main|true|die|eine|unsere|eigentliche|einzige|alleinige|wahre)"
    r"[\W_]+)*(?:root[\s-]+cause\b(?![\s-]+analys[ei]s)|(?:grund)?ursache\b)",
    re.IGNORECASE,
)

_CALLED = r"(?:(?:Herrn?|Frau|Mrs?\.?|Ms\.?|Dr\.?)\s+)?"
_BEFORE = (
    r"\b(?i:because\s+of|due\s+to|caused\s+by|(?:fault|mistake|error|failure|negligence)\s+(?:of|by)|blame[sd]?(?:\s+on)?"
    r"|wegen|aufgrund(?:\s+von)?|schuld\s+(?:ist|war|hat|hatte|von)"
    r"|(?:fehler|irrtum|versäumnis|versagen)\s+von|(?:verursacht|ausgelöst|verschuldet)\s+(?:durch|von)"
    r"|(?:cause|culprit|reason|ursache|grund|auslöser|schuldiger?)\s+(?:was|is|war|ist)"
    r"|(?:fault|blame|mistake|error)\s+(?:lay|lies|is|was|rests|rested)\s+with|(?:schuld|fehler)\s+(?:lag|liegt)\s+bei"
    r"|(?:forgotten|missed|overlooked|ignored|neglected|broken)\s+by)"
    rf"\s+{_CALLED}"
)
_DEEDS = r"(?:Änderung(?:en)?|Fehlers?|Irrtum|Versäumnis|Versagen|Eingriff|Unachtsamkeit|Nachlässigkeit)"
_OMITTED = "(?:vergessen|übersehen|versäumt|ignoriert|vernachlässigt|verursacht|verschuldet)"
_AFTER = (
    r"(?:\s*['\u2019]s\s+(?i:fault|mistake|error|failure|negligence|carelessness)"
    rf"|{_GAP}(?i:forgot|failed|caused|neglected|ignored|overlooked|broke|missed|mistakenly|accidentally|wrongly"
    r"|(?:should(?:\s+not|n['\u2019]t|\s+never)?|ought(?:\s+not)?\s+to)\s+have(?!\s+to\b)|should['\u2019]ve"
    r"|(?:is|was|are|were)\s+(?:(?!not\b)\w+\s+)?(?:careless|to\s+blame|wrong|at\s+fault)"
    r"|did\s*n[o'\u2019]t\s+(?:notice|check|follow|test|read)"
    r"|made\s+(?:a|an|the)\s+(?:\w+\s+)?(?:mistake|error)"
    r"|(?:war|handelte)\s+(?:\w+\s+)?(?:unachtsam|nachlässig|fahrlässig|unaufmerksam)"
    r"|machte\s+(?:einen|den)\s+(?:\w+\s+)?Fehler"
    r"|verga(?:ß|ss)|übersah|versäumte|vernachlässigte|verursachte|verschuldete"
    rf"|h(?:at|atte)\s+{_WITHIN}"
    rf"(?:{_OMITTED}|schuld|(?:einen|den)\s+(?:\w+\s+)?Fehler\s+gemacht"
    r"|nicht\s+(?:geprüft|gelesen|beachtet|befolgt|bemerkt|getestet))"
    rf"|(?:prüfte|las|beachtete|befolgte|bemerkte|testete)\s+{_WITHIN}nicht"
    rf"|hätte\s+{_WITHIN}(?:(?:sollen|müssen)|nicht\s+{_WITHIN}(?:sollen|dürfen))|(?:ist|war)\s+(?:daran\s+)?schuld|trägt\s+{_WITHIN}schuld))\b"
)


_PLAIN = r"(?:(?!\b(?:after|as|because|before|for|that|what|when|where|which|who|whose)\b)[^.!?;:,|]){0,60}?"
"""Other words of what one person did to one thing."""
_DID = (
    r"(?:accepted|applied|approved|changed|chose|clicked|closed|confirmed|copied|cut|deleted|deployed|disabled|dropped"
    r"|edited|enabled|entered|executed|killed|merged|moved|opened|overwrote|picked|pressed|published|pulled|pushed|ran"
    r"|released|removed|renamed|restarted|selected|sent|set|shut|started|stopped|switched|triggered|truncated|typed"
    r"|unplugged|used|wiped|wrote)"
)
_AT_WRONG = (
    r"(?:accepted|applied|approved|chose|clicked|confirmed|copied|deleted|deployed|dropped|entered|executed|killed"
    r"|merged|opened|overwrote|picked|pressed|pulled|pushed|ran|released|restarted|selected|sent|truncated|typed"
    r"|unplugged|used|wiped|wrote)"
)
"""Deeds that, done to something wrong, do harm: what is wrong is removed, changed or stopped rightly."""
_LAPSE = (
    rf"(?:{_GAP}(?i:{_DID}\s+{_PLAIN}(?:by\s+(?:mistake|accident)|in\s+error|mistakenly|accidentally|inadvertently)"
    rf"|{_AT_WRONG}\s+(?:\w+\s+){{0,3}}wrong"
    rf"|\w+\s+{_PLAIN}(?:versehentlich|irrtümlich|fälschlich(?:erweise)?|aus\s+versehen)"
    r"|(?:misread|mistyped|misconfigured|misunderstood|mistook|mixed\s+up|confused))"
    r"|(?:['\u2019]s?|s)\s+(?i:wrong|faulty|bad|mistaken|incorrect|erroneous|hasty|untested"
    r"|falsche[mnrs]?|fehlerhafte[mnrs]?|voreilige[mnrs]?)\s+\w+)\b"
)
"""What follows a name where somebody did a thing, and it was wrong; what was only done blames nobody."""
_REMEDY = (
    r"(?!\s+(?:\w+\s+){0,4}?(?:(?:hot)?fix\w*|patch\w*|rollback|revert\w*|restore\w*|workaround|runbook|correction)\b)"
)
_BECAUSE = (
    rf"{_GAP}(?i:(?:ha[ds]\s+)?(?:\w+ly\s+)?(?:{_DID}\s+{_PLAIN}without\b"
    r"|(?:applied|approved|changed|deleted|deployed|dropped|edited|executed|merged|overwr(?:ote|itten)|published|pushed"
    rf"|ran|run|released|skipped|truncated|typed|unplugged|wiped)\b{_REMEDY}))"
)
"""What follows `because` and a name where a deed is given as the cause: a change, unless it was one that helped."""
_WEIL = (
    rf"(?i:{_WITHIN}(?:falsche[mnrs]?\b|ohne\b{_WITHIN}\bhat(?:te)?\b"
    r"|(?<!korrektur\s)(?<!fix\s)(?<!patch\s)(?<!behebung\s)"
    r"(?:ausgerollt|deployt|eingespielt|gelöscht|gemergt|geändert|überschrieben|veröffentlicht)\s+hat(?:te)?\b))"
)
"""The same of German, behind `weil`; or that it was done without something, or to something wrong."""


def people(graph: Graph) -> tuple[list[str], re.Pattern[str], re.Pattern[str]] | None:
    """What finds the people of the catalogue: any mention, and one that makes them a cause. None without people.

    First the beginnings of all names in small letters, one of which has to be there. Each pattern has one group that
    matched, and it is the name.

    A mention is a full name, a mail address, the record's name where that is no plain word, any of them behind an @,
    or a given name where it can be nothing else (`svcops.postmortems.given_names`). Beside words that blame, the given
    name or the surname alone will do.
    """
    mentions: set[str] = set()
    short: set[str] = set()
    given: set[str] = set()
    every: Mapping[str, Entry[Person]] = graph.all("person")
    for slug, entry in every.items():
        mentions |= {entry.value.name, *entry.value.emails, *([slug] if re.search(r"[\W\d_]", slug) else [f"@{slug}"])}
        parts = entry.value.name.split()
        short |= {one for one in (parts[0], parts[-1]) if len(one) > 2 and one[0].isupper()}
        given |= {parts[0]} & short
    if not mentions:
        return None
    long = sorted(filter(str.strip, mentions), key=len, reverse=True)
    anyone = f"(?i:{'|'.join(map(_spaced, long))})"
    anybody = f"{anyone}|{'|'.join(map(_spaced, sorted(short)))}" if short else anyone
    bound = rf"(?<![\w@.-])({anybody})(?!\w)"
    bound_of = rf"(?<![\w@.-])({anybody})"
    owner = rf"(?<![\w@.-])({anybody})(?:s|['\u2019]s?)?(?!\w)"
    return (
        sorted({one.split()[0].lower() for one in (*long, *short)}, key=len),
        re.compile("|".join([rf"(?<![\w@.-])(@?(?:{anyone}))s?(?![\w@])", *alone(given, short)])),
        re.compile(
            rf"{_BEFORE}{owner}|{bound}{_AFTER}|{bound_of}{_LAPSE}"
            rf"|\b(?i:because)\s+{_CALLED}{bound}{_BECAUSE}|\b(?i:weil|da)\s+{_CALLED}{owner}\s+{_WEIL}"
            rf"|\b(?i:durch)\s+{_CALLED}{owner}\s+(?:\w+\s+)?{_DEEDS}\b"
            rf"|\b(?:wurde|worden|war|ist)\s+von\s+{_CALLED}{owner}\s+(?i:{_WITHIN}{_OMITTED})\b"
            rf"|\b(?i:geht|ging)\s+auf\s+{_CALLED}{owner}\s+(?i:{_WITHIN}zurück)\b"
            rf"|(?<![\w@.-])({anybody})(?:s|['\u2019]s?)\s+(?:\w+\s+)?(?:Fehler|Irrtum|Schuld|Versäumnis|Versagen)\b"
        ),
    )


def _spaced(name: str) -> str:
    """A name whose parts may be apart by any white space."""
    return r"\s+".join(map(re.escape, name.split()))
