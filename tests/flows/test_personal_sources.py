"""A personal mailbox: its owner works in it, and for everybody else, whatever their role, it is not there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from amity.activity.models import Activity
from amity.channels.models import Source
from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.actor import SYSTEM, Role
from amity.people.queries.visibility import known_people
from tests.flows.stories import colleague, jsonl, message, take_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMINISTRATOR, Role.AGENT, Role.ANALYST])
def test_what_came_to_a_personal_source_is_there_for_its_owner_alone(
    tmp_path: Path, at: datetime, role: Role
) -> None:
    take_in(jsonl(tmp_path / "a.jsonl", [message("<mine@roast.example>", at)]), at, source="mine")
    take_in(jsonl(tmp_path / "b.jsonl", [message("<all@roast.example>", at, "tom@roast.example")]), at)
    ines, other = colleague(), colleague("other@tamp.example", role).actor()
    Source.objects.filter(key="mine").update(owner=ines)
    for model in (Conversation, Activity):
        assert policy.visible(model.objects.all(), ines.actor()).count() == 2
        assert policy.visible(model.objects.all(), other).count() == 1
    assert [known_people(who).count() for who in (ines.actor(), other)] == [2, 1]
    assert policy.visible(Conversation.objects.all(), SYSTEM).count() == 2
