"""Two records of one customer become one, by keyboard alone, and come apart again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browser.test_screens import in_both_themes
from tests.browser.tour import DESKTOP, PHONE, Visit, drawn, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]
TWIN = "B. Calloway"


@pytest.fixture
def desk(browser: Browser, amity: str) -> Iterator[Visit]:
    with visit(browser, amity) as visited:
        yield visited


def test_two_records_become_one_by_keyboard_and_undo_gives_back_both(desk: Visit) -> None:
    page = _beth(desk)
    own = page.url
    page.keyboard.press("m")
    page.wait_for_url(re.compile("/merging/$"))
    drawn(page).locator("input[type=search]:focus").wait_for()
    with page.expect_response(lambda answer: "/merging/?q=" in answer.url):
        page.keyboard.type("callow")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=callow"))
    _open_row(drawn(page), TWIN)

    _choose_the_other_name(page)
    page.locator("#comparison h1").click()  # as Escape would: keys are for the page again
    page.keyboard.press("m")
    page.wait_for_url(own)
    drawn(page).get_by_role("button", name=re.compile("Undo")).wait_for()
    assert page.locator("h1").inner_text() == TWIN
    assert page.get_by_text("was merged in by Ines Okafor").is_visible()

    page.keyboard.press("z")
    page.wait_for_url(lambda url: url != own)
    assert "is a record of their own again" in drawn(page).locator("#toasts").inner_text()
    assert page.locator("h1").inner_text() == TWIN
    assert _beth(desk).locator("h1").inner_text() == "Beth Calloway"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_was_said_to_be_two_and_what_came_apart_shut_nobody_out(
    browser: Browser, amity: str, size: tuple[int, int]
) -> None:
    with visit(browser, amity, size=size) as desk:
        _beth(desk)
        page = desk.open(desk.first_link("a[href$='/merging/']"))
        comparison = desk.first_link(f".merging-row a[data-row]:has-text('{TWIN}')")
        page = desk.open(comparison)
        page.keyboard.press("x")
        page.wait_for_url(lambda url: "with=" not in url)
        assert in_both_themes(desk.open(comparison)) == []
        page.keyboard.press("x")
        page.wait_for_url(lambda url: "with=" not in url)

        drawn(desk.open(comparison)).keyboard.press("m")
        page.wait_for_url(lambda url: "with=" not in url)
        page = desk.open(f"{urlsplit(page.url).path}?tab=who")
        assert in_both_themes(page) == []
        page = desk.open(desk.first_link(".decided a.button"))
        assert in_both_themes(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        page.locator(".form-page .button--primary").click()
        page.wait_for_url(lambda url: "/withdrawal/" not in url)


def _beth(desk: Visit) -> Page:
    desk.open("/people/?q=Beth+Calloway")
    return desk.open(desk.first_link("td a[href^='/people/'], a[href^='/people/'][href*='-']"))


def _open_row(page: Page, name: str) -> None:
    """Down the list with j, in with Enter."""
    page.locator("main").focus()
    for _step in range(12):
        page.keyboard.press("j")
        if page.locator("[data-row]:focus").inner_text() == name:
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("with="))
    drawn(page)


def _choose_the_other_name(page: Page) -> None:
    """An arrow key moves the dot."""
    page.locator("input[name='chosen.name']:checked").focus()
    if page.locator("input[name='chosen.name']:checked").get_attribute("value") != TWIN:
        page.keyboard.press("ArrowDown")
    assert page.locator("input[name='chosen.name']:checked").get_attribute("value") == TWIN
