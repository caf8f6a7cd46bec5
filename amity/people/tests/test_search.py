"""Search of people: what is spelt so, what begins so, what is spelt alike; to everybody what they may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.models import Team
from amity.people.domain.patterns import MOST_WRONG, words_of
from amity.people.domain.spelling import wrong_letters
from amity.people.models import Person
from amity.people.queries import (
    FoundKnown,
    PeopleWanted,
    find_known,
    find_organisations,
    find_people,
    people_called,
)
from amity.people.queries.finding import FEW, similar_people
from amity.people.queries.organisations import list_organisations
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, said, take_in
from amity.people.vocabulary import settle

pytestmark = pytest.mark.django_db
HANNAH = email("hannah@vogel.example", "Hannah Vogel")


def named(actor: Actor, typed: str, limit: int = 10) -> list[tuple[str, str]]:
    return [(one.name, one.spelling.value) for one in find_people(actor, typed, limit)]


def some(source: Source) -> None:
    take_in(
        source,
        said(email("vogelsang@web.example", "Lea Vogelsang"), at=AT),
        said(email("v@web.example", "Mira Vogel"), at=AT - timedelta(days=2)),
        said(HANNAH, at=AT - timedelta(days=1)),
        listed(email("t@web.example", "Tomás Núñez-Ibáñez"), organisation="Tostadores del Sur"),
        listed(Handle("phone", "+4934112345"), name="Priya Natarajan"),
        listed(Handle("customer:shop", "K20418"), name="Owen Dunmore"),
        listed(Handle("mastodon", "beth_c@social.example"), name="Beth Calloway"),
    )
    settle()


def test_exact_comes_before_beginning_before_alike_and_in_each_the_latest_first() -> None:
    some(make_source())
    assert named(SYSTEM, "vogel") == [
        ("Hannah Vogel", "exact"), ("Mira Vogel", "exact"), ("Lea Vogelsang", "beginning"),
    ]  # fmt: skip
    assert named(SYSTEM, "vogle") == [("Hannah Vogel", "similar"), ("Mira Vogel", "similar")]
    assert named(SYSTEM, "hanah vogl") == [("Hannah Vogel", "similar")]
    assert named(SYSTEM, "vogel", 1) == [("Hannah Vogel", "exact")]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("TOMAS nunez", "Tomás Núñez-Ibáñez"),
        ("Núnez ibanezz", "Tomás Núñez-Ibáñez"),
        ("tostadroes", "Tomás Núñez-Ibáñez"),
        ("hannah@vogel.example", "Hannah Vogel"),
        ("hanah@vogel.example", "Hannah Vogel"),
        ("@beth_c", "Beth Calloway"),
        ("beth_c@social.example", "Beth Calloway"),
        ("+49 (341) 123-45", "Priya Natarajan"),
        ("0341/12345", "Priya Natarajan"),
        ("0049 341 12345", "Priya Natarajan"),
        ("12345", "Priya Natarajan"),
        ("49341", "Priya Natarajan"),
        ("k20418", "Owen Dunmore"),
        ("20418", "Owen Dunmore"),
    ],
)
def test_people_are_found_by_whatever_they_are_known_by(typed: str, found: str) -> None:
    some(make_source())
    assert [name for name, _ in named(SYSTEM, typed)] == [found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Margrete Holenbach", ["Margarete Hollenbach"]),
        ("Margrethe Holenbac", ["Margarete Hollenbach"]),  # two letters wrong in each: four in all
        ("Holenbac Margrethe", ["Margarete Hollenbach"]),
        ("Margrethe Holenbac Rösterreii", ["Margarete Hollenbach"]),  # in all three
        ("Margarethe Holenbac", ["Margarete Hollenbach"]),  # a word of somebody else
        ("Margrethe Lindenbac", []),  # each word may be wrong, but has to be there
    ],
)
def test_each_mistyped_word_is_taken_for_wrong_by_itself(typed: str, found: list[str]) -> None:
    take_in(
        make_source(),
        listed(email("m@kaffee.example", "Margarete Hollenbach"), organisation="Rösterei"),
        listed(email("l@kaffee.example", "Margrete Lund")),
        listed(email("b@kaffee.example", "Margarethe Sommer")),
        listed(email("x@kaffee.example", "Xaver Lindenbach")),
    )
    settle()
    assert sorted(name for name, _ in named(SYSTEM, typed)) == found


@pytest.mark.parametrize("typed", ["", "  ", "?!", "zzqqx", "jon", "9999", "'&|!:*\\", "\x00"])
def test_what_fits_nobody_finds_nobody(typed: str) -> None:
    some(make_source())
    assert not find_people(SYSTEM, typed, 10)
    assert not find_organisations(SYSTEM, typed, 10)


def test_the_address_that_was_meant_is_told_where_nothing_else_tells_it() -> None:
    some(make_source())
    assert [one.address for one in find_people(SYSTEM, "0341 12345", 5)] == ["+4934112345"]
    assert [one.address for one in find_people(SYSTEM, "beth_c@socail", 5)] == ["beth_c@social.example"]
    assert [one.address for one in find_people(SYSTEM, "hannah vogel", 5)] == [""]


def test_who_is_new_is_found_at_once_and_mistyped_when_their_words_were_counted() -> None:
    take_in(make_source(), listed(HANNAH))
    assert named(SYSTEM, "hannah") == [("Hannah Vogel", "exact")]
    assert named(SYSTEM, "hanah") == []
    settle()
    assert named(SYSTEM, "hanah") == [("Hannah Vogel", "similar")]


def test_a_name_that_is_typed_right_brings_nothing_that_is_only_spelt_alike() -> None:
    take_in(
        make_source(),
        listed(HANNAH, organisation="Hanna Rösterei"),
        listed(email("h@web.example", "Hanna Vogel")),
    )
    settle()
    assert named(SYSTEM, "Hannah Vogel") == [("Hannah Vogel", "exact")]
    assert find_known(SYSTEM, "hannah vogel", 5).organisations == []
    assert [one.name for one in find_known(SYSTEM, "Röstrei", 5).organisations] == ["Hanna Rösterei"]
    # One word alone may be meant for another: the few who have it are followed by those who are spelt alike.
    take_in(
        make_source("more"),
        listed(email("l@web.example", "Lindero")),
        listed(email("x@web.example", "Lindera")),
    )
    settle()
    assert named(SYSTEM, "lindero") == [("Lindero", "exact"), ("Lindera", "similar")]


def test_lists_fall_back_on_what_is_spelt_alike_and_keep_their_filters() -> None:
    source = make_source()
    take_in(source, listed(HANNAH, country="DE", organisation="Vogel Röstkurse"))
    take_in(source, listed(email("hanna@web.example", "Hannah Vogler"), country="FI"))
    settle()
    alike = similar_people(SYSTEM, PeopleWanted(words="hanah", country="FI"))
    assert [one.name for one in alike] == ["Hannah Vogler"]
    page = list_organisations(SYSTEM, words="röstkruse", similar_too=True)
    assert ([one.name for one in page.organisations], page.is_similar, page.count) == (
        ["Vogel Röstkurse"],
        True,
        0,
    )
    assert not list_organisations(SYSTEM, words="röstkruse").organisations
    assert people_called(SYSTEM, "hanah", 5) == []


def test_a_search_asks_a_fixed_number_of_questions() -> None:
    source = make_source()
    take_in(
        source, *(listed(email(f"a{number}@web.example", f"Anna Vogel{number:02}")) for number in range(30))
    )
    settle()
    for typed, most in (("anna", 4), ("vogel", 4), ("0341 12345", 9), ("anna vogel03", 5), ("ana vgel", 12)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            find_people(SYSTEM, typed, 20)
        assert len(asked) <= most, (typed, len(asked))


# --------------------------------------------------------------------------------------------------- who may see what


def test_words_of_hidden_records_find_nobody_and_move_nobody() -> None:
    team = Team.objects.create(name="Legal")
    actor = make_actor(Role.AGENT)
    shop, hidden = make_source("shop"), make_source("hidden", team=team)
    some(shop)
    every = (
        "vogel",
        "vogle",
        "hanah",
        "hannah",
        "hannha vogel",
        "secrte",
        "12345",
        "0171 555",
        "röstrei",
        "fogel",
        "lea",
    )

    def seen(who: Actor) -> list[FoundKnown]:
        return [find_known(who, typed, 5) for typed in every]

    before = seen(actor)
    assert any(found.people for found in before)
    take_in(
        hidden,
        listed(email("s@web.example", "Secret Fogel"), organisation="Rösterei Hannha", at=AT + days(1)),
    )
    take_in(hidden, listed(HANNAH, name="Hanah Vogle", at=AT + days(1)), said(Handle("phone", "+49171555")))
    assert seen(actor) == before  # while the words wait to be counted
    settle()
    assert seen(actor) == before
    member = make_actor(Role.AGENT, team)
    assert named(member, "secrte") == [("Secret Fogel", "similar")]


def test_new_people_do_not_tell_that_a_hidden_record_holds_their_word() -> None:
    team = Team.objects.create(name="Legal")
    actor = make_actor(Role.AGENT)
    take_in(make_source("hidden", team=team), listed(email("x@web.example", "Zyxwvut")))
    settle()
    take_in(make_source("shop"), listed(email("y@web.example", "Zyxwvut Probe")))
    assert find_people(actor, "zyxwvat", 5) == []
    settle()
    assert [one.name for one in find_people(actor, "zyxwvat", 5)] == ["Zyxwvut Probe"]


def test_who_may_not_see_addresses_finds_none_by_them_mistyped_or_not() -> None:
    some(make_source())
    analyst = make_actor(Role.ANALYST)
    for typed in ("vogelsnag@web.example", "beth@social", "soical", "12345", "20418", "k20418", "examlpe"):
        assert find_people(analyst, typed, 9) == []
    found = find_people(analyst, "hanah", 9)
    assert [(one.name, one.email, one.address) for one in found] == [("Hannah Vogel", "", "")]


def test_who_may_see_nobody_finds_nobody() -> None:
    some(make_source())
    partner = make_actor(Role.PARTNER)
    assert find_people(partner, "vogel", 9) == people_called(partner, "vogel", 9) == []
    assert find_organisations(partner, "tostadores", 9) == []


# ------------------------------------------------------------------------------------------------- against a reference


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the reference knows them."""

    id: UUID
    words: frozenset[str]
    at: float


