"""What the live stream tells whom, before any source is looked at: only of what their pages could show."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest

import amity
from amity.kernel.actor import Actor, Role
from amity.kernel.live import Announcement
from amity.site.presence import TOPIC
from amity.site.stream.gate import READ_BY, admit, unheard, unnamed
from amity.site.stream.hub import Client, Hub, Listener
from amity.site.tests.shell.factories import make_staff, signed_in


def test_every_topic_that_is_announced_says_who_may_hear_it() -> None:
    code = Path(amity.__file__).parent
    texts = (path.read_text(encoding="utf-8") for path in code.rglob("*.py") if "tests" not in path.parts)
    announced = {topic for text in texts for topic in re.findall(r"\bannounce\(\s*\"(\w+)\"", text)}
    assert {"import", "conversation", "webhook"} <= announced
    assert announced | {TOPIC} == READ_BY.keys()


@pytest.mark.parametrize(
    ("role", "deaf_to"),
    [
        (Role.OWNER, set()),
        (Role.AGENT, {"webhook", "erasure"}),
        (Role.ANALYST, {"import", "account", "webhook", "erasure"}),
        (
            Role.PARTNER,
            {"import", "account", "webhook", "erasure", "promise", "objective", "presence", "duplicates"},
        ),
    ],
)
def test_nobody_hears_of_what_their_role_does_not_read(role: Role, deaf_to: set[str]) -> None:
    topics = unheard(Actor(role, uuid4()))
    assert topics == deaf_to
    client = Client(Listener("key", uuid4(), frozenset(), topics))
    assert client.may_hear(Announcement("import", "1")) == ("import" not in deaf_to)
    assert client.may_hear(Announcement("staff", "1"))


def _frames(listener: Listener, *announcements: Announcement) -> str:
    hub = Hub()
    client = hub.join(listener, last_event_id="", at_seconds=100)
    for one in announcements:
        hub.publish(one, at_seconds=100)
    return b"".join(client.take(hub.boot)).decode()


@pytest.mark.django_db
def test_a_partner_hears_that_something_changed_and_not_what() -> None:
    session = signed_in(make_staff(role=Role.PARTNER)).session
    listener = admit(session.session_key or "")
    assert listener is not None
    topics = ("conversation", "outbox", "presence", "inbox")
    heard = _frames(listener, *(Announcement(topic, f"id of {topic}", "shop") for topic in topics))
    assert heard.count("event: change") == 1
    assert '{"topic": "inbox", "id": ""}' in heard
    assert "id of" not in heard
    assert _frames(listener, Announcement("presence", "1")) == ""


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PARTNER])
def test_whoever_sees_what_is_shared_hears_its_ids(role: Role) -> None:
    assert unnamed(Actor(role, uuid4())) == frozenset()
    assert unnamed(Actor(None)) == frozenset()
