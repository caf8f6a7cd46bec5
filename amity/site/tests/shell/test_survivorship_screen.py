"""Settings, Which value is shown, by plain forms and over the API."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.channels.models import Source
from amity.kernel.actor import Role
from amity.people.models import Person, ShownRules
from amity.people.survivorship import show_by_rules
from amity.people.tests.records import AT, days, email, listed, make_source, make_staff, person_of, take_in
from amity.site.tests.api.calling import program
from amity.site.web.survivorship import moved

pytestmark = pytest.mark.django_db
BACKEND = "amity.site.signin.StaffBackend"
TOMAS = email("tomas@lindero.example", "Tomás Arrieta")
PAGE = "settings-survivorship"
API = "/people/survivorship"


def client_of(role: Role) -> Client:
    client = Client()
    client.force_login(make_staff(role), backend=BACKEND)
    return client


@pytest.fixture
def chief() -> Client:
    return client_of(Role.OWNER)


@pytest.fixture
def shop() -> Source:
    """Tomás is in Bilbao, says the shop; in Getxo, said the desk later."""
    shop = make_source()
    take_in(shop, listed(TOMAS, city="Bilbao", at=AT - days(9)))
    take_in(make_source("desk"), listed(TOMAS, city="Getxo", at=AT - days(1)))
    return shop


def post(client: Client, *trust: str, **fields: str) -> str:
    answer = client.post(reverse(PAGE), {"trust": list(trust), **fields}, follow=True)
    return answer.content.decode()


def finish() -> None:
    newest = ShownRules.objects.latest("pk")
    while show_by_rules(newest.pk, at=timezone.now()):
        pass


def test_the_usual_rules_stand_there_before_anybody_set_any(chief: Client, shop: Source) -> None:
    shown = chief.get(reverse(PAGE)).content.decode()
    assert "What colleagues type" in shown
    assert "Shop" in shown
    assert "Go back to the rules before" not in shown
    assert 'value="newest" selected' in shown


def test_a_preview_tells_whom_it_concerns_and_saves_nothing(chief: Client, shop: Source) -> None:
    shown = post(chief, str(shop.id), **{"way-city": "trusted", "do": "preview"})
    assert "Of 1 person something else would be shown." in shown
    assert "Getxo" in shown
    assert "Bilbao" in shown
    assert 'value="trusted" selected' in shown  # what was asked for is still chosen
    assert not ShownRules.objects.exists()


def test_what_is_saved_is_applied_with_progress_and_taken_back(chief: Client, shop: Source) -> None:
    shown = post(chief, str(shop.id), **{"way-city": "trusted", "do": "save"})
    assert "Saved" in shown
    assert "0</b>" in shown  # looked at by now
    assert 'hx-trigger="every 2s"' in shown
    finish()
    assert Person.objects.get().city == "Bilbao"
    shown = chief.get(reverse(PAGE)).content.decode()
    assert "Since then something else is shown of 1 person." in shown
    assert 'hx-trigger="every 2s"' not in shown
    answer = chief.post(reverse("settings-survivorship-return"), follow=True)
    assert "The rules before count again" in answer.content.decode()
    finish()
    assert Person.objects.get().city == "Getxo"


def test_sources_are_moved_without_javascript_and_nothing_is_saved(chief: Client, shop: Source) -> None:
    shown = post(chief, "hand", str(shop.id), move=f"{shop.id}:up", **{"way-city": "trusted"})
    assert shown.index(f'name="trust" value="{shop.id}"') < shown.index('name="trust" value="hand"')
    assert "Moved, but not saved yet" in shown
    assert 'value="trusted" selected' in shown
    assert not ShownRules.objects.exists()


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ("b:up", ["b", "a", "c"]),
        ("a:up", ["a", "b", "c"]),
        ("b:down", ["a", "c", "b"]),
        ("c:down", ["a", "b", "c"]),
        ("b:out", ["a", "c"]),
        ("d:in", ["a", "b", "c", "d"]),
        ("b:sideways", ["a", "b", "c"]),
        ("", ["a", "b", "c"]),
    ],
)
def test_a_button_moves_one(move: str, order: list[str]) -> None:
    assert moved(["a", "b", "c"], move) == order


def test_nonsense_is_told_and_changes_nothing(chief: Client, shop: Source) -> None:
    shown = post(chief, "somebody", do="save")
    assert "Name each source once" in shown
    assert not ShownRules.objects.exists()
    assert chief.post(reverse("settings-survivorship-return")).status_code == 409


def test_who_only_reads_settings_or_does_not_is_let_no_further(shop: Source) -> None:
    agent = client_of(Role.AGENT)
    assert agent.get(reverse(PAGE)).status_code == 403
    assert agent.post(reverse(PAGE), {"do": "save"}).status_code == 403


def test_the_page_of_a_person_says_why_a_value_is_shown(chief: Client, shop: Source) -> None:
    person = reverse("person", args=[person_of(TOMAS).id])
    assert "fact-why" in chief.get(person).content.decode()
    post(chief, str(shop.id), **{"way-city": "trusted", "do": "save"})
    finish()
    assert "most trusted source: Shop" in chief.get(person).content.decode()


def test_programs_read_set_and_preview_the_rules(shop: Source) -> None:
    chief = program(Role.OWNER)
    first = chief.get(API)
    assert first.status_code == 200, first.content
    assert first.json()["trust"] == [{"id": "hand", "name": ""}]
    body = {"ways": {"city": "trusted"}, "trust": [str(shop.id)]}
    foretold = chief.post(f"{API}/preview", body)
    assert foretold.status_code == 200, foretold.content
    assert (foretold.json()["changed"], foretold.json()["is_all"]) == (1, True)
    made = chief.call("PUT", API, body, If_Match=first["ETag"])
    assert made.status_code == 200, made.content
    assert made.json()["is_under_way"]
    assert {one["field"]: one["way"] for one in made.json()["fields"]}["city"] == "trusted"
    assert chief.call("PUT", API, {"ways": {}}, If_Match=first["ETag"]).status_code == 412
    assert chief.call("PUT", API, {"ways": {"shoe": "newest"}}).status_code == 422
    finish()
    told = chief.get(f"/people/{person_of(TOMAS).id}").json()
    city = next(one for one in told["facts"] if one["field"] == "city")
    assert (city["shown"]["value"], city["why"], city["why_source"]) == ("Bilbao", "trusted", "Shop")


def test_a_way_back_takes_back_nobody_elses_rules(chief: Client, shop: Source) -> None:
    post(chief, str(shop.id), **{"way-city": "trusted", "do": "save"})
    mine = ShownRules.objects.latest("pk").pk
    post(client_of(Role.OWNER), str(shop.id), **{"way-city": "trusted", "way-name": "complete", "do": "save"})
    answer = chief.post(reverse("settings-survivorship-return"), {"of": str(mine)})
    assert answer.status_code == 409
    assert ShownRules.objects.latest("pk").rules["ways"] == {"city": "trusted", "name": "complete"}
    newest = ShownRules.objects.latest("pk").pk
    assert f'name="of" value="{newest}"' in chief.get(reverse(PAGE)).content.decode()
    assert chief.post(reverse("settings-survivorship-return"), {"of": str(newest)}).status_code == 302
