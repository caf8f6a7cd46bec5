"""What the screens can do, done by programs: orders, messages, conversations, imports, views, figures."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from ninja import Schema

from amity.channels.models import ImportRun, OutboundMessage
from amity.commerce.models import BuyerTotal, Order, OrderLine
from amity.kernel.actor import Role
from amity.kernel.api.tokens import every_scope
from amity.kernel.models import Team
from amity.people.vocabulary import settle
from amity.site.api import api
from amity.site.tests.api.calling import Program, program

pytestmark = pytest.mark.django_db
ORDER: dict[str, Any] = {
    "external_id": "1001",
    "ordered_at": "2026-03-17T09:30:00+01:00",
    "buyer": {"identities": [{"network": "email", "address": "hannah@vogel.example"}]},
    "amount": "24.90",
    "currency": "EUR",
    "lines": [{"sku": "BEANS-1", "name": "Beans", "quantity": "2", "amount": "20.00"}],
}
MESSAGE: dict[str, Any] = {
    "external_id": "m1",
    "occurred_at": "2026-03-17T09:30:00Z",
    "author": {
        "identities": [{"network": "email", "address": "hannah@vogel.example"}],
        "name": "Hannah Vogel",
    },
    "channel": "chat",
    "text": "Where is my parcel?",
}


def conversation_of(shop: Program) -> str:
    assert shop.post("/activities", MESSAGE).status_code == 201
    (row,) = shop.get("/conversations?box=all").json()["items"]
    return f"/conversations/{row['id']}"


def test_an_order_is_told_read_and_told_again() -> None:
    owner = program(Role.OWNER)
    made = owner.call("PUT", "/orders", ORDER)
    assert (made.status_code, made.json()["is_new"]) == (201, True)
    again = owner.call(
        "PUT", "/orders", ORDER | {"status": "refunded", "lines": [ORDER["lines"][0] | {"quantity": "1"}]}
    )
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    order = owner.get(f"/orders/{made.json()['id']}").json()
    assert (order["status"], order["amount"], order["lines"][0]["quantity"]) == ("refunded", "24.90", "1.000")
    assert OrderLine.objects.count() == 1
    assert not BuyerTotal.objects.exists()  # what was given back was not bought
    assert [one["sku"] for one in owner.get("/products").json()["items"]] == ["BEANS-1"]


def test_who_may_only_look_at_orders_tells_none() -> None:
    assert program().call("PUT", "/orders", ORDER).status_code == 403


def test_a_message_comes_into_the_inbox_once() -> None:
    shop = program()
    first = shop.post("/activities", MESSAGE)
    again = shop.post("/activities", MESSAGE)
    assert (first.status_code, again.status_code, again.json()["is_new"]) == (201, 200, False)
    assert shop.get("/conversations/boxes").json()["waiting"] == 1
    assert shop.get("/activities?direction=in").json()["items"][0]["text"] == "Where is my parcel?"


def test_another_buyer_is_refused_and_another_handle_of_the_same_one_is_not() -> None:
    owner = program(Role.OWNER)
    assert owner.call("PUT", "/orders", ORDER).status_code == 201
    other = {"identities": [{"network": "email", "address": "otto@kern.example"}]}
    refused = owner.call("PUT", "/orders", ORDER | {"buyer": other, "status": "refunded"})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["buyer"])
    assert Order.objects.get().status == "paid"
    phone = {"network": "phone", "address": "+4915112345678"}
    both = {"identities": [phone, *ORDER["buyer"]["identities"]]}
    assert owner.call("PUT", "/orders", ORDER | {"buyer": both, "status": "refunded"}).status_code == 200
    assert Order.objects.get().status == "refunded"
    back = ORDER | {"buyer": {"identities": [phone]}, "status": "paid"}
    (row,) = owner.post("/orders/bulk", [back]).json()["rows"]
    assert (row["status"], Order.objects.get().status) == ("updated", "paid")


def test_many_conversations_are_closed_snoozed_and_given_away_at_once() -> None:
    shop = program()
    for number in range(3):
        who = {"identities": [{"network": "email", "address": f"c{number}@mail.example"}]}
        assert (
            shop.post("/activities", MESSAGE | {"external_id": f"m{number}", "author": who}).status_code
            == 201
        )
    ids = [row["id"] for row in shop.get("/conversations?box=all").json()["items"]]
    everything = {"ids": [*ids, str(uuid4())]}
    given = shop.post("/conversations/bulk", everything | {"do": "assign", "assignee_id": str(shop.staff.id)})
    assert (sorted(given.json()["done"]), given.json()["were_so"]) == (sorted(ids), 0)
    assert len(shop.get("/conversations?box=mine").json()["items"]) == 3
    asleep = {"ids": ids[:1], "do": "snooze", "until": (timezone.now() + timedelta(days=1)).isoformat()}
    assert shop.post("/conversations/bulk", asleep).json() == {"done": ids[:1], "were_so": 0}
    assert shop.post("/conversations/bulk", {"ids": ids[:1], "do": "snooze"}).status_code == 422
    closed = shop.post("/conversations/bulk", {"ids": ids, "do": "close"}).json()
    assert (len(closed["done"]), closed["were_so"]) == (3, 0)
    assert shop.post("/conversations/bulk", {"ids": ids, "do": "close"}).json() == {"done": [], "were_so": 3}
    stranger = shop.post("/conversations/bulk", {"ids": ids, "do": "assign", "assignee_id": str(uuid4())})
    assert stranger.status_code == 422
    assert program(Role.ANALYST).post("/conversations/bulk", {"ids": ids, "do": "close"}).status_code == 403


def test_a_conversation_is_worked_on_to_its_end() -> None:
    shop = program()
    place = conversation_of(shop)
    replied = shop.post(f"{place}/replies", {"text": "It left this morning."})
    assert replied.status_code == 201, replied.content
    assert shop.post(f"{place}/notes", {"text": "She is in a hurry."}).status_code == 201
    assert shop.call("PUT", f"{place}/assignment", {"assignee_id": None}).json()["assignee"] is None
    due = (timezone.now() + timedelta(hours=4)).isoformat()
    made = shop.post(f"{place}/promises", {"what": "Call back", "due_at": due})
    assert (made.status_code, made.json()["owner"]) == (201, "Ines Okafor")
    assert shop.post(f"/promises/{made.json()['id']}/settlement", {"state": "kept"}).json()["state"] == "kept"
    assert shop.post(f"{place}/snooze", {"until": due}).json()["state"] == "snoozed"
    assert shop.post(f"{place}/opening", None).json()["state"] == "open"
    assert shop.post(f"{place}/closure", None).json()["state"] == "closed"
    kinds = [one["kind"] for one in shop.get(f"{place}/thread").json()["items"]]
    assert {"customer", "ours", "internal", "promise", "step"} <= set(kinds)
    assert shop.call("PUT", f"{place}/read-mark").status_code == 200


def test_a_reply_is_withdrawn_while_it_waits() -> None:
    shop = program()
    message = shop.post(f"{conversation_of(shop)}/replies", {"text": "Not yet."}).json()["message_id"]
    assert shop.post(f"/messages/{message}/withdrawal", None).status_code == 200
    assert OutboundMessage.objects.get().state == "withdrawn"


def test_a_conversation_sleeps_on_when_its_reply_is_withdrawn() -> None:
    shop = program()
    place = conversation_of(shop)
    until = (timezone.now() + timedelta(hours=4)).isoformat()
    asleep = shop.post(f"{place}/snooze", {"until": until}).json()
    sent = shop.post(f"{place}/replies", {"text": "Not yet.", "close": True}).json()
    assert (sent["conversation_state"], shop.get(place).json()["assignee"]["name"]) == (
        "closed",
        "Ines Okafor",
    )
    assert shop.post(f"/messages/{sent['message_id']}/withdrawal", None).json() == asleep


def test_a_refused_verb_says_why_and_changes_nothing() -> None:
    shop = program()
    place = conversation_of(shop)
    shop.post(f"{place}/closure", None)
    refused = shop.post(f"{place}/closure", None)
    assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")


def test_a_partner_works_on_what_is_theirs_and_knows_of_nothing_else() -> None:
    shop, partner = program(), program(Role.PARTNER)
    place = conversation_of(shop)
    assert partner.get(place).status_code == 404
    shop.call("PUT", f"{place}/assignment", {"assignee_id": str(partner.staff.id)})
    assert partner.get(place).status_code == 200
    assert partner.get("/activities").status_code == 403


def test_a_timeline_shows_what_its_reader_may_read() -> None:
    shop = program()
    conversation_of(shop)
    person = shop.get("/people").json()["items"][0]["id"]
    assert [one["lane"] for one in shop.get(f"/people/{person}/timeline").json()["items"]] == ["said"]
    narrow = program(scopes=["person:read"])
    assert narrow.get(f"/people/{person}/timeline").status_code == 403


def test_a_file_is_uploaded_looked_at_and_started() -> None:
    owner = program(Role.OWNER)
    sent = owner.client.generic(
        "POST", "/api/v1/imports?filename=people.csv", b"email,name\nhannah@vogel.example,Hannah Vogel\n",
        "application/octet-stream", headers={"Authorization": f"Bearer {owner.secret}"},
    )  # fmt: skip
    assert sent.status_code == 201, sent.content
    place = f"/imports/{sent.json()['id']}"
    assert owner.get(f"{place}/preview").json()["becomes"] == {"people": 1}
    assert owner.patch(place, {"mapping": {"nonsense": []}}).status_code == 422
    mapping = sent.json()["mapping"]
    assert owner.patch(place, {"mapping": mapping}).status_code == 200
    assert owner.post(f"{place}/start", None).json()["state"] == "queued"
    assert ImportRun.objects.get().state == "queued"
    assert program().post(f"{place}/stop", None).status_code == 403


def test_settings_teams_and_views_are_changed() -> None:
    owner, agent = program(Role.OWNER), program()
    tag = owner.get("/workspace").headers["ETag"]
    assert owner.patch("/workspace", {"currency": "CHF"}, If_Match=tag).json()["currency"] == "CHF"
    stale = owner.patch("/workspace", {"currency": "USD"}, If_Match=tag)
    assert stale.json()["conflict"]["currency"]["theirs"] == "CHF"
    assert agent.patch("/workspace", {"currency": "USD"}).status_code == 403
    team = owner.post("/teams", {"name": "Night shift"}).json()["id"]
    assert owner.call("DELETE", f"/teams/{team}").status_code == 204
    assert not Team.objects.exists()
    view = agent.post("/saved-views", {"screen": "people", "name": "Kiel", "query": "country=DE"}).json()
    assert agent.patch(f"/saved-views/{view['id']}", {"is_shared": True}).json()["is_shared"] is True
    assert owner.patch(f"/saved-views/{view['id']}", {"name": "Mine"}).status_code == 403


def test_figures_open_to_their_records() -> None:
    shop = program()
    conversation_of(shop)
    figures = {one["key"]: one for one in shop.get("/figures").json()["items"]}
    key = next(key for key, one in figures.items() if one["count"] == 1)
    assert len(shop.get(f"/figures/{key}/records").json()["items"]) == 1
    assert shop.get("/figures/no-such").status_code == 404


def test_a_search_finds_what_the_palette_finds() -> None:
    shop = program()
    conversation_of(shop)
    assert {one["section"] for one in shop.get("/search?q=hannah").json()["items"]} >= {
        "people",
        "conversations",
    }
    settle()
    mistyped = shop.get("/search?q=hanah").json()["items"]
    assert {(one["section"], one["spelling"]) for one in mistyped} == {
        ("people", "similar"), ("conversations", "similar"),
    }  # fmt: skip
    assert shop.get("/people?q=hanah").json()["items"] == []


def test_one_knows_as_whom_one_came() -> None:
    me = program(scopes=["person:read"]).get("/me").json()
    assert (me["role"], me["scopes"]) == ("agent", ["person:read"])


def test_no_two_shapes_go_by_one_name_in_the_document() -> None:
    waiting, shapes = [Schema], set[type[Schema]]()
    while waiting:
        found = [one for one in waiting.pop().__subclasses__() if one.__module__.startswith("amity.")]
        shapes |= set(found)  # one that has two bases is met twice
        waiting += found
    twice = [name for name, count in Counter(one.__name__ for one in shapes).items() if count > 1]
    assert shapes
    assert not twice, "the document would show one of them for both"


def test_every_operation_says_which_scope_it_needs() -> None:
    scopes = set(every_scope())
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, described in methods.items():
            scope = f"{described['x-resource']}:{described['x-action']}"
            assert described["x-resource"] == "anybody" or scope in scopes, f"{method} {path}"
            assert described["description"], f"{method} {path}"
