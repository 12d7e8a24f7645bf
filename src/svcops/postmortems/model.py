"""Post-mortems, and the measures that come out of them."""

from typing import Annotated, Literal

from svcops.store.model import Blob, Date, IncidentRef, OwnerRef, Tagged, Text, record
from svcops.timing.model import Instant

MeasureType = Literal["prevent", "detect", "mitigate", "process"]


@record
class Postmortem:
    """The front matter of a post-mortem; the narrative is the Markdown below it."""

    title: Text
    incidents: tuple[IncidentRef, ...]
    author: Text
    """Who started it; git's authors and co-authors of the file count as authors too."""
    started_at: Instant


@record
class Measure:
    """measure.yaml, set once: what will be changed so that it is less likely, or shorter, next time."""

    title: Text
    type: MeasureType
    incident: IncidentRef
    owner: OwnerRef
    due: Date
    added_at: Instant
    by: Text


@record
class Content:
    """A path of the store and what stood there, as a git object; null where nothing did."""

    path: Text
    before: Blob | None = None
    after: Blob


@record
class Anchored:
    """The measure is in place: this content changed since the incident was declared."""

    type: Literal["anchored"]
    at: Instant
    recorded_at: Instant
    by: Text
    anchor: Content


MeasureEvent = Annotated[Anchored, Tagged("type")]
