"""Relations that colleagues note: seen from both sides, through merges and splits, by who may know both."""

from __future__ import annotations

import random
from datetime import date, datetime
from uuid import UUID

import pytest
from django.db import connection

from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, DomainError, Invalid, NotFound
from amity.kernel.models import Team
from amity.people.domain.relations import Kind
from amity.people.merging import merge, unmerge
from amity.people.models import Merge, Organisation, Relation, Split
from amity.people.queries import relations as queries
from amity.people.queries.grouped import roots
from amity.people.queries.relations import relations_of_organisation, relations_of_person
from amity.people.relations import (
    End,
    Terms,
    bring_back_relation,
    change_relation,
    relate,
    take_back_relation,
)
from amity.people.splitting import split, unsplit
from amity.people.tests.records import (
    AT,
    days,
    email,
    identities_of,
    listed,
    make_actor,
    make_source,
    person_of,
    take_in,
)

pytestmark = pytest.mark.django_db
TODAY = AT.date()
HANDLES = [email(f"{name}@roast.example", name.title()) for name in ("ada", "bo", "cleo", "dag", "eve")]
ADA, BO, CLEO, DAG, EVE = HANDLES


@pytest.fixture
def ines() -> Actor:
    take_in(make_source(), *(listed(one) for one in HANDLES))
    return make_actor(Role.AGENT)


def person(handle: object) -> UUID:
    return person_of(handle).id  # type: ignore[arg-type]


def note(actor: Actor, one: UUID, other: UUID, kind: Kind = Kind.SPOUSE) -> UUID:
    return relate(End("person", one), End("person", other), kind, Terms(), actor=actor, at=AT)


def seen(actor: Actor, person_id: UUID) -> list[tuple[str, bool, str]]:
    return sorted((one.kind, one.is_from, one.other) for one in relations_of_person(actor, person_id, TODAY))


def test_a_relation_is_seen_from_both_sides_in_its_own_words(ines: Actor) -> None:
    note(ines, person(ADA), person(BO), Kind.CHILD)
    assert seen(ines, person(ADA)) == [("child", True, "Bo")]
    assert seen(ines, person(BO)) == [("child", False, "Ada")]


def test_said_twice_it_is_one_and_a_marriage_is_the_same_from_both_sides(ines: Actor) -> None:
    first = note(ines, person(ADA), person(BO))
    assert note(ines, person(BO), person(ADA)) == first
    assert Relation.objects.count() == 1


def test_a_new_organisation_is_made_by_its_name_and_found_again(ines: Actor) -> None:
    for one, words in ((ADA, "Owner"), (BO, "Barista")):
        relate(
            End("person", person(one)), End("organisation", name="Café  Lindero"), Kind.EMPLOYED,
            Terms(words, date(2023, 1, 1), date(2025, 1, 1)), actor=ines, at=AT,
        )  # fmt: skip
    cafe = Organisation.objects.get(name="Café Lindero")
    shown = relations_of_organisation(ines, cafe.id, TODAY)
    assert {(one.other, one.words, one.is_over, one.is_from) for one in shown} == {
        ("Ada", "Owner", True, False),
        ("Bo", "Barista", True, False),
    }


def test_what_makes_no_sense_is_refused_and_changes_nothing(ines: Actor) -> None:
    with pytest.raises(Conflict):
        note(ines, person(ADA), person(ADA))
    with pytest.raises(Invalid):
        note(ines, person(ADA), person(BO), Kind.EMPLOYED)
    with pytest.raises(Invalid):
        Terms("", date(2025, 1, 1), date(2024, 1, 1))
    with pytest.raises(NotFound):
        note(ines, person(ADA), UUID(int=5))
    assert not Relation.objects.exists()


def test_it_ends_is_taken_back_and_brought_back(ines: Actor) -> None:
    made = note(ines, person(ADA), person(BO))
    before = change_relation(made, Terms("", None, TODAY), actor=ines, at=AT)
    assert relations_of_person(ines, person(ADA), TODAY)[0].is_over
    change_relation(made, before, actor=ines, at=AT)
    take_back_relation(made, actor=ines, at=AT)
    assert seen(ines, person(ADA)) == []
    bring_back_relation(made, actor=ines)
    assert seen(ines, person(ADA)) == [("spouse", True, "Bo")]


def test_whoever_does_not_know_the_other_side_sees_no_relation(ines: Actor) -> None:
    council = Team.objects.create(name="Works council")
    take_in(make_source("desk", team=council), listed(email("hidden@desk.example", "Hidden")))
    hidden, owner = person_of(email("hidden@desk.example")).id, make_actor(Role.OWNER)
    made = note(owner, person(ADA), hidden)
    assert seen(owner, person(ADA)) == [("spouse", True, "Hidden")]
    assert seen(ines, person(ADA)) == []
    for refused in (take_back_relation, lambda id, **more: note(more["actor"], person(ADA), hidden)):
        with pytest.raises(NotFound):
            refused(made, actor=ines, at=AT)


