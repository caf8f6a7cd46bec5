"""One record that is two humans comes apart, and together again."""

from __future__ import annotations

import pytest

from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.people.distinctions import SaidToBeTwo
from amity.people.merging import merge, unmerge
from amity.people.models import Link, Person, Split
from amity.people.queries import person_record
from amity.people.queries.grouped import roots
from amity.people.splitting import split, unsplit
from amity.people.tests.records import (
    AT,
    days,
    email,
    listed,
    make_actor,
    make_source,
    person_of,
    said,
    take_in,
)

pytestmark = pytest.mark.django_db

HANNAH, MARK, PHONE = (
    email("hannah@vogel.example", "Hannah"),
    email("mark@vogel.example", "Mark"),
    Handle("phone", "+49341"),
)
LATER = AT + days(2)


@pytest.fixture
def ines() -> Actor:
    return make_actor(Role.AGENT)


@pytest.fixture
def couple() -> Person:
    """Two people whom one record took for one."""
    take_in(make_source(), listed(HANNAH, MARK, PHONE, city="Leipzig"), said(MARK, at=AT))
    return person_of(HANNAH)


def test_some_accounts_become_a_person_of_their_own(couple: Person, ines: Actor) -> None:
    made = split(couple.id, [identity_id(MARK)], actor=ines, at=AT)
    mark = person_record(ines, made.into_id)
    assert (mark.golden.name, mark.golden.email) == ("Mark", "mark@vogel.example")
    assert mark.identities[0].linked_by == "Ines Okafor"
    assert person_of(PHONE) == couple
    assert person_record(ines, couple.id).golden.name == "Hannah"
    assert Person.objects.get(pk=made.into_id).last_activity_at == AT


def test_taking_it_back_makes_every_link_what_it_was(couple: Person, ines: Actor) -> None:
    before = _counting()
    made = split(couple.id, [identity_id(MARK)], actor=ines, at=AT)
    newcomer = Handle("chat", "mark-v")
    take_in(make_source("desk"), listed(MARK, newcomer))
    assert person_of(newcomer).id == made.into_id
    assert unsplit(made.id, actor=ines, at=LATER) == couple.id
    assert person_of(newcomer) == couple
    assert person_record(ines, made.into_id).id == couple.id
    assert [one for one in _counting() if one[0] != identity_id(newcomer)] == before
    with pytest.raises(Conflict, match="taken back before"):
        unsplit(made.id, actor=ines, at=LATER)


def test_they_are_two_people_from_then_on(couple: Person, ines: Actor) -> None:
    made = split(couple.id, [identity_id(MARK)], actor=ines, at=AT)
    with pytest.raises(SaidToBeTwo):
        merge(couple.id, [made.into_id], actor=ines, at=AT)
    unsplit(made.id, actor=ines, at=LATER)


def test_somebody_stays_and_only_own_accounts_leave(couple: Person, ines: Actor) -> None:
    take_in(make_source("desk"), said(email("eve@sand.example")))
    for chosen in (
        [],
        [identity_id(one) for one in (HANNAH, MARK, PHONE)],
        [identity_id(MARK), identity_id(email("eve@sand.example"))],
    ):
        with pytest.raises(Invalid):
            split(couple.id, chosen, actor=ines, at=AT)
    with pytest.raises(Forbidden):
        split(couple.id, [identity_id(MARK)], actor=make_actor(Role.ANALYST), at=AT)
    with pytest.raises(NotFound):
        split(identity_id(MARK), [identity_id(MARK)], actor=ines, at=AT)
    assert not Split.objects.exists()


def test_who_was_merged_with_the_new_person_since_stays_who_they_are(couple: Person, ines: Actor) -> None:
    made = split(couple.id, [identity_id(MARK)], actor=ines, at=AT)
    eve = email("eve@sand.example")
    take_in(make_source("desk"), said(eve))
    own = person_of(eve)
    act = merge(made.into_id, [own.id], actor=ines, at=AT)
    unsplit(made.id, actor=ines, at=LATER)
    assert (person_of(MARK), person_of(eve).id) == (couple, made.into_id)
    unmerge([act], actor=ines, at=LATER)
    assert person_of(eve) == own
    assert person_record(ines, made.into_id).id == couple.id


def test_nobody_comes_back_as_a_record_of_nobody(ines: Actor) -> None:
    take_in(make_source(), said(HANNAH), said(MARK))
    hannah, mark = person_of(HANNAH), person_of(MARK)
    act = merge(hannah.id, [mark.id], actor=ines, at=AT)
    made = split(hannah.id, [identity_id(MARK)], actor=ines, at=AT)
    with pytest.raises(Conflict, match="split off since"):
        unmerge([act], actor=ines, at=LATER)
    unsplit(made.id, actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER)
    assert (person_of(HANNAH), person_of(MARK)) == (hannah, mark)


