"""Every door, as everybody, with real ids, against the one table; and nothing is written at a closed one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from amity.kernel import policy
from amity.kernel.actor import Role
from amity.site import access
from amity.site.access import OPERATIONS, PAGES, PUBLIC, SIGNED_IN, TOOLS, Door
from amity.site.api import description
from amity.site.tests.access.asking import FINE, NOT_NOW, REFUSED, body_for
from amity.site.tests.access.watch import Watch
from amity.site.tests.access.world import World, assigned_to, make_colleague, make_world, signed_in

WRITES = ("POST", "PATCH", "PUT", "DELETE")
API = "api/v1/"
# What a form could hold; every view takes of it what it knows.
BODY = {
    "text": "Good morning", "what": "Ring back", "due_at": "2030-01-01T09:00", "until": "2030-01-01T09:00",
    "name": "New", "id": "", "deed": "close", "do": "close", "state": "viewing",
    "screen": "inbox", "query": "", "assignee": "", "to": "kept", "due": "2030-01-01T09:00",
    "email": "hanna@open.example", "password": "not this one", "current": "no", "new": "no", "language": "en",
    "time_zone": "Europe/Berlin", "theme": "dark",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the resolver."""

    name: str
    route: str

    def path(self, values: dict[str, Any]) -> str:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found.group(1)]), self.route)

    def arguments(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.route)


def places(patterns: list[URLPattern | URLResolver] | None = None, before: str = "") -> Iterator[Place]:
    """Every address there is."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from places(pattern.url_patterns, route)
        else:
            yield Place(pattern.name or route, route)


def doors() -> list[tuple[Place, Door]]:
    return [
        (place, door) for place in places() if (door := PAGES.get(place.name) or OPERATIONS.get(place.name))
    ]


def doors_of_roles() -> list[tuple[Place, Door]]:
    """Those that are not also tools: `test_tools` walks these as every role, through the same edge."""
    return [(place, door) for place, door in doors() if place.name not in TOOLS]


def doors_by_name() -> dict[str, Door]:
    return PAGES | OPERATIONS


def test_every_address_and_operation_is_in_the_table_and_nothing_else_is() -> None:
    there = {place.name for place in places()}
    assert there - set(PAGES) - set(OPERATIONS) == set(), "give it a line in amity/site/access.py"
    assert set(PAGES) | set(OPERATIONS) == there | {"metrics"} & set(PAGES), "this door is gone"


def test_what_an_operation_declares_is_what_the_table_says() -> None:
    declared = {
        one["operationId"]: (one["x-resource"], method.upper(), one["x-action"])
        for methods in description()["paths"].values()
        for method, one in methods.items()
    }
    assert set(declared) == set(OPERATIONS)
    for name, (resource, method, action) in declared.items():
        door = OPERATIONS[name]
        assert door.methods() == [method], name
        if resource != "anybody":
            assert (door.resource, door.action(method)) == (resource, action), name


def test_every_resource_of_the_table_is_one_of_the_policy() -> None:
    named = {door.resource for door in (PAGES | OPERATIONS | access.TOOLS).values()}
    assert named - {PUBLIC, SIGNED_IN} <= set(policy.TABLE)


@pytest.fixture
def world(db: None, tmp_path: Path, at: datetime) -> World:
    return make_world(tmp_path, at)


class Walk:
    """Sends requests, takes back what they did, and notes what went wrong."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.watch = Watch()
        self.wrong: list[str] = []
        self.asked = 0

    def ask(self, place: Place, method: str, values: dict[str, Any]) -> int:
        """The status of the answer. After a refusal every table must be what it was."""
        self.asked += 1
        path = place.path(values)
        sent: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin", "Referer": "http://testserver/"}}
        if place.route.startswith(API):
            sent |= {"content_type": "application/json", "data": json.dumps(body_for(place.name, values))}
        elif method != "GET":
            sent["data"] = BODY | {
                "subject": str(values["subject_id"]),
                "ids": str(values["conversation_id"]),
                "other": str(values["other_id"]),
                "with": str(values["other_id"]),
            }
        with self.watch.taken_back() as asked:
            if method == "GET":
                answer = self.client.get(path, headers=sent["headers"])
            else:
                answer = getattr(self.client, method.lower())(path, **sent)
            if answer.streaming:
                answer.getvalue()  # a view may stream
            status = answer.status_code
            if status >= 400 and (changed := asked.changed()):
                self.wrong.append(f"{method} {path} → {status}, and yet it wrote into {changed}")
        if status >= 500 and status not in doors_by_name()[place.name].unless:
            self.wrong.append(f"{method} {path} → {status}")
        return status

    def expect(
        self, place: Place, method: str, values: dict[str, Any], right: tuple[int, ...], who: str
    ) -> None:
        status = self.ask(place, method, values)
        if status not in right:
            self.wrong.append(
                f"{who}: {method} {place.path(values)} ({place.name}) → {status}, not one of {right}"
            )


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_in_where_the_table_says_and_nowhere_else(role: Role, world: World) -> None:
    colleague = make_colleague(role)
    if role is Role.PARTNER:
        assigned_to(colleague, world)
    walk = Walk(signed_in(colleague))
    for place, door in doors_of_roles():
        if place.name == "logout":
            continue
        for method in door.methods():
            if door.lets_in(role, method):
                is_theirs = (
                    role is not Role.PARTNER
                    or door.resource != "conversation"
                    or door.of in ("", "conversation_id")
                )
                right = (*FINE, *NOT_NOW, *door.unless) if is_theirs else (*FINE, *NOT_NOW, *REFUSED)
                if method != "GET" and door.resource == SIGNED_IN:
                    right = (*right, 403, 404)  # one's own things only
            else:
                right = REFUSED
            walk.expect(place, method, world.open, right, role.value)
    assert walk.asked > 90
    assert not walk.wrong, "\n" + "\n".join(walk.wrong)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMINISTRATOR)])
