"""Programs that call the public interface, and what they came for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from amity.kernel.actor import Role
from amity.kernel.api.tokens import make_token, scopes_of
from amity.kernel.models import ApiToken, Staff, Team

V1 = "/api/v1"


@dataclass(slots=True)
class Program:
    """A program with a token. `call` returns the answer; its body is in `.json()`."""

    staff: Staff
    token: ApiToken
    secret: str
    client: Client = field(default_factory=Client)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent: Any = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return self.client.generic(
            method, V1 + path, headers={"Authorization": f"Bearer {self.secret}", **named}, **sent
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)


def colleague(role: Role = Role.AGENT, *teams: Team) -> Staff:
    staff = Staff.objects.create(
        name="Ines Okafor", role=role, email=f"{uuid4().hex}@tamp.example", joined_at=timezone.now()
    )
    staff.teams.set(teams)
    return staff


def program(
    role: Role = Role.AGENT, *teams: Team, scopes: Iterable[str] | None = None, staff: Staff | None = None
) -> Program:
    """A program with a token of a colleague of this role, with all its scopes or with these."""
    staff = staff or colleague(role, *teams)
    chosen = scopes_of(Role(staff.role)) if scopes is None else scopes
    token, secret = make_token("Web shop", actor=staff.actor(), at=timezone.now(), scopes=chosen)
    return Program(staff, token, secret)
