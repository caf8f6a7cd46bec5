"""The queue of duplicates, from nobody has looked to a decision and its way back, by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_screens import in_both_themes
from tests.browser.tour import DESKTOP, OWNER, PHONE, drawn, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]
PAIRS = ".duplicates-row a[data-row]"
LOOKS_FOR_S = 120


def test_pairs_are_found_looked_at_merged_and_given_back_by_keyboard(browser: Browser, amity: str) -> None:
    with visit(browser, amity, OWNER) as desk:
        page = desk.open("/duplicates/")
        assert in_both_themes(page) == []
        if page.locator(PAIRS).count() == 0:
            page.get_by_role("button", name="Look now").click()
            _wait_for_pairs(page)
        assert in_both_themes(page) == []
        waiting = _pairs(page)

        drawn(page).keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("pair="))
        chosen = page.locator(".duplicates-row.is-open").inner_text()
        assert page.locator(".waterfall tr").count() > 2
        drawn(page).keyboard.press("m")
        page.wait_for_url(re.compile("/duplicates/$"))
        drawn(page).get_by_role("button", name=re.compile("Undo")).wait_for()
        assert chosen not in _pairs(page)

        page.keyboard.press("z")
        page.wait_for_url(re.compile("pair="))
        assert drawn(page).locator(".duplicates-row.is-open").inner_text() == chosen
        assert _pairs(page) == waiting
        assert desk.noticed.errors == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_pair_shuts_nobody_out_and_fits_its_width(
    browser: Browser, amity: str, size: tuple[int, int]
) -> None:
    with visit(browser, amity, OWNER, size=size) as desk:
        page = desk.open("/duplicates/")
        if page.locator(PAIRS).count() == 0:
            page.get_by_role("button", name="Look now").click()
            _wait_for_pairs(page)
        page = desk.open(desk.first_link(PAIRS))
        assert in_both_themes(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        assert page.locator(".duplicates-pair").get_by_role("button", name="Merge").last.is_visible()


def _pairs(page: Page) -> list[str]:
    return sorted(page.locator(PAIRS).all_inner_texts())


def _wait_for_pairs(page: Page) -> None:
    """A worker compares everybody in a process of its own; the page tells of it and shows them by itself."""
    page.locator("#duplicates-look svg").first.wait_for()
    page.locator(PAIRS).first.wait_for(timeout=LOOKS_FOR_S * 1_000)
    drawn(page)
