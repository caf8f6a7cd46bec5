"""Every tool of assistants, called as everybody, with real ids, against the same table as pages and operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from amity.kernel.actor import Role
from amity.kernel.api.limits import Buckets
from amity.kernel.api.tokens import digest_of, every_scope
from amity.kernel.models import ApiToken, Staff
from amity.site import api_edge
from amity.site.access import SIGNED_IN, TOOLS
from amity.site.api import description
from amity.site.assistants.server import Refused, allowed_tools, answered
from amity.site.assistants.tools import Caller, Tool, tools_of
from amity.site.tests.access.asking import FINE, NOT_NOW, REFUSED, body_for
from amity.site.tests.access.watch import Watch
from amity.site.tests.access.world import World, assigned_to, make_colleague, make_world

LONG_AFTER = datetime(2100, 1, 1).astimezone()  # when a token was used is noted once a minute; not here
LONG_AGO = datetime(2020, 1, 1).astimezone()


@pytest.fixture
def world(db: None, tmp_path: Path, at: datetime) -> World:
    return make_world(tmp_path, at)


@pytest.fixture(autouse=True)
def one_transaction() -> Iterator[None]:
    """A server leaves its connection after each request; the walk takes back what was done, so it keeps it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@cache
def tools() -> dict[str, Tool]:
    return {tool.name: tool for tool in tools_of(description())}


@cache
def application() -> WSGIHandler:
    return WSGIHandler()


class Assistant:
    """Calls tools with a token, takes back what they did, and notes what went wrong."""

    def __init__(self, who: str, watch: Watch, secret: str) -> None:
        self.who, self.watch = who, watch
        self.caller = Caller(application(), secret)
        self.wrong: list[str] = []
        self.asked = 0

    def expect(self, tool: Tool, values: Mapping[str, Any], right: tuple[int, ...]) -> None:
        """A right status; after a refusal every table is what it was."""
        self.asked += 1
        api_edge.BUCKETS = Buckets()
        arguments = {name: str(values[name]) for name in tool.in_path} | {
            "q": "hanna",
            "address": "hanna@open.example",
        }
        if "body" in tool.input_schema["properties"]:
            arguments["body"] = body_for(tool.name, dict(values))  # type: ignore[assignment]
        with self.watch.taken_back() as asked:
            status = answered(self.caller, tools(), tool.name, arguments).status
            if status >= 400 and (changed := asked.changed()):
                self.wrong.append(f"{self.who}: {tool.name} → {status}, and yet it wrote into {changed}")
        if status not in right:
            self.wrong.append(f"{self.who}: {tool.name} → {status}, not one of {right}")


def token_of(staff: Staff, **more: Any) -> str:
    """The secret of a token with every scope that there is: as of somebody who was an owner once."""
    secret = f"amity_{staff.pk}"
    fields = {"scopes": list(every_scope()), "created_at": LONG_AGO, "last_used_at": LONG_AFTER} | more
    ApiToken.objects.create(staff=staff, name="Assistant", digest=digest_of(secret), ending="walk", **fields)
    return secret


def test_a_tool_does_what_the_table_says_for_the_role_of_its_token_and_nothing_else(world: World) -> None:
    callers = []
    for role in Role:
        colleague = make_colleague(role)
        callers.append((role, token_of(colleague)))
    partner = Staff.objects.get(role=Role.PARTNER)
    assigned_to(partner, world)
    watch = Watch()
    wrong: list[str] = []
    for role, secret in callers:
        assistant = Assistant(role.value, watch, secret)
        offered = {tool.name for tool in allowed_tools(assistant.caller)}
        assert offered == {name for name, door in TOOLS.items() if door.lets_in(role, door.methods()[0])}
        for name, tool in tools().items():
            door = TOOLS[name]  # a tool without a line in amity/site/access.py fails here
            if not door.lets_in(role, tool.method):
                assistant.expect(tool, world.open, REFUSED)
                continue
            is_theirs = role is not Role.PARTNER or door.of in ("", "conversation_id")
            is_own_only = door.resource == SIGNED_IN and tool.method != "GET"
            more = () if is_theirs and not is_own_only else REFUSED
            assistant.expect(tool, world.open, (*FINE, *NOT_NOW, *door.unless, *more))
            if door.of in world.hidden and role not in (Role.OWNER, Role.ADMINISTRATOR):
                of_hidden = world.open | {
                    name: world.hidden[name] for name in tool.in_path if name in world.hidden
                }
                assistant.expect(tool, of_hidden, (404,))
        wrong += assistant.wrong
        assert assistant.asked >= len(TOOLS)
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_token_with_every_scope_but_the_one_that_a_tool_needs_does_not_move_it(world: World) -> None:
    secrets = {role: token_of(make_colleague(role)) for role in (Role.OWNER, Role.AGENT, Role.PARTNER)}
    assigned_to(Staff.objects.get(role=Role.PARTNER), world)
    watch = Watch()
    wrong: list[str] = []
    for role, secret in secrets.items():
        token = ApiToken.objects.filter(digest=digest_of(secret))
        assistant = Assistant(role.value, watch, secret)
        for tool in tools().values():
            if tool.scope:
                token.update(scopes=[scope for scope in every_scope() if scope != tool.scope])
                assistant.expect(tool, world.open, REFUSED)
        token.update(scopes=[])
        assert {tool.scope for tool in allowed_tools(assistant.caller)} == {""}
        wrong += assistant.wrong
        assert assistant.asked > 40
    assert not wrong, "\n" + "\n".join(wrong)


def test_tokens_that_let_nobody_in_move_no_tool(world: World) -> None:
    gone = make_colleague(Role.OWNER)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    secrets = {
        "unknown": "amity_nobody",
        "no token": "",
        "revoked": token_of(make_colleague(Role.OWNER), revoked_at=LONG_AGO),
        "over": token_of(make_colleague(Role.OWNER), expires_at=LONG_AGO + timedelta(days=1)),
        "of one who left": token_of(gone),
    }
    watch = Watch()
    wrong: list[str] = []
    for who, secret in secrets.items():
        assistant = Assistant(who, watch, secret)
        with pytest.raises(Refused):
            allowed_tools(assistant.caller)
        for tool in tools().values():
            assistant.expect(tool, world.open, (401,))
        wrong += assistant.wrong
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_tool_that_was_not_offered_is_not_there() -> None:
    outcome = answered(Caller(application(), "amity_nobody"), {}, "list_of_people", {})
    assert outcome.status == 404
