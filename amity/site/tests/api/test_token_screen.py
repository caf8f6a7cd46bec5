"""Settings, API tokens: made, shown once, revoked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.models import ApiToken
from amity.site.tests.api.calling import V1, colleague, program
from amity.site.tests.shell.factories import signed_in, signed_in_lately

pytestmark = pytest.mark.django_db


def make(client: Client, **fields: Any) -> Any:
    return client.post(
        "/settings/api-tokens/new/", {"name": "Web shop", "reach": "read", "ends": "90"} | fields
    )


def test_a_token_is_shown_once_and_lets_a_program_in() -> None:
    client = signed_in_lately(colleague())
    page = make(client).content.decode()
    (secret,) = re.findall(r"amity_[\w-]{43}", page)
    assert secret not in client.get("/settings/api-tokens/").content.decode()
    answer = Client().get(f"{V1}/people", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert all(scope.endswith(":read") for scope in ApiToken.objects.get().scopes)


def test_a_token_of_chosen_scopes_has_those_and_no_others() -> None:
    client = signed_in_lately(colleague())
    make(client, reach="chosen", scopes=["person:write"])
    assert ApiToken.objects.get().scopes == ["person:write"]
    assert make(client, reach="chosen", scopes=["settings:write"]).status_code == 422
    assert make(client, reach="chosen").status_code == 422
    assert ApiToken.objects.count() == 1


def test_one_revokes_ones_own_and_administrators_those_of_all() -> None:
    shop, other = program(), colleague()
    place = f"/settings/api-tokens/{shop.token.id}/revocation/"
    assert "Web shop" not in signed_in(other).get("/settings/api-tokens/").content.decode()
    assert signed_in(other).post(place).status_code == 404
    administrator = signed_in(colleague(Role.ADMINISTRATOR))
    assert "Web shop" in administrator.get("/settings/api-tokens/").content.decode()
    assert administrator.post(place).status_code == 302
    assert shop.get("/people").status_code == 401


def test_nobody_makes_a_token_without_saying_who_they_are() -> None:
    assert signed_in(colleague()).get("/settings/api-tokens/new/").status_code == 302
