"""The screens on which people are merged, taken apart, split and told apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Staff, Team
from amity.people import panels
from amity.people.distinctions import tell_apart
from amity.people.merging import merge
from amity.people.models import Distinction, FieldLock, Merge, Person, Split
from amity.people.panels import Bits
from amity.people.queries import person_record
from amity.people.splitting import split
from amity.people.tests.records import (
    AT,
    days,
    email,
    identities_of,
    listed,
    make_actor,
    make_source,
    make_staff,
    ordered,
    person_of,
    said,
    take_in,
)

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

TOMAS = email("tomas@lindero.example", "Tomás Arrieta")
MASTODON = Handle("mastodon", "tarrieta")
ARRIETA = Handle("customer:shop", "5521", "T. Arrieta Lindero")
BUTTONS = ("person-merging", "person-splitting")


@pytest.fixture
def pair() -> tuple[Person, Person]:
    """Tomás, who writes from two accounts, and T. Arrieta, who buys and was told of later."""
    source = make_source()
    take_in(
        source,
        said(TOMAS, at=AT - days(400)),
        listed(TOMAS, MASTODON, city="Bilbao", language="es", street="Calle Ripa 4", at=AT - days(400)),
        listed(ARRIETA, city="Getxo", organisation="Café Lindero", at=AT - days(3)),
        ordered(ARRIETA, number="17730", amount="2036.00", at=AT - days(3)),
    )
    return person_of(TOMAS), person_of(ARRIETA)


@pytest.fixture
def ines() -> Staff:
    return make_staff(Role.AGENT, "Ines Okafor")


@pytest.fixture
def client(ines: Staff) -> Client:
    return signed_in(ines)


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff, backend="amity.site.signin.StaffBackend")
    return client


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


def page_of(person: Person) -> str:
    return reverse("person", args=[person.id])


def merging_of(person: Person, *others: Person) -> str:
    query = "&".join(f"with={one.id}" for one in others)
    return f"{reverse('person-merging', args=[person.id])}?{query}"


def posted(client: Client, name: str, id: object, **sent: object) -> str:
    """Post a form; gives the page on which one lands."""
    answer = client.post(reverse(name, args=[id]), sent, follow=True)
    assert answer.status_code == 200, answer.status_code
    assert answer.redirect_chain, "it said what is wrong instead of doing it"
    return str(answer.content.decode())


# ---------------------------------------------------------------------------------------------------------- the person


def test_the_page_of_a_person_offers_to_merge_and_to_split(
    pair: tuple[Person, Person], client: Client
) -> None:
    page = text_of(client, page_of(pair[0]))
    for name in BUTTONS:
        assert reverse(name, args=[pair[0].id]) in page
    assert 'data-key="m"' in page
    assert reverse("person-splitting", args=[pair[1].id]) not in text_of(client, page_of(pair[1]))


def test_who_may_not_write_sees_no_buttons_and_is_refused(pair: tuple[Person, Person], ines: Staff) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines.actor(), at=AT, chosen={"city": "Bilbao"})
    legal = signed_in(make_staff(Role.LEGAL))
    page = text_of(legal, page_of(pair[0]))
    assert "was merged in by Ines Okafor" in page
    for words in (
        "Take apart",
        "Show this",
        "Follow the sources",
        *(reverse(n, args=[pair[0].id]) for n in BUTTONS),
    ):
        assert words not in page
    for name, id in (
        *((name, pair[0].id) for name in (*BUTTONS, "person-distinctions", "person-choices")),
        ("merge-withdrawal", act),
        ("split-withdrawal", uuid4()),
    ):
        assert legal.post(reverse(name, args=[id])).status_code == 403, name
    assert legal.get(reverse("merge-withdrawal", args=[act])).status_code == 403
    assert Merge.objects.filter(revoked_at__isnull=True).exists()


def test_the_page_of_who_was_merged_away_leads_to_who_stays_and_keeps_the_query(
    pair: tuple[Person, Person], client: Client, ines: Staff
) -> None:
    merge(pair[0].id, [pair[1].id], actor=ines.actor(), at=AT)
    answer = client.get(f"{page_of(pair[1])}?tab=orders&lanes=said")
    assert answer.status_code == 302
    assert answer["Location"] == f"{page_of(pair[0])}?tab=orders&lanes=said"
    for name in BUTTONS:
        assert client.get(reverse(name, args=[pair[1].id])).status_code == 200


def test_the_page_says_what_was_decided_and_folds_what_was_taken_back(
    pair: tuple[Person, Person], client: Client, ines: Staff
) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines.actor(), at=AT)
    page = text_of(client, page_of(pair[0]))
    assert "was merged in by Ines Okafor" in page
    (one,) = Merge.objects.all()
    assert reverse("merge-withdrawal", args=[one.id]) in page
    posted(client, "merge-withdrawal", act)
    page = text_of(client, page_of(pair[0]))
    assert "1 decision taken back" in page
    assert reverse("merge-withdrawal", args=[one.id]) not in page


def test_the_page_asks_the_database_no_more_for_many_decisions_than_for_one(
    ines: Staff, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    source, actor = make_source(), ines.actor()
    many = [email(f"a{n}@web.example", f"Ada {n}") for n in range(9)]
    take_in(source, *(listed(one, city=f"City {n}") for n, one in enumerate(many)))
    first, *rest = (person_of(one) for one in many)
    merge(first.id, [one.id for one in rest], actor=actor, at=AT, chosen={"city": "City 3"})
    client.get(page_of(first))
    with django_assert_max_num_queries(
        33
    ):  # of them five for relations, reach, the tier and purchases around
        client.get(page_of(first))


# ------------------------------------------------------------------------------------------------------------ who it is


def test_people_with_such_a_name_are_found_before_one_types(
    pair: tuple[Person, Person], client: Client
) -> None:
    page = text_of(client, reverse("person-merging", args=[pair[0].id]))
    assert "T. Arrieta Lindero" in page
    assert "5521, Customer number" in page
    assert "Café Lindero, Getxo" in page
    assert merging_of(pair[0], pair[1]) in page
    assert f'value="{pair[0].id}"' not in page


def test_searching_finds_by_address_says_when_nothing_fits_and_teaches_when_nothing_is_there(
    pair: tuple[Person, Person], client: Client
) -> None:
    address = reverse("person-merging", args=[pair[1].id])
    assert "Tomás Arrieta" in text_of(client, f"{address}?q=tomas%40lindero")
    assert "Nothing fits" in text_of(client, f"{address}?q=zzz%00")
    take_in(make_source("desk"), said(Handle("chat", "12345")))
    nameless = person_of(Handle("chat", "12345"))
    assert "Two records, one human?" in text_of(client, reverse("person-merging", args=[nameless.id]))
    fragment = client.get(f"{address}?q=tomas", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "Tomás Arrieta" in fragment


# ----------------------------------------------------------------------------------------------------------- comparison


def test_both_records_stand_side_by_side_with_what_will_move(
    pair: tuple[Person, Person], client: Client
) -> None:
    page = text_of(client, merging_of(*pair))
    for words in ("Bilbao", "Getxo", "Calle Ripa 4", "Café Lindero", "@tarrieta, Mastodon", "nothing known"):
        assert words in page
    assert re.search(r'name="chosen.city" value="Getxo" checked', page)
    assert 'name="chosen.language"' not in page
    assert "1 account or address" in page
    assert "1 order" in page
    assert "Undo gives back both records exactly" in page
    assert "One timeline after the merge" in page


def test_the_comparison_asks_the_database_little(
    pair: tuple[Person, Person], client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(merging_of(*pair))
    with django_assert_max_num_queries(40):
        client.get(merging_of(*pair))


def test_evidence_is_shown_where_somebody_gives_it(pair: tuple[Person, Person], client: Client) -> None:
    assert "Same person" not in text_of(client, merging_of(*pair))
    panels.register_evidence(
        lambda actor, one, other: (Bits("Any two people", -12.4), Bits("Surname", 18.1), Bits("Street", -2.0))
    )
    try:
        page = text_of(client, merging_of(*pair))
    finally:
        panels.register_evidence(None)
    for words in ("Any two people", "−12.4", "+18.1", "Same person", "+3.7"):
        assert words in page
    assert 'style="' not in page


def test_merging_keeps_what_was_chosen_and_only_that(pair: tuple[Person, Person], client: Client) -> None:
    page = posted(
        client, "person-merging", pair[0].id,
        **{"with": pair[1].id, "chosen.city": "Bilbao", "chosen.name": "T. Arrieta Lindero"},
    )  # fmt: skip
    assert "Merged Tomás Arrieta and T. Arrieta Lindero" in page
    (one,) = Merge.objects.all()
    assert reverse("merge-withdrawal", args=[one.act_id]) in page
    assert [(lock.field, lock.value) for lock in FieldLock.objects.all()] == [("city", "Bilbao")]


def test_undo_posts_to_the_act_and_both_are_back(pair: tuple[Person, Person], client: Client) -> None:
    posted(client, "person-merging", pair[0].id, **{"with": pair[1].id})
    page = posted(client, "merge-withdrawal", Merge.objects.get().act_id)
    assert "T. Arrieta Lindero is a record of their own again" in page
    assert person_of(ARRIETA) == pair[1]
    assert client.post(reverse("merge-withdrawal", args=[Merge.objects.get().act_id])).status_code == 409


def test_another_one_can_stay_and_what_was_picked_stays_picked(
    pair: tuple[Person, Person], client: Client
) -> None:
    answer = client.post(
        reverse("person-merging", args=[pair[0].id]),
        {"with": pair[1].id, "stays": pair[1].id, "chosen.city": "Bilbao"},
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith(merging_of(pair[1], pair[0]))
    assert re.search(r'name="chosen.city" value="Bilbao" checked', text_of(client, answer["Location"]))
    assert not Merge.objects.exists()


def test_several_become_one_at_once(pair: tuple[Person, Person], client: Client) -> None:
    third = email("compras@lindero.example", "Compras Lindero")
    take_in(make_source("desk"), listed(third, city="Bilbao"))
    assert "compare--many" in text_of(client, merging_of(*pair, person_of(third)))
    page = posted(client, "person-merging", pair[0].id, **{"with": [pair[1].id, person_of(third).id]})
    assert "and 2 others" in page
    assert len(identities_of(pair[0])) == 4


def test_what_is_wrong_is_said_on_the_page_and_what_was_chosen_is_kept(
    pair: tuple[Person, Person], client: Client
) -> None:
    sent = {"with": pair[1].id, "chosen.city": "Bilbao", "chosen.language": "xx"}
    answer = client.post(reverse("person-merging", args=[pair[0].id]), sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Nobody said" in page
    assert re.search(r'name="chosen.city" value="Bilbao" checked', page)
    assert client.post(reverse("person-merging", args=[pair[0].id]), {}).status_code == 422
    assert not Merge.objects.exists()


def test_who_was_said_to_be_two_is_merged_only_all_the_same(
    pair: tuple[Person, Person], client: Client, ines: Staff
) -> None:
    tell_apart(pair[0].id, pair[1].id, actor=ines.actor(), at=AT)
    page = text_of(client, merging_of(*pair))
    assert "Ines Okafor said on" in page
    assert 'name="despite"' in page
    answer = client.post(reverse("person-merging", args=[pair[0].id]), {"with": pair[1].id})
    assert answer.status_code == 409
    assert "said that these are two people" in answer.content.decode()
    posted(client, "person-merging", pair[0].id, **{"with": pair[1].id, "despite": "1"})
    assert person_of(ARRIETA) == pair[0]


def test_one_who_is_one_already_and_one_who_is_not_there(
    pair: tuple[Person, Person], client: Client, ines: Staff
) -> None:
    merge(pair[0].id, [pair[1].id], actor=ines.actor(), at=AT)
    assert "one person already" in text_of(client, merging_of(*pair))
    assert client.get(f"{merging_of(pair[0])}with={uuid4()}").status_code == 404
    assert client.get(f"{merging_of(pair[0])}with=nonsense").status_code == 200


def test_whom_only_another_team_knows_is_neither_found_nor_compared(
    pair: tuple[Person, Person], client: Client
) -> None:
    vip = Team.objects.create(name="VIP")
    secret = email("arrieta@secret.example", "Arrieta Secreto")
    take_in(make_source("vip", team=vip), listed(secret))
    hidden = person_of(secret)
    assert "Secreto" not in text_of(client, reverse("person-merging", args=[pair[0].id]))
    assert client.get(merging_of(pair[0], hidden)).status_code == 404
    assert (
        client.post(reverse("person-distinctions", args=[pair[0].id]), {"other": hidden.id}).status_code
        == 404
    )
    assert not Distinction.objects.exists()


def test_ugly_data_is_shown_and_escaped(client: Client) -> None:
    long, hebrew = "Wilhelmina von Hohenstein " * 12, "נוגה <script>alert(1)</script>"
    many = [Handle("email", f"address-{n}@a-very-long-domain-name.example") for n in range(40)]
    take_in(make_source(), listed(*many, name=long.strip()), listed(email("n@web.example"), name=hebrew))
    one, other = person_of(many[0]), person_of(email("n@web.example"))
    page = text_of(client, merging_of(one, other))
    assert "33 more" in page
    assert "<script>alert" not in page
    assert text_of(client, reverse("person-splitting", args=[one.id])).count('name="identity"') == 40


# ----------------------------------------------------------------------------------------------------------- take apart


def test_taking_apart_says_what_goes_where_and_asks_only_about_what_came_in_between(
    pair: tuple[Person, Person], client: Client, ines: Staff
) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines.actor(), at=AT)
    address = reverse("merge-withdrawal", args=[act])
    page = text_of(client, address)
    assert "Goes back to T. Arrieta Lindero" in re.sub(r"</?bdi>", "", page)
    assert 'name="arrived"' not in page
    phone = Handle("phone", "+34944555017")
    take_in(make_source("desk"), listed(ARRIETA, phone, at=AT + days(1)), at=AT + days(1))
    page = text_of(client, address)
    assert 'name="arrived" value="as_named" checked' in page
    assert "+34944555017" in page
    posted(client, "merge-withdrawal", act, arrived="stays", are_two="1")
    assert person_of(phone) == pair[0]
    assert Distinction.objects.filter(revoked_at__isnull=True).count() == 1


def test_a_merge_that_is_over_or_not_there(pair: tuple[Person, Person], client: Client, ines: Staff) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines.actor(), at=AT)
    posted(client, "merge-withdrawal", act)
    assert client.get(reverse("merge-withdrawal", args=[act])).status_code == 409
    assert client.get(reverse("merge-withdrawal", args=[uuid4()])).status_code == 404


def test_what_cannot_come_apart_yet_says_why(
    client: Client, ines: Staff, pair: tuple[Person, Person]
) -> None:
    act = merge(pair[0].id, [pair[1].id], actor=ines.actor(), at=AT)
    split(
        pair[0].id,
        [link.identity_id for link in pair[0].links.filter(home_id=pair[1].id)],
        actor=ines.actor(),
        at=AT,
    )
    answer = client.post(reverse("merge-withdrawal", args=[act]))
    assert answer.status_code == 409
    assert "Take that split back first" in answer.content.decode()


# ---------------------------------------------------------------------------------------------------------------- split


def test_splitting_shows_what_each_account_carries_and_leads_to_the_new_person(
    pair: tuple[Person, Person], client: Client
) -> None:
    page = text_of(client, reverse("person-splitting", args=[pair[0].id]))
    assert "1 message, 4 facts" in page
    moved = next(
        one for one in person_record(make_actor(), pair[0].id).identities if one.network == "mastodon"
    )
    page = posted(client, "person-splitting", pair[0].id, identity=moved.id)
    assert "Undo" in page
    (made,) = Split.objects.all()
    assert person_of(MASTODON).id == made.into_id
    assert reverse("split-withdrawal", args=[made.id]) in page
    assert "was split off by Ines Okafor" in text_of(client, page_of(pair[0]))
    assert "is one person again" in posted(client, "split-withdrawal", made.id)
    assert person_of(MASTODON) == pair[0]


def test_nothing_and_everything_cannot_be_split_off_and_the_ticks_stay(
    pair: tuple[Person, Person], client: Client
) -> None:
    address = reverse("person-splitting", args=[pair[0].id])
    assert "Choose accounts" in client.post(address).content.decode()
    everything = [str(id) for id in identities_of(pair[0])]
    answer = client.post(address, {"identity": everything})
    assert answer.status_code == 422
    assert answer.content.decode().count(" checked>") == len(everything)
    assert "nothing to split" in text_of(client, reverse("person-splitting", args=[pair[1].id]))


# ---------------------------------------------------------------------------------------------- two people, and choices


def test_two_people_are_told_apart_and_that_is_taken_back(
    pair: tuple[Person, Person], client: Client
) -> None:
    page = posted(client, "person-distinctions", pair[0].id, other=pair[1].id)
    assert "Tomás Arrieta and T. Arrieta Lindero are two people" in page
    assert reverse("distinction-withdrawal", args=[pair[0].id]) in page
    posted(client, "distinction-withdrawal", pair[0].id, other=pair[1].id)
    assert not Distinction.objects.filter(revoked_at__isnull=True).exists()
    assert client.post(reverse("person-distinctions", args=[pair[0].id])).status_code == 422


def test_another_value_can_be_shown_and_follow_from_the_sources_again(client: Client) -> None:
    take_in(make_source(), listed(TOMAS, city="Bilbao", at=AT - days(9)))
    take_in(make_source("desk"), listed(TOMAS, city="Getxo", at=AT - days(1)))
    tomas = person_of(TOMAS)
    assert "Show this" in text_of(client, page_of(tomas))
    page = posted(client, "person-choices", tomas.id, field="city", value="Bilbao")
    assert "Place shows Bilbao" in page
    assert "chosen by Ines Okafor" in page
    tomas.refresh_from_db()
    assert tomas.city == "Bilbao"
    page = posted(client, "person-choices", tomas.id, field="city", value="")
    assert "chosen by" not in page
    answer = client.post(reverse("person-choices", args=[tomas.id]), {"field": "city", "value": "Atlantis"})
    assert answer.status_code == 422


def test_which_of_several_addresses_lists_show_is_a_choice_too(client: Client, ines: Staff) -> None:
    take_in(make_source(), listed(email("a@web.example"), email("z@web.example"), name="Ada"))
    ada = person_of(email("a@web.example"))
    posted(client, "person-choices", ada.id, field="email", value="z@web.example")
    actor: Actor = ines.actor()
    assert person_record(actor, ada.id).golden.email == "z@web.example"
