"""The pages before the sign-in: as accessible and quiet as those behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_screens import in_both_themes
from tests.browser.tour import DESKTOP, PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]


@pytest.mark.parametrize("path", ["/login/", "/reset/", "/setup/used-long-ago/", "/invitation/none/"])
def test_nobody_is_shut_out_before_they_are_in(browser: Browser, amity: str, path: str) -> None:
    for width, height in (DESKTOP, PHONE):
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto(amity + path)
        assert in_both_themes(page) == [], (path, width)
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, (path, width)
        context.close()
