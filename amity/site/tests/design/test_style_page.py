"""The style page in a real browser: nothing inline, no violation, no sideways scrolling, keys that work."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.template.loader import render_to_string

from amity.site.web.style import style_context
from tests.browser.tour import drawn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STATIC = Path(__file__).resolve().parents[2] / "static"
AXE = Path(__file__).resolve().parents[1] / "vendor/axe/axe.min.js"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'"
NOW = datetime(2026, 3, 12, 14, 52, tzinfo=UTC)
RAIL = [
    {
        "label": "",
        "items": [
            {"key": key, "label": key.title(), "url": f"/{key}/", "icon": icon, "count": 38, "alarm": key == "orders",
             "children": [], "keys": ""}
            for key, icon in (("today", "sun"), ("inbox", "inbox"), ("people", "users-round"), ("orders", "package"))
        ],
    }
]  # fmt: skip


def page_of(theme: str) -> str:
    frame = {"navigation": RAIL, "current": "inbox", "workspace": {"name": "Tamp & Co"}, "theme": theme}
    card = {"id": "s1", "name": "Ines Okafor", "status": "Available"}
    return render_to_string("site/style.html", {**style_context(NOW), **frame, "actor_card": card})


class Handler(SimpleHTTPRequestHandler):
    """The page at /light and /dark, static files below /static/, all under the policy of the site."""

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            self.path = self.path.removeprefix("/static")
            return super().do_GET()
        body = page_of("dark" if self.path.startswith("/dark") else "light").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Say nothing: the test's own assertions speak."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def opened(browser: Browser, address: str, width: int, height: int) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    drawn(page).wait_for_selector("amity-chart canvas")
    return page, [text for text in complaints if "favicon" not in text]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 1100, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_has_no_violation_no_complaint_and_no_sideways_scroll(
    browser: Browser, origin: str, theme: str, width: int
) -> None:
    page, complaints = opened(browser, f"{origin}/{theme}", width, 900)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    bad = [
        (violation["id"], [node["html"][:160] for node in violation["nodes"][:3]])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert bad == []
    assert [text for text in complaints if "404" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.browser
def test_a_list_is_walked_with_j_and_k_and_ticked_with_x(browser: Browser, origin: str) -> None:
    page, _ = opened(browser, f"{origin}/light", 1440, 900)
    names = page.locator("[data-keylist]").first.locator("[data-row]")
    names.nth(0).focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert names.nth(1).evaluate("row => row === document.activeElement")
    page.keyboard.press("x")
    assert page.locator("[data-keylist]").first.locator(".tick").nth(1).is_checked()
    page.close()


@pytest.mark.browser
def test_a_dialog_opens_and_escape_gives_focus_back(browser: Browser, origin: str) -> None:
    page, _ = opened(browser, f"{origin}/light", 1440, 900)
    opener = page.locator('[data-dialog="sample-dialog"]')
    opener.click()
    assert page.locator("#sample-dialog").is_visible()
    page.keyboard.press("Escape")
    assert opener.evaluate("button => button === document.activeElement")
    page.close()


@pytest.mark.browser
def test_a_draft_survives_a_reload(browser: Browser, origin: str) -> None:
    page, _ = opened(browser, f"{origin}/light", 1440, 900)
    page.locator(".composer__text").fill("Liebe Frau Vogel, neuer Versuch")
    page.reload()
    page.wait_for_selector("amity-chart canvas")
    assert page.locator(".composer__text").input_value() == "Liebe Frau Vogel, neuer Versuch"
    page.close()


@pytest.mark.browser
def test_the_numbers_of_a_chart_open_as_a_table(browser: Browser, origin: str) -> None:
    page, _ = opened(browser, f"{origin}/light", 1440, 900)
    toggle = page.locator("[data-numbers-toggle]").first
    toggle.click()
    assert toggle.get_attribute("aria-pressed") == "true"
    assert page.locator("#volume-numbers").bounding_box()["height"] > 100  # type: ignore[index]
    page.close()


@pytest.mark.browser
def test_a_toast_told_by_an_answer_goes_away_and_z_would_take_it_back(browser: Browser, origin: str) -> None:
    page, _ = opened(browser, f"{origin}/light", 1440, 900)
    page.evaluate(
        """() => document.dispatchEvent(new CustomEvent("amity:toast",
        {detail: {text: "Closed 14 conversations", undo: {url: "/undo/"}}}))"""
    )
    assert page.locator("#toasts [data-undo]").count() == 1
    page.locator("#toasts [data-toast-close]").click()
    assert page.locator("#toasts [data-toast]").count() == 0
    page.close()