def reference(everybody: list[Known], typed: str, limit: int) -> list[tuple[UUID, str]]:
    """Look at everybody: slow, and by the words of the documentation."""
    words = words_of(typed)
    order = sorted(everybody, key=lambda one: (-one.at, -one.id.int))
    found: dict[UUID, str] = {}

    def keep(spelling: str, people: list[Known]) -> None:
        for one in people:
            if len(found) < limit:
                found.setdefault(one.id, spelling)

    def begins(word: str, one: Known) -> bool:
        return any(there.startswith(word) for there in one.words)

    keep("exact", [one for one in order if all(word in one.words for word in words)])
    is_precise = len(words) > 1 and found
    keep("beginning", [one for one in order if all(begins(word, one) for word in words)])
    if len(found) >= min(FEW, limit) or is_precise or not words:
        return list(found.items())
    unknown = {word for word in words if not any(begins(word, one) for one in everybody)}
    _keep_similar(order, words, unknown, found, keep)
    return list(found.items())


def _keep_similar(
    order: list[Known],
    words: tuple[str, ...],
    unknown: set[str],
    found: dict[UUID, str],
    keep: Callable[[str, list[Known]], None],
) -> None:
    before, enough = len(found), len(found) + (1 if len(words) > 1 else FEW)
    for may_be_wrong in ([unknown] if unknown and unknown != set(words) else []) + [set(words)]:
        if len(found) > before:
            return
        ways = {one.id: _ways(words, one, may_be_wrong) for one in order}
        for count in range(1, MOST_WRONG + 1):
            if len(found) < enough:
                keep("similar", [one for one in order if count in ways[one.id]])
        if len(found) < enough and may_be_wrong == set(words):  # each word by itself
            keep("similar", [one for one in order if ways[one.id]])


