"""Which incidents are alike, and why. Pure functions of what incidents say of themselves.

Two incidents are alike by the alert that they were opened for, or by the words of their titles, or by the words of what
was logged, told and done about them. Words weigh the more the fewer incidents have them, so that what every title of a
store says is no likeness; and every likeness names the words, or the alert, that it rests on.

**The library is RapidFuzz.** It says which words are the same in another form, or mistyped: receipt and receipts,
extracted and extraction, receipts and reciepts, in any language. It compares 40,000 pairs of words in some 10 ms,
needs nothing else, and is imported, in 25 ms, only where incidents are compared. What else there is: a stemmer
(Snowball) is faster still, but knows one language at a time and no typing mistakes; scikit-learn would weigh words as
it is done here, but brings numpy and scipy, a hundred megabytes and half a second. RapidFuzz's own scores of whole
texts (token_set_ratio) are not used: they are full as soon as one title holds all words of the other, and `Incident
with payroll` comes near to `Incident with ledger`.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import log, sqrt
from typing import Any

from svcops.incidents.facts import State, state
from svcops.incidents.model import Alerted, AlertGroup, AnyEvent, Incident, Logged, Mitigated, Resolved, Updated
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

ALIKE = 0.55
"""From this score on, of 0 to 1, incidents of one service are alike."""
_ELSEWHERE = 0.85
"""The same for incidents of different services, which have to share three words, too."""
_SAME_WORD = 0.7
"""Of RapidFuzz's distance that counts letters which are exchanged as one: extracted and extraction are that near."""
_SHORTEST = 5
"""Letters of a word that may stand for another; a shorter one, or one with digits, stands for itself."""
_SAME_ALERT = 0.9
"""What an alert of the same name says, where the group is another one."""
_TRUST_IN_TEXTS = 0.9
"""What words say that were written while it went on: a little less than those of a title."""
_FEWEST_WORDS = 3
"""That what was logged must have in common: one or two words are in many a log."""
_MOST_NAMED = 4
_FEW = 50
"""Of fewer incidents no word is known to be rare: they are weighed as if there were so many."""
_EVERYWHERE = 6
"""Services of which a word is said at the least, and half of all, where it says nothing."""
_TEXTS = (Logged, Updated, Mitigated, Resolved, Alerted)

_WORD = re.compile(r"[^\W_]{3,}")
_WORD_OR_END = re.compile(r"[^\W_]{3,}|\n")
_EMPTY = frozenset(
    """
    about after again all also and any are because been before both but can cannot could did does down due during
    each few for from had has have how incident incidents into investigating issue issues its more most new not now
    off one only other our out over problem problems resolved same see seen service services since some such than
    that the their them then there these they this those through too under until update was were what when where
    which while who why will with without would you your aber als auch auf aus bei bis das dass dem den der des die
    durch ein eine einem einen einer für ist kein keine mehr mit nach nicht noch nur oder sich sind über und vom von
    vor war werden wie wird wurde zum zur
    """.split()  # noqa: SIM905 - a list of these would fill the screen
)
"""Words that say nothing of what happened, in the languages that the service is delivered in."""


@frozen
class Told:
    """What an incident says of itself, as far as likeness goes."""

    id: str
    title: str
    places: frozenset[str]
    """Its services; of an imported one, what its own system says was concerned."""
    alert: AlertGroup | None = None
    texts: tuple[str, ...] = ()
    """What was logged, told and done, in no order."""


@frozen
class Similar:
    """An incident that is like another one: how much, from 0 to 1, and by what, each a short text."""

    id: str
    score: float
    reasons: tuple[str, ...]


def told(
    incident: Entry[Incident], events: Iterable[Entry[AnyEvent]] = (), services: tuple[str, ...] | None = None
) -> Told:
    """What an incident says of itself, with the texts of these events of it; of these `services`, or of its own."""
    one = incident.value
    places = services or _places(one)
    texts = tuple(event.value.text for event in events if isinstance(event.value, _TEXTS) and event.value.text)
    return Told(incident.name, one.title, frozenset(places), one.alert, texts)


