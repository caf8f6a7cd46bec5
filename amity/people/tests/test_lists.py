"""The list of people: order, pages, filters, search, and whom an actor may know of."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.models import Team
from amity.people.queries import (
    PeopleWanted,
    count_people,
    find_organisations,
    find_people,
    fitting,
    list_organisations,
    list_people,
    person_record,
)
from amity.people.queries.finding import Spelling
from amity.people.queries.listing import BY_NAME, RECENT, Place, orders_for, walk_people
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
from amity.people.vocabulary import settle

pytestmark = pytest.mark.django_db
HANNAH = email("hannah@vogel.example", "Hannah Vogel")


def walk(actor: Actor, wanted: PeopleWanted, limit: int) -> list[str]:
    names: list[str] = []
    after: Place | None = None
    while True:
        page = list_people(actor, wanted, after=after, limit=limit)
        names += [person.name for person in page.people]
        if page.after is None:
            return names
        after = Place.read(str(page.after))


def some_people(source: Source, count: int = 23) -> None:
    dice = random.Random(7)
    records = []
    for number in range(count):
        who = email(f"p{number}@web.example", f"{dice.choice('ABC')} Person {number:02d}")
        record = listed(who) if number % 5 == 0 else said(who, at=AT - timedelta(hours=number // 3))
        records.append(record)  # every fifth never said a word; some spoke at the same instant
    take_in(source, *records)


@pytest.mark.parametrize("order", [RECENT, BY_NAME])
@pytest.mark.parametrize("limit", [1, 4, 50])
def test_walking_the_pages_gives_everybody_once_in_order(order: str, limit: int) -> None:
    some_people(make_source())
    whole = list_people(SYSTEM, PeopleWanted(order=order), limit=1_000).people
    assert walk(SYSTEM, PeopleWanted(order=order), limit) == [person.name for person in whole]
    assert len({person.id for person in whole}) == 23
    if order == BY_NAME:
        assert [person.name for person in whole] == sorted(person.name for person in whole)
    else:
        spoke = [person.last_activity_at for person in whole if person.last_activity_at]
        assert spoke == sorted(spoke, reverse=True)
        assert all(person.last_activity_at is None for person in whole[len(spoke) :])


def test_search_is_by_the_beginning_of_words_without_accents_or_case() -> None:
    take_in(
        make_source(),
        listed(HANNAH, organisation="Vogel Röstkurse"),
        listed(email("t@web.example", "Tomás Núñez")),
    )
    found = {
        typed: [one.name for one in find_people(SYSTEM, typed, 5)]
        for typed in ("vog han", "NUN", "rost", "hannah@vo", "x", "'&|!:*")
    }
    hannah = ["Hannah Vogel"]
    assert found == {
        "vog han": hannah, "NUN": ["Tomás Núñez"], "rost": hannah, "hannah@vo": hannah, "x": [], "'&|!:*": [],
    }  # fmt: skip
    assert [one.name for one in find_organisations(SYSTEM, "röst", 5)] == ["Vogel Röstkurse"]


@pytest.mark.parametrize(
    "typed",
    ["a", "p", "person", "person 0", "a person web", "p1", "b 1", "web.example", "vo 07", "é"],
)
def test_words_that_many_share_find_the_same_people_as_the_index(
    typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_people(make_source(), 40)
    take_in(
        make_source("more"),
        said(email("vogel.1@web.example", "Éva 07 Vogel")),
        said(Handle("phone", "+4930123456")),
    )
    settle()
    found, named = [], []
    for cost in (0.0, 1e9):
        monkeypatch.setattr(fitting, "VISITED_PERSON", cost)
        found.append([one.id for one in list_people(SYSTEM, PeopleWanted(words=typed)).people])
        named.append(find_people(SYSTEM, typed, 50))
    assert found[0] == found[1]
    assert named[0] == named[1]
    assert {one.id for one in named[0] if one.spelling != Spelling.SIMILAR} == set(found[0])
    assert found[0]


def test_filters_narrow_the_list_and_its_count() -> None:
    source = make_source()
    take_in(
        source,
        listed(HANNAH, city="Leipzig", country="DE", language="de", organisation="Vogel Röstkurse"),
        listed(email("beth@web.example", "Beth Calloway"), country="GB", language="en"),
        said(Handle("mastodon", "ottilie", "Ottilie Brenner"), at=AT - days(100)),
    )
    organisation = person_of(HANNAH).organisation_id
    for wanted, names in (
        (PeopleWanted(language="de"), ["Hannah Vogel"]),
        (PeopleWanted(country="GB"), ["Beth Calloway"]),
        (PeopleWanted(network="mastodon"), ["Ottilie Brenner"]),
        (PeopleWanted(organisation_id=organisation), ["Hannah Vogel"]),
        (PeopleWanted(active_since=AT - days(200)), ["Ottilie Brenner"]),
        (PeopleWanted(active_since=AT - days(50)), []),
        (PeopleWanted(quiet_since=AT - days(50), words="ott"), ["Ottilie Brenner"]),
    ):
        assert [person.name for person in list_people(SYSTEM, wanted).people] == names
        assert count_people(SYSTEM, wanted) == len(names)


def test_a_hidden_source_changes_nothing_in_list_count_search_and_record() -> None:
    team = Team.objects.create(name="Legal")
    actor = make_actor(Role.AGENT)
    hidden = make_source("legal-mail", team=team)
    visible = make_source("shop")
    take_in(
        visible, listed(HANNAH, city="Leipzig", organisation="Vogel Röstkurse"), said(HANNAH, at=AT - days(9))
    )

    def seen(who: Actor) -> tuple[object, ...]:
        return (
            list_people(who, PeopleWanted()),
            count_people(who, PeopleWanted()),
            [find_people(who, typed, 9) for typed in ("h", "mira", "secret", "leipzig", "vogel")],
            list_organisations(who),
            find_organisations(who, "s", 9),
            person_record(who, person_of(HANNAH).id),
        )

    before = seen(actor)
    mira = email("mira@secret.example", "Mira Secret")
    take_in(hidden, listed(mira, organisation="Secret Ltd"), said(mira, at=AT))
    take_in(
        hidden,
        listed(HANNAH, city="Secretville", job_title="Witness", at=AT + days(1)),
        said(HANNAH, at=AT + days(1)),
    )
    assert seen(actor) == before
    member = make_actor(Role.AGENT, team)
    assert [one.name for one in find_people(member, "mira", 9)] == ["Mira Secret"]
    assert person_record(member, person_of(HANNAH).id).golden.city == "Secretville"


def test_where_the_next_page_begins_tells_nothing_of_hidden_sources() -> None:
    hidden = make_source("legal-mail", team=Team.objects.create(name="Legal"))
    mira = email("mira@roast.example", "Mira Kern")
    take_in(make_source("shop"), said(HANNAH, at=AT - days(9)), said(mira, at=AT - days(8)))
    analyst = make_actor(Role.ANALYST)
    first = list_people(analyst, PeopleWanted(), limit=1)
    assert first.after
    take_in(hidden, said(HANNAH, at=AT), said(mira, at=AT))
    assert list_people(analyst, PeopleWanted(), limit=1) == first


def test_since_when_somebody_is_known_follows_from_the_sources_that_are_not_hidden() -> None:
    team = Team.objects.create(name="Legal")
    phone = Handle("phone", "+493415550148")
    take_in(make_source("legal-mail", team=team), listed(phone, HANNAH, at=AT - days(900)), at=AT - days(900))
    shop = make_source("shop")
    for ago in (3, 9, 5):  # what came later can be older
        take_in(shop, listed(HANNAH, at=AT - days(ago), city="Leipzig"), at=AT)
    take_in(shop, listed(HANNAH, phone, at=AT - days(2)), at=AT)
    id = person_of(HANNAH).id
    told = person_record(make_actor(Role.AGENT), id)
    assert told.first_seen_at == AT - days(9)
    since = {identity.network: identity.since for identity in told.identities}
    assert since == {"email": AT - days(9), "phone": AT - days(2)}
    whole = person_record(make_actor(Role.AGENT, team), id)
    assert {whole.first_seen_at, *(identity.since for identity in whole.identities)} == {AT - days(900)}


def test_who_may_not_see_addresses_finds_and_reads_none() -> None:
    take_in(
        make_source(),
        listed(
            HANNAH,
            Handle("phone", "+493415550148"),
            city="Leipzig",
            phone="+493415550148",
            street="Karl-Heine-Str. 1",
        ),
        said(email("nobody@web.example")),
    )
    analyst = make_actor(Role.ANALYST)
    assert find_people(analyst, "vogel.example", 9) == find_people(analyst, "nobody", 9) == []
    assert find_people(analyst, "+49341", 9) == []
    assert [one.name for one in find_people(analyst, "hann", 9)] == ["Hannah Vogel"]
    assert orders_for(analyst) == (RECENT,)
    told = repr((list_people(analyst, PeopleWanted()), person_record(analyst, person_of(HANNAH).id)))
    for address in ("hannah@vogel.example", "+493415550148", "Karl-Heine", "nobody@web.example"):
        assert address not in told
    assert "Leipzig" in told


def test_a_person_who_posts_writes_and_buys_has_all_identities() -> None:
    source = make_source()
    take_in(source, listed(HANNAH, Handle("twitter", "hvogel"), Handle("customer:shop", "3112")))
    record = person_record(SYSTEM, person_of(HANNAH).id)
    assert {identity.network for identity in record.identities} == {"email", "twitter", "customer:shop"}
    assert set(record.identity_ids) == set(identities_of(person_of(HANNAH)))
    assert record.identities[0].method == "first_seen"
    assert {identity.beside for identity in record.identities[1:]} == {"hannah@vogel.example"}


def test_older_values_of_a_fact_stand_behind_the_shown_one_with_their_source() -> None:
    take_in(make_source("shop"), listed(HANNAH, city="Halle", at=AT - days(30)))
    take_in(
        make_source("mail"),
        listed(HANNAH, city="Leipzig", at=AT),
        listed(HANNAH, city="Halle", at=AT - days(60)),
    )
    fact = person_record(SYSTEM, person_of(HANNAH).id).fact("city")
    assert fact is not None
    assert (fact.shown.value, fact.shown.source) == ("Leipzig", "Mail")
    assert [(other.value, other.source) for other in fact.others] == [("Halle", "Shop")]


def test_whoever_speaks_while_an_export_goes_on_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_source()
    some_people(source)
    monkeypatch.setattr("amity.people.queries.listing.EXPORTED_AT_ONCE", 5)
    pieces = walk_people(SYSTEM, PeopleWanted())
    found = [person.id for person in next(pieces)]
    for number in (20, 21, 22):  # the last ones of the list
        take_in(source, said(email(f"p{number}@web.example"), at=AT + days(1)))
    found += [person.id for piece in pieces for person in piece]
    assert len(found) == len(set(found)) == 23


def test_organisations_count_everybody_for_who_does_not_see_all_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("amity.people.queries.organisations.TOGETHER", 2)
    hidden = make_source("vip", team=Team.objects.create(name="VIP"))
    take_in(hidden, listed(email("vip@web.example"), organisation="Zeta"))
    people = [email(f"p{n}@web.example") for n in range(5)]
    take_in(
        make_source(), *(listed(one, organisation="Zeta", city=f"Town {n}") for n, one in enumerate(people))
    )
    (zeta,) = list_organisations(make_actor(Role.AGENT)).organisations
    assert (zeta.people, len(zeta.cities)) == (5, 5)
