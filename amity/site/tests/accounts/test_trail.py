"""What happens to accounts is on the record, with who did it and from where, and without a secret."""

from __future__ import annotations

import pytest
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry
from amity.site.accounts import colleagues, enforcement
from amity.site.tests.accounts.factories import come_in, now, posted_login, with_app
from amity.site.tests.shell.factories import AT, PASSWORD, make_staff

pytestmark = pytest.mark.django_db


def _actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_coming_in_failing_and_leaving_are_put_down_with_the_place(client: Client) -> None:
    staff = make_staff()
    posted_login(client, staff, "wrong")
    come_in(client, staff)
    client.post("/logout/")
    wanted = {"sign_in.failed", "sign_in", "sign_out"}
    entries = AuditEntry.objects.filter(action__in=wanted).order_by("id")
    assert [entry.action for entry in entries] == ["sign_in.failed", "sign_in", "sign_out"]
    assert {entry.address for entry in entries} == {"127.0.0.1"}
    assert entries[0].actor_id is None
    assert entries[1].actor_id == entries[2].actor_id == staff.pk


def test_factors_roles_rules_and_closures_are_put_down(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    with_app(agent, now())
    enforcement.change_roles(["agent"], actor=owner.actor(), at=AT)
    colleagues.change(agent.pk, actor=owner.actor(), at=AT, role="sales", team_ids=[])
    colleagues.reset_factors(agent.pk, actor=owner.actor(), at=AT)
    colleagues.deactivate(agent.pk, actor=owner.actor(), at=AT)
    for action in (
        "factor.added",
        "security.second_factor_roles",
        "account.changed",
        "factor.reset",
        "account.closed",
    ):
        assert action in _actions()
    changed = AuditEntry.objects.get(action="account.changed")
    assert (changed.before, changed.after) == ({"role": "agent", "teams": []}, {"role": "sales", "teams": []})


def test_no_secret_is_in_it(client: Client) -> None:
    staff = make_staff()
    come_in(client, staff)
    _sealed, codes = with_app(staff, now())
    kept = " ".join(f"{entry.before} {entry.after} {entry.why}" for entry in AuditEntry.objects.all())
    assert PASSWORD not in kept
    assert staff.password not in kept
    assert not any(code in kept for code in codes)
