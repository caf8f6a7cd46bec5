"""Receivers and endpoints for tests: real servers on loopback, checked with the reference library."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from standardwebhooks.webhooks import Webhook

from amity.kernel.actor import Actor
from amity.kernel.http.tests.servers import RawServer, Script, raw_server, says
from amity.webhooks import services
from amity.webhooks.kinds import TEST, Happening
from amity.webhooks.models import Delivery, Endpoint
from amity.webhooks.services.endpoints import Made

OK = says("200 OK", b"thanks")


@dataclass(frozen=True, slots=True)
class Got:
    """One request of ours as a receiver reads it."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said

    def verified(self, secret: str) -> Any:
        """What the reference library makes of it; it raises when the signature is not right."""
        return Webhook(secret).verify(self.body, self.headers)


def got(server: RawServer) -> list[Got]:
    """Everything that arrived, in order."""
    found = []
    for raw in server.asked:
        head, _gap, body = raw.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
        found.append(Got({name.lower(): value for name, _colon, value in lines}, body))
    return found


@contextmanager
def receiver(settings: Any, script: Script = OK) -> Iterator[RawServer]:
    """A receiver that the installation names as its own."""
    with raw_server(script) as server:
        settings.PEERS = (*settings.PEERS, server.peer)
        yield server


def an_endpoint(
    url: str,
    actor: Actor,
    at: datetime,
    types: Sequence[str] = ("conversation.closed",),
    *,
    is_asymmetric: bool = False,
) -> Made:
    return services.add_endpoint(url=url, types=types, is_asymmetric=is_asymmetric, actor=actor, at=at)


def a_test_event(endpoint: Endpoint, at: datetime, *, count: int = 1) -> list[Delivery]:
    """Events that everybody may know of, waiting for this endpoint."""
    happenings = [Happening(TEST, uuid4(), at, {"number": number}) for number in range(count)]
    with transaction.atomic():
        services.tell(happenings, at=at, to={TEST: [endpoint.id]})
    return list(Delivery.objects.filter(endpoint=endpoint).order_by("created_at", "id"))


def fresh(delivery: Delivery | UUID) -> Delivery:
    return Delivery.objects.get(pk=delivery if isinstance(delivery, UUID) else delivery.pk)
