"""A partner knows the colleagues they work with, and nobody else of the house."""

from __future__ import annotations

import pytest
from django.test import Client

from amity.kernel.actor import Role
from amity.site.tests.api.calling import Program, colleague, program
from amity.site.tests.api.test_operations import conversation_of

pytestmark = pytest.mark.django_db


def _names(partner: Program) -> set[str]:
    return {one["name"] for one in partner.get("/colleagues").json()["items"]}


def _called(role: Role, name: str) -> Program:
    staff = colleague(role)
    staff.name = name
    staff.save(update_fields=["name"])
    return program(staff=staff)


def test_a_partner_lists_and_chooses_only_whom_they_work_with() -> None:
    giver, partner = _called(Role.AGENT, "Gesa Giver"), _called(Role.PARTNER, "Pia Partner")
    before, stranger = _called(Role.AGENT, "Bo Before"), _called(Role.SALES, "Stina Stranger")
    place = conversation_of(giver)
    assert _names(partner) == {"Pia Partner"}
    for whom in (before, partner):
        giver.call("PUT", f"{place}/assignment", {"assignee_id": str(whom.staff.id)})
    assert _names(partner) == {"Pia Partner", "Gesa Giver", "Bo Before"}
    assert "Stina Stranger" in _names(giver)
    refused = partner.call("PUT", f"{place}/assignment", {"assignee_id": str(stranger.staff.id)})
    assert refused.status_code == 422
    assert (
        partner.call("PUT", f"{place}/assignment", {"assignee_id": str(before.staff.id)}).status_code == 200
    )


def test_no_page_names_a_stranger_to_a_partner() -> None:
    giver, partner = _called(Role.AGENT, "Gesa Giver"), _called(Role.PARTNER, "Pia Partner")
    stranger = _called(Role.SALES, "Stina Stranger").staff
    place = conversation_of(giver)
    giver.call("PUT", f"{place}/assignment", {"assignee_id": str(partner.staff.id)})
    inbox = f"/inbox{place.removeprefix('/conversations')}/"
    pages = ("/", "/inbox/?view=mine", "/inbox/filters/", inbox, f"/inbox/?view=all&assignee={stranger.pk}")
    for who, is_shown in ((giver, True), (partner, False)):
        client = Client()
        client.force_login(who.staff, backend="amity.site.signin.StaffBackend")
        shown = [b"Stina" in client.get(page).content for page in pages]
        assert any(shown) is is_shown, shown
