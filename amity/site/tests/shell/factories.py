"""People, sources and conversations for the tests of the shell."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from amity.channels.models import OutboundMessage, Source
from amity.conversations.models import Conversation
from amity.kernel.actor import Role
from amity.kernel.models import Staff, Team

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
PASSWORD = "a long enough sentence"
BACKEND = "amity.site.signin.StaffBackend"


def make_staff(
    name: str = "Ines Okafor", *, role: Role = Role.OWNER, email: str = "", **more: object
) -> Staff:
    staff = Staff(name=name, role=role, email=email or f"{uuid4().hex}@tamp.example", joined_at=AT, **more)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def signed_in_lately(staff: Staff) -> Client:
    """Signed in as by the form, a moment ago: nothing asks again who it is."""
    client = signed_in(staff)
    session = client.session
    session["confirmed_at"] = timezone.now().isoformat()
    session.save()
    return client


def make_source(key: str = "shop", *, team: Team | None = None) -> Source:
    return Source.objects.create(key=key, adapter="file", name=key.title(), team=team, created_at=AT)


def make_conversation(source: Source, **more: object) -> Conversation:
    fields: dict[str, object] = {
        "channel": "email",
        "opened_at": AT,
        "last_activity_at": AT,
        "waiting_since": AT,
    }
    return Conversation.objects.create(source=source, **(fields | more))


def make_outbound(*, send_at: datetime, **more: object) -> OutboundMessage:
    fields: dict[str, object] = {
        "id": uuid4(),
        "source": make_source(uuid4().hex),
        "activity_id": uuid4(),
        "channel": "email",
        "address": "hannah@roast.example",
        "sender": make_staff(),
        "created_at": send_at,
    }
    return OutboundMessage.objects.create(send_at=send_at, **(fields | more))
