"""Decisions about people of whom only some know: nobody else learns of them, undoes them, or is changed by them."""

from __future__ import annotations

import pytest

from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import NotFound
from amity.kernel.models import Team
from amity.people.distinctions import tell_apart
from amity.people.locks import choose_values
from amity.people.merging import Arrived, merge, unmerge
from amity.people.models import Distinction, Proposal, ProposalState
from amity.people.proposing import merge_proposed, reopen
from amity.people.queries import person_record
from amity.people.queries.comparing import compare
from amity.people.queries.decided import decided_of
from amity.people.queries.proposed import evidence_of, queue_of, shown_to
from amity.people.services import change_person
from amity.people.splitting import split, unsplit
from amity.people.tests.records import (
    AT,
    days,
    email,
    listed,
    make_actor,
    make_source,
    make_staff,
    person_of,
    take_in,
)

pytestmark = pytest.mark.django_db

ADA, BO, CLEO = (email(f"{name}@roast.example", name.title()) for name in ("ada", "bo", "cleo"))
LATER = AT + days(1)


@pytest.fixture
def vip() -> Team:
    return Team.objects.create(name="VIP")


@pytest.fixture
def vera(vip: Team) -> Actor:
    return make_staff(Role.AGENT, "Vera Vip", vip).actor()


@pytest.fixture
def ines() -> Actor:
    return make_actor(Role.AGENT)


def test_a_chosen_name_that_only_hidden_sources_gave_is_not_told(ines: Actor, vera: Actor, vip: Team) -> None:
    take_in(make_source(), listed(ADA, city="Kiel"))
    take_in(make_source("vip", team=vip), listed(ADA, name="Ada Secretname"))
    person = person_of(ADA).id
    choose_values(person, {"name": "Ada Secretname"}, actor=vera, at=AT)
    assert [one.value for one in decided_of(vera, person).choices] == ["Ada Secretname"]
    assert decided_of(ines, person).choices == ()
    assert decided_of(make_actor(Role.ANALYST), person).choices == ()


def test_a_choice_about_a_hidden_person_moves_nothing_when_they_are_merged(
    ines: Actor, vera: Actor, vip: Team
) -> None:
    take_in(make_source(), listed(ADA, city="Kiel", at=AT - days(9)), listed(ADA, city="Bonn"))
    take_in(make_source("vip", team=vip), listed(CLEO, city="Kiel"))
    ada, cleo = person_of(ADA).id, person_of(CLEO).id
    choose_values(cleo, {"city": "Kiel"}, actor=vera, at=AT)
    merge(ada, [cleo], actor=vera, at=LATER)
    assert person_record(vera, ada).golden.city == "Kiel"
    assert person_record(ines, ada).golden.city == "Bonn"


def test_what_was_said_of_a_hidden_person_is_no_reason_for_anybody_else(
    ines: Actor, vera: Actor, vip: Team
) -> None:
    take_in(make_source(), listed(ADA), listed(BO))
    take_in(make_source("vip", team=vip), listed(CLEO))
    ada, bo, cleo = (person_of(one).id for one in (ADA, BO, CLEO))
    tell_apart(cleo, bo, actor=vera, at=AT)
    merge(ada, [cleo], actor=vera, at=LATER)
    assert compare(vera, [ada, bo]).said_to_be_two is not None
    assert compare(ines, [ada, bo]).said_to_be_two is None
    merge(ada, [bo], actor=ines, at=LATER)
    assert Distinction.objects.filter(revoked_at__isnull=True).count() == 1


def test_a_merge_into_a_hidden_person_is_nobody_elses_to_see_or_take_back(
    ines: Actor, vera: Actor, vip: Team
) -> None:
    take_in(make_source(), listed(ADA, city="Bonn"))
    take_in(make_source("vip", team=vip), listed(CLEO))
    ada, cleo = person_of(ADA).id, person_of(CLEO).id
    act = merge(cleo, [ada], actor=vera, at=AT)
    assert decided_of(ines, ada).merges == ()
    assert person_record(ines, ada).golden.city == "Bonn"
    for are_two in (False, True):
        with pytest.raises(NotFound):
            unmerge([act], actor=ines, at=LATER, are_two=are_two)
    assert len(decided_of(vera, ada).merges) == 1
    unmerge([act], actor=vera, at=LATER)


