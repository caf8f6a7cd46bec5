"""Colleagues choose which of several values is shown, and let it follow from the sources again."""

from __future__ import annotations

import pytest

from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.models import Team
from amity.people.locks import choose_values
from amity.people.merging import merge
from amity.people.models import FieldLock, Person
from amity.people.queries import PersonRecord, person_record
from amity.people.queries.decided import decided_of
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, person_of, take_in

pytestmark = pytest.mark.django_db

TOMAS = email("tomas@lindero.example", "Tomás Arrieta")
ARRIETA = Handle("customer:shop", "5521", "T. Arrieta Lindero")


@pytest.fixture
def ines() -> Actor:
    return make_actor(Role.AGENT)


@pytest.fixture
def tomas() -> Person:
    """Of whom two sources say two cities; the newer one is shown."""
    take_in(make_source(), listed(TOMAS, city="Bilbao", at=AT - days(9)))
    take_in(make_source("desk"), listed(TOMAS, city="Getxo", at=AT - days(1)))
    return person_of(TOMAS)


def city(person: Person, actor: Actor) -> str:
    return person_record(actor, person.id).golden.city


def test_a_chosen_value_is_shown_until_it_follows_from_the_sources_again(tomas: Person, ines: Actor) -> None:
    assert city(tomas, ines) == "Getxo"
    assert choose_values(tomas.id, {"city": "Bilbao"}, actor=ines, at=AT) == tomas.id
    assert city(tomas, ines) == "Bilbao"
    assert Person.objects.get(pk=tomas.id).city == "Bilbao"
    choose_values(tomas.id, {"city": ""}, actor=ines, at=AT + days(1))
    assert city(tomas, ines) == "Getxo"
    assert decided_of(ines, tomas.id).choices == ()


def test_choosing_again_ends_the_choice_before(tomas: Person, ines: Actor) -> None:
    for value in ("Bilbao", "Getxo", "Bilbao"):
        choose_values(tomas.id, {"city": value}, actor=ines, at=AT)
    assert FieldLock.objects.filter(released_at__isnull=True).count() == 1
    assert city(tomas, ines) == "Bilbao"


def test_what_was_chosen_of_one_who_was_merged_ends_with_it(tomas: Person, ines: Actor) -> None:
    take_in(make_source("shop2"), listed(ARRIETA, city="Madrid", at=AT - days(20)))
    other = person_of(ARRIETA)
    choose_values(other.id, {"city": "Madrid"}, actor=ines, at=AT)
    merge(tomas.id, [other.id], actor=ines, at=AT)
    assert city(tomas, ines) == "Madrid"
    assert choose_values(other.id, {"city": ""}, actor=ines, at=AT) == tomas.id
    assert city(tomas, ines) == "Getxo"


def test_nobody_chooses_what_nobody_said(tomas: Person, ines: Actor) -> None:
    with pytest.raises(Invalid, match="Nobody said"):
        choose_values(tomas.id, {"city": "Atlantis"}, actor=ines, at=AT)
    with pytest.raises(Invalid, match="No value can be chosen"):
        choose_values(tomas.id, {"birthday": "1980-01-01"}, actor=ines, at=AT)
    assert not FieldLock.objects.exists()


def test_who_may_not_write_or_does_not_know_them_chooses_nothing(tomas: Person, ines: Actor) -> None:
    with pytest.raises(Forbidden):
        choose_values(tomas.id, {"city": "Bilbao"}, actor=make_actor(Role.ANALYST), at=AT)
    vip = Team.objects.create(name="VIP")
    take_in(make_source("vip", team=vip), listed(ARRIETA, city="Madrid"))
    with pytest.raises(NotFound):
        choose_values(person_of(ARRIETA).id, {"city": "Madrid"}, actor=ines, at=AT)


def test_who_was_asked_whether_it_is_unchanged_may_refuse(tomas: Person, ines: Actor) -> None:
    def refuse(record: PersonRecord) -> None:
        assert record.golden.city == "Getxo"
        raise Conflict("Somebody was faster.")

    with pytest.raises(Conflict, match="faster"):
        choose_values(tomas.id, {"city": "Bilbao"}, actor=ines, at=AT, unchanged=refuse)
    assert not FieldLock.objects.exists()
