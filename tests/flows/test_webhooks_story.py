"""From what comes in to what is told outside: through the corridor, the queue and the courier, to a real receiver."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from amity.channels.adapters import RawItem
from amity.channels.imports import ensure_source
from amity.conversations.models import Conversation
from amity.conversations.tests.factories import a_message, an_actor, an_order
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.bus import handle_event
from amity.site import ingest
from amity.webhooks.courier import Courier
from amity.webhooks.kinds import KINDS
from amity.webhooks.models import Delivery, Event
from amity.webhooks.queries import log
from amity.webhooks.services.endpoints import locked
from amity.webhooks.tests.factories import an_endpoint, got, receiver
from tests.flows.stories import jsonl, message, take_in

pytestmark = pytest.mark.django_db

LIVE = ("message.received", "conversation.opened", "person.created", "person.updated", "order.received")


def deliver(at: datetime, *records: object) -> None:
    """A live source brings these."""
    source = ensure_source("shop", name="Shop", adapter="file", at=at)
    by_position = dict(enumerate(records, start=1))
    raws = [RawItem(place, repr(record).encode(), "test") for place, record in by_position.items()]
    ingest.deliver(source, raws, lambda raw: [by_position[raw.position]])  # type: ignore[list-item]


def test_what_a_live_source_brings_is_told_once_with_ids_and_links(settings: Settings) -> None:
    now = timezone.now()
    with receiver(settings) as server:
        chief = an_actor(role=Role.OWNER)
        endpoint = an_endpoint(server.url, chief, now, LIVE).endpoint
        mail, order = a_message(now, "My grinder is loud."), an_order(now)
        deliver(now, mail, order)
        deliver(now, mail, order)
        Courier().drain(timezone.now())
        said = [one.said for one in got(server)]
    assert sorted(one["type"] for one in said) == [
        "conversation.opened",
        "message.received",
        "order.received",
        "person.created",
    ]
    assert len(log(endpoint, chief).deliveries) == len(said)
    conversation = str(Conversation.objects.get().id)
    by_type = {one["type"]: one["data"] for one in said}
    assert by_type["message.received"]["conversation_id"] == conversation
    assert by_type["conversation.opened"]["id"] == conversation
    assert by_type["order.received"]["link"].startswith("/api/v1/orders/")
    assert "loud" not in str(said)
    assert "hanna" not in str(said)


def test_something_new_about_somebody_known_is_an_update(settings: Settings) -> None:
    now = timezone.now()
    with receiver(settings) as server:
        deliver(now, a_message(now - timedelta(days=1), name="Hanna V"))
        an_endpoint(server.url, an_actor(role=Role.OWNER), now, ["person.created", "person.updated"])
        deliver(now, a_message(now, name="Hanna Vogel"))
        Courier().drain(timezone.now())
        assert [one.said["type"] for one in got(server)] == ["person.updated"]


def test_what_was_rolled_back_is_told_to_nobody(settings: Settings) -> None:
    now = timezone.now()
    with receiver(settings) as server:
        an_endpoint(server.url, an_actor(role=Role.OWNER), now, LIVE)
        with transaction.atomic():
            deliver(now, a_message(now))
            assert Delivery.objects.count() == 3
            transaction.set_rollback(True)
        assert Courier().drain(timezone.now()) == 0
        assert server.asked == []


def test_a_file_import_is_history_of_which_only_the_end_is_told(settings: Settings, tmp_path: Path) -> None:
    now = timezone.now()
    with receiver(settings) as server:
        an_endpoint(server.url, an_actor(role=Role.OWNER), now, list(KINDS))
        run = take_in(jsonl(tmp_path / "mails.jsonl", [message("m1", now), message("m2", now)]), now)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT args::text FROM procrastinate_jobs WHERE task_name = 'kernel.handle_event' ORDER BY id"
            )
            waiting = cursor.fetchall()

        for (args,) in waiting:
            handle_event(**json.loads(args))
        Courier().drain(timezone.now())
        (one,) = got(server)
    assert one.said["type"] == "import.finished"
    assert one.said["data"]["id"] == str(run.id)


def test_when_nobody_listens_a_batch_pays_one_small_question() -> None:
    now = timezone.now()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        deliver(now, a_message(now))
    about = [query["sql"] for query in asked if "webhooks_" in query["sql"]]
    assert len(about) == 1
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_comes_in_does_not_wait_for_a_delivery_that_is_being_noted(settings: Settings) -> None:
    """The courier locks an endpoint while it notes an outcome; a batch writes rows that name the endpoint."""
    now = timezone.now()
    with receiver(settings) as server:
        endpoint = an_endpoint(server.url, an_actor(role=Role.OWNER), now, LIVE).endpoint
    problems: list[BaseException] = []

    def bring() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            deliver(now, a_message(now))
        except BaseException as error:  # noqa: BLE001  # told to the test, which runs in another thread
            problems.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        locked(endpoint.id, SYSTEM)
        thread = threading.Thread(target=bring)
        thread.start()
        thread.join(30)
    assert not problems
    assert Delivery.objects.count() == 3
