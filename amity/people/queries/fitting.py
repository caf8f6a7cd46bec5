"""Whom patterns of words fit: as a queryset for any actor, and the latest few, fast, for who sees everybody.

The index of words has to visit every word that begins so, and every person with it, before it can name the latest; a
walk from the latest backwards reads those whom the words do not fit. How many records hold a word stands in the
vocabulary, so which of the two is shorter can be told before. What is told never depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.patterns import Pattern, Term, beginning, fits, query_of
from amity.people.models import Organisation, Person, WordChange
from amity.people.queries.visibility import Spoken, facts_of_person, sees_addresses, spoken_of

COMMON = 0.05
"""A share of all people from which on a term is read off the rows and not off the index."""
MANY_WORDS = 1_000
"""As many words of the vocabulary are looked at to tell how many records a beginning finds; of more it is guessed:
a share of all people by the letters of the beginning, else twice what was counted."""
GUESSED = {1: 0.2, 2: 0.03}
WALKED = 20_000
"""A walk ends after so many people: when they turn out to be rarer than the numbers promised, the index is asked."""
VISITED_WORD, VISITED_PERSON = 0.03, 0.5
"""What one in the index costs, in rows of a walk, each of which an expression is asked (3.4 µs): measured."""


@dataclass(frozen=True, slots=True)
class Rareness:
    """`records` holds for each term how many records it finds, about; `people` are all."""

    people: float
    records: dict[Term, float]

    def share(self, term: Term) -> float:
        return min(1.0, max(1.0, self.records.get(term, 1.0)) / self.people)

    def by_index(self, pattern: Pattern) -> Pattern:
        """The terms that the index is asked for, rarest first: what more of them would cost to visit is more than they
        would spare. The rest is read off the rows that it gives."""
        rarest, *others = sorted(pattern, key=self.share)
        asked, rows = [rarest], self.share(rarest) * self.people
        for term in others:
            spared = rows * (1 - self.share(term)) * VISITED_PERSON
            if self.share(term) > COMMON or self.share(term) * self.people * VISITED_WORD > spared:
                break
            asked.append(term)
            rows *= self.share(term)
        return tuple(asked)

    def walk_is_shorter(self, pattern: Pattern, limit: int) -> bool:
        """Whether `limit` of them are sooner found from the latest backwards than by the index."""
        asked = self.by_index(pattern)
        rows = self.people * prod(self.share(term) for term in asked)
        visited = self.people * sum(self.share(term) for term in asked)
        walked = limit / prod(self.share(term) for term in pattern)
        return walked < visited * VISITED_WORD + rows * VISITED_PERSON


_RARENESS = """
    SELECT place, coalesce(sum(records), 0), count(records),
        (SELECT reltuples FROM pg_class WHERE oid = 'people_person'::regclass)
    FROM unnest(%s::int[], %s::text[], %s::text[]) AS asked(place, low, high)
    LEFT JOIN LATERAL (
        SELECT records FROM people_word WHERE word >= low AND word < high ORDER BY word LIMIT %s) words ON true
    GROUP BY place
"""


def rareness(patterns: Sequence[Pattern]) -> Rareness:
    """How rare the terms of these patterns are, from the vocabulary: one query."""
    terms = list(dict.fromkeys(term for pattern in patterns for term in pattern))
    if not terms:
        return Rareness(1.0, {})
    asked: list[tuple[int, str, str]] = []
    for place, term in enumerate(terms):
        asked += [(place, word, word + "\x01") for word in term.words]
        if term.start:
            asked.append((place, term.start, term.start + "\U0010ffff"))
    with connection.cursor() as cursor:
        cursor.execute(_RARENESS, [*(list(column) for column in zip(*asked, strict=True)), MANY_WORDS])
        rows = cursor.fetchall()
    people = max(1.0, *(float(everybody) for *_, everybody in rows))
    records = {}
    for place, found, words, _ in rows:
        term = terms[place]
        is_more = words >= MANY_WORDS
        guessed = max(2.0 * float(found), GUESSED.get(len(term.start), 0.0) * people) if is_more else 0.0
        records[term] = max(float(found), guessed)
    return Rareness(people, records)


# ----------------------------------------------------------------------------------------------- the latest, unlimited

Latest: TypeAlias = tuple[datetime | None, UUID]
_WALK = """
    SELECT last_activity_at, id FROM (
        SELECT id, search_text, last_activity_at FROM people_person
        WHERE last_activity_at IS NOT NULL ORDER BY last_activity_at DESC, id DESC LIMIT %(walked)s) latest
    WHERE {conditions} AND id <> ALL(%(without)s) LIMIT %(limit)s
"""
_INDEX = """
    WITH hits AS MATERIALIZED (
        SELECT id, search_text, last_activity_at FROM people_person
        WHERE to_tsvector('simple', COALESCE(search_text, '')) @@ to_tsquery('simple', %(query)s))
    SELECT last_activity_at, id FROM hits WHERE {conditions} AND id <> ALL(%(without)s)
    ORDER BY last_activity_at DESC NULLS LAST, id DESC LIMIT %(limit)s
