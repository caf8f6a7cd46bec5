"""The second factor: asked for after the password, good once, never in the clear."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.errors import Conflict, Forbidden, Invalid
from amity.kernel.models import Staff
from amity.site.accounts import enforcement, factors
from amity.site.accounts.factors import Type
from amity.site.tests.accounts.factories import code_at, come_in, now, posted_login, with_app
from amity.site.tests.shell.factories import AT, make_staff, signed_in

pytestmark = pytest.mark.django_db


def test_the_password_alone_no_longer_lets_in(client: Client) -> None:
    staff = make_staff()
    sealed, _codes = with_app(staff, now())
    answer = posted_login(client, staff, next="/find/")
    assert answer["Location"] == "/login/second/"
    assert client.get("/find/")["Location"].startswith("/login/")
    answer = client.post("/login/second/", {"code": code_at(sealed, now())})
    assert answer["Location"] == "/find/"
    assert client.get("/find/").status_code == 200


def test_the_second_step_is_closed_to_who_skipped_the_first(client: Client) -> None:
    sealed, _codes = with_app(make_staff(), now())
    assert client.get("/login/second/")["Location"] == "/login/"
    assert client.post("/login/second/", {"code": code_at(sealed, now())})["Location"] == "/login/"
    assert client.get("/find/").status_code == 302


def test_a_code_of_the_app_works_once(client: Client) -> None:
    staff = make_staff()
    sealed, _codes = with_app(staff, AT)
    code = code_at(sealed, AT)
    assert factors.code_fits(staff, code, at=AT) == "app"
    assert factors.code_fits(staff, code, at=AT) == ""
    assert factors.code_fits(staff, code_at(sealed, AT, steps=1), at=AT) == "app"
    assert factors.code_fits(staff, code_at(sealed, AT), at=AT + timedelta(minutes=5)) == ""


def test_the_code_that_set_the_app_up_does_not_let_in() -> None:
    staff, sealed = make_staff(), factors.new_app_secret()
    factors.add_app(staff, sealed, code_at(sealed, AT), at=AT)
    assert factors.code_fits(staff, code_at(sealed, AT), at=AT) == ""


def test_a_recovery_code_works_once_and_is_counted_down(client: Client) -> None:
    staff = make_staff()
    _sealed, codes = with_app(staff, AT)
    assert len(set(codes)) == factors.CODES
    assert factors.code_fits(staff, codes[3].upper(), at=AT) == "recovery"
    assert factors.code_fits(staff, codes[3], at=AT) == ""
    assert factors.factors(staff).codes_left == factors.CODES - 1


def test_guessing_codes_ends_after_five_and_does_not_lock_the_password(client: Client) -> None:
    staff = make_staff()
    sealed, _codes = with_app(staff, now())
    posted_login(client, staff)
    answers = [client.post("/login/second/", {"code": "000000"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert client.post("/login/second/", {"code": code_at(sealed, now())}).status_code == 429
    assert posted_login(Client(), staff).status_code == 302


def test_nothing_of_a_factor_lies_open_in_the_database() -> None:
    staff = make_staff()
    sealed, codes = with_app(staff, AT)
    kept = " ".join(str(row.data) for row in Authenticator.objects.filter(user=staff))
    assert factors.app_picture(staff, sealed).secret.replace(" ", "") not in kept
    assert not any(code.replace("-", "") in kept or code in kept for code in codes)


def test_codes_of_one_colleague_are_no_good_for_another() -> None:
    mine, yours = make_staff(), make_staff()
    _sealed, codes = with_app(mine, AT)
    with_app(yours, AT)
    assert factors.code_fits(yours, codes[0], at=AT) == ""


def test_setting_an_app_up_takes_its_first_code(client: Client) -> None:
    staff = make_staff()
    come_in(client, staff)
    assert '<svg class="qr"' in client.get("/settings/security/app/").content.decode()
    sealed = client.session["app_secret"]
    assert client.post("/settings/security/app/", {"code": "12345"}).status_code == 422
    shown = client.post("/settings/security/app/", {"code": code_at(sealed, now())}).content.decode()
    assert shown.count("<li><code>") == factors.CODES
    assert "app_secret" not in client.session
    assert factors.factors(staff).has_app
    assert "<li><code>" not in client.get("/settings/security/").content.decode()


def test_who_signed_in_long_ago_confirms_before_a_factor_changes(client: Client) -> None:
    staff = make_staff()
    old = signed_in(staff)  # a session that carries no fresh proof
    assert old.get("/settings/security/app/")["Location"].startswith("/settings/security/confirmation/")
    wrong = old.post(
        "/settings/security/confirmation/", {"password": "wrong", "next": "/settings/security/app/"}
    )
    assert wrong.status_code == 422
    right = old.post(
        "/settings/security/confirmation/",
        {"password": "a long enough sentence", "next": "/settings/security/app/"},
    )
    assert right["Location"] == "/settings/security/app/"
    assert old.get("/settings/security/app/").status_code == 200


def test_confirming_never_leads_to_another_site() -> None:
    client = signed_in(make_staff())
    answer = client.post(
        "/settings/security/confirmation/",
        {"password": "a long enough sentence", "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/settings/security/"


def test_removing_the_last_factor_takes_its_recovery_codes_along() -> None:
    staff = make_staff()
    with_app(staff, AT)
    factors.remove(staff, actor=staff.actor(), at=AT, kind=Type.TOTP)
    assert not Authenticator.objects.filter(user=staff).exists()
    with pytest.raises(Conflict):
        factors.make_codes(staff, at=AT)


def test_new_recovery_codes_end_the_old_ones() -> None:
    staff = make_staff()
    _sealed, old = with_app(staff, AT)
    fresh = factors.make_codes(staff, at=AT)
    assert factors.code_fits(staff, old[0], at=AT) == ""
    assert factors.code_fits(staff, fresh[0], at=AT) == "recovery"


def test_a_wrong_first_code_is_refused_with_a_remedy() -> None:
    staff, sealed = make_staff(), factors.new_app_secret()
    with pytest.raises(Invalid, match="clock of the phone"):
        factors.add_app(staff, sealed, code_at(sealed, AT, steps=9), at=AT)


def test_a_role_that_must_have_one_is_led_there_and_can_do_nothing_else(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    come_in(client, agent)
    enforcement.change_roles(["agent"], actor=owner.actor(), at=AT)
    for address in ("/", "/inbox/", "/settings/", "/find/?q=a", "/settings/password/"):
        assert client.get(address)["Location"] == "/settings/security/", address
    assert (
        client.get("/find/", headers={"Accept": "application/json"}).json()["code"] == "second_factor_needed"
    )
    assert "Your role needs a second factor" in client.get("/settings/security/").content.decode()
    client.get("/settings/security/app/")
    sealed = client.session["app_secret"]
    client.post("/settings/security/app/", {"code": code_at(sealed, now())})
    assert client.get("/find/").status_code == 200


def test_the_rule_reaches_those_it_names_and_lets_go_of_them() -> None:
    owner, agent, other = make_staff(), make_staff(role=Role.AGENT), make_staff(role=Role.LEGAL)
    protected = make_staff(role=Role.AGENT)
    with_app(protected, AT)
    enforcement.change_roles(["agent"], actor=owner.actor(), at=AT)
    due = set(Staff.objects.filter(second_factor_due=True))
    assert due == {agent}
    factors.remove(protected, actor=protected.actor(), at=AT, kind=Type.TOTP)
    assert Staff.objects.get(pk=protected.pk).second_factor_due
    enforcement.change_roles([], actor=owner.actor(), at=AT)
    assert not Staff.objects.filter(second_factor_due=True).exists()
    assert not Staff.objects.get(pk=other.pk).second_factor_due


def test_only_owners_and_administrators_make_the_rule() -> None:
    with pytest.raises(Forbidden):
        enforcement.change_roles(["owner"], actor=make_staff(role=Role.AGENT).actor(), at=AT)


def test_the_session_key_changes_on_sign_in(client: Client) -> None:
    client.get("/login/")
    planted = client.session.session_key
    come_in(client, make_staff())
    assert client.session.session_key != planted


def test_one_sees_where_one_is_signed_in_and_ends_it_there(client: Client) -> None:
    staff, other = make_staff(), Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    come_in(other, staff)
    come_in(client, staff)
    page = client.get("/settings/security/").content.decode()
    assert "Firefox on Linux" in page
    place = page.split("/settings/security/sessions/", 1)[1].split("/", 1)[0]
    assert client.post(f"/settings/security/sessions/{place}/end/").status_code == 302
    assert other.get("/settings/").status_code == 302
    assert client.get("/settings/").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(client: Client) -> None:
    victim, other = make_staff(), Client()
    come_in(other, victim)
    come_in(client, make_staff())
    place = victim.usersession_set.get().pk  # type: ignore[attr-defined]  # allauth's reverse name
    assert client.post(f"/settings/security/sessions/{place}/end/").status_code == 404
    assert other.get("/settings/").status_code == 200


def test_everywhere_else_is_ended_at_once(client: Client) -> None:
    staff = make_staff()
    others = [Client(), Client()]
    for other in others:
        come_in(other, staff)
    come_in(client, staff)
    client.post("/settings/security/sessions/end/")
    assert [other.get("/settings/").status_code for other in others] == [302, 302]
    assert client.get("/settings/").status_code == 200
