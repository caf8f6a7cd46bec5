"""Webhooks by programs: secrets that are told once, deliveries, and who may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from amity.channels.models import Source
from amity.kernel.actor import Role
from amity.kernel.api_models import KeptAnswer
from amity.site.tests.api.calling import V1, Program, program
from amity.site.tests.shell.factories import make_conversation, make_source, signed_in, signed_in_lately
from amity.webhooks import services
from amity.webhooks.domain.delivering import Attempted, Outcome
from amity.webhooks.kinds import KINDS, Happening
from amity.webhooks.models import Delivery, Endpoint, Inlet

pytestmark = pytest.mark.django_db
HOOK: dict[str, Any] = {"url": "https://93.184.216.34/hear", "types": ["order.received"]}


def made(owner: Program, **more: Any) -> Any:
    answer = owner.post("/webhooks", HOOK | more)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_webhook_is_made_and_its_secret_told_once() -> None:
    owner = program(Role.OWNER)
    hook = made(owner)
    assert hook["secret"].startswith("whsec_")
    assert (hook["signing"], hook["state"], hook["types"]) == ("v1", "on", ["order.received"])
    read = owner.get(f"/webhooks/{hook['id']}")
    assert hook["secret"] not in read.content.decode() + owner.get("/webhooks").content.decode()
    assert [one["standing"] for one in owner.get("/webhooks").json()["items"]] == ["on"]
    assert "order.received" in {one["type"] for one in owner.get("/webhooks/types").json()["items"]}


def test_a_repeated_request_makes_one_and_keeps_no_secret() -> None:
    owner = program(Role.OWNER)
    first = owner.post("/webhooks", HOOK, Idempotency_Key="k1")
    again = owner.post("/webhooks", HOOK, Idempotency_Key="k1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == first.json() | {"secret": ""}
    assert Endpoint.objects.count() == 1
    assert first.json()["secret"].encode() not in bytes(KeptAnswer.objects.get().body)


def test_a_new_secret_is_told_once_and_the_one_before_goes_on_for_a_day() -> None:
    owner = program(Role.OWNER)
    hook = made(owner, signing="v1a")
    turned = owner.post(f"/webhooks/{hook['id']}/secret", None)
    assert turned.json()["secret"].startswith("whpk_")
    assert turned.json()["secret"] == turned.json()["public_key"] != hook["public_key"]
    assert turned.json()["previous_until"] is not None


def test_a_session_that_was_left_open_is_told_no_secret() -> None:
    owner = program(Role.OWNER)
    client = Client()
    client.force_login(owner.staff, backend="amity.site.signin.StaffBackend")
    sent: dict[str, Any] = {"data": HOOK, "content_type": "application/json"}
    refused = client.post(f"{V1}/webhooks", **sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_needed")
    session = client.session
    session["confirmed_at"] = timezone.now().isoformat()
    session.save()
    assert client.post(f"{V1}/webhooks", **sent).status_code == 201


def test_a_change_says_what_others_changed() -> None:
    owner = program(Role.OWNER)
    place = f"/webhooks/{made(owner)['id']}"
    tag = owner.get(place).headers["ETag"]
    Endpoint.objects.update(failures=3, arrived_at=timezone.now())  # how it does is no change of it
    changed = owner.patch(place, {"description": "Books"}, If_Match=tag)
    assert (changed.status_code, changed.json()["description"]) == (200, "Books")
    stale = owner.patch(place, {"description": "Stock", "types": ["import.finished"]}, If_Match=tag)
    assert (stale.status_code, stale.json()["mergeable"]) == (412, ["types"])
    assert owner.patch(place, {"url": "http://93.184.216.34/"}).status_code == 422


def test_it_is_paused_tested_and_what_failed_is_sent_again() -> None:
    owner = program(Role.OWNER)
    place = f"/webhooks/{made(owner)['id']}"
    sent = owner.post(f"{place}/test", None)
    assert (sent.status_code, sent.json()["state"]) == (201, "waiting")
    assert sent.json()["body"]["type"] == "webhook.test"
    at = timezone.now()
    failed = Attempted(Outcome.FAILED, status=500, duration_ms=12, error="", response="no")
    services.settle(Delivery.objects.get().id, failed, at=at)
    assert owner.post(f"{place}/state", {"state": "off"}).json()["off_why"] == "by_hand"
    assert owner.post(f"{place}/replay", {"since": at.isoformat()}).status_code == 409
    assert owner.post(f"{place}/state", {"state": "on"}).json()["state"] == "on"
    (row,) = owner.get(f"{place}/deliveries?state=failed").json()["items"]
    assert (row["last_status"], row["last_outcome"]) == (500, "failed")
    since = (at - timedelta(hours=1)).isoformat()
    assert owner.post(f"{place}/replay", {"since": since}).json() == {"count": 1}
    one = owner.get(f"/webhooks/deliveries/{row['id']}").json()
    assert (one["state"], [try_["response"] for try_ in one["tries"]]) == ("waiting", ["no"])
    assert owner.post(f"/webhooks/deliveries/{row['id']}/attempt", None).status_code == 200


def test_the_log_comes_in_pages() -> None:
    owner = program(Role.OWNER)
    place = f"/webhooks/{made(owner)['id']}"
    ids = {owner.post(f"{place}/test", None).json()["id"] for _ in range(3)}
    first = owner.get(f"{place}/deliveries?limit=2").json()
    second = owner.get(f"{place}/deliveries?limit=2&after={first['after']}").json()
    assert {one["id"] for one in first["items"] + second["items"]} == ids
    assert "after" not in second


def closed(source: Source, at: datetime) -> UUID:
    """A conversation of this source was closed, and whoever listens is told."""
    talk = make_conversation(source)
    happening = Happening("conversation.closed", talk.id, at, {"id": str(talk.id)})
    with transaction.atomic():
        services.tell([happening], at=at)
    return talk.id


def test_of_a_colleagues_own_mailbox_nothing_stands_in_the_log_that_others_read() -> None:
    owner, other = program(Role.OWNER), program(Role.ADMINISTRATOR)
    place = f"/webhooks/{made(owner, types=['conversation.closed'])['id']}"
    shop, own = make_source("shop"), make_source("own")
    Source.objects.filter(pk=own.pk).update(owner_id=owner.staff.id)
    at = timezone.now()
    shared, private = [], []
    for minute in range(3):
        shared.append(str(closed(shop, at + timedelta(minutes=2 * minute))))
        private.append(str(closed(own, at + timedelta(minutes=2 * minute + 1))))

    def subjects(reader: Program) -> list[str]:
        """Page by page, two at a time."""
        found, after = [], ""
        while True:
            page = reader.get(f"{place}/deliveries?limit=2{after}").json()
            found += [one["subject_id"] for one in page["items"]]
            if "after" not in page:
                return found
            assert len(page["items"]) == 2
            after = f"&after={page['after']}"

    assert subjects(owner) == [id for pair in zip(shared, private, strict=True) for id in pair][::-1]
    assert subjects(other) == shared[::-1]
    hidden = Delivery.objects.filter(event__subject_id__in=private)
    one = f"/webhooks/deliveries/{hidden[0].id}"
    assert [reader.get(one).status_code for reader in (owner, other)] == [200, 404]
    assert other.post(f"{one}/attempt", None).status_code == 404
    page = signed_in(other.staff).get(f"/settings/webhooks/{place.rpartition('/')[2]}/").content.decode()
    assert page.count("/settings/webhooks/deliveries/") == 3
    assert not any(str(id) in page for id in hidden.values_list("id", flat=True))
    counts = {"waiting": "waiting", "failed": "failed_in_a_week"}
    for state, name in counts.items():
        Delivery.objects.update(state=state)
        told = [reader.get("/webhooks").json()["items"][0][name] for reader in (owner, other)]
        assert told == [6, 3]
    assert other.post(f"{place}/replay", {"since": at.isoformat()}).json() == {"count": 3}
    assert set(hidden.values_list("state", flat=True)) == {"failed"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_log_asks_of_every_kind_what_its_sending_asks(kind: str) -> None:
    owner = program(Role.OWNER)
    place = f"/webhooks/{made(owner, types=[kind])['id']}"
    at = timezone.now()
    with transaction.atomic():
        services.tell([Happening(kind, uuid4(), at, {})], at=at)
    assert Delivery.objects.count() == 1
    assert owner.get(f"{place}/deliveries").json()["items"] == []  # there is no such record


def test_only_what_is_off_is_removed() -> None:
    owner = program(Role.OWNER)
    place = f"/webhooks/{made(owner)['id']}"
    assert owner.call("DELETE", place).status_code == 409
    owner.post(f"{place}/state", {"state": "off"})
    assert owner.call("DELETE", place).status_code == 204
    assert owner.get(place).status_code == 404


def test_an_address_of_ours_is_opened_read_otherwise_and_closed() -> None:
    owner = program(Role.OWNER)
    opened = owner.post("/inlets", {"name": "Web shop"}).json()
    assert opened["secret"].startswith("whsec_")
    assert opened["address"].endswith(f"/in/webhooks/{opened['id']}/")
    place = f"/inlets/{opened['id']}"
    assert owner.patch(place, {"is_on": False}).json()["is_on"] is False
    assert owner.patch(place, {"mapping": {"fields": 7}}).status_code == 422
    assert owner.post(f"{place}/secret", {}).json()["secret"] not in ("", opened["secret"])
    assert [one["id"] for one in owner.get("/inlets").json()["items"]] == [opened["id"]]
    assert owner.call("DELETE", place).status_code == 204
    assert not Inlet.objects.exists()


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST, Role.PARTNER])
def test_others_may_not_even_know_of_them(role: Role) -> None:
    hook = made(program(Role.OWNER))
    other = program(role)
    assert other.get(f"/webhooks/{hook['id']}").status_code == 403
    assert other.post("/webhooks", HOOK).status_code == 403
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM webhooks_endpoint")
        assert cursor.fetchone() == (1,)


def test_another_address_is_confirmed_as_a_new_one_is() -> None:
    owner = program(Role.OWNER)
    hook = made(owner)
    left_open, fresh = signed_in(owner.staff), signed_in_lately(owner.staff)
    place, page = f"{V1}/webhooks/{hook['id']}", f"/settings/webhooks/{hook['id']}/"
    more: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
    elsewhere = {"url": "https://93.184.216.34/elsewhere"}
    refused = left_open.patch(place, elsewhere, "application/json", **more)
    assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_needed")
    form = {"url": elsewhere["url"], "description": "", "types": HOOK["types"]}
    assert left_open.post(page, form)["Location"].startswith("/settings/security/confirmation/")
    assert Endpoint.objects.get().url == HOOK["url"]
    words = {"url": HOOK["url"], "description": "The shop"}
    assert left_open.patch(place, words, "application/json", **more).status_code == 200
    assert left_open.post(page, form | {"url": HOOK["url"]})["Location"] == page
    assert fresh.post(page, form)["Location"] == page
    assert Endpoint.objects.get().url == elsewhere["url"]
    assert fresh.patch(place, {"url": HOOK["url"]}, "application/json", **more).status_code == 200
