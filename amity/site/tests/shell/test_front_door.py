"""What a request passes first: probes, the scheme, the host, an id."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client
from pytest_django.fixtures import Settings

from amity.kernel import logs
from amity.site.tests.shell.factories import PASSWORD, make_staff, signed_in

pytestmark = pytest.mark.django_db

HTML = {"Accept": "text/html"}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    before = logging.getLogger().handlers, logging.getLogger().level
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    logs.configure({"level": "INFO"})
    yield stderr
    logging.getLogger().handlers, logging.getLogger().level = before
    structlog.reset_defaults()


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.mark.parametrize("name", ["evil.example", "testserver.evil.example", "evil.example:80", "a b", "'"])
def test_a_host_that_is_not_ours_is_refused_in_words(name: str) -> None:
    answer = Client().get("/login/", headers={"Host": name, **HTML})
    assert answer.status_code == 400
    assert "AMITY_HOSTS" in answer.content.decode()
    assert "evil" not in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_program_hears_it_as_problem_json() -> None:
    answer = Client().get("/login/", headers={"Host": "evil.example", "Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_host")


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-HTTP-Host-Override", "Forwarded"]
)
def test_no_other_header_can_name_the_host(header: str, settings: Settings) -> None:
    settings.PROXIES = 1
    value = "host=evil.example" if header == "Forwarded" else "evil.example"
    for path in ("/login/", "/"):
        answer = Client().get(path, headers={header: value, **HTML})
        shown = answer.content.decode() + str(answer.headers.items())
        assert "evil.example" not in shown
        assert answer.status_code in {200, 302}


def test_a_path_of_two_slashes_never_leads_to_another_site() -> None:
    client = signed_in(make_staff())
    for path in (
        "//evil.example/",
        "//evil.example",
        "/\\evil.example/",
        "//evil.example/people",
        "/%2f/evil.example",
    ):
        for asking in (client, Client()):
            answer = asking.get("http://testserver" + path, headers=HTML)
            target = answer.headers.get("Location", "")
            assert not target.startswith(("//", "/\\", "http"))


def test_who_was_sent_to_sign_in_from_such_a_path_comes_back_to_this_site() -> None:
    staff = make_staff()
    for wanted in ("//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"):
        answer = Client().post("/login/", {"email": staff.email, "password": PASSWORD, "next": wanted})
        assert answer.status_code == 302
        assert "evil" not in answer.headers["Location"]
        assert answer.headers["Location"].startswith("/")


def test_behind_tls_a_form_from_our_own_page_is_accepted_and_no_other(settings: Settings) -> None:
    settings.IS_BEHIND_TLS = True
    staff = make_staff()
    fields = {"email": staff.email, "password": PASSWORD}
    for origin, status in (
        ("https://testserver", 302),
        ("http://testserver", 403),
        ("https://evil.example", 403),
    ):
        client = Client(enforce_csrf_checks=True)
        page = client.get("/login/", headers={"Host": "testserver", **HTML})
        token = page.context["csrf_token"]
        answer = client.post(
            "/login/",
            {**fields, "csrfmiddlewaretoken": str(token)},
            headers={"Host": "testserver", "Origin": origin, **HTML},
        )
        assert answer.status_code == status, origin


def test_without_tls_no_header_makes_a_request_a_secure_one() -> None:
    answer = Client().get(
        "/login/", headers={"X-Forwarded-Proto": "https", "Forwarded": "proto=https", **HTML}
    )
    assert not answer.wsgi_request.is_secure()


def test_a_request_leaves_one_line_of_ids(written: io.StringIO) -> None:
    staff = make_staff(name="Hannah Brook")
    answer = signed_in(staff).get("/find/?q=hannah@roast.example", headers=HTML)
    (line,) = [line for line in lines(written) if line["event"] == "request"]
    assert line["method"] == "GET"
    assert line["route"] == "/find/"
    assert line["status"] == 200
    assert line["staff_id"] == str(staff.id)
    assert line["duration_ms"] > 0
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "hannah" not in written.getvalue().lower()


def test_all_lines_of_a_request_carry_its_id(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("amity.site.web.status.findings", broken)
    client = signed_in(make_staff())
    client.raise_request_exception = False
    answer = client.get("/status/", headers=HTML)
    assert answer.status_code == 500
    found = {line["event"]: line["request_id"] for line in lines(written)}
    assert found == {
        "unhandled error": answer.headers["X-Request-ID"],
        "request": answer.headers["X-Request-ID"],
    }


def test_a_path_that_leads_nowhere_and_an_odd_method_stay_out_of_the_log(written: io.StringIO) -> None:
    Client().generic("HANNAH", "/hannah@roast.example/", headers=HTML)
    (line,) = [line for line in lines(written) if line["event"] == "request"]
    assert (line["method"], line["route"]) == ("OTHER", "(none)")
    assert "hannah" not in written.getvalue().lower()


@pytest.mark.parametrize(("proxies", "is_taken"), [(0, False), (1, True)])
def test_an_id_is_taken_over_from_our_own_proxy_only(
    settings: Settings, proxies: int, is_taken: bool
) -> None:
    settings.PROXIES = proxies
    answer = Client().get("/login/", headers={"X-Request-ID": "edge-0123456789"})
    assert (answer.headers["X-Request-ID"] == "edge-0123456789") is is_taken


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space in it", 'quote"quote"', "new\\nline-new"])
def test_an_id_that_is_none_is_not_taken_from_anybody(settings: Settings, given: str) -> None:
    settings.PROXIES = 1
    assert Client().get("/login/", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given
