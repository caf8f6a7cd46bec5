"""What was done to others, tried here: guessing, planted sessions, links opened by scanners, open cookies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.signals import template_rendered
from django.test.utils import override_settings

from amity.kernel.models import Staff
from amity.site.accounts import attempts, invitations, links, setup
from amity.site.accounts.links import Purpose
from amity.site.models import AccountLink, SignInAttempt
from amity.site.tests.accounts.factories import come_in, now, with_app
from amity.site.tests.shell.factories import AT, PASSWORD, make_staff


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_one_moment_do_not_slip_past_the_limit() -> None:
    def guess(_number: int) -> bool:
        try:
            attempts.begin_attempt("ines@tamp.example", "6.6.6.6", at=AT)
        except attempts.TooManyTries:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(12) as pool:
        looked_at = sum(pool.map(guess, range(60)))
    assert looked_at == attempts.PASSWORD.from_one_place
    assert SignInAttempt.objects.count() == attempts.PASSWORD.from_one_place


@pytest.mark.django_db
def test_a_spread_attack_on_one_account_is_stopped_and_the_right_password_with_it() -> None:
    staff = make_staff()
    for number in range(attempts.PASSWORD.for_account):
        attempts.begin_attempt(staff.email, f"10.0.0.{number}", at=now())
    answer = Client().post("/login/", {"email": staff.email.upper(), "password": PASSWORD})
    assert answer.status_code == 429


def _rows() -> dict[str, list[tuple[object, ...]]]:
    tables = "kernel_staff site_accountlink account_emailaddress mfa_authenticator kernel_workspacesetting"
    found = {}
    with connection.cursor() as cursor:
        for table in tables.split():
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


@pytest.mark.django_db
def test_a_scanner_that_opens_every_link_changes_nothing_and_is_not_let_in() -> None:
    first = setup.setup_link(at=now())
    assert Client().get("/" + first.split("/", 3)[3]).status_code == 200
    owner, agent = make_staff(), make_staff()
    addresses = [
        first,
        invitations.invite(
            "m@tamp.example", role="agent", team_ids=[], actor=owner.actor(), by=owner, at=now()
        )[1],
        links.make_link(Purpose.RESET, at=now(), staff=agent, was_mailed=True)[1],
        links.make_link(Purpose.ADDRESS, at=now(), staff=agent, email="new@tamp.example", was_mailed=True)[1],
    ]
    before = _rows()
    for address in addresses:
        path = "/" + address.split("/", 3)[3]
        for _ in range(2):
            scanner = Client()
            scanner.get(path)
            scanner.head(path)
            scanner.options(path)
            assert "_auth_user_id" not in scanner.session, path
    assert _rows() == before
    assert not AccountLink.objects.filter(used_at__isnull=False).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/logout/", "/sso/", "/login/passkey/", "/login/passkey/challenge/", "/sign-in-as/end/",
        "/settings/security/codes/", "/settings/security/app/removal/", "/settings/security/sessions/end/",
        "/settings/security/passkeys/", "/settings/security/address/", "/settings/security/provider/removal/",
    ],
)  # fmt: skip
def test_nothing_is_done_by_opening_an_address(client: Client, path: str) -> None:
    staff = make_staff()
    with_app(staff, now())
    client.force_login(staff, backend="amity.site.signin.StaffBackend")
    client.get("/settings/")  # they are seen, which is written down once a minute
    before = _rows()
    assert client.get(path).status_code == 405
    assert _rows() == before
    assert client.get("/settings/").status_code == 200


@pytest.mark.django_db
def test_every_form_before_the_sign_in_needs_its_token() -> None:
    reset = links.make_link(Purpose.RESET, at=now(), staff=make_staff())[1]
    for path in (
        "/login/",
        "/login/second/",
        "/login/passkey/",
        "/reset/",
        "/sso/",
        "/" + reset.split("/", 3)[3],
    ):
        answer = Client(enforce_csrf_checks=True).post(
            path, {"email": "a@b.example", "password": "x", "new": "y"}
        )
        assert answer.status_code == 403, path


@pytest.mark.django_db
def test_a_planted_session_is_worth_nothing_after_the_sign_in() -> None:
    attacker = Client()
    attacker.get("/login/")
    planted = attacker.session.session_key
    victim = Client()
    victim.cookies["amity_session"] = planted or ""
    come_in(victim, make_staff())
    assert victim.session.session_key != planted
    assert attacker.get("/settings/").status_code == 302


@pytest.mark.django_db
def test_a_half_finished_sign_in_opens_nothing_and_names_nobody() -> None:
    staff = make_staff()
    with_app(staff, now())
    half = Client()
    half.post("/login/", {"email": staff.email, "password": PASSWORD})
    for path in ("/", "/settings/security/", "/api/v1/me"):
        assert half.get(path).status_code in {302, 401}, path
    assert staff.name not in half.get("/login/second/").content.decode()


def test_behind_tls_every_cookie_is_locked() -> None:
    code = (
        "from amity.site import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_USE_SESSIONS,"
        " s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE)"
    )
    environ = os.environ | {
        "AMITY_URL": "https://amity.example",
        "DJANGO_SETTINGS_MODULE": "amity.site.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True", "True", "True", "Lax", "Lax"]


@pytest.mark.django_db
@override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True)
def test_no_page_of_the_sign_in_sets_a_cookie_that_is_open() -> None:
    staff = make_staff()
    client = Client()
    for answer in (
        client.get("/login/", secure=True),
        client.post("/login/", {"email": staff.email, "password": "wrong"}, secure=True),
        client.post("/login/", {"email": staff.email, "password": PASSWORD}, secure=True),
        client.get("/settings/security/", secure=True),
    ):
        for name, cookie in answer.cookies.items():
            assert cookie["secure"], name
            assert cookie["httponly"], name
            assert cookie["samesite"] in {"Lax", "Strict"}, name
    assert set(client.cookies) <= {"amity_session", "messages"}


@pytest.mark.django_db
def test_no_template_of_others_is_ever_drawn(client: Client) -> None:
    drawn: set[str] = set()

    def noticed(sender: object, template: object, **more: object) -> None:
        origin = getattr(template, "origin", None)
        if origin is not None and origin.name:
            drawn.add(str(origin.name))

    template_rendered.connect(noticed)
    try:
        staff = make_staff()
        client.get("/reset/")
        client.get("/setup/none/")
        client.get("/sso/callback/")
        client.post("/login/", {"email": staff.email, "password": "wrong"})
        come_in(client, staff)
        parts = "security/ security/app/ security/confirmation/ colleagues/ sign-in/ sign-in/provider/"
        for path in parts.split():
            assert client.get(f"/settings/{path}").status_code == 200, path
        client.post("/settings/security/app/", {"code": "1"})
        client.post("/logout/")
    finally:
        template_rendered.disconnect(noticed)
    assert len(drawn) > 10
    assert [path for path in drawn if "allauth" in path] == []


@pytest.mark.django_db
def test_the_owner_of_an_address_is_not_told_apart_on_any_page_before_the_sign_in() -> None:
    staff = make_staff(email="known@tamp.example")
    Staff.objects.filter(pk=make_staff(email="closed@tamp.example").pk).update(is_active=False)
    bodies = set()
    for email in (staff.email, "closed@tamp.example", "nobody@tamp.example"):
        page = Client().post("/login/", {"email": email, "password": "wrong"}).content.decode()
        bodies.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.replace(email, "")))
    assert len(bodies) == 1
