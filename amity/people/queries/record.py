"""One person in full: what is shown of them, under which identities we know them, and who said what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import asked_once, known_as
from amity.people.domain.fields.definition import PREFIX, Definition
from amity.people.domain.fields.values import shown, stored
from amity.people.domain.precedence import HAND, Reason, Statement, Won, by_field
from amity.people.domain.survivorship import CHOOSABLE, Golden, is_choosable, winner
from amity.people.models import OF_ADDRESSES, USE, VERIFIED, Fact, Link, LinkMethod, Person, Sighting
from amity.people.queries.fields import fields_for
from amity.people.queries.grouped import known_root
from amity.people.queries.locks import chosen_values
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.telling import seen_addresses
from amity.people.queries.visibility import (
    known_links,
    known_people,
    organisation_shown,
    sees_addresses,
    shown_as,
)

TYPED = "typed"
"""The method of what a colleague typed; of everything else it is the adapter of its source."""


@dataclass(frozen=True, slots=True)
class KnownAs:
    """One identity of a person, and why we say that it is theirs. `address` is "" where it is not for the actor."""

    id: UUID
    network: str
    address: str
    method: str
    confidence: float
    since: datetime
    source: str  # name of the source that named it first; "" if unknown or hidden
    beside: str  # the address with which a record named it
    linked_by: str
    use: str = ""  # work, private or other, where somebody said so
    verified: Said | None = None  # how, by whom and when somebody made sure that it is theirs


@dataclass(frozen=True, slots=True)
class Said:
    """A value as one source gave it: `by` is the colleague who typed it, `method` how it came (typed, file, api,
    email), `confidence` how sure it is that the account of which it was said is theirs."""

    value: str
    source: str
    observed_at: datetime
    by: str = ""
    method: str = ""
    confidence: float = 1.0
    first_at: datetime | None = None  # where the source said so more than once


@dataclass(frozen=True, slots=True)
class FactShown:
    """A field with the value that is shown and the other values that were ever said, newest first.

    `why` it is that one; `why_source` names the source that is trusted most, "" for what colleagues typed.
    """

    field: str
    shown: Said
    others: tuple[Said, ...]
    why: Reason = Reason.NEWEST
    why_source: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as the actor may see them."""

    id: UUID
    golden: Golden
    organisation_id: UUID | None
    organisation: str
    first_seen_at: datetime
    identities: tuple[KnownAs, ...]
    facts: tuple[FactShown, ...]
    definitions: tuple[Definition, ...] = ()  # the company's own fields that the actor sees
    employers: tuple[Said, ...] = ()  # every time that a source named one, and what the person was called
    titles: tuple[Said, ...] = ()
    why_email: Reason = Reason.FIRST  # of several addresses it is the one that lists show
    why_email_source: str = ""

    @property
    def custom(self) -> dict[str, str]:
        """What is shown of the company's own fields, by key."""
        told = {one.fact: one for one in self.definitions}
        shown_of = {told[fact.field].key: shown(told[fact.field], fact.shown.value)
                    for fact in self.facts if fact.field in told}  # fmt: skip
        return {key: value for key, value in shown_of.items() if value}

    @property
    def identity_ids(self) -> tuple[UUID, ...]:
        return tuple(identity.id for identity in self.identities)

    def fact(self, field: str) -> FactShown | None:
        """The fact of this field, if any source said something."""
        return next((fact for fact in self.facts if fact.field == field), None)


def person_record(actor: Actor, person_id: UUID) -> PersonRecord:
    """The record of a person, or of the one into whom they were merged: then its id is another.

    Raises `NotFound` for one that does not exist or that the actor may not know of.
    """
    known = known_people(actor).select_related("organisation")
    person = known.filter(pk=person_id).first() or known.get(pk=known_root(actor, person_id))
    golden = shown_as(actor, [person])[person.id]
    facts = _facts(actor, person)
    identities = _identities(actor, person, facts)
    organisation = organisation_shown(actor, person, golden)
    own = fields_for(actor)
    why_email, why_email_source = _why_email(actor, person.id, golden.email)
    return PersonRecord(
        id=person.id,
        golden=golden,
        organisation_id=organisation.id if organisation else None,
        organisation=organisation.name if organisation else "",
        first_seen_at=_first_seen(actor, person, identities),
        identities=identities,
        facts=_by_field(actor, person.id, facts, golden, own),
        definitions=own,
        employers=_told(actor, facts, "organisation"),
        titles=_told(actor, facts, "job_title"),
        why_email=why_email,
        why_email_source=why_email_source,
    )


