"""Two or more records side by side, before they become one: what each says, and what would be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.domain.fields.definition import PREFIX
from amity.people.domain.folding import fold
from amity.people.domain.precedence import Reason, Rules, Statement, by_field
from amity.people.domain.survivorship import CHOOSABLE, Golden, golden_record, values_of, winner
from amity.people.models import Distinction
from amity.people.queries.grouped import between, known_root
from amity.people.queries.locks import chosen_values
from amity.people.queries.record import PersonRecord, person_record, source_names
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.telling import Told
from amity.people.queries.visibility import sees_addresses, told_of


class Sign(StrEnum):
    """How the values of a field stand to each other."""

    SAME = "same"
    ALIKE = "alike"  # but for case, accents and punctuation, or words of one begin those of the other
    DIFFERS = "differs"
    ADDS = "adds"  # only one side knows


@dataclass(frozen=True, slots=True)
class FieldCompared:
    """A field: the value that each side shows, "" where it knows none; `after` is what would be shown of the merged,
    `why` it is that one, and `why_source` whom that is of where it is the most trusted source."""

    field: str
    values: tuple[str, ...]
    sign: Sign
    after: str
    why: Reason = Reason.NEWEST
    why_source: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who stays first. `said_to_be_two` tells who said so and when, where somebody did."""

    sides: tuple[PersonRecord, ...]
    fields: tuple[FieldCompared, ...]
    after: Golden
    said_to_be_two: tuple[str, datetime] | None


def compare(actor: Actor, person_ids: Sequence[UUID], *, known: PersonRecord | None = None) -> Comparison:
    """Compare people as this actor sees them; the first is the one who would stay. `known` is the record of one of them
    that was read already.

    Raises `NotFound` for whom the actor does not know.
    """
    read = {known.id: known} if known else {}
    ids = list(dict.fromkeys(one if one in read else known_root(actor, one) for one in person_ids))
    sides = tuple(read[one] if one in read else person_record(actor, one) for one in ids)
    rules = ruling_of_look()
    told, chosen = told_of(actor, ids, rules=rules.shown), chosen_values(ids, policy.hidden_source_ids(actor))
    together = Told(
        [one for id in ids for one in told[id].statements], {one for id in ids for one in told[id].addresses}
    )
    after = golden_record(
        together.statements, together.addresses, chosen.get(ids[0]), rules.employers, rules.shown
    )
    own = [one.fact for one in sides[0].definitions]
    emails = values_of("email", [], sorted(together.addresses))
    why = _Why(by_field(together.statements), emails[:1], rules.shown, source_names(actor))
    fields = (
        FieldCompared(
            field, values, sign_of(values), _after(after, field), *why.of(field, _after(after, field))
        )
        for field in (*CHOOSABLE, *own)
        if policy.sees_field(actor, "person", known_as("person", field))
        and (field != "email" or sees_addresses(actor))
        and any(values := tuple(_value(field, told[id], side) for id, side in zip(ids, sides, strict=True)))
    )
    return Comparison(sides, tuple(fields), after, _said(ids, actor))


def picked(comparison: Comparison, chosen: Mapping[str, str]) -> dict[str, str]:
    """Of what stands chosen on a form what differs from what would be shown anyway: only that is a choice."""
    follows = {field.field: field.after for field in comparison.fields}
    return {field: value for field, value in chosen.items() if follows.get(field) != value}


@dataclass(frozen=True, slots=True)
class _Why:
    """Why a value would be shown of the merged. What is not what the rule of its field gives was chosen."""

    said: Mapping[str, Sequence[Statement]]
    first: tuple[str, ...]  # of the e-mail addresses
    rules: Rules
    names: Mapping[UUID, str]

    def of(self, field: str, shown: str) -> tuple[Reason, str]:
        if field == "email" and not self.rules.look_at_addresses:
            return (Reason.FIRST if shown in self.first else Reason.CHOSEN), ""
        won = winner(field, self.said, self.rules)
        if won is None or not shown or not won.value.startswith(shown):
            return Reason.CHOSEN, ""
        return won.reason, self.names.get(won.source, "") if isinstance(won.source, UUID) else ""


def _after(golden: Golden, field: str) -> str:
    return golden.custom.get(field, "") if field.startswith(PREFIX) else str(getattr(golden, field))


def _value(field: str, told: Told, side: PersonRecord) -> str:
    if field.startswith(PREFIX):
        fact = side.fact(field)
        return fact.shown.value if fact else ""
    values = values_of(field, told.statements, told.addresses)
    if field == "organisation":  # as it was said of them: the organisation itself may be written otherwise
        return next((one for one in values if fold(one) == fold(side.organisation)), "")
    shown = str(getattr(side.golden, field, ""))
    return shown if field == "name" or shown in values else ""


def sign_of(values: Sequence[str]) -> Sign:
    """How these values stand to each other; "" is one that a side does not know."""
    known = [value for value in values if value]
    folded = {fold(value) for value in known}
    if len(known) < len(values):
        return Sign.ADDS
    if len(set(known)) == 1:
        return Sign.SAME
    shortest = min(folded, key=lambda one: (len(one.split()), len(one)))
    return Sign.ALIKE if shortest and all(_alike(shortest, one) for one in folded) else Sign.DIFFERS


def _alike(short: str, other: str) -> bool:
    """Whether each word of `short` begins one of `other`, or the other way round: Tomás Arrieta, T. Arrieta Lindero."""
    words = other.split()
    return all(any(one.startswith(word) or word.startswith(one) for one in words) for word in short.split())


def _said(ids: Sequence[UUID], actor: Actor) -> tuple[str, datetime] | None:
    said: Distinction | None = between(ids, actor).select_related("said_by").order_by("-said_at").first()
    return (said.said_by.name if said.said_by else "", said.said_at) if said else None
