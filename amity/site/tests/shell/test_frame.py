"""What surrounds every view: headers, sign-in, errors made into answers."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from amity.kernel.actor import Role
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.models import Staff
from amity.kernel.requests import is_fragment, path_of, remote_address
from amity.site import errors, middleware
from amity.site.tests.shell.factories import make_staff, signed_in

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_an_unknown_address_tells_an_outsider_nothing(client: Client) -> None:
    assert client.get("/no/such/page/")["Location"] == "/login/?next=%2Fno%2Fsuch%2Fpage%2F"


def test_after_signing_in_one_is_where_one_wanted_to_be(client: Client) -> None:
    assert client.get("/settings/teams/?a=1")["Location"] == "/login/?next=%2Fsettings%2Fteams%2F%3Fa%3D1"


def test_a_fragment_sends_the_whole_page_to_sign_in(client: Client) -> None:
    answer = client.get("/find/", headers=FRAGMENT | {"HX-Current-URL": "http://testserver/status/?x=1"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/login/?next=%2Fstatus%2F%3Fx%3D1"


def test_a_program_is_told_in_its_own_language(client: Client) -> None:
    answer = client.get("/status.json", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "sign_in_needed"


def test_a_page_of_another_site_is_never_where_one_goes_next() -> None:
    request = RequestFactory().get("/find/", headers=FRAGMENT | {"HX-Current-URL": "https://evil.example/"})
    assert path_of(request) == "/"


def test_pages_are_locked_into_their_own_site() -> None:
    answer = signed_in(make_staff()).get("/find/")
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self' http://testserver:8001"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def test_no_page_of_the_shell_carries_an_inline_style_or_script() -> None:
    client = signed_in(make_staff())
    for address in ("/find/?q=set", "/status/", "/settings/password/", "/settings/teams/", "/nothing/"):
        html = client.get(address).content.decode()
        assert " style=" not in html, address
        assert " onclick=" not in html, address
        for script in html.split("<script")[1:]:
            head = script.split(">", 1)[0]
            assert "src=" in head or "application/json" in head, address


def test_the_live_origin_is_the_same_host_at_its_port() -> None:
    for host, expected in (
        ("testserver:8000", "http://testserver:8001"),
        ("localhost", "http://localhost:8001"),
        ("127.0.0.1:80", "http://127.0.0.1:8001"),
    ):
        assert middleware.live_origin(RequestFactory().get("/", headers={"Host": host})) == expected


def test_a_colleague_is_greeted_in_their_language_and_time_zone() -> None:
    staff = make_staff(language="de", time_zone="Asia/Tokyo")
    answer = signed_in(staff).get("/settings/password/")
    assert '<html lang="de"' in answer.content.decode()
    assert timezone.get_current_timezone_name() != "Asia/Tokyo"  # and nobody after them


def test_last_seen_is_written_at_most_once_a_minute() -> None:
    staff = make_staff()
    client = signed_in(staff)
    client.get("/find/")
    first = Staff.objects.get(pk=staff.pk).last_seen_at
    client.get("/find/")
    assert first is not None
    assert Staff.objects.get(pk=staff.pk).last_seen_at == first
    Staff.objects.filter(pk=staff.pk).update(last_seen_at=first - timedelta(minutes=2))
    client.get("/find/")
    assert (Staff.objects.get(pk=staff.pk).last_seen_at or first) >= first


def test_who_is_deactivated_is_out_at_once() -> None:
    staff = make_staff()
    client = signed_in(staff)
    Staff.objects.filter(pk=staff.pk).update(is_active=False)
    assert client.get("/find/").status_code == 302


def test_what_one_may_not_open_says_so_in_the_layout() -> None:
    answer = signed_in(make_staff(role=Role.PARTNER)).get("/status/")
    assert answer.status_code == 403
    assert "You may not do this" in answer.content.decode()
    assert 'id="rail"' in answer.content.decode()


def test_a_page_that_does_not_exist_keeps_the_way_back() -> None:
    answer = signed_in(make_staff()).get("/no/such/page/")
    assert answer.status_code == 404
    assert 'id="rail"' in answer.content.decode()


def _request(**headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers=headers)


def test_a_refusal_becomes_a_toast_for_a_fragment() -> None:
    answer = errors.answer(_request(**FRAGMENT), Conflict("Jonas was <b>faster</b>."))
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#toasts"
    assert "Jonas was &lt;b&gt;faster&lt;/b&gt;." in answer.content.decode()


def test_a_refusal_becomes_problem_json_for_a_program() -> None:
    answer = errors.answer(_request(Accept="application/json"), Invalid("No.", fields={"name": "Too long."}))
    body = json.loads(answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    assert body == {
        "type": "about:blank",
        "title": "Something in it needs a change",
        "status": 422,
        "detail": "No.",
        "code": "invalid",
        "fields": {"name": "Too long."},
    }


def test_a_domain_error_in_a_view_is_answered_and_others_are_not_hidden() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise Conflict("No.")

    handler = middleware.domain_errors(view)
    process = handler.process_exception  # type: ignore[attr-defined]
    assert process(_request(), Conflict("No.")).status_code == 409
    assert process(_request(), ValueError("a mistake of ours")) is None


def test_our_own_mistake_gets_a_number_that_is_also_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("secret words of a customer")

    monkeypatch.setattr("amity.site.web.find.find", broken)
    client = signed_in(make_staff())
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = client.get("/find/?q=anything")
    body = answer.content.decode()
    assert answer.status_code == 500
    assert "secret words" not in body
    (record,) = [record for record in caplog.records if "unhandled" in str(record.msg)]
    assert isinstance(record.msg, dict)
    assert record.msg["error_id"] in body


def test_an_old_form_is_told_to_reload() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"email": "a@b.example", "password": "x"})
    assert answer.status_code == 403


def test_a_boosted_page_is_a_page_and_a_part_is_a_part() -> None:
    assert is_fragment(_request(**FRAGMENT))
    assert not is_fragment(_request(**{"HX-Request": "true", "HX-Request-Type": "full"}))
    assert not is_fragment(_request())


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 10.0.0.9", "10.0.0.9"),
        (2, "6.6.6.6, 10.0.0.9", "6.6.6.6"),
        (2, "10.0.0.9", "127.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: str, expected: str) -> None:
    assert remote_address(_request(**{"X-Forwarded-For": forwarded}), proxies) == expected


def test_healthz_answers_everybody_and_says_nothing(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