def test_what_a_team_keeps_to_itself_is_not_there_for_anybody_else(role: Role, world: World) -> None:
    walk = Walk(signed_in(make_colleague(role)))
    for place, door in doors_of_roles():
        if door.of not in world.hidden:
            continue
        hidden = world.open | {
            name: value for name, value in world.hidden.items() if name in place.arguments()
        }
        for method in door.methods():
            right = (404,) if door.lets_in(role, method) else REFUSED
            walk.expect(place, method, hidden, right, role.value)
    assert walk.asked > 30
    assert not walk.wrong, "\n" + "\n".join(walk.wrong)


def test_in_the_team_one_gets_in(world: World) -> None:
    walk = Walk(signed_in(make_colleague(Role.AGENT, world.hidden_team)))
    for place, door in doors():
        if door.of in world.hidden and door.of != "view_id" and door.lets_in(Role.AGENT, "GET") and door.get:
            hidden = world.open | {
                name: value for name, value in world.hidden.items() if name in place.arguments()
            }
            walk.expect(place, "GET", hidden, (*FINE, *NOT_NOW, *door.unless), "agent of the team")
    assert walk.asked > 8
    assert not walk.wrong, "\n" + "\n".join(walk.wrong)


def test_without_login_only_what_is_open_to_everybody_answers(world: World) -> None:
    walk = Walk(Client(raise_request_exception=False))
    for place, door in doors():
        for method in ("GET", *WRITES):
            if door.resource == PUBLIC:
                right = (*FINE, *NOT_NOW, *door.unless) if door.action(method) else (405, 401)
                walk.expect(place, method, world.open, right, "nobody")
            else:
                walk.expect(place, method, world.open, (302, 401, 403), "nobody")
    assert not walk.wrong, "\n" + "\n".join(walk.wrong)


def test_a_method_that_the_table_does_not_name_is_refused(world: World) -> None:
    walk = Walk(signed_in(world.owner))
    for place, door in doors():
        together = [other for spot, other in doors() if spot.route == place.route]
        for method in ("GET", *WRITES):
            if not any(other.action(method) for other in together):
                walk.expect(place, method, world.open, (405, *door.unless), "owner")
    assert not walk.wrong, "\n" + "\n".join(walk.wrong)
