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
from amity.site.stream.gate import READ_BY, unheard
from amity.site.stream.hub import Client, Listener


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
        (Role.AGENT, {"webhook"}),
        (Role.ANALYST, {"import", "account", "webhook"}),
        (Role.PARTNER, {"import", "account", "webhook", "promise", "objective"}),
    ],
)
def test_nobody_hears_of_what_their_role_does_not_read(role: Role, deaf_to: set[str]) -> None:
    topics = unheard(Actor(role, uuid4()))
    assert topics == deaf_to
    client = Client(Listener("key", uuid4(), frozenset(), topics))
    assert client.may_hear(Announcement("import", "1")) == ("import" not in deaf_to)
    assert client.may_hear(Announcement("staff", "1"))
