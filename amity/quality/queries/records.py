"""The people behind a figure, a page at a time, with what is wrong and what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.survivorship import CHOOSABLE
from amity.people.models import Person
from amity.people.queries.visibility import known_people, people_of, shown_as
from amity.quality.domain import checks
from amity.quality.domain.checks import Suggestion
from amity.quality.domain.fields import Field, Problem
from amity.quality.domain.judging import Told, newest_of, shown_of, values_of
from amity.quality.models import SOURCE, TEAM
from amity.quality.queries.counting import Sight
from amity.quality.queries.findings import Key
from amity.quality.queries.known import Scope, scope_named, teams_of_sources
from amity.quality.queries.report import fields_in
from amity.quality.queries.told import told_of_people

PAGE = 50
_COUNTRY = Field("country", "country", is_single=False)
WRITABLE = frozenset(
    {"name", "city", "country", "language", "organisation", "job_title", "birthday", "email", "phone"}
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure whose people are wanted."""

    field: Field
    problem: Problem
    scope: Scope

    @property
    def key(self) -> Key:
        return self.scope.kind, self.scope.ref, self.field.key, self.problem.value


def wanted_named(actor: Actor, at: datetime, field: str, problem: str, scope: str) -> Wanted | None:
    """What these words name; None where that is nothing, or not for the actor."""
    found = scope_named(actor, scope)
    if found is None or not policy.may(actor, "read", "person"):
        return None
    one = next((one for one in fields_in(actor, at, found) if one.key == field), None)
    if one is None or problem not in [each.value for each in one.problems]:
        return None
    return Wanted(one, Problem(problem), found)


@dataclass(frozen=True, slots=True)
class Bad:
    """Somebody behind a figure. `value` is what is judged, `reason` why it is not valid, `values` are those in which
    sources disagree. `told_by`: which sources a correction follows from."""

    person_id: UUID
    name: str
    value: str
    reason: str = ""
    suggestion: Suggestion | None = None
    values: tuple[str, ...] = ()
    told_by: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class BadPage:
    """A page of them by id, and after whom the next one starts."""

    people: tuple[Bad, ...]
    after: UUID | None


def bad_people(sight: Sight, wanted: Wanted, *, after: UUID | None = None, limit: int = PAGE) -> BadPage:
    """The people of whom a figure counts the problem, as many as it counts."""
    people = sight.restrict(known_people(sight.actor), wanted.key).order_by("id")
    rows = list((people.filter(id__gt=after) if after else people)[: limit + 1])
    page = rows[:limit]
    return BadPage(tuple(_bad(sight, wanted, page)), page[-1].id if len(rows) > limit else None)


def walk_bad(sight: Sight, wanted: Wanted, limit: int) -> Iterator[Bad]:
    """The same, one after the other, at most so many."""
    after: UUID | None = None
    while limit > 0:
        page = bad_people(sight, wanted, after=after, limit=min(limit, 500))
        yield from page.people
        limit -= len(page.people)
        after = page.after
        if after is None:
            return


def sources_of(scope: Scope) -> set[str] | None:
    """The sources of a scope; None for all."""
    if scope.kind == SOURCE and scope.ref:
        return {scope.ref}
    if scope.kind == TEAM:
        return {source for source, team in teams_of_sources().items() if team == scope.ref}
    return None


def _bad(sight: Sight, wanted: Wanted, people: Sequence[Person]) -> Iterator[Bad]:
    told = told_of_people([person.id for person in people], sight.hidden)
    shown = shown_as(sight.actor, people)
    sources = sources_of(wanted.scope)
    found = [
        _describe(wanted, person.id, shown[person.id].name, told[person.id], sources) for person in people
    ]
    yield from _without_others_addresses(wanted, found)


def _describe(wanted: Wanted, person_id: UUID, name: str, told: Told, sources: set[str] | None) -> Bad:
    one = wanted.field
    value = "" if wanted.problem is Problem.MISSING else shown_of(one, told, sources)
    by = frozenset(map(UUID, _said_by(one, told, value) or told.sources))
    if wanted.problem is Problem.INVALID:
        dead = any(each.is_dead for each in told.addresses if each.address == value and one.network)
        reason = one.check(value) or ("unreachable" if dead else "")
        return Bad(person_id, name, one.named(value), reason, suggestion_for(one, told, value), told_by=by)
    if wanted.problem is Problem.CONFLICT and one.key in CHOOSABLE:
        said = sorted(values_of(one, newest_of(told.said)).values(), key=lambda each: each.at, reverse=True)
        values = tuple(dict.fromkeys(each.value for each in said))
        return Bad(person_id, name, value, values=values if len(values) > 1 else (), told_by=by)
    return Bad(person_id, name, one.named(value), told_by=by)


def suggestion_for(one: Field, told: Told, value: str) -> Suggestion | None:
    """What a value probably should be; None where nobody can say."""
    if one.network == "phone":
        return checks.suggest_phone(value, shown_of(_COUNTRY, told))
    found = one.suggest(value)
    return found if found is not None and not one.check(found.value) else None


def _said_by(one: Field, told: Told, value: str) -> frozenset[str]:
    if one.network:
        return frozenset(source for each in told.addresses if each.address == value for source in each.named)
    return frozenset(each.source for each in told.said if each.field == one.key and each.value == value)


def _without_others_addresses(wanted: Wanted, found: Sequence[Bad]) -> Iterator[Bad]:
    """Nobody is offered the address of somebody else: whether two are one person is another question."""
    from amity.activity.shaping import identity_id
    from amity.channels.records import Handle

    network = wanted.field.network
    offered = {
        one.person_id: identity_id(Handle(network, one.suggestion.value))
        for one in found
        if network and one.suggestion
    }
    owners = people_of(offered.values()) if offered else {}
    for one in found:
        owner = owners.get(offered.get(one.person_id, UUID(int=0)))
        if owner is not None and owner != one.person_id:
            yield Bad(one.person_id, one.name, one.value, one.reason, told_by=one.told_by)
        else:
            yield one
