"""Settings, Roles: the table of the policy, for those who may see it; one's own column for everybody."""

from __future__ import annotations

import re

import pytest

from amity.kernel import policy, rights
from amity.kernel.actor import Role
from amity.site.tests.shell.factories import make_staff, signed_in

pytestmark = pytest.mark.django_db


def test_every_resource_field_and_action_of_the_policy_has_words() -> None:
    assert set(rights.RESOURCES) == set(policy.TABLE)
    used = {
        action for grants in policy.TABLE.values() for grant in grants.values() for action in grant.actions
    }
    assert set(rights.ACTIONS) == used
    assert sum(len(group) for group in rights.groups()) == len(Role)
    assert all(row.roles for row in rights.fields())


def test_an_owner_sees_all_of_it_and_how_many_have_each_role() -> None:
    owner = make_staff("Tilde Sandberg", role=Role.OWNER)
    make_staff("Ines Okafor", role=Role.AGENT)
    make_staff("Jonas Brandt", role=Role.AGENT)
    make_staff("Gone", role=Role.AGENT, is_active=False)
    client = signed_in(owner)
    page = client.get("/settings/roles/").content.decode()
    assert re.search(r'href="/settings/colleagues/\?role=agent"[^>]*>2</a>', page)
    assert "Agent, Sales, Marketer, Community manager, Public relations" in page
    listed = client.get("/settings/colleagues/?role=agent").content.decode()
    assert "Jonas Brandt" in listed
    assert "Gone" not in listed
    assert client.get("/settings/colleagues/?role=nonsense").status_code == 200


@pytest.mark.parametrize(("role", "status"), [(Role.LEGAL, 200), (Role.AGENT, 403), (Role.PARTNER, 403)])
def test_legal_sees_the_table_without_a_way_to_the_accounts_and_others_do_not(
    role: Role, status: int
) -> None:
    answer = signed_in(make_staff(role=role)).get("/settings/roles/")
    assert answer.status_code == status
    assert "?role=" not in answer.content.decode()


def test_everybody_sees_their_own_column() -> None:
    page = signed_in(make_staff(role=Role.ANALYST)).get("/settings/").content.decode()
    assert "What you may do here as Analyst" in page
    assert "Birthday" in page
    assert "Webhooks" not in page.partition("own-rights")[2]