def _places(incident: Incident) -> tuple[str, ...]:
    return incident.services or (incident.imported.parts if incident.imported else ())


def told_by(state: State) -> Told:
    """The same of a folded incident, without what was corrected later."""
    gone = {one.name for one in state.superseded}
    counting = [one for one in state.events if one.name not in gone] if gone else state.events
    return told(state.entry, counting, state.services)


def similar(
    incidents: Iterable[Entry[Incident]], title: str, services: Collection[str], *, alert: AlertGroup | None = None
) -> list[Similar]:
    """The incidents that are like one with this title, of these services, opened for this alert; the likest first.

    Titles and alerts alone are compared, so that no event has to be read. Incidents that were cancelled or merged are
    the caller's to leave out, as `similar_to` does.
    """
    known = list(incidents)
    counts, holding = _titles([one.value.title for one in known])
    asked = words_of(title)
    near = _near(counts, asked)
    spread = Spread({place for one in known for place in _places(one.value)})
    close: list[tuple[Told, frozenset[str]]] = []
    numbers = {number for word in near if word in counts for number in holding(word)}
    if alert is not None:
        numbers.update(number for number, one in enumerate(known) if one.value.alert)
    for number in sorted(numbers):  # of ten thousand, most are passed by
        one = told(known[number])
        close.append((one, words_of(one.title)))
        spread.add(one.places, near.keys() & close[-1][1])
    merged = counts + Counter(asked)
    for word, meant in near.items():
        if word != meant:
            merged[meant] += merged.pop(word, 0)
    words = Weighing(merged, len(known) + 1, near, spread.everywhere())
    wanted = Told("", title, frozenset(services), alert)
    mine = words.weighed(wanted, asked)
    weighed: dict[Any, Mapping[str, float]] = {}  # many have the same title
    likenesses = []
    for one, theirs in close:
        key = (theirs, one.places)
        if key not in weighed:
            weighed[key] = words.weighed(one, theirs)
        by_title = _by_words(wanted, one, mine, weighed[key], "in the title")
        likenesses.append(_both(_by_alert(wanted, one), by_title))
    return sorted(filter(None, likenesses), key=lambda one: (-one.score, _newest_first(one.id)))


def _titles(titles: Sequence[str]) -> tuple[Counter[str], Callable[[str], Iterable[int]]]:
    """How often each word is in the titles, and what gives the numbers of those that hold a word.

    They are taken apart as one text, which is several times as fast as one by one.
    """
    text = "\n".join([title.replace("\n", " ") for title in titles]).lower()
    words = _WORD_OR_END.findall(text)
    ends = [place for place, word in enumerate(words) if word == "\n"]

    def holding(wanted: str) -> Iterator[int]:
        place = -1
        for _ in range(counts[wanted]):
            place = words.index(wanted, place + 1)
            yield bisect(ends, place)

    counts = Counter(words)
    del counts["\n"]
    return counts, holding


def similar_to(
    graph: Graph, title: str, services: Collection[str], *, alert: AlertGroup | None = None
) -> Iterator[tuple[State, Similar]]:
    """As `similar`, of the store's incidents that were neither cancelled nor merged, folded as they are asked for."""
    for one in similar(graph.all("incident").values(), title, services, alert=alert):
        folded = state(graph, one.id)
        if folded.ending not in ("cancelled", "merged"):
            yield folded, one


def _newest_first(incident_id: str) -> tuple[int, str]:
    date = incident_id.split("-")[1:2]
    return (-int(date[0]) if date and date[0].isdecimal() else 0, incident_id)


@frozen
class Weighed:
    """What an incident says of itself, with the weights of its words: those of its title, and those of its texts."""

    told: Told
    title: Mapping[str, float]
    texts: Mapping[str, float]


