"""Households: proposed by the address, confirmed by colleagues, through merges and back."""

from __future__ import annotations

from uuid import UUID

import pytest

from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, NotFound
from amity.kernel.models import Team
from amity.people.domain.households import SAME_ADDRESS, Home, home_of
from amity.people.domain.survivorship import Statement
from amity.people.households import put_back, put_together, refuse, take_out, withdraw_refusal
from amity.people.matching.keeping import keep_in_step
from amity.people.merging import merge, unmerge
from amity.people.models import Person
from amity.people.queries.households import households_of, proposed_for
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, person_of, take_in

ADA, BO, CLEO, DAG = (
    email(f"{name}@mail.example", f"{name.title()} Roth") for name in ("ada", "bo", "cleo", "dag")
)
STREET, CODE = "Hauptstraße 5", "04109"
HOME = {"street": STREET, "postcode": CODE}


def test_all_three_are_needed_and_the_newest_word_counts() -> None:
    def said(**facts: str) -> list[Statement]:
        return [Statement(field, value, AT) for field, value in facts.items()]

    assert home_of(said(**HOME), "Ada Roth") == Home("hauptstrasse 5", "04109", "roth")
    assert home_of(said(**HOME, family_name="Lind"), "Ada Roth") == Home("hauptstrasse 5", "04109", "lind")
    assert home_of(said(street="Hauptstraße 5"), "Ada Roth") is None
    assert home_of(said(**HOME), "Ada") is None


@pytest.fixture
def owner() -> Actor:
    take_in(
        make_source(), listed(ADA, street=STREET, postcode=CODE),
        listed(BO, street="Hauptstrasse 5", postcode="04 109"),
        listed(DAG, street=STREET, postcode=CODE),
        listed(CLEO, street="Hauptstraße 7", postcode="04109"),
    )  # fmt: skip
    keep_in_step(list(Person.objects.values_list("pk", flat=True)), at=AT)
    return make_actor(Role.OWNER)


def person(handle: object) -> UUID:
    return person_of(handle).id  # type: ignore[arg-type]


def names(actor: Actor, who: UUID) -> list[set[str]]:
    return [{one.name for one in household.members} for household in households_of(actor, who)]


@pytest.mark.django_db
def test_people_of_one_family_at_one_address_are_proposed_and_nobody_else(owner: Actor) -> None:
    assert [one.name for one in proposed_for(owner, person(ADA))] == ["Bo Roth", "Dag Roth"]
    refuse(person(DAG), person(ADA), actor=owner, at=AT)
    assert [one.name for one in proposed_for(owner, person(ADA))] == ["Bo Roth"]
    assert withdraw_refusal(person(ADA), person(DAG), actor=owner, at=AT) == 1
    put_together(person(ADA), [person(BO)], actor=owner, at=AT, rule=SAME_ADDRESS)
    together = {one.person_id for one in households_of(owner, person(ADA))[0].members}
    assert [one.name for one in proposed_for(owner, person(ADA), together)] == ["Dag Roth"]


@pytest.mark.django_db
def test_who_may_not_see_streets_is_proposed_nobody(owner: Actor) -> None:
    assert proposed_for(make_actor(Role.MARKETER), person(ADA)) == []


@pytest.mark.django_db
def test_what_a_hidden_source_says_of_an_address_proposes_nobody(owner: Actor) -> None:
    council = Team.objects.create(name="Works council")
    take_in(make_source("desk", team=council), listed(CLEO, street=STREET, postcode=CODE))
    keep_in_step(list(Person.objects.values_list("pk", flat=True)), at=AT)
    ines = make_actor(Role.AGENT)
    assert [one.name for one in proposed_for(ines, person(ADA))] == ["Bo Roth", "Dag Roth"]


