"""What runs and who answers: services, systems, teams and people."""

from typing import Annotated, Literal

from svcops.store.model import Mail, OwnerRef, PersonRef, Ref, ServiceRef, Slug, SystemRef, TeamRef, Text, record


@record
class Link:
    """An address outside the store that helps."""

    url: Text
    title: str = ""
    type: str = ""


@record
class CoreWorkflow:
    """What users come for: the thing whose failure they notice, and that an SLO should measure."""

    name: Slug
    title: Text
    slo: Annotated[str, Ref("slo")] | None = None
    """The SLO that measures it, as SLO/name."""


@record
class Dependency:
    """A service that this one needs."""

    service: ServiceRef
    kind: Literal["call", "data", "event", "infrastructure"] = "call"
    critical: bool = True
    """Whether this service's core workflows stop without it."""
    why: str = ""


@record
class Api:
    """What makes a catalogue entry an API: the form of its definition, and the definition itself."""

    type: Text
    definition: str = ""


@record
class Service:
    """A service that is operated, or an API it offers."""

    title: Text
    description: str = ""
    owner: OwnerRef
    """The team, or person, that answers for it."""
    tier: int | None = None
    """How critical, 1 the most."""
    lifecycle: str = "production"
    """experimental, production, deprecated, or a word of your own."""
    type: str = ""
    system: SystemRef | None = None
    external: bool = False
    """Run by somebody else: no runbooks or SLOs are expected here."""
    dependencies: tuple[Dependency, ...] = ()
    core_workflows: tuple[CoreWorkflow, ...] = ()
    api: Api | None = None
    links: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ()
    annotations: dict[str, str] | None = None
    """What other catalogues know of it and this one has no field for."""


@record
class System:
    """Services that together serve one purpose."""

    title: Text
    description: str = ""
    owner: OwnerRef | None = None
    tags: tuple[str, ...] = ()
    annotations: dict[str, str] | None = None


@record
class Contact:
    """A way to reach a team: a channel, a mailing list, a telephone number."""

    channel: Text
    address: Text


@record
class Team:
    """People who answer for services together."""

    title: Text
    description: str = ""
    parent: TeamRef | None = None
    members: tuple[PersonRef, ...] = ()
    contacts: tuple[Contact, ...] = ()
    tags: tuple[str, ...] = ()
    annotations: dict[str, str] | None = None


@record
class Person:
    """Somebody who acts; every mail address that their commits carry."""

    name: Text
    emails: tuple[Mail, ...] = ()
    """The first is where mail goes; all of them are this person."""
    deputy: PersonRef | None = None
    contacts: tuple[Contact, ...] = ()
    annotations: dict[str, str] | None = None
