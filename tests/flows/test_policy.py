"""The one policy: its table is whole, and what it refuses is refused before anything is written."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from django.apps import apps

from amity.channels.models import Source
from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import Forbidden
from amity.kernel.models import Team

pytestmark = pytest.mark.django_db


def test_every_guarded_model_names_a_resource_of_the_table() -> None:
    guarded = [model for model in apps.get_models() if hasattr(model, "access")]
    assert len(guarded) > 10
    assert {model.access.resource for model in guarded} <= set(policy.TABLE)


def test_every_resource_says_what_each_role_may_do() -> None:
    for resource, grants in policy.TABLE.items():
        assert set(grants) == set(Role), resource


def test_a_resource_that_is_not_in_the_table_is_a_mistake_and_no_permission() -> None:
    with pytest.raises(KeyError):
        policy.may(Actor(Role.OWNER), "read", "secrets")


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST, Role.PARTNER, Role.LEGAL])
def test_who_may_not_write_settings_is_refused(role: Role) -> None:
    with pytest.raises(Forbidden):
        policy.require(Actor(role, uuid4()), "write", "settings")


def test_the_system_may_do_everything() -> None:
    policy.require(SYSTEM, "delete", "import")


def _sources(at: datetime) -> tuple[Source, Source, Team]:
    team = Team.objects.create(name="Legal affairs")
    shared = Source.objects.create(key="shared", name="Shared", adapter="file", created_at=at)
    closed = Source.objects.create(key="closed", name="Closed", adapter="file", created_at=at, team=team)
    return shared, closed, team


def test_what_comes_from_a_source_of_a_team_is_seen_by_that_team_and_by_those_who_steer(at: datetime) -> None:
    shared, closed, team = _sources(at)
    for source in (shared, closed):
        Conversation.objects.create(source=source, channel="email", opened_at=at, last_activity_at=at)
    everything = {shared.id, closed.id}

    def seen(actor: Actor) -> set[object]:
        return set(Conversation.objects.visible_to(actor).values_list("source_id", flat=True))

    assert seen(Actor(Role.AGENT, uuid4())) == {shared.id}
    assert seen(Actor(Role.AGENT, uuid4(), frozenset({team.id}))) == everything
    assert seen(Actor(Role.OWNER, uuid4())) == everything
    assert seen(SYSTEM) == everything
    assert seen(Actor(Role.PARTNER, uuid4())) == set()


def test_hidden_sources_are_hidden_by_id_too(at: datetime) -> None:
    _, closed, team = _sources(at)
    assert policy.hidden_source_ids(Actor(Role.AGENT, uuid4())) == [closed.id]
    assert policy.hidden_source_ids(Actor(Role.AGENT, uuid4(), frozenset({team.id}))) == []
    assert policy.hidden_source_ids(Actor(Role.ADMINISTRATOR, uuid4())) == []


def test_an_analyst_does_not_see_addresses() -> None:
    assert not policy.sees_field(Actor(Role.ANALYST, uuid4()), "person", "address")
    assert policy.sees_field(Actor(Role.AGENT, uuid4()), "person", "address")
