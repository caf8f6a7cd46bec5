"""Settings, Webhooks, as a colleague without scripts uses it."""

from __future__ import annotations

import json
import re
import socket
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from amity.conversations.tests.factories import a_colleague, signed_in
from amity.kernel.actor import Role
from amity.kernel.http.tests.servers import says
from amity.kernel.models import Staff
from amity.webhooks.courier import Courier
from amity.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointState, Inlet
from amity.webhooks.tests.factories import OK, a_test_event, an_endpoint, got, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db: None) -> Staff:
    return a_colleague("Mara Lindqvist", Role.OWNER)


@pytest.fixture
def client(chief: Staff, now: datetime) -> Client:
    return confirmed(signed_in(chief))


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def confirmed(client: Client) -> Client:
    """They have just shown who they are."""
    session = client.session
    session["confirmed_at"] = timezone.now().isoformat()
    session.save()
    return client


def added(client: Client, url: str, **more: str) -> str:
    """Add a webhook; the secret that is shown."""
    fields = {"url": url, "types": ["conversation.closed"], "signing": "v1", **more}
    page = client.post("/settings/webhooks/new/", fields)
    found = re.search(r"wh(?:sec|pk)_[A-Za-z0-9+/=]+", page.content.decode())
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert found
    return found.group()


def test_a_secret_is_shown_once_and_signs_what_is_sent(
    settings: Settings, client: Client, now: datetime
) -> None:
    assert "Nobody is told yet" in client.get("/settings/webhooks/").content.decode()
    with receiver(settings) as server:
        secret = added(client, server.url, description="Shop")
        endpoint = Endpoint.objects.get()
        page = f"/settings/webhooks/{endpoint.id}/"
        for path in ("/settings/webhooks/", page):
            assert secret not in client.get(path).content.decode()
        sent = client.post(f"{page}test/")
        Courier().drain(timezone.now())
        (one,) = got(server)
        assert one.verified(secret)
        log = client.get(sent.headers["Location"]).content.decode()
        assert "Arrived" in log
        assert "thanks" in log
        assert "webhook.test" in client.get(page).content.decode()
        assert client.get(f"{page}?state=failed").content.decode().count("webhook.test") == 0


