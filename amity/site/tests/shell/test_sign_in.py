"""Coming in, and being kept out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from amity.kernel.models import Staff, WorkspaceSetting
from amity.site import signin
from amity.site.accounts import attempts
from amity.site.cli.preparation import how_to_sign_in
from amity.site.models import SignInAttempt
from amity.site.tests.shell.factories import AT, PASSWORD, make_staff, signed_in

pytestmark = pytest.mark.django_db
EMAIL = "ines@tamp.example"


def test_e_mail_and_password_let_in_whatever_the_case_of_the_e_mail(client: Client) -> None:
    make_staff(email=EMAIL)
    answer = client.post("/login/", {"email": " INES@Tamp.example ", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/find/").status_code == 200


def test_one_comes_back_to_the_page_that_was_asked_for(client: Client) -> None:
    make_staff(email=EMAIL)
    answer = client.post("/login/", {"email": EMAIL, "password": PASSWORD, "next": "/settings/teams/"})
    assert answer["Location"] == "/settings/teams/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_one_is_never_sent_to_another_site(client: Client, elsewhere: str) -> None:
    make_staff(email=EMAIL)
    answer = client.post("/login/", {"email": EMAIL, "password": PASSWORD, "next": elsewhere})
    assert "evil" not in answer["Location"]
    assert not answer["Location"].startswith("javascript")


def test_a_wrong_password_says_what_to_do_and_keeps_the_e_mail(client: Client) -> None:
    make_staff(email=EMAIL)
    answer = client.post("/login/", {"email": EMAIL, "password": "wrong"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "do not belong together" in body
    assert f'value="{EMAIL}"' in body


def test_an_empty_field_is_named(client: Client) -> None:
    body = client.post("/login/", {"email": "", "password": ""}).content.decode()
    assert 'id="email-error"' in body
    assert 'id="password-error"' in body


def test_the_inactive_and_the_unknown_look_like_a_wrong_password(client: Client) -> None:
    make_staff(email=EMAIL, is_active=False)
    inactive = client.post("/login/", {"email": EMAIL, "password": PASSWORD})
    unknown = client.post("/login/", {"email": "nobody@tamp.example", "password": PASSWORD})
    assert inactive.status_code == unknown.status_code == 422
    assert "do not belong together" in inactive.content.decode()
    assert "do not belong together" in unknown.content.decode()


def test_the_unknown_cost_as_much_hashing_as_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(signin, "make_password", hashed.append)
    make_staff(email="gone@tamp.example", is_active=False)
    assert authenticate(None, username="nobody@tamp.example", password="x") is None
    assert authenticate(None, username="gone@tamp.example", password="x") is None
    assert hashed == ["x", "x"]


def test_guessing_one_account_from_one_place_ends_after_five(client: Client) -> None:
    make_staff(email=EMAIL)
    for _ in range(attempts.PASSWORD.from_one_place):
        assert client.post("/login/", {"email": EMAIL, "password": "wrong"}).status_code == 422
    answer = client.post("/login/", {"email": EMAIL.upper(), "password": PASSWORD})
    assert answer.status_code == 429
    assert "Wait" in answer.content.decode()


def test_a_colleague_elsewhere_is_not_locked_out_by_it() -> None:
    for _ in range(attempts.PASSWORD.from_one_place):
        attempts.begin_attempt(EMAIL, "6.6.6.6", at=AT)
    with pytest.raises(attempts.TooManyTries):
        attempts.begin_attempt(EMAIL, "6.6.6.6", at=AT)
    attempts.begin_attempt(EMAIL, "10.0.0.1", at=AT)


def test_one_place_cannot_try_many_accounts() -> None:
    for number in range(attempts.PASSWORD.from_address):
        attempts.begin_attempt(f"a{number}@tamp.example", "6.6.6.6", at=AT)
    with pytest.raises(attempts.TooManyTries):
        attempts.begin_attempt("one.more@tamp.example", "6.6.6.6", at=AT)


def test_an_account_has_one_name_so_its_guesses_are_counted_together(client: Client) -> None:
    make_staff(email="mira.sisi@tamp.example")
    for other in (
        "mıra.sisi@tamp.example",
        "mira.ſisi@tamp.example",
    ):  # PostgreSQL's upper() makes them the same
        assert client.post("/login/", {"email": other, "password": PASSWORD}).status_code == 422
    assert client.get("/find/").status_code == 302


def test_a_network_of_its_own_is_one_place(client: Client) -> None:
    statuses = [
        client.post(
            "/login/",
            {"email": f"colleague{n}@tamp.example", "password": "guess"},
            REMOTE_ADDR=f"2001:db8:1:2:{n:x}::1",
        ).status_code
        for n in range(51)
    ]
    assert statuses == [422] * 50 + [429]
    elsewhere = {"email": EMAIL, "password": "guess"}
    assert client.post("/login/", elsewhere, REMOTE_ADDR="2001:db8:1:3::1").status_code == 422
    assert client.post("/login/", elsewhere, REMOTE_ADDR="::ffff:192.0.2.7").status_code == 422


def test_waiting_helps_and_old_attempts_are_forgotten() -> None:
    for _ in range(attempts.PASSWORD.from_one_place):
        attempts.begin_attempt(EMAIL, "6.6.6.6", at=AT)
    with pytest.raises(attempts.TooManyTries) as refused:
        attempts.begin_attempt(EMAIL, "6.6.6.6", at=AT + timedelta(minutes=5))
    assert refused.value.context["retry_after_seconds"] == 600
    attempts.begin_attempt(EMAIL, "6.6.6.6", at=AT + timedelta(minutes=15, seconds=1))
    assert SignInAttempt.objects.count() == 1


def test_coming_in_clears_the_slips_before(client: Client) -> None:
    make_staff(email=EMAIL)
    client.post("/login/", {"email": EMAIL, "password": "wrong"})
    client.post("/login/", {"email": EMAIL, "password": PASSWORD})
    assert SignInAttempt.objects.count() == 0


def test_neither_e_mail_nor_address_is_kept_in_the_clear() -> None:
    attempts.begin_attempt(EMAIL, "6.6.6.6", at=AT)
    kept = SignInAttempt.objects.get()
    assert b"ines" not in bytes(kept.account)
    assert bytes(kept.address) != b"6.6.6.6"


def test_signing_out_takes_a_post_and_ends_the_session() -> None:
    client = signed_in(make_staff())
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/find/").status_code == 302


def test_demo_colleagues_are_offered_in_the_demo_workspace_only(client: Client) -> None:
    demo = [{"name": "Jonas Brandt", "email": "jonas@tamp.example", "password": PASSWORD, "role": "Agent"}]
    WorkspaceSetting.objects.create(key="demo_logins", value=demo, changed_at=AT)
    assert "Jonas Brandt" not in client.get("/login/").content.decode()
    WorkspaceSetting.objects.create(key="demo", value=True, changed_at=AT)
    assert "Jonas Brandt" in client.get("/login/").content.decode()


def test_the_terminal_says_where_the_logins_of_the_demo_are_and_none_of_them() -> None:
    make_staff(email=EMAIL)
    demo = [{"name": "Ines Okafor", "email": EMAIL, "password": PASSWORD, "role": "Agent"}]
    WorkspaceSetting.objects.create(key="demo_logins", value=demo, changed_at=AT)
    said = "\n".join(how_to_sign_in())
    assert "one login for each role" in said
    assert PASSWORD not in said
    assert EMAIL not in said


def test_signing_in_again_goes_straight_on() -> None:
    staff = make_staff()
    assert signed_in(staff).get("/login/").status_code == 302
    assert Staff.objects.get(pk=staff.pk).is_active
