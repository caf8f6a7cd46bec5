"""The main job, as a new user does it: by keyboard, from sign-in to an answer that is on the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.tour import AGENT, drawn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]

ANSWER = "We are sorry. New burrs leave tomorrow morning, and the parcel has a number by noon."
ONCE = "A replacement grinder is on its way to you."


def _number(text: str | None) -> int:
    found = re.search(r"\d+", text or "")
    return int(found.group()) if found else 0


def _look_at(page: Page, address: str) -> None:
    page.goto(address)
    drawn(page)


def _sign_in(page: Page, address: str) -> None:
    """With the keyboard alone: e-mail, Tab, password, Enter."""
    _look_at(page, f"{address}/login/")
    page.locator("#email:focus").wait_for()
    page.keyboard.type(AGENT)
    assert page.locator("#email").input_value() == AGENT
    page.keyboard.press("Tab")
    page.keyboard.type("espresso-2241")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def _done_today(page: Page, address: str) -> int:
    """Conversations closed today, as the Today screen counts them."""
    _look_at(page, f"{address}/")
    line = page.get_by_text(re.compile(r"Done today")).first.text_content() or ""
    found = re.search(r"(\d+) closed", line)
    return int(found.group(1)) if found else 0


def test_an_unhappy_customer_is_found_answered_and_closed_by_keyboard(browser: Browser, amity: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    _sign_in(page, amity)
    closed_before = _done_today(page, amity)

    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(re.compile(r"/inbox/"))
    waiting_before = _number(page.locator("h1").first.locator("xpath=..").text_content())
    _look_at(page, f"{amity}/inbox/?mood=unhappy")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/inbox/[0-9a-f-]{36}"))
    drawn(page).locator("#talk-head h2:focus").wait_for()
    customer = page.get_by_role("link", name=re.compile("Open")).first
    person_path = customer.get_attribute("href") or ""

    page.keyboard.press("r")
    page.locator("#reply-text:focus").wait_for()
    page.keyboard.type(ANSWER)
    with page.expect_response(lambda answer: "/replies/" in answer.url) as answered:
        page.keyboard.press("Control+Shift+Enter")
    assert answered.value.ok
    page.get_by_role("button", name=re.compile("Undo")).first.wait_for()

    _look_at(page, amity + person_path)
    assert page.get_by_text(ANSWER[:40]).first.is_visible()
    assert _done_today(page, amity) == closed_before + 1
    _look_at(page, f"{amity}/inbox/")
    assert _number(page.locator("h1").first.locator("xpath=..").text_content()) == waiting_before - 1
    context.close()


def test_a_reply_stands_once_in_the_open_conversation(browser: Browser, amity: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    _sign_in(page, amity)
    _look_at(page, f"{amity}/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/inbox/[0-9a-f-]{36}"))
    drawn(page).locator("#talk-head h2:focus").wait_for()

    page.keyboard.press("r")
    page.locator("#reply-text:focus").wait_for()
    page.keyboard.type(ONCE)
    page.keyboard.press("Control+Enter")
    page.locator("#talk").get_by_text(ONCE).first.wait_for()
    page.wait_for_timeout(2_000)  # by then the live stream told of the reply, too

    assert page.locator("#talk").get_by_text(ONCE).count() == 1
    assert page.evaluate("document.activeElement.matches('#talk-head h2')"), (
        "single keys belong to the thread"
    )
    page.keyboard.press("z")
    page.locator("#talk").get_by_text(ONCE).first.wait_for(state="detached")
    assert page.locator("#reply-text").input_value() == ONCE
    context.close()