def test_what_a_receiver_answers_is_shown_and_never_run(
    settings: Settings, client: Client, now: datetime
) -> None:
    with receiver(settings, says("500 Oh", b"<script>alert(1)</script>")) as server:
        added(client, server.url)
        sent = client.post(f"/settings/webhooks/{Endpoint.objects.get().id}/test/")
        Courier().drain(timezone.now())
    page = client.get(sent.headers["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert (
        "It takes nothing since"
        in client.get(f"/settings/webhooks/{Endpoint.objects.get().id}/").content.decode()
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://shop.example/hook", "Use https://"),
        ("https://127.0.0.1/hook", "not on the public internet"),
        ("https://[::ffff:a9fe:a9fe]/", "not on the public internet"),
        ("ftp://shop.example", "beginning with https://"),
        ("https://user:pass@shop.example/", "Remove what stands before the @"),
        ("", "This field is required"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(client: Client, url: str, words: str) -> None:
    page = client.post("/settings/webhooks/new/", {"url": url, "types": ["person.created"], "signing": "v1"})
    assert page.status_code == 422
    assert words in page.content.decode().replace("&#x27;", "'")
    assert Endpoint.objects.count() == 0


def test_off_on_again_and_removed(settings: Settings, client: Client, now: datetime) -> None:
    answers = [says("410 Gone"), OK]

    def in_turn(connection: socket.socket, request: bytes) -> None:
        answers.pop(0)(connection, request)

    with receiver(settings, in_turn) as server:
        added(client, server.url)
        endpoint = Endpoint.objects.get()
        page = f"/settings/webhooks/{endpoint.id}/"
        client.post(f"{page}test/")
        Courier().drain(timezone.now())
        assert "Amity has switched off" in client.get("/settings/webhooks/").content.decode()
        assert client.post(f"{page}replay/", {"since": "day"}).status_code == 409
        client.post(f"{page}state/", {"on": "1"})
        client.post(f"{page}replay/", {"since": "day"})
        Courier().drain(timezone.now())
        assert Delivery.objects.get().state == DeliveryState.ARRIVED
    assert client.post(f"{page}removal/").status_code == 409
    client.post(f"{page}state/", {"on": "0"})
    assert Endpoint.objects.get().state == EndpointState.OFF
    client.post(f"{page}removal/")
    assert Endpoint.objects.count() == Delivery.objects.count() == 0


def test_a_log_of_many_is_paged_and_asks_few_questions(
    settings: Settings, chief: Staff, client: Client, now: datetime, django_assert_max_num_queries: object
) -> None:
    with receiver(settings) as server:
        made = an_endpoint(server.url, chief.actor(), now)
    for minute in range(65):
        a_test_event(made.endpoint, now - timedelta(minutes=minute))
    page = f"/settings/webhooks/{made.endpoint.id}/"
    seen: set[str] = set()
    path: str | None = page
    for expected in (30, 30, 5):
        assert path
        with django_assert_max_num_queries(40):  # type: ignore[operator]  # pytest-django's
            text = client.get(path).content.decode()
        found = set(re.findall(r"/settings/webhooks/deliveries/([0-9a-f-]+)/", text))
        assert len(found) == expected
        assert not found & seen
        seen |= found
        older = re.search(r'href="(\?[^"]+)" rel="next"', text)
        path = page + older.group(1).replace("&amp;", "&") if older else None
    assert path is None


def test_an_inlet_is_opened_read_and_closed(client: Client, now: datetime) -> None:
    shown = client.post("/settings/webhooks/inlets/new/", {"name": "Web shop", "key": "", "mapping": ""})
    text = shown.content.decode()
    inlet = Inlet.objects.get()
    assert f"/in/webhooks/{inlet.id}/" in text
    assert "whsec_" in text
    page = f"/settings/webhooks/inlets/{inlet.id}/"
    assert "whsec_" not in client.get(page).content.decode()
    text = unescape(client.get(page).content.decode())
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)
    assert area
    assert json.loads(area.group(1)) == {"record": "mixed"}
    for wrong in ("{", "[]", '{"record": "cake"}'):
        assert client.post(page, {"mapping": wrong, "is_on": "on"}).status_code == 422
    assert client.post(page, {"mapping": '{"record": "mixed"}'}).status_code == 302
    assert not Inlet.objects.get().is_on
    assert "whsec_" in client.post(f"{page}secret/").content.decode()
    client.post(f"{page}removal/")
    assert Inlet.objects.count() == 0


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST, Role.LEGAL, Role.PARTNER, Role.MARKETER])
def test_to_everybody_else_they_are_closed_and_nothing_changes(
    settings: Settings, chief: Staff, now: datetime, role: Role
) -> None:
    with receiver(settings) as server:
        endpoint = an_endpoint(server.url, chief.actor(), now).endpoint
    (delivery,) = a_test_event(endpoint, now)
    other = confirmed(signed_in(a_colleague("Ines Okafor", role)))
    before = Endpoint.objects.values().get()
    base = f"/settings/webhooks/{endpoint.id}/"
    for path in (
        "/settings/webhooks/", "/settings/webhooks/new/", base, f"/settings/webhooks/deliveries/{delivery.id}/",
        "/settings/webhooks/inlets/new/",
    ):  # fmt: skip
        assert other.get(path).status_code == 403
    for path in ("secret/", "test/", "state/", "removal/", "replay/", ""):
        assert (
            other.post(base + path, {"url": "https://shop.example", "types": ["person.created"]}).status_code
            == 403
        )
    assert other.post(f"/settings/webhooks/deliveries/{delivery.id}/again/").status_code == 403
    assert Endpoint.objects.values().get() == before
    assert Delivery.objects.count() == 1
