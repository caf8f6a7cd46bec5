"""Passkeys in a real browser, with a device that Chromium pretends to have (WebAuthn domain of its protocol)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.browser.tour import visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]
COLLEAGUE, PASSWORD = "anke@tamp.example", "espresso-2241"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def _with_a_device(page: Page) -> Iterator[None]:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield
    tools.detach()


def _by_password(page: Page, address: str) -> None:
    page.goto(f"{address}/login/")
    page.get_by_label("E-mail").fill(COLLEAGUE)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_added_signs_in_alone_and_is_the_second_factor(browser: Browser, amity: str) -> None:
    address = amity.replace("127.0.0.1", "localhost")  # browsers make passkeys for names only
    with visit(browser, address, COLLEAGUE) as visited, _with_a_device(visited.page):
        page = visited.open("/settings/security/")
        page.get_by_label("Name of the passkey").fill("My phone")
        page.get_by_role("button", name="Add").click()
        page.get_by_role("heading", name="Recovery codes").wait_for()
        assert page.locator(".acc-codes li").count() == 10
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_text("My phone").wait_for()

        visited.context.clear_cookies()
        page.goto(f"{address}/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(lambda url: "/login" not in url)

        visited.context.clear_cookies()
        _by_password(page, address)
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(lambda url: "/login" not in url)

        visited.open("/settings/security/")
        page.get_by_role("button", name="Remove the passkey My phone").click()
        page.get_by_role("button", name="Add").wait_for()
        assert page.get_by_text("My phone").count() == 0
        visited.context.clear_cookies()
        _by_password(page, address)
        page.wait_for_url(lambda url: "/login" not in url)
        # The live stream of a page whose cookies were taken away is refused, as it should be.
        assert [error for error in visited.noticed.errors if "401 (Unauthorized)" not in error] == []