def likeness(one: Weighed, other: Weighed) -> Similar | None:
    """By what `other` is like `one`, and how much; None where it is not."""
    by_title = _by_words(one.told, other.told, one.title, other.title, "in the title")
    where = "in what was logged and told"
    by_texts = _by_words(one.told, other.told, one.texts, other.texts, where, trust=_TRUST_IN_TEXTS)
    return _both(_by_alert(one.told, other.told), _both(by_title, by_texts))


def _both(first: Similar | None, second: Similar | None) -> Similar | None:
    """Two likenesses of one incident as one."""
    if first is None or second is None:
        return first or second
    higher, lower = sorted((first, second), key=lambda one: -one.score)
    return Similar(first.id, higher.score, tuple(dict.fromkeys((*higher.reasons, *lower.reasons))))


def alert_name(alert: AlertGroup) -> str | None:
    """What the alerts of a group are called, where they all have one name."""
    return (alert.labels or {}).get("alertname")


def _by_alert(one: Told, other: Told) -> Similar | None:
    """The same group of alerts; or an alert of the same name, of the same service."""
    if one.alert is None or other.alert is None:
        return None
    name = alert_name(one.alert)
    if (one.alert.key, one.alert.source) == (other.alert.key, other.alert.source):
        return Similar(other.id, 1.0, (f"same alert: {name or one.alert.key}", *_where(one, other)))
    if name and name == alert_name(other.alert) and one.places & other.places:
        return Similar(other.id, _SAME_ALERT, (f"same alert: {name}", *_where(one, other)))
    return None


def _by_words(
    one: Told,
    other: Told,
    mine: Mapping[str, float],
    theirs: Mapping[str, float],
    where: str,
    *,
    trust: float = 1.0,
) -> Similar | None:
    """How far the weighed words of two incidents are the same ones, times the `trust` in where they stand."""
    shared = mine.keys() & theirs.keys()
    if not shared:
        return None
    score = min(trust, trust * sum([mine[word] * theirs[word] for word in shared]))
    if score < ALIKE:
        return None
    here = _where(one, other)
    needed, fewest = (ALIKE, 1 if trust == 1 else _FEWEST_WORDS) if here else (_ELSEWHERE, _FEWEST_WORDS)
    if score < needed or len(shared) < fewest:
        return None
    named = sorted(shared, key=lambda word: (-mine[word], word))[:_MOST_NAMED]
    return Similar(other.id, round(score, 3), (*here, f"same words {where}: {', '.join(named)}"))


def _where(one: Told, other: Told) -> tuple[str, ...]:
    shared = sorted(one.places & other.places)
    return (f"same service: {', '.join(shared)}",) if shared else ()


def words_of(text: str) -> frozenset[str]:
    """The words of a text that may say what happened, in small letters."""
    return frozenset(_WORD.findall(text.lower())) - _EMPTY


