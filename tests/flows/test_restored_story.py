"""After a restore: nothing leaves that may have left, and nobody is signed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session

from amity.channels import outbox
from amity.channels.models import OutboundState
from amity.channels.restored import hold_outbox
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.models import Transition
from amity.kernel.restored import Moment
from amity.site.restored import end_sessions
from tests.flows.stories import colleague, jsonl, message, take_in

pytestmark = pytest.mark.django_db


def test_a_message_that_waited_when_the_backup_was_made_is_held_for_a_person(
    tmp_path: Path, at: datetime
) -> None:
    take_in(jsonl(tmp_path / "a.jsonl", [message("<q@roast.example>", at)]), at)
    ines = colleague().actor()
    sent = services.reply(Conversation.objects.get().id, actor=ines, at=at, text="We look into it.").message
    assert hold_outbox(Moment(at, at + timedelta(days=1))).startswith("1 messages that waited")
    sent.refresh_from_db()
    assert sent.state == OutboundState.UNKNOWN
    assert (
        outbox.deliver(sent.id, at=at + timedelta(days=1)) is OutboundState.UNKNOWN
    )  # its job comes, and finds it held
    steps = Transition.objects.filter(subject="outbound_message", subject_id=sent.id).order_by("id")
    assert [step.after for step in steps][-2:] == ["sending", "unknown"]
    assert hold_outbox(Moment(at, at)) == ""
    assert outbox.send_again(sent.id, actor=ines, at=at).state == OutboundState.QUEUED


def test_sessions_of_then_do_not_come_back_to_life(at: datetime) -> None:
    Session.objects.create(session_key="k" * 32, session_data="", expire_date=at + timedelta(days=1))
    assert end_sessions(Moment(at, at)) == "Everybody has to sign in again."
    assert not Session.objects.exists()
    assert end_sessions(Moment(at, at)) == ""
