"""Search of people and organisations by what somebody types: spelt so, beginning so, ending in a number, spelt alike.

What is told follows from what the actor may see alone: hidden records change neither what is found nor in what order,
nor whether words that are spelt alike are looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Coalesce

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.folding import fold
from amity.people.domain.patterns import Pattern, beginning, digits_of, exact, words_of
from amity.people.domain.spelling import wrong_letters
from amity.people.models import WordChange
from amity.people.queries.fitting import (
    Latest,
    Rareness,
    first_organisations,
    fitting,
    latest_fitting,
    organisations_fitting,
    rareness,
)
from amity.people.queries.listing import (
    PAGE,
    ListedPerson,
    PeopleWanted,
    first_people,
    listed_people,
    matching,
)
from amity.people.queries.numbers import with_number
from amity.people.queries.similar import Meant
from amity.people.queries.visibility import (
    Spoken,
    is_unlimited,
    known_links,
    known_organisations,
    known_people,
    named_organisations,
    sees_addresses,
    spoken_of,
)

Levels: TypeAlias = Iterable[Sequence[Pattern]]
"""Patterns by how many letters are wrong."""
FEW = 3
"""When fewer are spelt as typed, those who are spelt alike follow."""


class Spelling(StrEnum):
    """How what was found is spelt, best first."""

    NUMBER = "number"  # a number of theirs ends so
    EXACT = "exact"  # every word is one of theirs
    BEGINNING = "beginning"  # every word begins one of theirs
    SIMILAR = "similar"  # a few letters are wrong


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """`address` is the one by which they were found, where nothing else of this tells it and the actor may see it."""

    id: UUID
    name: str
    email: str
    organisation: str
    city: str
    spelling: Spelling = Spelling.BEGINNING
    address: str = ""


@dataclass(frozen=True, slots=True)
class FoundOrganisation:
    id: UUID
    name: str
    spelling: Spelling = Spelling.BEGINNING


@dataclass(frozen=True, slots=True)
class FoundKnown:
    """What was found of people and of organisations."""

    people: list[FoundPerson]
    organisations: list[FoundOrganisation]


def find_known(actor: Actor, text: str, limit: int) -> FoundKnown:
    """People and organisations, at most `limit` of each. Organisations that are spelt alike only where nobody is
    found who is spelt so: else a name that is typed right would bring organisations of which nobody thought."""
    meant = Meant(words_of(text))
    people = find_people(actor, text, limit, meant=meant)

    def levels() -> Levels:
        if not all(one.spelling is Spelling.SIMILAR for one in people):
            return ()
        if people and is_unlimited(actor):  # what was enough for people is enough
            return meant.levels(unknown_only=meant.is_partly_known, most=meant.wrong)
        return meant.levels()

    return FoundKnown(people, find_organisations(actor, text, limit, levels=levels))


def find_people(actor: Actor, text: str, limit: int, *, meant: Meant | None = None) -> list[FoundPerson]:
    """People of whom every word of `text` is a word of a name, an organisation or an address, or a number ends so, then
    those of whom every word begins one, then, where there are few, those who are spelt alike; of each the latest first.
    """
    if not policy.may(actor, "read", "person"):
        return []
    how = _Search(actor, text, limit).run(meant or Meant(words_of(text)))
    people = {
        person.id: person
        for person in known_people(actor).filter(pk__in=list(how)).select_related("organisation")
    }
    listed = listed_people(actor, [people[id] for id in how if id in people])
    addresses = _addresses_meant(actor, text, listed)
    return [
        FoundPerson(
            person.id, person.name, person.email, person.organisation, person.city, how[person.id],
            addresses.get(person.id, ""),
        )
        for person in listed
    ]  # fmt: skip


def people_called(actor: Actor, text: str, limit: int) -> list[UUID]:
    """Ids of those of whom every word begins a word, or a number ends so: of nobody who is spelt alike."""
    if not policy.may(actor, "read", "person"):
        return []
    return list(_Search(actor, text, limit).run_roughly())


def similar_people(actor: Actor, wanted: PeopleWanted) -> list[ListedPerson]:
    """For a list in which nobody is spelt so: those whose words are spelt alike, at most a page, and for whom its other
    filters hold."""
    if not policy.may(actor, "read", "person"):
        return []
    found = _Search(actor, wanted.words, PAGE).run_alike()
    rest = (
        matching(actor, replace(wanted, words="")).filter(pk__in=list(found)).select_related("organisation")
    )
    people = {person.id: person for person in rest}
    return listed_people(actor, [people[id] for id in found if id in people])


@dataclass(slots=True)
class _Search:
    """One search: whom it found so far, in order, and how they are spelt."""

    actor: Actor
    text: str
    limit: int
    found: dict[UUID, Spelling] = field(default_factory=dict)
    spoken: Spoken | None = None

    def run(self, meant: Meant) -> dict[UUID, Spelling]:
        whole, parts = exact(self.text), beginning(self.text)
        if not parts:
            return {}
        self._look_for_number()
        rare = rareness([*whole, *parts])
        self._look(Spelling.EXACT, whole, rare)
        self._look(Spelling.BEGINNING, parts, rare)
        if len(self.found) < min(FEW, self.limit) and not self._is_precise():
            self._look_for_similar(meant)
        return self.found

    def run_roughly(self) -> dict[UUID, Spelling]:
        """Without what is exact before what only begins so, and without what is spelt alike."""
        if parts := beginning(self.text):
            self._look_for_number()
            self._look(Spelling.BEGINNING, parts, rareness(parts))
        return self.found

    def run_alike(self) -> dict[UUID, Spelling]:
        """Only those who are spelt alike."""
        self._look_for_similar(Meant(words_of(self.text)))
        return self.found

    def _look_for_number(self) -> None:
        if not digits_of(self.text):
            return
        numbered = with_number(known_people(self.actor), self.text, self.actor)
        if numbered is not None:
            first = first_people(self.actor, numbered, self.limit, self._spoken())
            self._keep(Spelling.NUMBER, [one.pk for one in first])

    def _spoken(self) -> Spoken:
        """Of whom hidden sources say something: asked once for the whole search."""
        if self.spoken is None:
            self.spoken = spoken_of(self.actor)
        return self.spoken

    def _look_for_similar(self, meant: Meant) -> None:
        """Until those with so few wrong letters are enough: one is, where several words were typed."""
        before = len(self.found)
        if is_unlimited(self.actor) and meant.is_partly_known:
            self._look_at(meant.levels(unknown_only=True), len(meant.words))
        if len(self.found) == before:
            self._look_at(meant.levels(), len(meant.words))

    def _look_at(self, levels: Levels, words: int) -> None:
        enough = len(self.found) + (1 if words > 1 else FEW)
        for patterns in levels:
            self._look(Spelling.SIMILAR, patterns, rareness(patterns))
            if len(self.found) >= enough:
                return

    def _is_precise(self) -> bool:
        """Whether somebody is found who is hardly there by chance: by several words, an address, a number."""
        if not self.found:
            return False
        is_several = len(words_of(self.text)) > 1 and Spelling.EXACT in self.found.values()
        return is_several or "@" in self.text or bool(digits_of(self.text))

    def _keep(self, spelling: Spelling, people: Iterable[UUID]) -> None:
        self.found |= dict.fromkeys(people, spelling)

    def _look(self, spelling: Spelling, patterns: Sequence[Pattern], rare: Rareness) -> None:
        left = self.limit - len(self.found)
        if left <= 0:
            return
        if not is_unlimited(self.actor):
            people = fitting(
                known_people(self.actor).exclude(pk__in=list(self.found)), patterns, self.actor,
                counted=spelling is Spelling.SIMILAR, spoken=self._spoken(),
            )  # fmt: skip
            first = first_people(self.actor, people, left, self._spoken())
            self._keep(spelling, [person.pk for person in first])
            return
        latest: set[Latest] = set()
        for pattern in patterns:
            latest.update(latest_fitting(pattern, rare, limit=left, without=self.found))
        self._keep(spelling, [id for _, id in sorted(latest, key=_newest_first)][:left])


def _newest_first(one: Latest) -> tuple[bool, float, int]:
    at, id = one
    return (at is None, -at.timestamp() if at else 0.0, -id.int)


def _addresses_meant(actor: Actor, text: str, listed: Sequence[ListedPerson]) -> Mapping[UUID, str]:
    """The address of each person that fits more of the words than what is shown of them anyway."""
    words = words_of(text)
    hidden = {
        person.id: missing
        for person in listed
        if (missing := _missing(words, f"{person.name} {person.email} {person.organisation}"))
    }
    if not hidden or not sees_addresses(actor):
        return {}
    links = known_links(actor).filter(person_id__in=list(hidden))
    meant: dict[UUID, tuple[int, str]] = {}
    digits = digits_of(text)
    for person, address in links.values_list("person_id", "identity__address").order_by("identity_id"):
        fitting_words = len(hidden[person]) - len(_missing(hidden[person], address))
        if digits and "".join(filter(str.isdecimal, address)).endswith(digits):
            fitting_words += len(words)
        if fitting_words > meant.get(person, (0, ""))[0]:
            meant[person] = (fitting_words, address)
    return {person: address for person, (_, address) in meant.items()}


def _missing(words: Sequence[str], text: str) -> list[str]:
    there = fold(text).split()
    return [
        word
        for word in words
        if not any(one.startswith(word) or wrong_letters(word, one) is not None for one in there)
    ]


def find_organisations(
    actor: Actor, text: str, limit: int, *, levels: Callable[[], Levels] | None = None
) -> list[FoundOrganisation]:
    """Organisations of which every word of `text` is a word of the name, then those of which it begins one, then,
    where there are few, those that are spelt alike; of each by name. `levels` tells the patterns of these, where they
    are known.
    """
    words = words_of(text)
    if not words or not policy.may(actor, "read", "organisation"):
        return []
    search = _OrganisationSearch(actor, limit)
    search.look_for_right(exact(text), beginning(text))
    if len(search.found) < min(FEW, limit):
        for patterns in levels() if levels else Meant(words).levels():
            search.look(Spelling.SIMILAR, patterns)
            if len(search.found) >= limit:
                break
    return list(search.found.values())


@dataclass(slots=True)
class _OrganisationSearch:
    """One search: which organisations it found so far, in order."""

    actor: Actor
    limit: int
    found: dict[UUID, FoundOrganisation] = field(default_factory=dict)

    def look_for_right(self, whole: Sequence[Pattern], parts: Sequence[Pattern]) -> None:
        """Those whose words are whole, then those of which they begin one; both with one question where that tells."""
        if policy.hidden_source_ids(self.actor):
            self.look(Spelling.EXACT, whole)
            self.look(Spelling.BEGINNING, parts)
            return
        for id, name, is_whole in first_organisations(parts, whole=whole, limit=self.limit, without=()):
            self._keep(Spelling.EXACT if is_whole else Spelling.BEGINNING, [(id, name)])

    def look(self, spelling: Spelling, patterns: Sequence[Pattern]) -> None:
        left = self.limit - len(self.found)
        if left <= 0:
            return
        if not policy.hidden_source_ids(self.actor):
            rows = first_organisations(patterns, limit=left, without=self.found)
            self._keep(spelling, [(id, name) for id, name, _whole in rows])
            return
        known = known_organisations(self.actor)
        if spelling is Spelling.SIMILAR:
            # As with people: a word that a hidden record holds too must not make the new one findable.
            known = known.exclude(Exists(WordChange.objects.filter(record_id=OuterRef("pk"))))
        fitting = organisations_fitting(known, patterns, named_organisations(self.actor))
        # By an expression, or the planner would rather look at all of them along the index of their names.
        rest = fitting.exclude(pk__in=list(self.found)).order_by(Coalesce("name", Value("")), "id")
        self._keep(spelling, rest.values_list("id", "name")[:left])

    def _keep(self, spelling: Spelling, rows: Iterable[tuple[UUID, str]]) -> None:
        self.found.update((id, FoundOrganisation(id, name, spelling)) for id, name in rows)
