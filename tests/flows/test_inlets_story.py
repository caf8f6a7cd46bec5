"""What a system outside sends to us: verified on the raw bytes, or nothing at all is stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from amity.activity.models import Activity
from amity.channels.models import Item, ItemState
from amity.commerce.models import BuyerTotal, Order
from amity.conversations.tests.factories import an_actor
from amity.kernel.actor import Actor, Role
from amity.kernel.api.limits import Buckets
from amity.kernel.errors import Forbidden, Invalid
from amity.people.models import Person
from amity.site.web import inlets
from amity.webhooks import services
from amity.webhooks.domain import signing
from amity.webhooks.models import Inlet, Received

pytestmark = pytest.mark.django_db

SHOP: dict[str, Any] = {
    "record": "order",
    "fields": {
        "id": "data.order.number",
        "at": "timestamp",
        "amount": "data.order.total",
        "currency": "data.order.currency",
    },
    "handles": [{"network": "email", "column": "data.customer.email", "label": "data.customer.name"}],
}
ORDER = {
    "type": "order.paid",
    "timestamp": "2026-03-17T09:00:00Z",
    "data": {
        "order": {"number": "A-17", "total": "89.00", "currency": "EUR"},
        "customer": {"email": "hanna@roast.example", "name": "Hanna Vogel"},
    },
}


@pytest.fixture(autouse=True)
def _full_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlets, "buckets", Buckets())


@pytest.fixture
def owner(db: None) -> Actor:
    return an_actor(role=Role.OWNER)


def send(inlet: Inlet, body: bytes, headers: dict[str, str]) -> Any:
    return Client(enforce_csrf_checks=True).post(
        f"/in/webhooks/{inlet.id}/", body, content_type="application/json", headers=headers
    )


def signed(secret: str, body: bytes, id: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    """As the reference library signs."""
    at = at or timezone.now()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id, at, body.decode()),
    }


def everything() -> list[tuple[str, int, str]]:
    """How many rows each table has, and what is in them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for name in tables:
            cursor.execute(
                f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{name}" t'
            )
            found.append((name, *cursor.fetchone()))
        return found


def test_an_order_that_is_told_again_is_what_it_was_told_last(owner: Actor) -> None:
    mapping = SHOP | {"fields": SHOP["fields"] | {"status": "data.order.status"}}
    made = services.add_inlet(name="Shop", mapping=mapping, actor=owner, at=timezone.now())
    for number, status in enumerate(("paid", "refunded")):
        told = json.loads(json.dumps(ORDER))
        told["data"]["order"]["status"] = status
        body = json.dumps(told).encode()
        assert send(made.inlet, body, signed(made.secret, body, f"msg_{number}")).json()["new"] == 1
    assert [one.status for one in Order.objects.all()] == ["refunded"]
    assert not BuyerTotal.objects.exists()
    rows = mapping | {"options": {"lines": True}}
    with pytest.raises(Invalid):
        services.add_inlet(name="Rows", mapping=rows, actor=owner, at=timezone.now())


def test_an_order_of_a_shop_is_read_by_its_mapping_and_comes_once(owner: Actor) -> None:
    opened = services.add_inlet(name="Web shop", mapping=SHOP, actor=owner, at=timezone.now())
    body = json.dumps(ORDER).encode()
    headers = signed(opened.secret, body)
    answer = send(opened.inlet, body, headers)
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    order = Order.objects.get()
    assert (order.number, str(order.amount), order.source.name) == ("A-17", "89.00", "Web shop")
    assert Person.objects.get().name == "Hanna Vogel"
    assert bytes(Item.objects.get().raw) == body
    again = send(opened.inlet, body, signed(opened.secret, body))
    assert (again.status_code, again.json()) == (200, {"status": "known"})
    assert Item.objects.count() == Received.objects.count() == 1


def test_two_messages_that_say_the_same_are_two(owner: Actor) -> None:
    opened = services.add_inlet(name="Chat", actor=owner, at=timezone.now())
    said = {
        "type": "message",
        "id": "m1",
        "at": "2026-03-17T09:00:00Z",
        "from": {"network": "email", "address": "hanna@roast.example"},
        "text": "Hello",
    }
    body = json.dumps(said).encode()
    for id in ("msg_1", "msg_2"):
        assert send(opened.inlet, body, signed(opened.secret, body, id)).status_code == 200
    assert Item.objects.count() == 2
    assert Activity.objects.count() == 1  # the same message by its own id


def test_what_is_verified_and_cannot_be_read_is_kept_for_later(owner: Actor) -> None:
    opened = services.add_inlet(name="Web shop", mapping=SHOP, actor=owner, at=timezone.now())
    for id, body in (("a", b"{"), ("b", b"[]"), ("c", b'{"type": "ping"}'), ("d", b"")):
        answer = send(opened.inlet, body, signed(opened.secret, body, id))
        assert (answer.status_code, answer.json()["quarantined"]) == (200, 1)
    assert Item.objects.filter(state=ItemState.QUARANTINED).count() == 4