@pytest.mark.django_db
def test_others_join_leave_and_come_back_and_it_ends_with_the_last_but_one(owner: Actor) -> None:
    ada, bo, cleo = person(ADA), person(BO), person(CLEO)
    first = put_together(ada, [bo], actor=owner, at=AT)
    second = put_together(bo, [cleo], actor=owner, at=AT)
    assert first.household_id == second.household_id
    assert names(owner, cleo) == [{"Ada Roth", "Bo Roth", "Cleo Roth"}]
    with pytest.raises(Conflict):
        put_together(ada, [cleo], actor=owner, at=AT)
    take_out(first.household_id, second.member_ids, actor=owner, at=AT)
    ended = take_out(first.household_id, first.member_ids[:1], actor=owner, at=AT)
    assert names(owner, bo) == []
    put_back(first.household_id, ended, actor=owner)
    assert names(owner, ada) == [{"Ada Roth", "Bo Roth"}]


@pytest.mark.django_db
def test_merges_keep_the_household_and_taking_them_back_gives_it_back(owner: Actor) -> None:
    ada, bo, cleo = person(ADA), person(BO), person(CLEO)
    put_together(ada, [bo], actor=owner, at=AT)
    act = merge(cleo, [bo], actor=owner, at=AT)
    assert names(owner, ada) == [{"Ada Roth", "Cleo Roth"}] or names(owner, ada) == [{"Ada Roth", "Bo Roth"}]
    assert {one.person_id for one in households_of(owner, cleo)[0].members} == {ada, cleo}
    inner = merge(ada, [cleo], actor=owner, at=AT)
    assert names(owner, ada) == []  # they are one person: nobody lives with them
    unmerge([inner], actor=owner, at=AT)
    unmerge([act], actor=owner, at=AT)
    assert names(owner, ada) == [{"Ada Roth", "Bo Roth"}]


@pytest.mark.django_db
def test_of_a_household_one_sees_whom_one_knows(owner: Actor) -> None:
    council = Team.objects.create(name="Works council")
    hidden = email("hidden@desk.example", "Hidden Roth")
    take_in(make_source("desk", team=council), listed(hidden))
    made = put_together(person(ADA), [person(hidden)], actor=owner, at=AT)
    ines = make_actor(Role.AGENT)
    assert names(ines, person(ADA)) == []
    put_together(person(ADA), [person(BO)], actor=owner, at=AT)
    assert names(ines, person(ADA)) == [{"Ada Roth", "Bo Roth"}]
    with pytest.raises(NotFound):
        put_together(person(ADA), [person(hidden)], actor=ines, at=AT)
    with pytest.raises(Conflict):
        take_out(made.household_id, made.member_ids[1:], actor=ines, at=AT)


@pytest.mark.django_db
def test_whom_a_colleague_does_not_know_takes_no_place_among_those_who_are_proposed(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.people.queries.households.MOST_LOOKED_AT", 3)
    hidden = make_source("desk", team=Team.objects.create(name="Works council"))
    older = AT - days(400)  # ids go by when somebody was first seen
    take_in(
        hidden,
        *(listed(email(f"x{n}@desk.example", f"X{n} Roth"), at=older, **HOME) for n in range(9)),
        at=older,
    )
    keep_in_step(list(Person.objects.values_list("pk", flat=True)), at=AT)
    assert [one.name for one in proposed_for(make_actor(Role.AGENT), person(ADA))] == ["Bo Roth", "Dag Roth"]


@pytest.mark.django_db
def test_a_household_that_a_colleague_does_not_know_refuses_nothing_to_them(owner: Actor) -> None:
    council = Team.objects.create(name="Works council")
    one, other = email("one@desk.example", "One Roth"), email("other@desk.example", "Other Roth")
    take_in(make_source("desk", team=council), listed(one), listed(other))
    put_together(person(ADA), [person(one)], actor=owner, at=AT)
    put_together(person(BO), [person(other)], actor=owner, at=AT)
    ines = make_actor(Role.AGENT)
    made = put_together(person(ADA), [person(BO)], actor=ines, at=AT)
    assert names(ines, person(ADA)) == [{"Ada Roth", "Bo Roth"}]
    with pytest.raises(Conflict):
        put_together(person(ADA), [person(BO)], actor=ines, at=AT)
    ended = take_out(made.household_id, made.member_ids[:1], actor=ines, at=AT)
    assert names(owner, person(ADA)) == [{"Ada Roth", "One Roth"}]
    put_back(made.household_id, ended, actor=ines)
    with pytest.raises(Conflict):  # who knows of both is told
        put_together(person(ADA), [person(CLEO)], actor=owner, at=AT)
