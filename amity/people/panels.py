"""The slots of the person page: later packages register what they know of a person, the page loads or draws it.

A panel is loaded by its own address. What must stand in the first answer (figures, chips, the need, what an entry of
the timeline opens to) comes from providers that each package registers when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.utils.functional import Promise as Lazy

from amity.activity.queries import Moment
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.money import Money

Words: TypeAlias = str | Lazy


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose page is drawn, for whom and when: a person, or an organisation with the identities of all its people."""

    identity_ids: tuple[UUID, ...]
    actor: Actor
    at: datetime
    person_id: UUID | None = None
    organisation_id: UUID | None = None

    @property
    def query(self) -> str:
        """How lists name whose records they show: `person=…` or `organisation=…`."""
        return f"person={self.person_id}" if self.person_id else f"organisation={self.organisation_id}"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel beside the timeline. `url_name` takes the person's id; `resource` must be readable to see it.

    `style` is the style sheet that it needs, as `static` names it.
    """

    key: str
    title: Words
    url_name: str
    order: int
    resource: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the few figures of the header: a length of time, amounts of money, or words; `url` opens its records."""

    key: str
    label: Words
    short: Words  # on a phone
    order: int
    url: str
    words: str = ""
    span: timedelta | None = None
    amounts: tuple[Money, ...] = ()
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A chip beside the name. `why` says in words what it follows from; `tone` is one of the chip's tones."""

    icon: str
    words: str
    why: str
    tone: str = "outline"


@dataclass(frozen=True, slots=True)
class Head:
    """What one package says at the top of the page."""

    figures: tuple[Figure, ...] = ()
    marks: tuple[Mark, ...] = ()
    need: str = ""  # a sentence: what the customer waits for
    reply_url: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """Something that happened within thirty days of an entry: how long before or after, what, and where it opens."""

    when: str
    what: str
    url: str
    is_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """What one package knows of an entry: where it opens, further words, its mood, the state of a promise."""

    url: str = ""
    words: str = ""
    mood: str = ""
    chip: str = ""
    chip_tone: str = "accent"
    owner: str = ""
    due_at: datetime | None = None
    left: timedelta | None = None  # until then
    near: tuple[Near, ...] = ()  # nearest first
    near_is_same: bool = False  # as of the entry above
    change_url: str = ""  # where its author changes it
    removal_url: str = ""  # where its author posts to take it away
    return_url: str = ""  # where its author posts to have it back


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is still to come, on the strip around an entry."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What goes along when a record becomes part of another: "3 orders, 2,036 €", and what becomes of it."""

    icon: str
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class Bits:
    """One piece of evidence that two records are one person: its logarithm of the odds, for (+) or against (-)."""

    label: str
    bits: float


HeadProvider: TypeAlias = Callable[[Subject], Head]
DetailProvider: TypeAlias = Callable[[Subject, Sequence[Moment]], Mapping[UUID, Detail]]
DueProvider: TypeAlias = Callable[[Subject, datetime, datetime], Iterable[Due]]
MovedProvider: TypeAlias = Callable[[Subject], Iterable[Moved]]
ChangedProvider: TypeAlias = Callable[[Actor, Sequence[Sequence[UUID]], datetime], Iterable[Moved]]
EvidenceProvider: TypeAlias = Callable[[Actor, UUID, UUID], Sequence[Bits]]


@dataclass(slots=True)
class _Registry:
    panels: dict[str, Panel] = field(default_factory=dict)
    heads: dict[str, HeadProvider] = field(default_factory=dict)
    details: dict[str, DetailProvider] = field(default_factory=dict)
    dues: dict[str, DueProvider] = field(default_factory=dict)
    moved: dict[str, MovedProvider] = field(default_factory=dict)
    changed: dict[str, ChangedProvider] = field(default_factory=dict)
    evidence: EvidenceProvider | None = None


_registry = _Registry()


