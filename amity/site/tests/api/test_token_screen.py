"""Settings, API tokens: made, shown once, revoked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.api.tokens import every_scope
from amity.kernel.models import ApiToken
from amity.site.tests.api.calling import V1, colleague, program
from amity.site.tests.shell.factories import signed_in, signed_in_lately
from amity.site.web.scope_groups import groups_of

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


def test_all_of_a_group_is_chosen_with_one_tick() -> None:
    client = signed_in_lately(colleague())
    make(client, reach="chosen", all=["people:read", "commerce:write"])
    read = ["order:export", "order:read", "organisation:read", "person:read", "segment:read"]
    assert ApiToken.objects.get().scopes == read
    make(client, name="Desk", reach="chosen", all=["people:write"], scopes=["promise:read"])
    theirs, deeds = ("person", "organisation", "segment"), ("read", "write", "export")
    whole = [f"{what}:{does}" for what in theirs for does in deeds]
    assert ApiToken.objects.get(name="Desk").scopes == sorted(["promise:read", *whole])


def test_what_is_ticked_is_not_passed_over() -> None:
    page = make(signed_in_lately(colleague()), reach="read", all=["people:write"])
    assert page.status_code == 422
    assert "Something is ticked below" in page.content.decode()
    assert not ApiToken.objects.exists()


def test_every_scope_stands_in_a_group_with_its_meaning_and_a_role_is_offered_its_own_alone() -> None:
    every = [one.scope for group in groups_of(every_scope()) for one in group.choices]
    assert sorted(every) == sorted(every_scope())
    page = signed_in_lately(colleague()).get("/settings/api-tokens/new/").content.decode()
    assert 'value="people:write"' in page
    assert "settings:write" not in page
    assert "Add and change: people" in page


def test_a_button_beside_the_token_copies_it() -> None:
    page = make(signed_in_lately(colleague())).content.decode()
    assert 'id="api-secret">amity_' in page
    assert 'data-copies="api-secret"' in page
