"""Every screen, in a real browser: accessible, self-contained, quiet, small."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.tour import DESKTOP, PHONE, SCREENS, Screen, Visit, show, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

Windows = Callable[[str, tuple[int, int]], Visit]

AXE = Path(__file__).parents[2] / "amity/site/tests/vendor/axe/axe.min.js"
MOST_SCRIPT_BYTES = 150_000
pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]


@pytest.fixture(scope="module")
def windows(browser: Browser, amity: str) -> Iterator[Windows]:
    """A window for each colleague and size, which stays open from screen to screen."""
    with ExitStack() as opened:
        yield cache(lambda email, size: opened.enter_context(visit(browser, amity, email, size=size)))


# The style page is looked at by amity/site/tests/design.
@pytest.mark.parametrize(
    "screen", [one for one in SCREENS if one.name != "style"], ids=lambda screen: screen.name
)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_screen_shuts_anybody_out_or_asks_another_host(
    windows: Windows, screen: Screen, size: tuple[int, int]
) -> None:
    visited = windows(screen.email, size)
    visited.noticed.clear()
    page = show(visited, screen)
    assert in_both_themes(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"it scrolls sideways by {wide} px"
    assert visited.noticed.foreign == []
    assert visited.noticed.errors == []


def in_both_themes(page: Page) -> list[str]:
    """What axe-core finds serious or critical on a page as it stands; a theme changes nothing but colours."""
    # Evaluated by the debugger, which no content security policy holds back.
    page.evaluate(AXE.read_text())
    found = _violations(page, {})
    page.emulate_media(color_scheme="dark")
    found += _violations(page, {"runOnly": ["color-contrast", "link-in-text-block"]})
    page.emulate_media(color_scheme="light")
    return found


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **options})
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]


def test_the_first_screen_loads_less_than_150_kb_of_compressed_script(browser: Browser, amity: str) -> None:
    sizes: list[int] = []

    def weigh(response: Response) -> None:
        if response.url.endswith(".js"):
            sizes.append(len(gzip.compress(response.body())))

    with visit(browser, amity) as visited:
        visited.page.on("response", weigh)
        visited.open("/?again")
        visited.page.wait_for_timeout(500)
    assert sizes
    assert sum(sizes) < MOST_SCRIPT_BYTES


def test_the_policy_for_content_is_strict(browser: Browser, amity: str) -> None:
    with visit(browser, amity) as visited:
        answer = visited.page.goto(f"{amity}/inbox/")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