@pytest.mark.parametrize(
    "harm",
    [
        lambda given: {},
        lambda given: given | {"webhook-signature": ""},
        lambda given: given | {"webhook-signature": "v1,AAAA"},
        lambda given: given | {"webhook-id": "msg_2"},
        lambda given: given | {"webhook-timestamp": str(int(given["webhook-timestamp"]) + 1)},
        lambda given: given | {"webhook-timestamp": "x"},
        lambda given: {name: value for name, value in given.items() if name != "webhook-timestamp"},
    ],
)
def test_what_is_not_verified_is_401_and_nothing_is_stored(harm: Any, owner: Actor) -> None:
    opened = services.add_inlet(name="Web shop", mapping=SHOP, actor=owner, at=timezone.now())
    body = json.dumps(ORDER).encode()
    before = everything()
    answer = send(opened.inlet, body, harm(signed(opened.secret, body)))
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert everything() == before


def test_an_old_signature_another_body_and_another_secret_are_401(owner: Actor) -> None:
    now = timezone.now()
    opened = services.add_inlet(name="Web shop", mapping=SHOP, actor=owner, at=now)
    body = json.dumps(ORDER).encode()
    before = everything()
    for secret, sent, at in (
        (opened.secret, body, now - timedelta(minutes=6)),
        (opened.secret, body, now + timedelta(minutes=6)),
        (opened.secret, body + b" ", now),
        (signing.new_secret(), body, now),
    ):
        assert send(opened.inlet, body, signed(secret, sent, at=at)).status_code == 401
    assert everything() == before


def test_an_inlet_that_is_off_or_unknown_is_404_and_one_does_not_read_another_ones_mail(owner: Actor) -> None:
    now = timezone.now()
    first = services.add_inlet(name="First", actor=owner, at=now)
    second = services.add_inlet(name="Second", actor=owner, at=now)
    body = b"{}"
    assert send(second.inlet, body, signed(first.secret, body)).status_code == 401
    services.change_inlet(first.inlet.id, is_on=False, mapping=first.inlet.mapping, actor=owner)
    assert send(first.inlet, body, signed(first.secret, body)).status_code == 404
    services.remove_inlet(second.inlet.id, actor=owner)
    assert send(second.inlet, body, signed(second.secret, body)).status_code == 404
    assert Item.objects.count() == 0


def test_for_a_day_the_secret_before_is_good_too(owner: Actor) -> None:
    now = timezone.now()
    first = services.add_inlet(name="Shop", actor=owner, at=now)
    second = services.change_key(first.inlet.id, actor=owner, at=now)
    for number, secret in enumerate((first.secret, second.secret)):
        assert send(first.inlet, b"{}", signed(secret, b"{}", f"msg_{number}")).status_code == 200
    Inlet.objects.update(previous_until=now - timedelta(seconds=1))
    assert send(first.inlet, b"{}", signed(first.secret, b"{}", "msg_3")).status_code == 401


def test_a_sender_with_a_key_pair_gives_us_the_public_half(owner: Actor) -> None:
    private = signing.new_private_key()
    opened = services.add_inlet(name="Bank", key=signing.public_key(private), actor=owner, at=timezone.now())
    assert opened.secret == ""
    headers = signing.headers([private], "msg_1", int(datetime.now(UTC).timestamp()), b"{}")
    assert send(opened.inlet, b"{}", headers).status_code == 200


def test_a_body_that_is_too_large_is_413_and_a_flood_429(owner: Actor) -> None:
    opened = services.add_inlet(name="Shop", actor=owner, at=timezone.now())
    large = b" " * (inlets.MOST_BYTES + 1)
    assert send(opened.inlet, large, signed(opened.secret, large)).status_code == 413
    answers = [send(opened.inlet, b"{}", {}) for _ in range(90)]
    assert [answer.status_code for answer in answers[:60]] == [401] * 60
    flooded = next(
        answer for answer in answers if answer.status_code != 401
    )  # tokens come back, one a second
    assert flooded.status_code == 429
    assert int(flooded.headers["Retry-After"]) >= 1
    assert Client().get(f"/in/webhooks/{opened.inlet.id}/").status_code == 405


def test_only_owners_and_administrators_open_inlets_and_mistakes_are_told() -> None:
    now = timezone.now()
    with pytest.raises(Forbidden):
        services.add_inlet(name="Shop", actor=an_actor(role=Role.AGENT), at=now)
    chief = an_actor(role=Role.ADMINISTRATOR)
    for wrong, field in (
        ({"name": " "}, "name"),
        ({"name": "Shop", "key": "whsec_short"}, "key"),
        ({"name": "Shop", "mapping": {"record": "order"}}, "mapping"),
        ({"name": "Shop", "mapping": {"record": "cake"}}, "mapping"),
    ):
        with pytest.raises(Invalid) as refused:
            services.add_inlet(actor=chief, at=now, **wrong)
        assert field in refused.value.fields
    assert Inlet.objects.count() == 0
