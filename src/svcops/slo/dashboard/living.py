"""The dashboard that runs: made anew when something changed, and what was known last where something is damaged.

A figure is never replaced by nothing, and never stands without a word that it is old: where an SLO cannot be worked out
any more, its last good figures stay, marked, with the reason and the moment that they are of.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from svcops.errors import SvcopsError
from svcops.slo.dashboard.cards import Card
from svcops.slo.dashboard.pages import Page
from svcops.slo.dashboard.rendering import render
from svcops.slo.dashboard.states import State
from svcops.slo.dashboard.words import Mark
from svcops.store.frozen import frozen

EVERY = timedelta(seconds=2)
"""How often it is looked whether something changed; less often where a look takes long."""
ANYWAY = timedelta(minutes=1)
"""After that it is made anew though nothing changed, as windows move on; less often where that takes long."""
_SHARE = 10
"""A look, or making the pages, takes no more than one such part of the time."""


@frozen
class Made:
    """The pages as they were made, and what is kept of them for the next time."""

    pages: tuple[Page, ...]
    cards: tuple[Card, ...]
    patterns: tuple[str, ...] = ()
    """Where the samples are that they were made from."""


@frozen
class Served:
    """A page as it is sent, with the tag that tells it from every other."""

    data: bytes
    tag: str


Make = Callable[[Sequence[Card]], Made]
"""Makes the pages, given the cards of the last time. Raises SvcopsError where nothing can be made."""
Look = Callable[[Sequence[str]], str]
"""Gives another text where anything changed, of samples below these patterns, too."""


class Living:
    """The pages by path, always whole: whoever asks gets those of one making."""

    def __init__(self, root: Path, make: Make, look: Look, log: Callable[[str, bool], None]) -> None:
        self._root = root
        self._make = make
        self._look = look
        self._log = log
        began = time.monotonic()
        self._last = make(())
        self._seen = look(self._last.patterns)
        self.files = _served(render(root, self._last.pages))
        self._made_at, self._took = time.monotonic(), time.monotonic() - began

    def keep(self, stop: threading.Event) -> None:
        """Look, and make anew, until `stop` is set."""
        wait = EVERY.total_seconds()
        while not stop.wait(wait):
            began = time.monotonic()
            self.renew()
            wait = max(EVERY.total_seconds(), _SHARE * (time.monotonic() - began))

    def renew(self) -> bool:
        """Make the pages anew where something changed, or long enough ago; whether they were."""
        before = self._last.patterns
        seen, now = self._look(before), time.monotonic()  # before anything is read: what changes meanwhile is seen next
        rest = max(ANYWAY.total_seconds(), _SHARE * self._took)
        if seen == self._seen and now - self._made_at < rest:
            return False
        self._seen = seen
        try:
            made = self._make(self._last.cards)
            files = render(self._root, made.pages)
        except Exception as error:  # noqa: BLE001 - whatever it is, the last figures stay, and are not told as new
            why = error.message if isinstance(error, SvcopsError) else f"{type(error).__name__}: {error}"
            files = render(None, _not_renewed(self._last.pages, why))
            self._log(f"not renewed: {why}", True)
        else:
            self._last = made
            if made.patterns != before:
                self._seen = self._look(made.patterns)
        self.files = _served(files)
        self._made_at, self._took = time.monotonic(), time.monotonic() - now
        return True


def with_earlier(now: Sequence[Card], earlier: Sequence[Card], damaged: Collection[str]) -> list[Card]:
    """The cards, and in the place of each that could not be worked out those of the last time, marked as old."""
    before: dict[str, list[Card]] = {}
    for one in earlier:
        if not one.is_wrong:
            before.setdefault(one.slo, []).append(one)
    found: list[Card] = []
    for one in now:
        kept = before.get(one.slo, []) if one.is_wrong else []
        found += [_old(each, one.verdict) for each in kept] if kept else [one]
    shown = {one.slo for one in now}
    lost = [one for one in earlier if not one.is_wrong and one.slo not in shown and one.path in damaged]
    found += [_old(one, f"{one.path} is damaged.") for one in lost]
    unique = {one.id: one for one in found}
    return sorted(unique.values(), key=lambda one: one.order)


def _old(card: Card, why: str) -> Card:
    """A card as it was, with the reason why it is old: nobody knows how it stands by now."""
    told = f"These are the last good figures, of {card.at.text}. {why}"
    _, left, name, objective = card.order
    mark = Mark("unknown", f"old: {card.mark.word.removeprefix('old: ')}")
    return replace(card, old=told, mark=mark, state=State.UNKNOWN, order=(State.UNKNOWN, left, name, objective))


def _not_renewed(pages: Sequence[Page], why: str) -> Iterator[Page]:
    for page in pages:
        told = f"could not be renewed: {why}. All figures are old: those of {page.at.text}."
        yield replace(page, notices=(told, *page.notices))


def _served(files: Mapping[str, bytes]) -> Mapping[str, Served]:
    return {path: Served(data, f'"{sha256(data).hexdigest()[:32]}"') for path, data in files.items()}
