"""Reach and influence: what follows from what networks told, and who sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Team
from amity.people.audience import reach_cells
from amity.people.domain.audience import Account, counted, influence, reach_of
from amity.people.merging import merge, unmerge
from amity.people.models import Person
from amity.people.queries import PeopleWanted, list_people
from amity.people.queries.audience import reach_by_identities, reach_of_people, tellings_of
from amity.people.tests.records import (
    AT,
    days,
    identities_of,
    listed,
    make_actor,
    make_source,
    person_of,
    take_in,
)

ADA, ADA_TOO, BO = Handle("mastodon", "ada"), Handle("mastodon", "ada_beans"), Handle("bluesky", "bo.example")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("12,400", "12400"),
        ("12.4k", "12400"),
        ("1.2M", "1200000"),
        (" 800 ", "800"),
        ("many", "many"),
        ("1.234", "1234"),
    ],
)
def test_numbers_are_kept_as_digits_however_a_network_writes_them(told: str, kept: str) -> None:
    assert counted("followers", told) == kept
    assert counted("city", told) == told


def test_two_accounts_on_one_network_reach_mostly_the_same_people() -> None:
    reach = reach_of(
        [
            Account("mastodon", 900, told_at=AT),
            Account("mastodon", 1_000, told_at=AT),
            Account("bluesky", 50, told_at=AT),
        ]
    )
    assert reach is not None
    assert (reach.people, reach.by_network) == (1_050, (("mastodon", 1_000), ("bluesky", 50)))


def test_nobody_told_is_not_nobody_follows() -> None:
    assert reach_of([Account("mastodon", posts=3)]) is None
    assert reach_of([Account("mastodon", 0, told_at=AT)]) is not None


@given(st.integers(0, 10**12), st.floats(0, 1_000), st.integers(0, 10**9))
def test_influence_is_on_its_scale_and_grows_with_both(people: int, engagement: float, more: int) -> None:
    assert 0 <= influence(people, engagement) <= influence(people + more, engagement + more) <= 100


@pytest.fixture
def ines() -> Actor:
    return make_actor(Role.AGENT)


def told_of(*handles: Handle) -> object:
    return reach_by_identities(make_actor(Role.OWNER), identities_of(person_of(handles[0])))


@pytest.mark.django_db
def test_the_newest_telling_counts_and_the_older_ones_stay_behind_it(ines: Actor) -> None:
    source = make_source()
    take_in(source, listed(ADA, followers="12.4k", posts="10", reactions="90", at=AT))
    take_in(source, listed(ADA, followers="9,000", verified="yes", at=AT + days(9)))
    reach = reach_by_identities(ines, identities_of(person_of(ADA)))
    assert reach is not None
    assert (reach.people, reach.engagement, reach.influence, reach.is_verified) == (
        9_000,
        9.0,
        influence(9_000, 9),
        True,
    )
    told = tellings_of(ines, identities_of(person_of(ADA)))
    assert [(one.value, one.counts) for one in told if one.field == "followers"] == [
        ("9000", True),
        ("12400", False),
    ]


@pytest.mark.django_db
def test_a_merge_adds_networks_up_and_taking_it_back_takes_them_apart(ines: Actor) -> None:
    take_in(
        make_source(),
        listed(ADA, followers="100"),
        listed(BO, followers="50"),
        listed(ADA_TOO, followers="70"),
    )
    ada, bo, too = (person_of(one).id for one in (ADA, BO, ADA_TOO))
    before = reach_of_people(ines, [ada, bo, too])
    act = merge(ada, [bo, too], actor=ines, at=AT)
    assert {one: reach.people for one, reach in reach_of_people(ines, [ada, bo, too]).items()} == {ada: 150}
    unmerge([act], actor=ines, at=AT)
    assert reach_of_people(ines, [ada, bo, too]) == before


@pytest.mark.django_db
def test_the_filter_finds_who_reaches_many_now_and_the_column_says_how_many(ines: Actor) -> None:
    source = make_source()
    take_in(
        source,
        listed(ADA, followers="25000"),
        listed(BO, followers="20000"),
        listed(ADA_TOO, followers="many"),
    )
    take_in(source, listed(BO, followers="800", at=AT + days(1)))
    found = list_people(ines, PeopleWanted(flags=frozenset({"wide_reach"}))).people
    assert [one.id for one in found] == [person_of(ADA).id]
    cells = reach_cells(ines, list(Person.objects.values_list("pk", flat=True)))
    assert {cell.words for cell in cells.values()} == {"25K", "800"}


@pytest.mark.django_db
def test_what_a_hidden_source_told_and_what_a_role_may_not_see_counts_nowhere(ines: Actor) -> None:
    council = Team.objects.create(name="Works council")
    take_in(make_source(), listed(ADA, followers="100"))
    before = reach_of_people(ines, [person_of(ADA).id])
    take_in(make_source("desk", team=council), listed(ADA, followers="90000", at=AT + days(1)))
    assert reach_of_people(ines, [person_of(ADA).id]) == before
    assert list_people(ines, PeopleWanted(flags=frozenset({"wide_reach"}))).people == ()
    assert reach_of_people(make_actor(Role.ANALYST), [person_of(ADA).id]) == {}