def source_adapters(actor: Actor) -> Mapping[UUID, tuple[str, str]]:
    """Name and adapter of the sources whose records the actor may see."""
    hidden = policy.hidden_source_ids(actor)

    def ask() -> Mapping[UUID, tuple[str, str]]:
        rows = Source.objects.exclude(pk__in=hidden).values_list("id", "name", "adapter")
        return {id: (name, adapter) for id, name, adapter in rows}

    return asked_once(f"sources without {sorted(map(str, hidden))}", ask)


def source_names(actor: Actor) -> Mapping[UUID, str]:
    """Names of the sources whose records the actor may see."""
    return {id: name for id, (name, _) in source_adapters(actor).items()}


@dataclass(frozen=True, slots=True)
class _Statement:
    identity_id: UUID
    field: str
    said: Said
    source: UUID
    is_typed: bool

    def as_told(self) -> Statement:
        """As the rules see it."""
        return Statement(
            self.field, self.said.value, self.said.observed_at, HAND if self.is_typed else self.source
        )


def _facts(actor: Actor, person: Person) -> list[_Statement]:
    sources = source_adapters(actor)
    rows = (
        Fact.objects.filter(
            identity__links__person=person,
            identity__links__revoked_at__isnull=True,
            source_id__in=list(sources),
        )
        .order_by("-observed_at", "-value")
        .values_list(
            "identity_id",
            "field",
            "value",
            "source_id",
            "observed_at",
            "first_at",
            "said_by_id",
            "said_by__name",
            "identity__links__confidence",
        )
    )
    return [
        _Statement(
            identity,
            field,
            Said(value, sources[source][0], at, by or "", TYPED if by else sources[source][1], sure, first),
            source,
            by_id is not None,
        )
        for identity, field, value, source, at, first, by_id, by, sure in rows
    ]


def _identities(actor: Actor, person: Person, facts: list[_Statement]) -> tuple[KnownAs, ...]:
    first = {fact.identity_id: fact.said for fact in facts}  # newest first, so the oldest one stays
    of_each = {
        (fact.identity_id, fact.field): fact.said for fact in reversed(facts) if fact.field in OF_ADDRESSES
    }
    links = list(
        known_links(actor)
        .filter(person=person)
        .select_related("identity", "linked_by")
        .order_by("identity__network", "identity_id")
    )
    since = _since(actor, links)
    links.sort(key=lambda link: (-link.confidence, since[link.identity_id]))
    founders = [link for link in links if link.method == LinkMethod.FIRST_SEEN]
    founder = next((link for link in founders if link.home_id is None), next(iter(founders), None))
    shows = sees_addresses(actor)
    founded = {link.home_id: link for link in reversed(founders)} | {None: founder}  # by whose record it is
    besides = {home: link.identity.address if link and shows else "" for home, link in founded.items()}
    links.sort(key=lambda link: link is not founder)
    return tuple(
        KnownAs(
            id=link.identity_id,
            network=link.identity.network,
            address=link.identity.address if shows else "",
            method=link.method,
            confidence=link.confidence,
            since=since[link.identity_id],
            source=first[link.identity_id].source if link.identity_id in first else "",
            beside=besides.get(link.home_id, "") if link is not founded.get(link.home_id) else "",
            linked_by=link.linked_by.name if link.linked_by else "",
            use=said.value if (said := of_each.get((link.identity_id, USE))) else "",
            verified=of_each.get((link.identity_id, VERIFIED)),
        )
        for link in links
    )


