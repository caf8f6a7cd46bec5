"""Deliveries to real receivers on loopback: those that are well, and every way of not being well."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from amity.channels.models import Source
from amity.conversations import services as talk
from amity.conversations.tests.factories import a_colleague, a_conversation, an_actor
from amity.kernel.actor import Actor, Role
from amity.kernel.health import Health, Look
from amity.kernel.http.tests.servers import Script, drips, says
from amity.kernel.models import Staff, Transition
from amity.webhooks import services
from amity.webhooks.courier import Courier, carry
from amity.webhooks.domain.delivering import RETRIES, Outcome
from amity.webhooks.domain.signing import verify
from amity.webhooks.health import webhooks
from amity.webhooks.models import Attempt, Delivery, DeliveryState, Endpoint, EndpointState
from amity.webhooks.queries import given_up_count
from amity.webhooks.tests.factories import a_test_event, an_endpoint, fresh, got, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> Actor:
    return an_actor("Mara Lindqvist", Role.OWNER)


@pytest.fixture
def now() -> datetime:
    """Signatures are checked against the clock on the wall."""
    return timezone.now()


def test_a_delivery_arrives_and_the_reference_library_verifies_it(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings) as server:
        made = an_endpoint(server.url + "/hook", owner, now)
        (delivery,) = a_test_event(made.endpoint, now)
        assert Courier().drain(now) == 1
        (one,) = got(server)
    assert one.verified(made.secret) == one.said
    assert one.said["type"] == "webhook.test"
    assert one.said["data"] == {"number": 0}
    assert datetime.fromisoformat(one.said["timestamp"]) == now
    assert one.headers["content-type"] == "application/json"
    assert one.headers["user-agent"].startswith("Amity/")
    assert len(one.body) < 20_000
    assert fresh(delivery).state == DeliveryState.ARRIVED
    tried = Attempt.objects.get(delivery=delivery)
    assert (tried.status, tried.outcome, tried.response) == (200, Outcome.ARRIVED, "thanks")
    assert made.secret not in made.endpoint.secret_sealed


def test_for_a_day_after_a_rotation_both_secrets_fit_and_then_only_the_new_one(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings) as server:
        first = an_endpoint(server.url, owner, now)
        second = services.rotate_secret(first.endpoint.id, actor=owner, at=now)
        a_test_event(first.endpoint, now)
        Courier().drain(now)
        services.rotate_secret(first.endpoint.id, actor=owner, at=now - timedelta(hours=25))
        a_test_event(first.endpoint, now + timedelta(seconds=1))
        Courier().drain(now + timedelta(seconds=1))
        both, later = got(server)
    assert both.verified(first.secret) == both.verified(second.secret)
    with pytest.raises(Exception, match="No matching signature"):
        later.verified(second.secret)
    assert later.headers["webhook-signature"].count("v1,") == 1


def test_an_endpoint_with_a_key_pair_is_signed_to_with_its_private_half(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings) as server:
        made = an_endpoint(server.url, owner, now, is_asymmetric=True)
        a_test_event(made.endpoint, now)
        Courier().drain(now)
        (one,) = got(server)
    assert verify([made.secret], one.headers, one.body, now).message_id == one.id
    assert services.public_key_of(made.endpoint) == made.secret


CLOSES_HALF_WAY: Script = lambda connection, _request: connection.sendall(  # noqa: E731
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
)


@pytest.mark.parametrize(
    ("script", "outcome", "status"),
    [
        (says("500 Oh", b"no"), Outcome.FAILED, 500),
        (says("404 Not Found"), Outcome.FAILED, 404),
        (says("302 Found", Location="https://shop.example/"), Outcome.REDIRECTED, 302),
        (says("429 Slow", Retry_After="120"), Outcome.THROTTLED, 429),
        (says("503 Later"), Outcome.THROTTLED, 503),
        (CLOSES_HALF_WAY, Outcome.UNREACHABLE, None),
        (lambda connection, _request: connection.close(), Outcome.UNREACHABLE, None),
        (drips(b"", b"", 0.1), Outcome.TIMED_OUT, None),
        (drips(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.05), Outcome.TIMED_OUT, None),
    ],
    ids=["500", "404", "302", "429", "503", "half", "closed", "hangs", "drips"],
)
def test_a_receiver_that_is_not_well_is_tried_again_later(
    settings: Settings, owner: Actor, now: datetime, script: Script, outcome: Outcome, status: int | None
) -> None:
    with receiver(settings, script) as server:
        made = an_endpoint(server.url, owner, now)
        (delivery,) = a_test_event(made.endpoint, now)
        Courier(timeout_s=0.5).drain(now)
        assert len(server.asked) == 1
    tried = Attempt.objects.get(delivery=delivery)
    assert (tried.outcome, tried.status) == (outcome, status)
    delivery = fresh(delivery)
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 1)
    assert RETRIES[0] <= delivery.next_at - tried.at <= RETRIES[0] * 1.2
    endpoint = Endpoint.objects.get()
    assert endpoint.failures == 1
    assert endpoint.resting_until is not None
    rest = (endpoint.resting_until - tried.at).total_seconds()
    assert rest == {429: 120, 503: 60}.get(status or 0, 5)
    assert services.due_endpoints(endpoint.resting_until - timedelta(milliseconds=1)) == []


def test_an_answer_of_ten_megabytes_is_a_success_of_which_two_kilobytes_are_kept(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings, says("200 OK", "ü".encode() * 5_000_000)) as server:
        made = an_endpoint(server.url, owner, now)
        (delivery,) = a_test_event(made.endpoint, now)
        Courier().drain(now)
    assert fresh(delivery).state == DeliveryState.ARRIVED
    assert Attempt.objects.get().response == "ü" * 1_000


def test_a_receiver_that_is_gone_is_switched_off_and_hears_what_it_missed_when_it_is_back(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    answers = [says("410 Gone")]

    def answers_as_told(connection: socket.socket, request: bytes) -> None:
        answers[0](connection, request)

    with receiver(settings, answers_as_told) as server:
        made = an_endpoint(server.url, owner, now)
        first, *_others = a_test_event(made.endpoint, now, count=3)
        Courier().drain(now)
        endpoint = Endpoint.objects.get()
        assert (endpoint.state, endpoint.off_why) == (EndpointState.OFF, "gone")
        assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.FAILED}
        assert services.wanted() == {}
        assert Transition.objects.get(subject="webhook_endpoint").why == "gone"
        asked = len(server.asked)
        Courier().drain(now + timedelta(days=1))
        assert len(server.asked) == asked
        answers[0] = says("204 No Content")
        services.switch(endpoint.id, on=True, actor=owner, at=now)
        again = services.send_failed_again(endpoint.id, since=now, actor=owner, at=now)
        Courier().drain(now)
        ids = {one.id for one in got(server)[asked:]}
    assert again == 3
    assert len(ids) == 3
    assert first.event.message_id in ids
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.ARRIVED}


def test_one_that_fails_for_days_is_switched_off_and_that_is_told(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    assert webhooks(Look(owner, now)) is None
    with receiver(settings, says("500 Oh")) as server:
        made = an_endpoint(server.url, owner, now)
        a_test_event(made.endpoint, now)
        Endpoint.objects.update(failures=9, failing_since=now - timedelta(days=5, hours=1))
        Courier().drain(now)
    endpoint = Endpoint.objects.get()
    assert (endpoint.state, endpoint.off_why) == (EndpointState.OFF, "failing")
    told = webhooks(Look(owner, now))
    assert told is not None
    assert told.health is Health.BAD
    assert "switched off" in told.words
    agent = an_actor()
    assert webhooks(Look(agent, now)) is None
    assert (given_up_count(owner), given_up_count(agent)) == (1, 0)


def test_a_delivery_is_given_up_after_ten_attempts(settings: Settings, owner: Actor, now: datetime) -> None:
    with receiver(settings, says("500 Oh")) as server:
        made = an_endpoint(server.url, owner, now)
        (delivery,) = a_test_event(made.endpoint, now)
        at = now
        for _ in range(20):
            Endpoint.objects.update(failing_since=now)
            at = max(fresh(delivery).next_at, Endpoint.objects.get().resting_until or at, at)
            Courier().drain(at)
        ids = {one.id for one in got(server)}
        assert len(server.asked) == 10
    assert ids == {delivery.event.message_id}
    assert fresh(delivery).state == DeliveryState.FAILED


def test_a_receiver_inside_is_not_connected_to(settings: Settings, owner: Actor, now: datetime) -> None:
    with receiver(settings) as server:
        made = an_endpoint(server.url, owner, now)
        (delivery,) = a_test_event(made.endpoint, now)
        settings.PEERS = ()
        Courier().drain(now)
        assert server.asked == []
    tried = Attempt.objects.get()
    assert tried.outcome == Outcome.REFUSED
    assert "AMITY_PEERS" in tried.error
    assert fresh(delivery).state == DeliveryState.WAITING


def test_ten_receivers_that_hang_do_not_hold_up_one_that_is_well(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    released = threading.Event()
    with (
        receiver(settings, lambda _connection, _request: _hang(released)) as deaf,
        receiver(settings) as well,
    ):
        for _ in range(10):
            made = an_endpoint(deaf.url, owner, now)
            Endpoint.objects.filter(pk=made.endpoint.id).update(failures=3)
            a_test_event(made.endpoint, now, count=5)
        good = an_endpoint(well.url, owner, now).endpoint
        a_test_event(good, now, count=20)
        courier = Courier(timeout_s=60)
        started = time.monotonic()
        while Delivery.objects.filter(endpoint=good, state=DeliveryState.WAITING).exists():
            courier.go_round(now)
            assert time.monotonic() - started < 50
        assert len(well.asked) == 20
        assert len(deaf.asked) <= 8
        assert Attempt.objects.exclude(delivery__endpoint=good).count() == 0
        released.set()
        while courier._out.total():
            courier._note(wait_s=1)


def _hang(released: threading.Event) -> None:
    released.wait(60)


def test_who_may_not_know_of_it_is_not_told(settings: Settings, now: datetime) -> None:
    chief = a_colleague("Mara Lindqvist", Role.ADMINISTRATOR)
    with receiver(settings) as server:
        made = an_endpoint(server.url, chief.actor(), now)
        conversation = a_conversation(now)
        _tell_closed(conversation.id, now)
        conversation.delete()
        Courier().drain(timezone.now())
        assert server.asked == []
        assert not Delivery.objects.exists()
        a_test_event(made.endpoint, now)
        Staff.objects.filter(pk=chief.pk).update(role=Role.AGENT)
        Courier().drain(now)
        assert server.asked == []
    endpoint = Endpoint.objects.get()
    assert (endpoint.state, endpoint.off_why) == (EndpointState.OFF, "owner")


def test_nobody_is_told_on_behalf_of_who_did_not_choose_the_address(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings) as theirs, receiver(settings) as mine:
        made = an_endpoint(theirs.url, owner, now)
        conversation = a_conversation(now)
        Source.objects.filter(pk=conversation.source_id).update(owner_id=owner.staff_id)
        _tell_closed(conversation.id, now)
        other = an_actor("Jonas Weiss", Role.ADMINISTRATOR)
        services.change_endpoint(
            made.endpoint.id, url=mine.url, types=["conversation.closed"], description="", actor=other
        )
        Courier().drain(timezone.now())
        assert mine.asked == []
        assert not Delivery.objects.exists()


def _tell_closed(conversation_id: object, at: datetime) -> None:
    from amity.conversations.events import ConversationMoved
    from amity.webhooks.jobs import conversation_moved

    conversation_moved(ConversationMoved(conversation_id, "open", "closed", at))  # type: ignore[arg-type]


def test_an_event_that_is_handled_twice_is_told_once(settings: Settings, owner: Actor, now: datetime) -> None:
    with receiver(settings) as server:
        an_endpoint(server.url, owner, now)
        conversation = a_conversation(now)
        _tell_closed(conversation.id, now)
        _tell_closed(conversation.id, now)
        Courier().drain(timezone.now())
        (one,) = got(server)
    assert one.said["type"] == "conversation.closed"
    assert one.said["data"]["id"] == str(conversation.id)
    assert one.said["data"]["link"] == f"/api/v1/conversations/{conversation.id}"


def test_only_what_was_asked_for_is_told(settings: Settings, owner: Actor, now: datetime) -> None:
    with receiver(settings) as server:
        an_endpoint(server.url, owner, now, ["conversation.assigned"])
        _tell_closed(a_conversation(now).id, now)
        assert Courier().drain(now) == 0
        assert Delivery.objects.count() == 0
        assert server.asked == []


def test_a_claim_that_nobody_comes_back_from_is_due_again_by_itself(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings) as server:
        made = an_endpoint(server.url, owner, now)
        a_test_event(made.endpoint, now)
        (lost,) = services.claim(made.endpoint.id, most=4, most_when_failing=1, at=now)
        assert services.claim(made.endpoint.id, most=4, most_when_failing=1, at=now) == []
        assert carry(lost).outcome is Outcome.ARRIVED  # and then the process is killed
        Courier().drain(now + services.LEASE)
        first, second = got(server)
    assert first.id == second.id
    assert first.body == second.body
    assert Delivery.objects.get().state == DeliveryState.ARRIVED


def test_one_delivery_is_sent_again_on_request_under_its_id(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings) as server:
        made = an_endpoint(server.url, owner, now)
        delivery = services.send_test(made.endpoint.id, actor=owner, at=now)
        Courier().drain(now)
        services.send_again(delivery.id, actor=owner, at=now)
        Courier().drain(now)
        first, second = got(server)
    assert first.id == second.id
    assert Attempt.objects.count() == 2


def test_what_waits_goes_to_the_new_address(settings: Settings, owner: Actor, now: datetime) -> None:
    with receiver(settings, says("500 Oh")) as old, receiver(settings) as new:
        made = an_endpoint(old.url, owner, now)
        a_test_event(made.endpoint, now)
        Courier().drain(now)
        services.change_endpoint(
            made.endpoint.id, url=new.url, types=["conversation.closed"], description="", actor=owner
        )
        Courier().drain(now + timedelta(seconds=7))
        assert len(old.asked) == len(new.asked) == 1


def test_old_logs_are_forgotten_but_nothing_that_waits(
    settings: Settings, owner: Actor, now: datetime
) -> None:
    with receiver(settings) as server:
        made = an_endpoint(server.url, owner, now)
        old = now - timedelta(days=31)
        a_test_event(made.endpoint, old, count=2)
        Courier().drain(now)
        a_test_event(made.endpoint, old + timedelta(seconds=1))
        assert services.forget_old(now) == 2
    assert Delivery.objects.count() == 1
    assert Attempt.objects.count() == 0


def test_the_verbs_of_the_inbox_end_up_outside(
    settings: Settings, owner: Actor, at: datetime, run_jobs: Callable[[], None]
) -> None:
    kinds = [f"conversation.{kind}" for kind in ("answered", "assigned", "closed", "reopened", "snoozed")]
    with receiver(settings) as server:
        an_endpoint(server.url, owner, at, kinds)
        conversation = a_conversation(at)
        agent = an_actor()
        talk.assign(conversation.id, actor=agent, at=at, assignee_id=agent.staff_id)
        talk.reply(conversation.id, actor=agent, at=at, text="It is not.")
        talk.close(conversation.id, actor=agent, at=at)
        talk.reopen(conversation.id, actor=agent, at=at)
        talk.snooze(conversation.id, actor=agent, at=at, until=at + timedelta(days=1))
        run_jobs()
        Courier().drain(timezone.now())
        said = [one.said for one in got(server)]
    assert sorted(one["type"] for one in said) == sorted(kinds)
    assert {one["data"]["id"] for one in said} == {str(conversation.id)}
    text = str(said)
    assert "It is not" not in text
    assert "hanna" not in text


@pytest.fixture
def run_jobs() -> Callable[[], None]:
    """Handle the events that wait in the queue, as a worker does."""
    from django.db import connection

    from amity.kernel.bus import handle_event

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE task_name = 'kernel.handle_event' RETURNING args"
            )
            jobs = [args for (args,) in cursor.fetchall()]
        for args in jobs:
            handle_event(**(json.loads(args) if isinstance(args, str) else args))

    return run
