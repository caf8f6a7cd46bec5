"""By which rules of several values one is shown, how far they are applied, and what others would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.domain.precedence import FIELDS, HAND, USUAL, Rules, Statement, Way, by_field, ways_of
from amity.people.domain.survivorship import values_of, winner
from amity.people.models import ShownRules
from amity.people.queries.fields import all_fields
from amity.people.queries.locks import chosen_values
from amity.people.queries.record import source_names
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.telling import Told, typed_sources
from amity.people.queries.visibility import known_people, shown_as, told_of

MOST_LOOKED_AT = 10_000
"""People of whom a preview looks what would change: more take too long for somebody who waits."""
TOGETHER = 1_000
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class RuledField:
    """A field with the ways that it can have. `label` is that of one of the company's own, "" for the others."""

    name: str
    label: str
    ways: tuple[Way, ...]

    @property
    def usual(self) -> Way:
        return self.ways[0]


@dataclass(frozen=True, slots=True)
class Teller:
    """Somebody who can be trusted: a source, or `HAND` for what colleagues typed, without a name."""

    id: UUID | str
    name: str


@dataclass(frozen=True, slots=True)
class Example:
    """Somebody of whom something else would be shown."""

    person_id: UUID
    name: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Foretold:
    """Of how many people something else would be shown, of those who were looked at; `is_all`: that is everybody."""

    changed: int
    looked_at: int
    is_all: bool
    examples: tuple[Example, ...]


def ruled_fields() -> list[RuledField]:
    """The fields that have a rule: those that every company has, then its own that are not hidden."""
    own = (one for one in all_fields() if not one.is_hidden)
    return [
        *(RuledField(name, "", ways) for name, ways in FIELDS.items()),
        *(RuledField(one.fact, one.label, ways_of(one.fact, one.kind)) for one in own),
    ]


def known_tellers(actor: Actor) -> list[Teller]:
    """Whom this actor can put in an order of trust: colleagues who type, then the sources that they see, by name."""
    names = sorted(source_names(actor).items(), key=lambda one: (one[1].casefold(), str(one[0])))
    typed = set(typed_sources().values_list("pk", flat=True))
    return [Teller(HAND, ""), *(Teller(id, name) for id, name in names if id not in typed)]


def rules_for(actor: Actor) -> Rules:
    """The rules that hold, as far as this actor sees whom they name."""
    rules = ruling_of_look().shown
    known = {one.id for one in known_tellers(actor)}
    return replace(rules, trust=tuple(one for one in rules.trust if one in known))


def newest_rules() -> ShownRules | None:
    """The version that holds, with how far it is applied; None where none was ever made."""
    found: ShownRules | None = ShownRules.objects.select_related("said_by").order_by("-pk").first()
    return found


def former_rules() -> Rules | None:
    """The rules before those that hold; None where none were made."""
    versions = list(ShownRules.objects.order_by("-pk")[:2])
    if not versions:
        return None
    return versions[1].as_rules() if len(versions) > 1 else USUAL


def still_shown_by() -> list[Rules]:
    """The rules before those that hold by which people may still be shown: back to the last that everybody followed."""
    found = []
    for one in ShownRules.objects.order_by("-pk")[1:].iterator():
        found.append(one.as_rules())
        if one.done_at is not None:
            return found
    return [*found, USUAL]


def changed_fields(before: Rules, after: Rules) -> set[str]:
    """The fields of which something else may be shown."""
    return {
        name
        for name in {*before.ways, *after.ways}
        if before.way(name) != after.way(name)
        or (after.way(name) is Way.TRUSTED and before.trust != after.trust)
    }


def foretell(actor: Actor, wanted: Rules) -> Foretold:
    """What these rules would change for the people whom the actor knows: the first `MOST_LOOKED_AT` of them."""
    before = ruling_of_look().shown
    fields = sorted(
        name
        for name in changed_fields(before, wanted)
        if policy.sees_field(actor, "person", known_as("person", name))
    )
    everybody = known_people(actor).order_by("pk").values_list("pk", flat=True)
    ids = list(everybody[: MOST_LOOKED_AT + 1])
    if not fields:
        return Foretold(0, min(len(ids), MOST_LOOKED_AT), is_all=True, examples=())
    is_all, ids = len(ids) <= MOST_LOOKED_AT, ids[:MOST_LOOKED_AT]
    found = [
        one
        for start in range(0, len(ids), TOGETHER)
        for one in _differing(actor, ids[start : start + TOGETHER], fields, before, wanted)
    ]
    return Foretold(len(found), len(ids), is_all, tuple(_named(actor, found[:EXAMPLES])))


def _differing(
    actor: Actor, ids: Sequence[UUID], fields: Sequence[str], before: Rules, wanted: Rules
) -> Iterator[Example]:
    """Whom it concerns, each with the first field of which something else would be shown."""
    both = Rules(dict(before.ways) | dict(wanted.ways))
    told, chosen = told_of(actor, ids, rules=both), chosen_values(ids, policy.hidden_source_ids(actor))
    for person in ids:
        if person not in told:
            continue
        said = by_field(told[person].statements)
        for name in fields:
            one, other = (
                _value(name, said, told[person], chosen.get(person, {}), rules) for rules in (before, wanted)
            )
            if one != other:
                yield Example(person, "", name, one, other)
                break


def _value(
    name: str, said: Mapping[str, Sequence[Statement]], told: Told, chosen: Mapping[str, str], rules: Rules
) -> str:
    if name in chosen and chosen[name] in values_of(name, told.statements, told.addresses):
        return chosen[name]
    if name == "email" and rules.way(name) is Way.FIRST:
        return next((address for network, address in sorted(told.addresses) if network == "email"), "")
    won = winner(name, said, rules)
    return won.value if won else ""


def _named(actor: Actor, found: Sequence[Example]) -> Iterator[Example]:
    people = known_people(actor).in_bulk([one.person_id for one in found])
    shown = shown_as(actor, people.values())
    for one in found:
        if one.person_id in shown:
            yield replace(one, name=shown[one.person_id].name)
