"""Post-mortems, and the measures that come out of them."""

from typing import Annotated, Literal

from svcops.store.model import Blob, Date, IncidentRef, Matching, Origin, OwnerRef, Tagged, Text, Who, record
from svcops.timing.model import Instant

MeasureType = Literal["prevent", "detect", "mitigate", "process"]


@record
class Postmortem:
    """The front matter of a post-mortem; the narrative is the Markdown below it."""

    title: Text
    """What happened, in one line."""
    incidents: tuple[IncidentRef, ...]
    """What it explains; the first of them gives the file its date and tail."""
    author: Who
    """Who started it; git's authors and co-authors of the file count as authors too."""
    co_authors: tuple[Who, ...] = ()
    """Who else wrote it where git's history does not tell, as of one that was imported: none of them approves it."""
    started_at: Instant
    """With its offset: 2026-11-24T10:00:00+01:00."""
    moderator: Who | None = None
    """Who leads the talk about it, and did not lead the incident; null: nobody yet."""
    imported: Origin | None = None
    """Where it was imported from; without it, it was written here."""

    @property
    def authors(self) -> tuple[str, ...]:
        """Everybody whom it names itself as who wrote it."""
        return (self.author, *self.co_authors)


@record
class Measure:
    """measure.yaml, set once: what will be changed so that it is less likely, or shorter, next time."""

    title: Text
    """What will be changed, as an order: Probe the extraction queue."""
    type: MeasureType
    """prevent: it happens less often. detect: it is noticed sooner. mitigate: it hurts less, or is over sooner.
    process: people work together in another way."""
    incident: IncidentRef
    """The incident that taught it, by its id."""
    owner: OwnerRef
    """The team, or person, that sees to it that it is done."""
    due: Date
    """The last day for it, such as 2026-12-20; after that it is overdue."""
    added_at: Instant
    """When it was decided, with its offset."""
    by: Who
    """Who wrote this: a name of catalogue/people, or a mail address."""


@record
class Content:
    """A path of the store and what stood there, as a git object; null where nothing did."""

    path: Text
    """Below the store: runbooks/ledger/late.md."""
    before: Blob | None = None
    """What stood there when the incident was declared; null where nothing did."""
    after: Blob
    """What stands there with the measure in place."""


@record
class Anchored:
    """The measure is in place: this content changed since the incident was declared."""

    type: Literal["anchored"]
    at: Instant
    """When the change was in place."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Who
    """Who wrote this: a name of catalogue/people, or a mail address."""
    anchor: Content
    """What was changed, which is the proof that it was."""


@record
class AnchoredElsewhere:
    """The measure is in place, outside the store."""

    type: Literal["anchored-elsewhere"]
    at: Instant
    """When the change was in place."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Who
    """Who wrote this: a name of catalogue/people, or a mail address."""
    url: Annotated[str, Matching(r"https?://\S+", "not a web address")]
    """Where the change can be seen, such as a merged change of another repository."""
    text: Text
    """Why it is anchored there and in nothing of the store, and what keeps it in place."""


@record
class Dropped:
    """The measure will not be done. It counts once somebody else approved this very file."""

    type: Literal["dropped"]
    at: Instant
    """When it was decided."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Who
    """Who wrote this: a name of catalogue/people, or a mail address."""
    text: Text
    """Why it is not done, and what is done about the risk that stays."""


MeasureEvent = Annotated[Anchored | AnchoredElsewhere | Dropped, Tagged("type")]
