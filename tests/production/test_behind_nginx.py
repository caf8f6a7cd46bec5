"""What holds behind our own nginx configuration: cookies, addresses, the live stream, hosts, sizes."""

from __future__ import annotations

import json
import time

import pytest
import requests

from amity.kernel.live import CHANNEL, Announcement
from tests.production.conftest import Production, eventually

pytestmark = [pytest.mark.server, pytest.mark.slow]

BY_HAND = "203.0.113.66"


def test_the_service_manager_is_told_when_pages_are_served(production: Production) -> None:
    assert production.told[0].startswith("READY=1")


def test_signing_in_works_and_every_cookie_is_for_tls_alone(production: Production) -> None:
    browser = production.browser()
    answer = production.sign_in(browser)
    assert answer.status_code == 302, answer.text
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        marks = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= marks, cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert browser.get(f"{production.site}/status/").status_code == 200


def test_plain_http_leads_to_tls(production: Production) -> None:
    answer = requests.get(
        f"http://127.0.0.1:{production.plain}/people/?q=1",
        headers={"Host": "localhost"},
        allow_redirects=False,
        timeout=10,
    )
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://localhost/people/?q=1")


def test_the_address_of_the_client_is_right_and_cannot_be_made_up(production: Production) -> None:
    browser = production.browser("127.0.0.5")
    answer = production.sign_in(
        browser,
        **{
            "X-Forwarded-For": BY_HAND,
            "X-Real-IP": BY_HAND,
            "Forwarded": f"for={BY_HAND}",
            "X_Forwarded_For": BY_HAND,
        },
    )
    assert answer.status_code == 302
    browser.get(f"{production.site}/status/")
    with production.database() as line:
        addresses = {
            str(row[0]) for row in line.execute("SELECT ip FROM usersessions_usersession").fetchall()
        }
    assert "127.0.0.5" in addresses
    assert BY_HAND not in addresses


def test_making_addresses_up_does_not_slip_past_the_limit_of_tries(production: Production) -> None:
    browser = production.browser("127.0.0.6")
    statuses = [
        production.sign_in(
            browser, "wrong password", **{"X-Forwarded-For": f"203.0.113.{number}"}
        ).status_code
        for number in range(7)
    ]
    assert statuses[0] == 422
    assert statuses[-1] == 429


def test_live_updates_come_through_as_they_happen(production: Production) -> None:
    browser = production.browser()
    assert production.sign_in(browser).status_code == 302
    with browser.get(f"{production.site}/live", stream=True, timeout=20) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines).startswith(b"retry:")
        with production.database() as database:
            started = time.monotonic()
            database.execute("SELECT pg_notify(%s, %s)", [CHANNEL, Announcement("inbox", "x").encode()])
        assert any(line.startswith(b"event: change") for line in lines)
        assert (
            time.monotonic() - started < 2
        )  # a proxy that gathers answers would keep it for the ping after 15 s


def test_another_name_gets_no_answer(production: Production) -> None:
    browser = production.browser()
    with pytest.raises(requests.RequestException):
        browser.get(f"{production.site}/login/", headers={"Host": "evil.example"})
    with pytest.raises(requests.RequestException):
        requests.get(f"https://127.0.0.1:{production.tls}/login/", verify=False, timeout=10)


def test_a_large_page_is_taken_and_a_larger_one_refused_at_the_door(production: Production) -> None:
    browser = production.browser()
    production.sign_in(browser)
    answer = browser.post(f"{production.site}/find/", data=b"x" * 5_000_000)
    assert answer.status_code in {403, 405}  # it reached Amity, which takes no such thing there
    assert browser.post(f"{production.site}/find/", data=b"x" * 27_000_000).status_code == 413


def test_the_id_of_a_request_is_that_of_the_proxy_and_stands_in_our_log(production: Production) -> None:
    answer = production.browser().get(
        f"{production.site}/login/", headers={"X-Request-ID": "made-up-by-hand"}
    )
    request_id = answer.headers["X-Request-ID"]
    assert len(request_id) == 32  # nginx makes them of 16 bytes
    assert eventually(lambda: request_id in production.log, 5)
    assert "made-up-by-hand" not in production.log


def test_the_log_holds_no_address_no_name_and_no_password(production: Production) -> None:
    for secret in ("mara", "Lind", "a long enough sentence", BY_HAND, "127.0.0.5"):
        assert secret not in production.log


def test_the_doctor_finds_nothing_wrong(production: Production) -> None:
    done = production.ask("doctor", "--json")
    found = {finding["name"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["Address"]["verdict"] == "good", found["Address"]
    assert found["Certificate"]["verdict"] == "bad"  # our own authority is not known to this machine
    wrong = [finding for finding in found.values() if finding["verdict"] == "bad"]
    assert [finding["name"] for finding in wrong] == ["Certificate"]