def test_a_split_waits_for_the_other_one_without_which_somebody_would_have_nobody_left(ines: Actor) -> None:
    """Hannah's only account was split off her, and Mark's came to her by way of a split and a merge."""
    take_in(make_source(), said(HANNAH), listed(MARK, PHONE))
    hannah, mark = person_of(HANNAH), person_of(MARK)
    act = merge(hannah.id, [mark.id], actor=ines, at=AT)
    of_mark = split(hannah.id, [identity_id(MARK)], actor=ines, at=AT)
    of_hannah = split(hannah.id, [identity_id(HANNAH)], actor=ines, at=AT)
    back = merge(hannah.id, [of_mark.into_id], actor=ines, at=AT, despite=True)
    unmerge([act], actor=ines, at=LATER)
    with pytest.raises(Conflict, match="split off since"):
        unsplit(of_mark.id, actor=ines, at=LATER)
    assert person_of(MARK) == hannah
    unsplit(of_hannah.id, actor=ines, at=LATER)
    unsplit(of_mark.id, actor=ines, at=LATER)
    unmerge([back], actor=ines, at=LATER)
    assert (person_of(HANNAH), person_of(MARK), person_of(PHONE)) == (hannah, mark, mark)


def _counting() -> list[tuple[object, ...]]:
    links = Link.objects.filter(revoked_at__isnull=True).order_by("identity_id")
    return list(links.values_list("identity_id", "person_id", "home_id", "method", "evidence", "linked_at"))


def test_a_split_is_taken_back_after_the_new_person_was_merged_with_whom_they_came_from(
    couple: Person, ines: Actor
) -> None:
    before = _counting()
    made = split(couple.id, [identity_id(MARK)], actor=ines, at=AT)
    act = merge(couple.id, [made.into_id], actor=ines, at=AT, despite=True)
    unsplit(made.id, actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER)
    assert _counting() == before
    assert person_record(ines, made.into_id).id == couple.id


def test_what_was_split_again_comes_back_in_the_order_of_its_ways(couple: Person, ines: Actor) -> None:
    before = _counting()
    first = split(couple.id, [identity_id(MARK), identity_id(PHONE)], actor=ines, at=AT)
    second = split(first.into_id, [identity_id(PHONE)], actor=ines, at=AT)
    with pytest.raises(Conflict, match="Take that back first"):
        unsplit(first.id, actor=ines, at=LATER)
    unsplit(second.id, actor=ines, at=LATER)
    unsplit(first.id, actor=ines, at=LATER)
    assert _counting() == before


def test_what_was_merged_back_and_split_again_comes_back_in_the_order_of_its_ways(
    couple: Person, ines: Actor
) -> None:
    before = _counting()
    first = split(couple.id, [identity_id(MARK)], actor=ines, at=AT)
    act = merge(couple.id, [first.into_id], actor=ines, at=AT + days(0.1), despite=True)
    second = split(couple.id, [identity_id(MARK)], actor=ines, at=AT + days(0.2))
    with pytest.raises(Conflict, match="Take that back first"):
        unsplit(first.id, actor=ines, at=LATER)
    unsplit(second.id, actor=ines, at=LATER)
    unsplit(first.id, actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER)
    assert _counting() == before


def test_no_address_leads_in_a_circle_where_those_whom_splits_made_were_merged_and_lost_everything(
    couple: Person, ines: Actor
) -> None:
    dag, dora = email("dag@lind.example", "Dag"), email("dora@lind.example", "Dora")
    take_in(make_source("list"), listed(dag, dora))
    before = _counting()
    first = split(couple.id, [identity_id(MARK)], actor=ines, at=AT)
    others = merge(first.into_id, [person_of(dag).id], actor=ines, at=AT, despite=True)
    second = split(first.into_id, [identity_id(dag)], actor=ines, at=AT)
    back = merge(second.into_id, [first.into_id], actor=ines, at=AT, despite=True)
    unsplit(second.id, actor=ines, at=LATER)
    unsplit(first.id, actor=ines, at=LATER)
    unmerge([others], actor=ines, at=LATER)
    unmerge([back], actor=ines, at=LATER)
    assert _counting() == before
    everybody = list(Person.objects.values_list("pk", flat=True))
    assert set(roots(everybody)) == set(everybody)
    assert person_record(ines, second.into_id).id == person_record(ines, first.into_id).id == couple.id
