"""Everything that an actor may take away of people: every identity, every value that was said, when and of which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.domain.folding import fold
from amity.people.domain.precedence import HAND, USUAL, Rules, Statement, Teller
from amity.people.domain.survivorship import LENGTHS, looks_like_a_name, values_of, winners
from amity.people.models import UNREACHABLE, LinkMethod
from amity.people.queries.locks import chosen_values
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.visibility import sees_addresses

MOST_FIELDS = 300

_SAID = """
    SELECT l.person_id, i.id, i.network, i.address, f.field, f.value, f.observed_at, f.source_id, f.said_by_id IS NULL
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    LEFT JOIN people_fact f ON f.identity_id = i.id AND f.source_id <> ALL(%(hidden)s::uuid[]) AND f.field <> %(not)s
    WHERE l.person_id = ANY(%(people)s) AND l.revoked_at IS NULL AND (
        NOT EXISTS (SELECT FROM people_sighting s WHERE s.identity_id = i.id AND s.source_id = ANY(%(hidden)s::uuid[]))
        OR EXISTS (SELECT FROM people_sighting s WHERE s.identity_id = i.id AND s.source_id <> ALL(%(hidden)s::uuid[]))
    )
    ORDER BY l.person_id, l.home_id IS NOT NULL, l.method <> %(first)s, i.first_seen_at, i.network, i.address, i.id,
        f.observed_at, f.field, f.value
"""
_FIELDS = """
    SELECT field FROM people_fact WHERE source_id <> ALL(%(hidden)s::uuid[]) AND field <> %(not)s
    GROUP BY field ORDER BY count(*) DESC, field LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class SaidOf:
    """A value that was said of the identity at `about` (its place among the handles)."""

    about: int
    field: str
    value: str
    at: datetime
    source: Teller = None


@dataclass(slots=True)
class Whole:
    """One person. `handles` are pairs of network and address, the one that founded the person first; none where
    addresses are hidden from the actor. `said` is in the order of time. `chosen`: by field what colleagues chose."""

    handles: list[tuple[str, str]] = field(default_factory=list)
    said: list[SaidOf] = field(default_factory=list)
    rules: Rules = USUAL
    chosen: Mapping[str, str] = field(default_factory=dict)

    def shown(self) -> dict[str, str]:
        """The value of each field that a colleague chose, else the one that its rule gives, mostly the newest."""
        newest = {one.field: one.value for one in sorted(self.said, key=lambda one: (one.at, one.value))}
        if self.rules.are_usual and not self.chosen:
            return newest
        said = [Statement(one.field, one.value, one.at, one.source) for one in self.said]
        won = {name: won.value for name, won in winners(said, self.rules).items()}
        kept = {name: value for name, value in self.chosen.items() if value in values_of(name, said, ())}
        return {name: kept.get(name) or won.get(name) or value for name, value in newest.items()}

    def in_full(self, field: str, shown: str) -> str:
        """What is shown in a field, where the record holds it cut short."""
        if len(shown) < LENGTHS[field]:
            return shown
        said = [
            one.value for one in sorted(self.said, key=lambda one: (one.at, one.value)) if one.field == field
        ]
        return next((value for value in reversed(said) if value.startswith(shown)), shown)

    def organisation(self, shown: str) -> str:
        """The organisation in the words in which it was said of this person; `shown` is what its record is called."""
        said = [
            one.value
            for one in sorted(self.said, key=lambda one: (one.at, one.value))
            if one.field == "organisation"
        ]
        same = [
            value
            for value in said
            if not shown or value[:200] == shown or fold(value)[:200] == fold(shown)[:200]
        ]
        return same[-1] if same else shown

    def of(self, network: str) -> list[str]:
        """The addresses at one network."""
        return [address for where, address in self.handles if where == network]


def whole_people(actor: Actor, person_ids: Sequence[UUID]) -> Mapping[UUID, Whole]:
    """What may be taken away of these people, whom the actor knows. So many reads, whatever their number."""
    rules, hidden = ruling_of_look().shown, policy.hidden_source_ids(actor)
    chosen = chosen_values(person_ids, hidden)
    found: dict[UUID, Whole] = {
        person: Whole(rules=rules, chosen=chosen.get(person, {})) for person in person_ids
    }
    places: dict[UUID, int] = {}
    shows = sees_addresses(actor)
    may_see = lru_cache(lambda name: policy.sees_field(actor, "person", known_as("person", name)))
    with connection.cursor() as cursor:
        cursor.execute(
            _SAID,
            {
                "hidden": hidden, "people": list(person_ids), "not": UNREACHABLE,
                "first": LinkMethod.FIRST_SEEN,
            },
        )  # fmt: skip
        for person, identity, network, address, name, value, at, source, is_told in cursor.fetchall():
            whole = found[person]
            if shows and identity not in places:
                places[identity] = len(whole.handles)
                whole.handles.append((network, address))
            if (
                name is None
                or not may_see(name)
                or (name == "name" and not shows and not looks_like_a_name(value))
            ):
                continue
            whole.said.append(SaidOf(places.get(identity, 0), name, value, at, source if is_told else HAND))
    return found


def fields_of(actor: Actor) -> list[str]:
    """The fields that sources of this actor told of people, the most frequent `MOST_FIELDS`, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FIELDS, {"hidden": policy.hidden_source_ids(actor), "not": UNREACHABLE, "most": MOST_FIELDS}
        )
        names = [name for (name,) in cursor.fetchall()]
    return sorted(name for name in names if policy.sees_field(actor, "person", known_as("person", name)))