"""


def latest_fitting(
    pattern: Pattern, rare: Rareness, *, limit: int, without: Collection[UUID]
) -> list[Latest]:
    """Of everybody those whom a pattern fits, latest first. Only for who sees all people with all their words."""
    values: dict[str, Any] = {"limit": limit, "without": list(without), "walked": WALKED}
    if rare.walk_is_shorter(pattern, limit):
        found = _latest(_WALK, pattern, values)
        if len(found) == limit:
            return found
    asked = rare.by_index(pattern)
    rest = tuple(term for term in pattern if term not in asked)
    return _latest(_INDEX, rest, values | {"query": query_of([asked])})


def _latest(statement: str, read: Pattern, values: dict[str, Any]) -> list[Latest]:
    conditions = " AND ".join(f"search_text ~ %(read{place})s" for place, _ in enumerate(read)) or "true"
    read_values = {f"read{place}": term.expression() for place, term in enumerate(read)}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(conditions=conditions), values | read_values)
        return list(cursor.fetchall())


# --------------------------------------------------------------------------------------------------- for every actor


def matching_words(people: QuerySet[Person], words: str, actor: Actor) -> QuerySet[Person]:
    """The people of whom every word is the beginning of a word of what is shown of them to the actor."""
    return fitting(people, beginning(words), actor)


def fitting(
    people: QuerySet[Person],
    patterns: Sequence[Pattern],
    actor: Actor,
    *,
    counted: bool = False,
    spoken: Spoken | None = None,
) -> QuerySet[Person]:
    """The people whom one of the patterns fits, in what is shown of them to the actor.

    With `counted` only those whose words are in the vocabulary: else somebody new would be found before that because
    a hidden record holds the same word, and so tell of it. `spoken` is `spoken_of(actor)`, where it is known already.
    """
    if not patterns:
        return people.none()
    told_otherwise = (spoken or spoken_of(actor)).shown
    if counted:
        people = people.exclude(
            ~Q(pk__in=list(told_otherwise)) & Exists(WordChange.objects.filter(record_id=OuterRef("pk")))
        )
    if not told_otherwise:
        return _fitting_stored(people, patterns, actor)
    stored = _fitting_stored(people.exclude(pk__in=list(told_otherwise)), patterns, actor)
    shows = sees_addresses(actor)
    told = [
        person
        for person, golden in told_otherwise.items()
        if fits(patterns, (golden.search_text if shows else golden.sort_name).split())
    ]
    return people.filter(Q(pk__in=stored.order_by().values("pk")) | Q(pk__in=told))


def _fitting_stored(people: QuerySet[Person], patterns: Sequence[Pattern], actor: Actor) -> QuerySet[Person]:
    rare = rareness(patterns)
    asked: Sequence[Pattern] = patterns
    if len(patterns) == 1:
        (pattern,) = patterns
        # Of a list any page may be wanted, and Django asks for the first one: of about fifty.
        asked = () if rare.walk_is_shorter(pattern, 50) else [rare.by_index(pattern)]
        for term in pattern:
            if not asked or term not in asked[0]:
                people = people.filter(search_text__regex=term.expression())
    if asked:
        people = people.annotate(found=SearchVector("search_text", config="simple")).filter(
            found=SearchQuery(query_of(asked), config="simple", search_type="raw")
        )
    if sees_addresses(actor):
        return people
    # Only names that a visible source gave, and no address that stands in for a name.
    people = people.filter(name__regex="[[:alpha:]]").exclude(name__contains="@")
    named = facts_of_person(policy.hidden_source_ids(actor)).filter(
        field__in=("name", "given_name", "family_name"), value__regex="[[:alpha:]]"
    )
    return people.annotate(found_name=SearchVector("sort_name", config="simple")).filter(
        Exists(named.exclude(value__contains="@")),
        found_name=SearchQuery(query_of(patterns), config="simple", search_type="raw"),
    )


# Whose words are whole is looked up too, and not read off what is found: of a beginning that may be thousands.
_ORGANISATIONS = """
    WITH whole AS MATERIALIZED (
        SELECT COALESCE(o.merged_into_id, o.id) AS id FROM people_organisation o
        WHERE to_tsvector('simple', COALESCE(o.key, '')) @@ to_tsquery('simple', %(whole)s))
    SELECT id, name, id IN (SELECT id FROM whole) AS is_whole FROM people_organisation
    WHERE merged_into_id IS NULL AND id <> ALL(%(without)s) AND id IN (
        SELECT COALESCE(o.merged_into_id, o.id) FROM people_organisation o
        WHERE to_tsvector('simple', COALESCE(o.key, '')) @@ to_tsquery('simple', %(query)s))
    ORDER BY is_whole DESC, COALESCE(name, ''), id LIMIT %(limit)s
"""


def first_organisations(
    patterns: Sequence[Pattern], *, whole: Sequence[Pattern] = (), limit: int, without: Collection[UUID]
) -> list[tuple[UUID, str, bool]]:
    """Of all organisations the first whom one of the patterns fits, by name, those first whom one of `whole` fits too
    (True). Only for who sees them all."""
    if not patterns:
        return []
    asked: dict[str, Any] = {
        "query": query_of(patterns),
        "whole": query_of(whole),
        "without": list(without),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ORGANISATIONS, asked)
        return list(cursor.fetchall())


def organisations_fitting(
    organisations: QuerySet[Organisation], patterns: Sequence[Pattern], names: QuerySet[Organisation]
) -> QuerySet[Organisation]:
    """Those of which one of the patterns fits the name, or that of one of `names` that leads to it."""
    if not patterns:
        return organisations.none()
    fitting = names.annotate(found=SearchVector("key", config="simple")).filter(
        found=SearchQuery(query_of(patterns), config="simple", search_type="raw")
    )
    return organisations.filter(pk__in=fitting.annotate(top=Coalesce("merged_into_id", "pk")).values("top"))