class Weighing:
    """What words weigh: the fewer of `total` incidents have one, the more it says; `counts` says of each how many.

    A word stands for those that RapidFuzz calls the same in another form: `near` gives for a word the one that it
    stands for, where that is another. Words that are said of most services (`everywhere`) weigh nothing.
    """

    def __init__(
        self, counts: Mapping[str, int], total: int, near: Mapping[str, str], everywhere: Collection[str] = ()
    ) -> None:
        self.near = near
        self._everywhere = frozenset(near.get(word, word) for word in everywhere)
        self._shared = {word for word, count in counts.items() if count > 1}
        self._weights = {word: log(1 + max(total, _FEW) / count) for word, count in counts.items()}
        self._named: dict[frozenset[str], frozenset[str]] = {}
        self._texts: Mapping[str, frozenset[str]] = {}

    @classmethod
    def of_all(cls, incidents: Collection[Told]) -> "Weighing":
        """The words of incidents that are all compared with one another: of their titles and of their texts."""
        counts: Counter[str] = Counter()
        spread = Spread()
        texts, every = {}, []
        for one in incidents:
            words = texts[one.id] = words_of("\n".join(one.texts))
            every.append(words | words_of(one.title))
            counts.update(every[-1])
            spread.add(one.places, every[-1])
        near = _same_words(counts)
        made = cls(_counted(every, near), len(incidents), near, spread.everywhere())
        made._texts = texts
        return made

    def of(self, one: Told) -> Weighed:
        """An incident with the weights of its words.

        Of its texts, words that no other incident has are left out: numbers, hosts, names of people.
        """
        words = self._texts.get(one.id)
        if words is None:
            words = words_of("\n".join(one.texts))
        texts = [word for word in words if self.near.get(word, word) in self._shared]
        return Weighed(one, self.weighed(one, words_of(one.title)), self.weighed(one, texts))

    def weighed(self, one: Told, words: Iterable[str]) -> dict[str, float]:
        """The words of an incident with their weights, of which the squares add up to 1.

        Words that only name its services are left out: that two incidents are of one service is judged apart. So are
        numbers that no other incident has.
        """
        near, weights, shared = self.near, self._weights, self._shared
        meant = {near.get(word, word) for word in words} - self._everywhere - self._names(one.places)
        found = {word: weights[word] for word in meant if word in shared or word.isalpha()}
        length = sqrt(sum([weight * weight for weight in found.values()]))
        return {word: weight / length for word, weight in found.items()}

    def _names(self, places: frozenset[str]) -> frozenset[str]:
        found = self._named.get(places)
        if found is None:
            words = {word for place in places for word in _WORD.findall(place.lower())}
            also = {f"{word}s" for word in words}
            found = self._named[places] = frozenset(self.near.get(word, word) for word in words | also)
        return found


class Spread:
    """Of how many services words are said."""

    def __init__(self, places: Iterable[str] = ()) -> None:
        self._places = set(places)
        self._of: dict[str, set[str]] = {}

    def add(self, places: Collection[str], words: Iterable[str]) -> None:
        """Words of an incident; where it disturbed many services, it does not show of which a word was meant."""
        self._places.update(places)
        if 0 < len(places) <= 2:
            for word in words:
                self._of.setdefault(word, set()).update(places)

    def everywhere(self) -> set[str]:
        """The words that are said of most services, and of no few: degraded, performance."""
        least = max(_EVERYWHERE, len(self._places) / 2)
        return {word for word, places in self._of.items() if len(places) >= least}


def _counted(texts: Iterable[frozenset[str]], near: Mapping[str, str]) -> Counter[str]:
    """In how many texts each word is, in whichever form."""
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update({near.get(word, word) for word in words})
    return counts


def _near(known: Collection[str], wanted: Collection[str]) -> dict[str, str]:
    """For each known word that is a wanted one in another form: that one. Of several, the nearest."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    candidates = [word for word in {*known, *wanted} if _may_stand_for_another(word)]
    nearest: dict[str, tuple[float, str]] = {}
    for word in sorted(wanted):
        _, meant = nearest.setdefault(word, (1.0, word))  # or an earlier one of them, in another form
        if not _may_stand_for_another(word):
            continue
        same = extract(word, candidates, scorer=OSA.normalized_similarity, score_cutoff=_SAME_WORD, limit=None)
        for other, score, _ in same:
            if other not in nearest or score > nearest[other][0]:
                nearest[other] = (score, meant)
    return {word: meant for word, (_, meant) in nearest.items()}


def _same_words(counts: Mapping[str, int]) -> dict[str, str]:
    """For each word, the most frequent word that it is another form of. Only words that begin alike are compared."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extractOne

    leaders: dict[str, list[str]] = {}
    near: dict[str, str] = {}
    for word in sorted(filter(_may_stand_for_another, counts), key=lambda word: (-counts[word], word)):
        alike = leaders.setdefault(word[:2], [])
        same = extractOne(word, alike, scorer=OSA.normalized_similarity, score_cutoff=_SAME_WORD) if alike else None
        if same:
            near[word] = same[0]
        else:
            alike.append(word)
    return near


def _may_stand_for_another(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isalpha()