def _ways(words: tuple[str, ...], one: Known, may_be_wrong: set[str]) -> set[int]:
    """With how many wrong letters in all this person may be meant."""
    sums = {0}
    for word in words:
        costs = {0} if any(there.startswith(word) for there in one.words) else set()
        if word in may_be_wrong:
            costs |= {wrong for there in one.words if (wrong := wrong_letters(word, there))}
        sums = {so_far + cost for so_far in sums for cost in costs}
    return sums


NAME = st.text(alphabet="abc", min_size=3, max_size=9)


class SearchIsAsItsReference(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(NAME, NAME), min_size=1, max_size=12), st.lists(NAME, min_size=1, max_size=3))
    def test_what_is_found_and_in_what_order(self, people: list[tuple[str, str]], typed: list[str]) -> None:
        made = [
            Person(
                name=f"{first} {last}", search_text=" ".join(dict.fromkeys((first, last))), first_seen_at=AT,
                last_activity_at=AT - timedelta(hours=number // 2),
            )
            for number, (first, last) in enumerate(people)
        ]  # fmt: skip
        Person.objects.bulk_create(made)
        settle()
        known = [
            Known(one.id, frozenset(one.search_text.split()), one.last_activity_at.timestamp())
            for one in made
            if one.last_activity_at
        ]
        for text in (" ".join(typed), typed[0]):
            found = [(one.id, one.spelling.value) for one in find_people(SYSTEM, text, 5)]
            assert found == reference(known, text, 5), text