def _since(actor: Actor, links: Sequence[Link]) -> dict[UUID, datetime]:
    """When each identity was first named; where sources are hidden from the actor, by those that are not."""
    stored = {link.identity_id: link.identity.first_seen_at for link in links}
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return stored
    seen = Sighting.objects.filter(identity_id__in=list(stored)).exclude(source_id__in=hidden)
    return stored | dict(seen.values("identity_id").values_list("identity_id", Min("at")))


def _first_seen(actor: Actor, person: Person, identities: Sequence[KnownAs]) -> datetime:
    """When the person, or one who was merged into them, was first named, by the same rule."""
    own = [] if policy.hidden_source_ids(actor) else [person.first_seen_at]
    return min([*own, *(identity.since for identity in identities)], default=person.first_seen_at)


def _told(actor: Actor, facts: list[_Statement], field: str) -> tuple[Said, ...]:
    sees = policy.sees_field(actor, "person", field)
    return tuple(fact.said for fact in facts if sees and fact.field == field)


def _by_field(
    actor: Actor, person_id: UUID, facts: list[_Statement], golden: Golden, definitions: Iterable[Definition]
) -> tuple[FactShown, ...]:
    found: dict[str, list[_Statement]] = defaultdict(list)
    own = {one.fact: one for one in definitions}
    for fact in facts:
        if fact.field in OF_ADDRESSES or (_is_own(fact.field) and fact.field not in own):
            continue
        if fact.field in own and not stored(own[fact.field], fact.said.value):
            continue
        if not policy.sees_field(actor, "person", known_as("person", fact.field)):
            continue
        if fact.field == "name" and not sees_addresses(actor) and "@" in fact.said.value:
            continue
        found[fact.field].append(fact)
    chosen, rules = _chosen(actor, person_id, found), ruling_of_look().shown
    told = by_field(fact.as_told() for facts in found.values() for fact in facts)
    names = source_names(actor)
    shown_facts = []
    for field, statements in sorted(found.items()):
        won = winner(field, told, rules) if field != "email" else None
        said = [one.said for one in statements]
        shown_facts.append(_shown(field, said, golden, chosen, won, names))
    return tuple(shown_facts)


def _is_own(field: str) -> bool:
    return field.startswith(PREFIX)


def _chosen(actor: Actor, person_id: UUID, fields: Iterable[str]) -> Mapping[str, str]:
    """What colleagues chose of the fields that stand in no column."""
    if not any(is_choosable(field) and field not in CHOOSABLE for field in fields):
        return {}
    return chosen_values([person_id], policy.hidden_source_ids(actor)).get(person_id, {})


def _shown(
    field: str,
    said: list[Said],
    golden: Golden,
    chosen: Mapping[str, str],
    won: Won | None,
    names: Mapping[UUID, str],
) -> FactShown:
    """`said` is newest first, `won` what the rule of the field gives. What is shown of a column else was chosen."""
    wins = won.value if won else said[0].value
    stored_of = str(getattr(golden, field, "")) if field in CHOOSABLE and field != "email" else ""
    wanted = chosen.get(field) or stored_of or wins
    shown = _first(said, wanted) or _first(said, wins) or said[0]
    values = {shown.value}
    others = []
    for one in said:
        if one.value not in values:
            values.add(one.value)
            others.append(one)
    if won is None or (wanted != wins and shown.value != wins):
        return FactShown(field, shown, tuple(others), Reason.CHOSEN if won else Reason.NEWEST)
    source = names.get(won.source, "") if isinstance(won.source, UUID) else ""
    return FactShown(field, shown, tuple(others), won.reason, source)


def _why_email(actor: Actor, person_id: UUID, shown: str) -> tuple[Reason, str]:
    """Why of several addresses this one is shown, and of which source where that is trusted most."""
    rules = ruling_of_look().shown
    if not rules.look_at_addresses:
        return Reason.FIRST, ""
    seen = [said for _, said in seen_addresses([person_id], policy.hidden_source_ids(actor))]
    won = winner("email", by_field(seen), rules)
    if won is None or won.value != shown:
        return Reason.CHOSEN, ""
    return won.reason, source_names(actor).get(won.source, "") if isinstance(won.source, UUID) else ""


def _first(said: list[Said], value: str) -> Said | None:
    return next((one for one in said if one.value == value), None)
