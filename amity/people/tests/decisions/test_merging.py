"""Two records of one human become one, and come apart again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.models import Team
from amity.people.distinctions import SaidToBeTwo, tell_apart, withdraw
from amity.people.merging import Arrived, merge, unmerge
from amity.people.models import FieldLock, Link, Merge, Person
from amity.people.queries import list_people, person_record
from amity.people.queries.coming_apart import coming_apart
from amity.people.queries.comparing import Sign, compare
from amity.people.queries.decided import decided_of
from amity.people.queries.listing import PeopleWanted
from amity.people.tests.records import (
    AT,
    days,
    email,
    identities_of,
    listed,
    make_actor,
    make_source,
    person_of,
    said,
    take_in,
)

pytestmark = pytest.mark.django_db

TOMAS = email("tomas@lindero.example", "Tomás Arrieta")
ARRIETA = Handle("customer:shop", "5521", "T. Arrieta Lindero")
LATER = AT + days(2)


@pytest.fixture
def ines() -> Actor:
    return make_actor(Role.AGENT)


@pytest.fixture
def pair() -> tuple[Person, Person]:
    """Tomás, who writes, and T. Arrieta, who buys and was told of later."""
    source = make_source()
    take_in(
        source, said(TOMAS, at=AT - days(400)), listed(TOMAS, city="Bilbao", language="es", at=AT - days(400))
    )
    take_in(source, listed(ARRIETA, city="Getxo", organisation="Café Lindero", at=AT - days(3)))
    return person_of(TOMAS), person_of(ARRIETA)


def test_the_merged_are_one_person_with_all_that_was_said_of_both(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    tomas, arrieta = pair
    merge(tomas.id, [arrieta.id], actor=ines, at=AT)
    record = person_record(ines, tomas.id)
    assert {one.address for one in record.identities} == {"tomas@lindero.example", "5521"}
    assert (record.golden.city, record.organisation) == ("Getxo", "Café Lindero")
    assert record.golden.language == "es"
    assert record.first_seen_at == AT - days(400)
    assert person_of(ARRIETA) == tomas


def test_nobody_finds_the_merged_record_and_its_old_address_leads_to_the_one_who_stays(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    tomas, arrieta = pair
    merge(tomas.id, [arrieta.id], actor=ines, at=AT)
    assert [one.id for one in list_people(ines, PeopleWanted()).people] == [tomas.id]
    assert [one.id for one in list_people(ines, PeopleWanted(words="5521")).people] == [tomas.id]
    assert person_record(ines, arrieta.id).id == tomas.id


def test_taking_it_back_gives_both_back_to_the_letter(pair: tuple[Person, Person], ines: Actor) -> None:
    before = _everything()
    act = merge(pair[0].id, [pair[1].id], actor=ines, at=AT, chosen={"city": "Bilbao"})
    assert _everything() != before
    assert unmerge([act], actor=ines, at=LATER) == [pair[1].id]
    assert _everything() == before
    with pytest.raises(Conflict, match="taken back before"):
        unmerge([act], actor=ines, at=LATER)


def test_merges_come_apart_in_any_order(ines: Actor) -> None:
    source = make_source()
    a, b, c = (email(f"{name}@roast.example", name.title()) for name in ("ada", "bo", "cleo"))
    take_in(source, listed(a, city="Halle"), listed(b, city="Leipzig"), listed(c, city="Bilbao"))
    before, ids = _everything(), [person_of(one).id for one in (a, b, c)]
    first = merge(ids[0], [ids[1]], actor=ines, at=AT)
    second = merge(ids[2], [ids[0]], actor=ines, at=AT)
    assert person_of(b).id == ids[2]
    unmerge([first], actor=ines, at=LATER)
    assert (person_of(b).id, person_of(a).id) == (ids[1], ids[2])
    unmerge([second], actor=ines, at=LATER)
    assert _everything() == before


def test_what_comes_in_between_goes_with_the_record_that_named_it(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines, at=AT)
    phone = Handle("phone", "+34944555017")
    take_in(make_source("desk"), listed(ARRIETA, phone, at=AT + days(1)), at=AT + days(1))
    assert person_of(phone) == pair[0]
    unmerge([act], actor=ines, at=LATER)
    assert person_of(phone) == pair[1]


@pytest.mark.parametrize(("arrived", "side"), [(Arrived.STAYS, 0), (Arrived.GOES, 1)])
def test_or_with_the_side_that_a_colleague_says(
    pair: tuple[Person, Person], ines: Actor, arrived: Arrived, side: int
) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines, at=AT)
    phone, chat = Handle("phone", "+34944555017"), Handle("chat", "tomas-a")
    desk = make_source("desk")
    take_in(
        desk, listed(ARRIETA, phone, at=AT + days(1)), listed(TOMAS, chat, at=AT + days(1)), at=AT + days(1)
    )
    unmerge([act], actor=ines, at=LATER, arrived=arrived)
    assert person_of(phone) == person_of(chat) == pair[side]
    assert (person_of(TOMAS), person_of(ARRIETA)) == pair


def test_what_a_colleague_gave_to_one_of_two_before_a_later_merge_did_not_come_since_that_one(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    tomas, arrieta = pair
    act = merge(tomas.id, [arrieta.id], actor=ines, at=AT)
    phone, iker = Handle("phone", "+34944555017"), email("iker@lindero.example")
    desk = make_source("desk")
    take_in(desk, listed(ARRIETA, phone, at=AT + days(1)), said(iker, at=AT + days(1)), at=AT + days(1))
    other = person_of(iker)
    around = merge(other.id, [tomas.id], actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER + days(1), arrived=Arrived.STAYS)
    (apart,) = coming_apart(ines, around)
    assert apart.arrived == ()
    unmerge([around], actor=ines, at=LATER + days(2), arrived=Arrived.STAYS)
    assert (person_of(phone), person_of(iker)) == (tomas, other)


def test_a_chosen_value_is_shown_until_the_merge_ends_or_no_source_says_it(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    tomas, arrieta = pair
    act = merge(
        tomas.id, [arrieta.id], actor=ines, at=AT, chosen={"city": "Bilbao", "name": "T. Arrieta Lindero"}
    )
    take_in(make_source("desk"), listed(ARRIETA, city="Madrid", at=AT + days(1)))
    record = person_record(ines, tomas.id)
    assert (record.golden.city, record.golden.name) == ("Bilbao", "T. Arrieta Lindero")
    assert {(one.field, one.value) for one in decided_of(ines, tomas.id).choices} == {
        ("city", "Bilbao"), ("name", "T. Arrieta Lindero"),
    }  # fmt: skip
    unmerge([act], actor=ines, at=LATER)
    assert person_record(ines, arrieta.id).golden.city == "Madrid"
    assert not FieldLock.objects.filter(released_at__isnull=True).exists()


def test_a_value_that_nobody_said_cannot_be_chosen(pair: tuple[Person, Person], ines: Actor) -> None:
    before = _everything()
    with pytest.raises(Invalid, match="Nobody said"):
        merge(pair[0].id, [pair[1].id], actor=ines, at=AT, chosen={"city": "Atlantis"})
    with pytest.raises(Invalid, match="No value can be chosen"):
        merge(pair[0].id, [pair[1].id], actor=ines, at=AT, chosen={"search_text": "x"})
    assert _everything() == before
    assert not Merge.objects.exists()


def test_who_was_said_to_be_two_is_merged_only_by_who_insists(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    tomas, arrieta = pair
    tell_apart(arrieta.id, tomas.id, actor=ines, at=AT)
    tell_apart(tomas.id, arrieta.id, actor=ines, at=AT)
    assert compare(ines, [tomas.id, arrieta.id]).said_to_be_two == ("Ines Okafor", AT)
    with pytest.raises(SaidToBeTwo):
        merge(tomas.id, [arrieta.id], actor=ines, at=LATER)
    act = merge(tomas.id, [arrieta.id], actor=ines, at=LATER, despite=True)
    with pytest.raises(Conflict, match="one person"):
        tell_apart(tomas.id, arrieta.id, actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER, are_two=True)
    assert withdraw(tomas.id, arrieta.id, actor=ines, at=LATER) == 1
    merge(tomas.id, [arrieta.id], actor=ines, at=LATER)


def test_what_was_said_of_one_who_was_merged_holds_for_whom_they_are_now(ines: Actor) -> None:
    source = make_source()
    a, b, c = (email(f"{name}@roast.example") for name in ("ada", "bo", "cleo"))
    take_in(source, listed(a), listed(b), listed(c))
    tell_apart(person_of(b).id, person_of(c).id, actor=ines, at=AT)
    merge(person_of(a).id, [person_of(b).id], actor=ines, at=AT)
    with pytest.raises(SaidToBeTwo):
        merge(person_of(c).id, [person_of(a).id], actor=ines, at=AT)


def test_one_person_is_not_merged_with_themselves(pair: tuple[Person, Person], ines: Actor) -> None:
    merge(pair[0].id, [pair[1].id], actor=ines, at=AT)
    with pytest.raises(Conflict, match="one person already"):
        merge(pair[1].id, [pair[0].id], actor=ines, at=AT)
    with pytest.raises(Invalid):
        merge(pair[0].id, [], actor=ines, at=AT)


def test_who_may_not_write_merges_nobody(pair: tuple[Person, Person], ines: Actor) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines, at=AT)
    analyst = make_actor(Role.ANALYST)
    for refused in (
        lambda: merge(pair[0].id, [pair[1].id], actor=analyst, at=AT),
        lambda: unmerge([act], actor=analyst, at=AT),
        lambda: tell_apart(pair[0].id, pair[1].id, actor=analyst, at=AT),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_whom_only_another_team_knows_is_not_there_to_be_merged(ines: Actor) -> None:
    vip = Team.objects.create(name="VIP")
    take_in(make_source(), said(TOMAS))
    take_in(make_source("vip", team=vip), said(ARRIETA))
    insider = make_actor(Role.AGENT, vip)
    tomas, arrieta = person_of(TOMAS), person_of(ARRIETA)
    with pytest.raises(NotFound):
        merge(tomas.id, [arrieta.id], actor=ines, at=AT)
    act = merge(tomas.id, [arrieta.id], actor=insider, at=AT)
    assert [one.address for one in person_record(ines, tomas.id).identities] == ["tomas@lindero.example"]
    assert decided_of(ines, tomas.id).merges == ()
    assert len(decided_of(insider, tomas.id).merges) == 1
    with pytest.raises(NotFound):
        person_record(ines, arrieta.id)
    with pytest.raises(NotFound):
        unmerge([act], actor=ines, at=AT)


def test_side_by_side_one_sees_what_is_the_same_what_differs_and_what_would_be_shown(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    compared = compare(ines, [one.id for one in pair])
    signs = {one.field: (one.sign, one.after) for one in compared.fields}
    assert signs["city"] == (Sign.DIFFERS, "Getxo")
    assert signs["name"] == (Sign.ALIKE, "T. Arrieta Lindero")
    assert signs["language"] == (Sign.ADDS, "es")
    assert signs["organisation"] == (Sign.ADDS, "Café Lindero")
    assert compared.after.name == "T. Arrieta Lindero"
    assert compared.said_to_be_two is None


def test_the_page_of_a_person_tells_who_was_merged_by_whom_and_that_it_was_taken_back(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines, at=AT)
    (told,) = decided_of(ines, pair[1].id).merges
    assert (told.name, told.addresses) == ("T. Arrieta Lindero", (("customer:shop", "5521"),))
    assert (told.said.by, told.said.at, told.said.holds) == ("Ines Okafor", AT, True)
    unmerge([act], actor=ines, at=LATER)
    (told,) = decided_of(ines, pair[0].id).merges
    assert (told.said.taken_back_by, told.said.taken_back_at) == ("Ines Okafor", LATER)


def test_new_words_count_for_the_one_who_stays_and_go_back_with_the_one_who_leaves(
    pair: tuple[Person, Person], ines: Actor
) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines, at=AT)
    take_in(make_source("desk"), said(ARRIETA, at=AT + timedelta(hours=1)))
    pair[0].refresh_from_db()
    assert pair[0].last_activity_at == AT + timedelta(hours=1)
    unmerge([act], actor=ines, at=LATER)
    for person in pair:
        person.refresh_from_db()
    assert [person.last_activity_at for person in pair] == [AT - days(400), AT + timedelta(hours=1)]
    assert len(identities_of(pair[1])) == 1


def _everything() -> list[list[Any]]:
    return [
        list(Person.objects.order_by("pk").values()),
        list(Link.objects.order_by("pk").values()),
    ]


def test_an_employer_is_known_of_both_also_where_one_of_them_writes_it_otherwise(ines: Actor) -> None:
    ada, eva = email("ada@brew.example", "Ada"), email("eva@brew.example", "Eva")
    take_in(make_source("first"), listed(ada, organisation="Brewlight Gmbh"))
    take_in(make_source("second"), listed(eva, organisation="Brewlight GmbH"))
    compared = compare(ines, [person_of(ada).id, person_of(eva).id])
    values = next(one.values for one in compared.fields if one.field == "organisation")
    assert values == ("Brewlight Gmbh", "Brewlight GmbH")
