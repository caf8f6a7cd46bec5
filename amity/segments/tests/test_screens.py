"""Segments on the screen and over the API."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest
from django.test import Client

from amity.kernel.actor import Role
from amity.people.tests.records import (
    AT,
    email,
    listed,
    make_source,
    make_staff,
    ordered,
    person_of,
    said,
    take_in,
)
from amity.segments.keeping import catch_up
from amity.segments.models import Member, Segment

pytestmark = pytest.mark.django_db

ADA, BO = email("ada@roast.example", "Ada Roth"), email("bo@roast.example", "Bo Lind")
BACKEND = "amity.site.signin.StaffBackend"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
TYPED = {
    "name": "Writers", "description": "", "r.kind": "all", "r.0.field": "wrote", "r.0.op": "at_least", "r.0.value": "1",
    "r.0.days": "", "r.0.of": "",
}  # fmt: skip


@pytest.fixture
def client() -> Client:
    take_in(make_source(), said(ADA), listed(BO))
    made = Client(headers={"Sec-Fetch-Site": "same-origin"})
    made.force_login(make_staff(Role.MARKETER), backend=BACKEND)
    return made


def make(client: Client) -> Segment:
    client.post("/segments/new/", TYPED | {"do": "save"})
    catch_up(AT)
    return Segment.objects.get()


def test_an_example_is_made_by_one_click_and_undone_by_another(client: Client) -> None:
    assert "Start with one of these" in client.get("/segments/").content.decode()
    made = client.post("/segments/examples/unhappy/")
    assert made.status_code == 302
    segment = Segment.objects.get()
    assert segment.name in client.get("/segments/").content.decode()
    client.post(f"/segments/{segment.id}/removal/")
    assert "No segments yet" in client.get("/segments/").content.decode()
    client.post(f"/segments/{segment.id}/restoration/")
    assert Segment.objects.there().get() == segment


def test_a_rule_is_built_condition_by_condition_without_a_script(client: Client) -> None:
    page = client.post("/segments/new/", TYPED | {"do": "group:r"}).content.decode()
    assert 'name="r.1.0.field"' in page
    assert 'value="Writers"' in page
    page = client.post(
        "/segments/new/", TYPED | {"r.1.kind": "any", "r.1.0.field": "city", "do": "drop:r.0"}
    ).content.decode()
    assert 'name="r.0.0.field"' in page
    assert 'name="r.1' not in page
    refused = client.post("/segments/new/", TYPED | {"r.0.value": "", "do": "save"})
    assert (refused.status_code, Segment.objects.count()) == (422, 0)
    assert "Condition 1: Fill in a number." in refused.content.decode()


def test_the_count_stands_beside_the_rule_once_everybody_is_read(client: Client) -> None:
    first = client.post("/segments/preview/", TYPED, headers=HTMX).content.decode()
    assert "Everybody is read for the first time" in first
    catch_up(AT)
    then = client.post("/segments/preview/", TYPED, headers=HTMX).content.decode()
    assert "person now, counted exactly" in then
    assert "Ada Roth" in then


def test_the_page_of_a_segment_shows_who_is_in_it_and_why_and_that_of_a_person_the_same(
    client: Client,
) -> None:
    segment, ada, bo = make(client), person_of(ADA).id, person_of(BO).id
    page = client.get(f"/segments/{segment.id}/").content.decode()
    assert "Ada Roth" in page
    assert "Bo Lind" not in page
    why = client.get(f"/segments/{segment.id}/people/{bo}/").content.decode()
    assert "Is not in it" in why
    assert re.search("found: (<bdi>)?0<", why)
    assert "Writers" in client.get(f"/people/{ada}/segments/", headers=HTMX).content.decode()


def test_the_list_of_people_is_narrowed_to_a_segment_and_so_is_its_export(client: Client) -> None:
    segment = make(client)
    listed_people = client.get(f"/people/?is=segment:{segment.id}").content.decode()
    assert "Ada Roth" in listed_people
    assert "Bo Lind" not in listed_people
    exported = b"".join(client.get(f"/people/export/?is=segment:{segment.id}").streaming_content)  # type: ignore[attr-defined]
    assert b"ada@roast.example" in exported
    assert b"bo@roast.example" not in exported


def test_a_change_is_taken_back_by_the_version_before(client: Client) -> None:
    segment = make(client)
    client.post(f"/segments/{segment.id}/rule/", TYPED | {"r.0.value": "2", "do": "save"})
    catch_up(AT)
    assert not Member.objects.filter(segment=segment, until=None).exists()
    client.post(f"/segments/{segment.id}/version/", {"number": "1"})
    catch_up(AT)
    assert Member.objects.filter(segment=segment, until=None).count() == 1


def test_programs_make_ask_change_and_delete(client: Client) -> None:
    def ask(method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, object]]:
        answer = client.generic(
            method, f"/api/v1{path}", json.dumps(body) if body is not None else "", "application/json",
            headers={"Sec-Fetch-Site": "same-origin", **headers},
        )  # fmt: skip
        return answer.status_code, json.loads(answer.content) if answer.content else {}

    rule = {"all": [{"field": "wrote", "op": "at_least", "value": 1}]}
    status, made = ask("POST", "/segments", {"name": "Writers", "rule": rule})
    assert (status, made["rule"], made["is_counted"]) == (201, rule, False)
    catch_up(AT)
    path = f"/segments/{made['id']}"
    assert ask("GET", path)[1]["members"] == 1
    members = ask("GET", f"{path}/members")[1]["items"]
    assert [one["person"] for one in members] == ["Ada Roth"]  # type: ignore[attr-defined]
    assert ask("POST", "/segments/preview", {"rule": rule})[1]["count"] == 1
    why = ask("GET", f"{path}/people/{person_of(BO).id}")[1]
    assert (why["is_in"], why["reasons"][0]["found"]) == (False, 0)  # type: ignore[index]
    assert ask("PATCH", path, {"name": "Who writes"}, **{"If-Match": '"1.AAAA"'})[0] == 412
    assert ask("PATCH", path, {"name": "Who writes"})[1]["name"] == "Who writes"
    status, refused = ask(
        "POST", "/segments", {"name": "Odd", "rule": {"all": [{"field": "shoe", "op": "is"}]}}
    )
    assert (status, refused["code"]) == (422, "invalid")
    assert ask("DELETE", path)[0] == 204
    assert ask("GET", path)[0] == 404
    assert ask("POST", f"{path}/restoration")[0] == 200


def test_an_order_brings_somebody_in_by_what_they_spent_in_one_currency(client: Client) -> None:
    from amity.commerce.stages import take_orders
    from amity.people.tests.records import SHORT

    stages = (*SHORT[:3], take_orders, *SHORT[3:])
    typed = TYPED | {"r.0.field": "spent", "r.0.of": "EUR", "r.0.value": "100,50"}
    client.post("/segments/new/", typed | {"do": "save"})
    source = make_source("till")
    take_in(source, ordered(ADA, amount="60.00"), ordered(BO, amount="200.00", currency="GBP"), stages=stages)
    catch_up(AT)
    assert not Member.objects.exists()
    take_in(source, ordered(ADA, amount="40.50"), stages=stages)
    catch_up(AT)
    (stay,) = Member.objects.all()
    assert (stay.person_id, stay.why_in) == (UUID(str(person_of(ADA).id)), [[[0], True, 100.5]])


def test_conditions_read_as_sentences_also_of_birthdays(client: Client) -> None:
    typed = {
        "name": "Born",
        "r.kind": "all",
        "r.0.field": "last_wrote",
        "r.0.op": "longer_ago",
        "r.0.value": "365",
    }
    page = client.post("/segments/new/", typed).content.decode()
    assert "longer ago than" not in page
    condition = page[page.index('value="longer_ago" selected>more than</option>') :]
    assert condition.index('value="365"') < condition.index(">days ago</span>")
    typed |= {"r.0.field": "birthday", "r.0.op": "in_month", "r.0.value": "5"}
    page = client.post("/segments/new/", typed).content.decode()
    assert '<option value="5" selected>May</option>' in page
    client.post("/segments/new/", typed | {"do": "save"})
    made = Segment.objects.get()
    assert made.rule == {"all": [{"field": "birthday", "op": "in_month", "value": "5"}]}
    assert "Birthday is in the month May" in client.get(f"/segments/{made.pk}/").content.decode()
