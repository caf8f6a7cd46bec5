"""Who may do what is changed by who has just shown who they are; tokens do not outlive what sessions do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amity.kernel.actor import Role
from amity.kernel.models import ApiToken, Staff
from amity.site.accounts import colleagues, links, passwords
from amity.site.accounts.links import Purpose
from amity.site.tests.api.calling import program
from amity.site.tests.shell.factories import PASSWORD, make_staff, signed_in

pytestmark = pytest.mark.django_db
NEW = "another long enough sentence"


def _fresh(client: Client, *, ago: timedelta) -> None:
    session = client.session
    session["confirmed_at"] = (timezone.now() - ago).isoformat()
    session.save()


def _secret(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def test_a_role_is_changed_only_by_who_has_just_shown_who_they_are() -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    client, place = signed_in(owner), f"/settings/colleagues/{agent.pk}/"
    wanted = {"role": Role.ADMINISTRATOR.value}
    _fresh(client, ago=timedelta(minutes=16))
    assert client.get(place).status_code == 200
    asked = client.post(place, wanted)
    assert asked["Location"].startswith("/settings/security/confirmation/")
    assert place.replace("/", "%2F") in asked["Location"]
    assert Staff.objects.get(pk=agent.pk).role == Role.AGENT
    _fresh(client, ago=timedelta(minutes=14))
    assert client.post(place, wanted)["Location"] == place
    assert Staff.objects.get(pk=agent.pk).role == Role.ADMINISTRATOR


def test_a_closed_account_is_opened_only_by_who_has_just_shown_who_they_are() -> None:
    client, gone = signed_in(make_staff()), make_staff(role=Role.AGENT, is_active=False)
    asked = client.post(f"/settings/colleagues/{gone.pk}/opening/")
    assert asked["Location"].startswith("/settings/security/confirmation/")
    assert not Staff.objects.get(pk=gone.pk).is_active


def test_who_may_not_change_an_account_is_refused_before_they_are_asked() -> None:
    client = signed_in(make_staff(role=Role.AGENT))
    assert client.post(f"/settings/colleagues/{make_staff().pk}/", {"role": "owner"}).status_code == 403


def test_a_token_waits_while_its_colleague_owes_a_second_factor() -> None:
    shop = program()
    Staff.objects.filter(pk=shop.staff.pk).update(second_factor_due=True)
    refused = shop.get("/people")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    assert "Settings, Security" in refused.json()["detail"]
    assert ApiToken.objects.get(pk=shop.token.pk).last_used_at is None
    Staff.objects.filter(pk=shop.staff.pk).update(second_factor_due=False)
    assert shop.get("/people").status_code == 200


def test_tokens_end_when_an_administrator_resets_the_password() -> None:
    owner, shop = make_staff(), program()
    other = program()
    address, _mailed = colleagues.password_link(
        shop.staff.pk, actor=owner.actor(), by=owner, at=timezone.now()
    )
    assert shop.get("/people").status_code == 200
    passwords.set_by_link(_secret(address), new=NEW, at=timezone.now())
    refused = shop.get("/people")
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_needed")
    assert "Make a new one under Settings, API tokens" in refused.json()["detail"]
    assert ApiToken.objects.get(pk=shop.token.pk).revoked_by_id == owner.pk
    assert other.get("/people").status_code == 200


def test_tokens_stay_when_somebody_forgot_their_own_password() -> None:
    shop = program()
    shop.staff.set_password(PASSWORD)
    shop.staff.save()
    _link, address = links.make_link(Purpose.RESET, at=timezone.now(), staff=shop.staff, was_mailed=True)
    passwords.set_by_link(_secret(address), new=NEW, at=timezone.now())
    assert shop.get("/people").status_code == 200
