"""What of webhooks is put right after a restore."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from amity.conversations.tests.factories import an_actor
from amity.kernel.actor import Role
from amity.kernel.restored import Moment, put_right
from amity.webhooks import services
from amity.webhooks.services import due_endpoints
from amity.webhooks.tests.factories import a_test_event, an_endpoint, receiver

pytestmark = pytest.mark.django_db


def test_what_waited_when_a_backup_was_made_is_told_only_when_somebody_asks(
    at: datetime, settings: Any
) -> None:
    owner, now = an_actor(role=Role.OWNER), at + timedelta(days=9)
    with receiver(settings) as server:
        made = an_endpoint(server.url, owner, at)
    (waiting,) = a_test_event(made.endpoint, at)
    assert due_endpoints(now) == [made.endpoint.id]
    words = put_right(Moment(at, now))
    assert any(one.startswith("1 webhooks that waited") for one in words)
    assert due_endpoints(now) == []
    services.send_again(waiting.id, actor=owner, at=now)
    assert due_endpoints(now) == [made.endpoint.id]
