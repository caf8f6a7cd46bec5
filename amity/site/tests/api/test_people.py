"""People through the public interface: read, said of, changed, by whom it may be."""

from __future__ import annotations

import pytest

from amity.channels.models import Item, Source
from amity.kernel.actor import Role
from amity.kernel.models import Team
from amity.people.models import Fact, Person
from amity.site.tests.api.calling import program

pytestmark = pytest.mark.django_db
HANNAH = {
    "external_id": "17",
    "identities": [{"network": "email", "address": "Hannah@Vogel.example"}],
    "facts": {"name": "Hannah Vogel", "city": "Kiel"},
}


def test_a_person_is_made_read_and_listed() -> None:
    shop = program()
    made = shop.post("/people", HANNAH)
    assert made.status_code == 201, made.content
    assert made.headers["Location"] == f"/api/v1/people/{made.json()['id']}"
    read = shop.get(f"/people/{made.json()['id']}")
    assert read.json()["name"] == "Hannah Vogel"
    assert read.json()["email"] == "hannah@vogel.example"
    assert read.json()["identities"][0]["network"] == "customer:api-web-shop"
    assert [person["name"] for person in shop.get("/people").json()["items"]] == ["Hannah Vogel"]


def test_what_is_said_of_a_person_lies_there_as_a_raw_item_of_the_program() -> None:
    program().post("/people", HANNAH)
    source = Source.objects.get(adapter="api")
    assert (source.key, source.name) == ("api-web-shop", "Web shop")
    assert Item.objects.get(source=source).content_type == "application/vnd.amity.person+json"
    assert set(Fact.objects.values_list("source_id", flat=True)) == {source.id}


def test_saying_it_again_makes_nobody_new() -> None:
    shop = program()
    first = shop.post("/people", HANNAH)
    again = shop.post("/people", HANNAH | {"facts": {"city": "Bonn"}})
    assert (again.status_code, again.json()) == (200, {"id": first.json()["id"], "is_new": False})
    assert shop.get(f"/people/{first.json()['id']}").json()["city"] == "Bonn"
    assert Person.objects.count() == 1


def test_who_names_nobody_is_told_so_and_nothing_is_kept() -> None:
    refused = program().post("/people", {"facts": {"name": "Nobody"}})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert not Item.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize("role", [Role.LEGAL, Role.ANALYST, Role.PARTNER])
def test_who_may_not_write_people_is_refused_before_the_body_is_read(role: Role) -> None:
    assert program(role).post("/people", {"nonsense": 1}).status_code == 403


def test_a_token_reaches_no_further_than_its_scopes() -> None:
    reader = program(scopes=["person:read"])
    refused = reader.post("/people", HANNAH)
    assert (refused.status_code, refused.json()["code"]) == (403, "out_of_scope")
    assert reader.get("/people").status_code == 200


def test_an_analyst_neither_sees_nor_asks_for_addresses() -> None:
    made = program().post("/people", HANNAH)
    analyst = program(Role.ANALYST)
    body = analyst.get(f"/people/{made.json()['id']}").content.decode()
    assert "vogel.example" not in body
    assert "email" not in analyst.get("/people").json()["items"][0]
    assert analyst.get("/people?fields=email").status_code == 422
    assert analyst.get("/people?order=name").status_code == 422


def test_what_a_team_keeps_to_itself_does_not_exist_for_others() -> None:
    made = program().post("/people", HANNAH)
    Source.objects.update(team=Team.objects.create(name="Legal"))
    stranger = program()
    missing = stranger.get(f"/people/{made.json()['id']}")
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "application/problem+json")
    assert stranger.get("/people").json() == {"items": []}


def test_pages_follow_each_other_and_belong_to_their_list() -> None:
    shop = program()
    for number in range(7):
        shop.post("/people", {"external_id": str(number), "facts": {"name": f"Person {number}"}})
    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = shop.get(f"/people?limit=3&order=name&fields=name&after={after}").json()
        names += [person["name"] for person in page["items"]]
        after, last = page.get("after"), after
    assert names == [f"Person {number}" for number in range(7)]
    assert shop.get(f"/people?limit=3&order=recent&after={last}").status_code == 422
    assert shop.get("/people?after=made-up").status_code == 422
    assert shop.get("/people?limit=201").status_code == 422


def test_a_tag_spares_reading_the_same_again() -> None:
    shop = program()
    place = f"/people/{shop.post('/people', HANNAH).json()['id']}"
    tag = shop.get(place).headers["ETag"]
    same = shop.get(place, If_None_Match=tag)
    assert (same.status_code, same.content) == (304, b"")
    shop.patch(place, {"facts": {"city": "Bonn"}})
    assert shop.get(place, If_None_Match=tag).status_code == 200


def test_a_change_of_what_others_changed_is_answered_three_ways() -> None:
    shop = program()
    place = f"/people/{shop.post('/people', HANNAH).json()['id']}"
    tag = shop.get(place).headers["ETag"]
    assert shop.patch(place, {"facts": {"city": "Bonn"}}, If_Match=tag).status_code == 200
    stale = shop.patch(place, {"facts": {"city": "Trier", "country": "DE"}}, If_Match=tag)
    assert stale.status_code == 412
    assert stale.json()["conflict"]["city"] == {"base": "Kiel", "yours": "Trier", "theirs": "Bonn"}
    assert stale.json()["mergeable"] == ["country"]
    merged = shop.patch(place, {"facts": {"country": "DE"}}, If_Match=stale.json()["etag"])
    assert (merged.status_code, merged.json()["city"], merged.json()["country"]) == (200, "Bonn", "DE")


def test_a_handle_of_somebody_else_is_refused() -> None:
    shop = program()
    first = shop.post("/people", HANNAH).json()["id"]
    shop.post("/people", {"identities": [{"network": "email", "address": "otto@kern.example"}]})
    change = {"facts": {"city": "Ulm"}, "identities": [{"network": "email", "address": "otto@kern.example"}]}
    assert shop.patch(f"/people/{first}", change).status_code == 409
    assert shop.get(f"/people/{first}").json()["city"] == "Kiel"