def register_panel(panel: Panel) -> None:
    """Give the person page a panel. Registering a key again replaces it."""
    _registry.panels[panel.key] = panel


def register_head(key: str, provider: HeadProvider) -> None:
    """Let a package speak in the header; it asks the database at most a few times."""
    _registry.heads[key] = provider


def register_details(key: str, provider: DetailProvider) -> None:
    """Let a package say more about the entries of a page of the timeline; one or two queries for all of them."""
    _registry.details[key] = provider


def register_dues(key: str, provider: DueProvider) -> None:
    """Let a package say what is still to come for a person between two instants."""
    _registry.dues[key] = provider


def register_moved(key: str, provider: MovedProvider) -> None:
    """Let a package say what goes along when these identities become somebody else's; a query or two."""
    _registry.moved[key] = provider


def register_changed(key: str, provider: ChangedProvider) -> None:
    """Let a package say what is no longer so once people with these identities, a group for each, are one."""
    _registry.changed[key] = provider


def register_evidence(provider: EvidenceProvider | None) -> None:
    """Let the engine that compares records say why two are one person; it is shown beside the comparison."""
    _registry.evidence = provider


def panels_for(actor: Actor) -> list[Panel]:
    """The panels that this actor may open, in their order."""
    open_to = [panel for panel in _registry.panels.values() if policy.may(actor, "read", panel.resource)]
    return sorted(open_to, key=lambda panel: (panel.order, panel.key))


def head_of(subject: Subject) -> Head:
    """What all packages say together; the first one with a need or an address to reply to has the word."""
    heads = [provider(subject) for provider in _registry.heads.values()]
    return Head(
        figures=tuple(
            sorted((figure for head in heads for figure in head.figures), key=lambda one: one.order)
        ),
        marks=tuple(mark for head in heads for mark in head.marks),
        need=next((head.need for head in heads if head.need), ""),
        reply_url=next((head.reply_url for head in heads if head.reply_url), ""),
    )


def details_of(subject: Subject, moments: Sequence[Moment]) -> dict[UUID, Detail]:
    """What packages know of these entries; where two speak of the same one, what is said first stands."""
    answer: dict[UUID, Detail] = {}
    for provider in _registry.details.values():
        for moment, detail in provider(subject, moments).items():
            answer[moment] = _joined(answer[moment], detail) if moment in answer else detail
    return answer


def _joined(one: Detail, other: Detail) -> Detail:
    return Detail(
        url=one.url or other.url,
        words=one.words or other.words,
        mood=one.mood or other.mood,
        chip=one.chip or other.chip,
        chip_tone=one.chip_tone if one.chip else other.chip_tone,
        owner=one.owner or other.owner,
        due_at=one.due_at or other.due_at,
        left=one.left if one.left is not None else other.left,
        near=one.near or other.near,
        near_is_same=one.near_is_same if one.near else other.near_is_same,
        change_url=one.change_url or other.change_url,
        removal_url=one.removal_url or other.removal_url,
        return_url=one.return_url or other.return_url,
    )


def dues_of(subject: Subject, start: datetime, end: datetime) -> list[Due]:
    """What is still to come between two instants, in order."""
    found = [due for provider in _registry.dues.values() for due in provider(subject, start, end)]
    return sorted(found, key=lambda due: due.at)


def moved_of(subject: Subject) -> list[Moved]:
    """What goes along with these identities, in the order of the packages."""
    return [moved for provider in _registry.moved.values() for moved in provider(subject)]


def changed_of(actor: Actor, sides: Sequence[Sequence[UUID]], at: datetime) -> list[Moved]:
    """What is no longer so once these people are one, in the order of the packages."""
    return [changed for provider in _registry.changed.values() for changed in provider(actor, sides, at)]


def evidence_of(actor: Actor, one: UUID, other: UUID) -> Sequence[Bits]:
    """Why these two are one person, or not; empty where nobody says."""
    return _registry.evidence(actor, one, other) if _registry.evidence else ()