def test_what_was_said_of_a_hidden_half_of_a_person_stays_hidden(ines: Actor) -> None:
    council, owner = Team.objects.create(name="Works council"), make_actor(Role.OWNER)
    take_in(make_source("desk", team=council), listed(email("half@desk.example", "Half")))
    half = person_of(email("half@desk.example")).id
    note(owner, half, person(BO))
    merge(person(ADA), [half], actor=owner, at=AT)
    assert seen(owner, person(ADA)) == [("spouse", True, "Bo")]
    assert seen(ines, person(ADA)) == []
    assert seen(ines, person(BO)) == []


def test_two_who_turn_out_to_be_one_are_not_married_to_themselves(ines: Actor) -> None:
    note(ines, person(ADA), person(BO))
    act = merge(person(ADA), [person(BO)], actor=ines, at=AT)
    assert seen(ines, person(ADA)) == []
    unmerge([act], actor=ines, at=AT)
    assert seen(ines, person(ADA)) == [("spouse", True, "Bo")]


def test_with_the_person_goes_what_was_said_of_them(ines: Actor) -> None:
    note(ines, person(ADA), person(BO))
    bo = person(BO)
    with connection.cursor() as cursor:  # as the undo of an import does
        cursor.execute("DELETE FROM people_link WHERE person_id = %s", [bo])
        cursor.execute("DELETE FROM people_person WHERE id = %s", [bo])
    assert not Relation.objects.exists()


@pytest.mark.parametrize("seed", range(12))
def test_relations_live_through_random_merges_and_splits_and_are_as_before_when_all_is_taken_back(
    ines: Actor, seed: int
) -> None:
    draw = random.Random(seed)
    take_in(make_source("desk"), *(listed(one, email(f"{n}@two.example")) for n, one in enumerate(HANDLES)))
    for _ in range(6):
        one, other = draw.sample(HANDLES, 2)
        note(ines, person(one), person(other), draw.choice([Kind.SPOUSE, Kind.CHILD, Kind.REFERS]))
    before = {one.address: seen(ines, person(one)) for one in HANDLES}
    rows = set(Relation.objects.values_list("id", "person_id", "other_id"))
    at = AT
    for _ in range(10):
        at += days(1)
        _decide(draw, ines, at)
        named = {id for _, one, other in rows for id in (one, other)}
        current = roots(named)
        shown = sum(len(relations_of_person(ines, root, TODAY)) for root in set(current.values()))
        apart = {
            (kind, *sorted((str(current[one]), str(current[other]))))
            for kind, one, other in Relation.objects.values_list("kind", "person_id", "other_id")
            if current[one] != current[other]
        }
        assert shown >= 2 * len(apart)  # everything between two people stands on both pages
    _take_everything_back(ines, at)
    assert set(Relation.objects.values_list("id", "person_id", "other_id")) == rows
    assert {one.address: seen(ines, person(one)) for one in HANDLES} == before


def _decide(draw: random.Random, actor: Actor, at: datetime) -> None:
    one, other = draw.sample(HANDLES, 2)
    try:
        if draw.random() < 0.6:
            merge(person(one), [person(other)], actor=actor, at=at, despite=True)
        elif draw.random() < 0.5:
            split(person(one), identities_of(person_of(one))[:1], actor=actor, at=at)
        else:
            held = list(Merge.objects.filter(revoked_at__isnull=True))
            unmerge([draw.choice(held).pk] if held else [UUID(int=1)], actor=actor, at=at)
    except DomainError:
        return


def _take_everything_back(actor: Actor, at: datetime) -> None:
    for _ in range(40):
        left = [
            *(
                (unsplit, one.pk)
                for one in Split.objects.filter(revoked_at__isnull=True).order_by("-split_at")
            ),
            *(
                (_unmerge, one.pk)
                for one in Merge.objects.filter(revoked_at__isnull=True).order_by("-merged_at")
            ),
        ]
        if not left:
            return
        for take_back, which in left:
            try:
                take_back(which, actor=actor, at=at)
            except DomainError:
                continue
    raise AssertionError("something could not be taken back")


def _unmerge(which: UUID, *, actor: Actor, at: datetime) -> None:
    unmerge([which], actor=actor, at=at)


def test_relations_to_people_whom_one_does_not_know_take_no_place_from_those_whom_one_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queries, "MOST_SHOWN", 2)
    take_in(make_source(), listed(ADA, organisation="Roast"))
    take_in(make_source("closed", team=Team.objects.create(name="Key accounts")), *map(listed, HANDLES[1:]))
    owner, agent = make_actor(Role.OWNER), make_actor(Role.AGENT)
    roast = Organisation.objects.get().pk
    for later, one in enumerate(HANDLES):
        end = End("organisation", roast)
        relate(End("person", person(one)), end, Kind.CONTACT, Terms(), actor=owner, at=AT + days(later))
    told = {
        actor.role: [one.other for one in relations_of_organisation(actor, roast, TODAY)]
        for actor in (owner, agent)
    }
    assert told == {Role.OWNER: ["Dag", "Eve"], Role.AGENT: ["Ada"]}