def test_a_split_is_taken_back_whatever_hidden_people_were_merged_with_it(
    ines: Actor, vera: Actor, vip: Team
) -> None:
    take_in(make_source(), listed(ADA, BO), listed(BO, name="Bo"))
    take_in(make_source("vip", team=vip), listed(CLEO))
    ada = person_of(ADA).id
    made = split(ada, [identity_id(BO)], actor=ines, at=AT)
    merge(made.into_id, [person_of(CLEO).id], actor=vera, at=AT)
    unsplit(made.id, actor=ines, at=LATER)
    assert person_of(BO).id == ada
    assert person_of(CLEO).id == made.into_id


def test_an_account_of_which_no_visible_source_says_anything_alone_is_split_off(
    ines: Actor, vip: Team
) -> None:
    make_source("vip", team=vip)
    chat = Handle("chat", "ada-r")
    take_in(make_source(), listed(ADA, chat))
    made = split(person_of(ADA).id, [identity_id(chat)], actor=ines, at=AT)
    assert person_of(chat).id == made.into_id


@pytest.mark.parametrize("into", [0, 1])
@pytest.mark.parametrize("arrived", [Arrived.GOES, Arrived.STAYS])
def test_who_was_merged_later_by_another_act_keeps_their_own_way_back(
    ines: Actor, arrived: Arrived, into: int
) -> None:
    take_in(make_source(), listed(ADA), listed(BO))
    pair = [person_of(ADA).id, person_of(BO).id]
    act = merge(pair[1], [pair[0]], actor=ines, at=AT)
    take_in(make_source("desk"), listed(CLEO), at=LATER)
    cleo = person_of(CLEO).id
    later = merge(pair[into], [cleo], actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER + days(1), arrived=arrived)
    unmerge([later], actor=ines, at=LATER + days(2))
    assert [person_of(one).id for one in (ADA, BO, CLEO)] == [*pair, cleo]


def test_what_follows_from_sources_again_leaves_the_choice_of_the_merged_one_to_them(ines: Actor) -> None:
    take_in(make_source(), listed(ADA, city="Kiel", at=AT - days(9)), listed(ADA, city="Bonn"), listed(BO))
    ada, bo = person_of(ADA).id, person_of(BO).id
    choose_values(ada, {"city": "Kiel"}, actor=ines, at=AT)
    act = merge(bo, [ada], actor=ines, at=LATER)
    assert person_record(ines, bo).golden.city == "Kiel"
    choose_values(bo, {"city": ""}, actor=ines, at=LATER)
    assert person_record(ines, bo).golden.city == "Bonn"
    unmerge([act], actor=ines, at=LATER)
    assert person_record(ines, ada).golden.city == "Kiel"


def test_more_is_said_of_somebody_by_their_old_id_and_goes_with_them(ines: Actor) -> None:
    take_in(make_source(), listed(ADA), listed(BO))
    ada, bo = person_of(ADA).id, person_of(BO).id
    act = merge(ada, [bo], actor=ines, at=AT)
    change_person(bo, {"facts": {"city": "Turku"}}, actor=ines, at=LATER, program="Web shop")
    assert person_record(ines, ada).golden.city == "Turku"
    unmerge([act], actor=ines, at=LATER)
    assert (person_record(ines, ada).golden.city, person_record(ines, bo).golden.city) == ("", "Turku")


def test_evidence_tells_a_role_no_field_that_is_not_for_it(ines: Actor) -> None:
    lines = [
        ["prior", "", "", -12.0],
        ["born_on.same", "1981-05-17", "1981-05-17", 9.0],
        ["given_name.same", "ada", "ada", 5.0],
    ]
    told = shown_to(make_actor(Role.SALES), lines)
    assert "1981" not in str(told)
    assert "born_on" not in str(told)
    assert sum(bits for *_, bits in told) == 2.0
    assert shown_to(ines, lines) == lines


def test_a_pair_comes_back_into_the_queue_however_its_merge_was_taken_back(ines: Actor) -> None:
    take_in(make_source(), listed(ADA), listed(BO))
    one, other = sorted((person_of(ADA).id, person_of(BO).id))
    pair = Proposal.objects.create(one_id=one, other_id=other, bits=9.0, found_at=AT)
    act = merge_proposed(pair.pk, actor=ines, at=AT)
    unmerge([act], actor=ines, at=LATER)
    assert [waiting.id for waiting in queue_of(ines).pairs] == [pair.pk]
    pair.refresh_from_db()
    assert pair.state == ProposalState.OPEN
    merge_proposed(pair.pk, actor=ines, at=LATER)
    reopen(pair.pk, actor=ines, at=LATER)
    assert evidence_of(pair, ines).bits == 9.0
