"""kill -9 of whoever delivers, again and again: everything arrives, under the id that it had from the start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo
from pytest_django import Settings

from amity.conversations.tests.factories import an_actor
from amity.kernel.actor import Role
from amity.kernel.http.tests.servers import says
from amity.webhooks.models import Attempt, Delivery, DeliveryState
from amity.webhooks.tests.factories import a_test_event, an_endpoint, got, receiver

COUNT, KILLS = 80, 3
COURIER = """
import threading, datetime, django
django.setup()
from amity.webhooks.courier import Courier
Courier(lease=datetime.timedelta(seconds=1)).run(threading.Event())
"""


@pytest.mark.django_db(transaction=True)
def test_a_courier_that_is_killed_loses_nothing_and_invents_nothing(settings: Settings) -> None:
    good = says("200 OK")

    def slow(answering: socket.socket, request: bytes) -> None:
        time.sleep(0.03)
        good(answering, request)

    now = timezone.now()
    with receiver(settings, slow) as server:
        made = an_endpoint(server.url, an_actor(role=Role.OWNER), now)
        ids = {one.event.message_id for one in a_test_event(made.endpoint, now, count=COUNT)}
        for kill in range(KILLS):
            seen = len(server.asked)
            courier = _courier(server.peer)
            try:
                wanted = seen + COUNT // (KILLS + 2)
                _until(lambda wanted=wanted: len(server.asked) >= wanted)  # type: ignore[misc]
            finally:
                os.kill(courier.pid, signal.SIGKILL)
                courier.wait()
            assert Delivery.objects.filter(state=DeliveryState.WAITING).exists(), f"over before kill {kill}"
        courier = _courier(server.peer)
        try:
            _until(lambda: not Delivery.objects.exclude(state=DeliveryState.ARRIVED).exists())
        finally:
            courier.terminate()
            courier.wait()
        arrived = got(server)
    assert {one.id for one in arrived} == ids
    assert len({one.body for one in arrived}) == COUNT
    for one in arrived:
        assert one.verified(made.secret)["type"] == "webhook.test"
    assert Attempt.objects.count() <= len(arrived)


def _courier(peer: str) -> subprocess.Popen[bytes]:
    there = connection.settings_dict
    url = make_conninfo(
        dbname=there["NAME"], user=there["USER"], password=there["PASSWORD"] or None, host=there["HOST"],
        port=there["PORT"] or None,
    )  # fmt: skip
    environ = {**os.environ, "AMITY_DATABASE_URL": url, "AMITY_PEERS": peer}
    return subprocess.Popen([sys.executable, "-c", COURIER], env=environ)


def _until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.01)
