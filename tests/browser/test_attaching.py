"""Files of a reply in a real browser: by button, hand and clipboard; there after a reload; back after an undo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_screens import in_both_themes
from tests.browser.tour import DESKTOP, PHONE, Visit, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Locator, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]
BILL: FilePayload = {
    "name": "Rechnung März №5.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4 a bill",
}
PHOTO: FilePayload = {
    "name": "grinder.png",
    "mimeType": "image/png",
    "buffer": b"\x89PNG\r\n\x1a\n" + bytes(2_000),
}
HAND = """([kind, name]) => {
  const files = new DataTransfer();
  files.items.add(new File(["%PDF by " + kind], name, { type: "application/pdf" }));
  const at = document.getElementById("reply-text");
  const more = { bubbles: true, cancelable: true };
  if (kind === "paste") at.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, ...more }));
  else for (const one of ["dragenter", "dragover", "drop"])
    at.dispatchEvent(new DragEvent(one, { dataTransfer: files, ...more }));
}"""


@pytest.fixture
def desk(browser: Browser, amity: str) -> Iterator[Visit]:
    with visit(browser, amity) as visited:
        yield visited
        for button in visited.page.locator("#reply-files .attached__remove").all()[::-1]:
            button.click()
            button.wait_for(state="detached")


def open_talk(visited: Visit) -> Page:
    page = visited.open("/inbox/?view=all&q=Hannah")
    page = visited.open(visited.first_link("a[href^='/inbox/'][href*='-']"))
    page.locator("#reply-text").wait_for()
    return page


def files(page: Page) -> Locator:
    return page.locator("#reply-files .attached__file")


def names(page: Page) -> list[str]:
    return [name.strip("\u2068\u2069") for name in files(page).locator(".attached__name").all_inner_texts()]


def holds(page: Page, count: int) -> None:
    from playwright.sync_api import expect

    expect(files(page)).to_have_count(count)


def test_files_come_by_button_hand_and_clipboard_survive_a_reload_leave_and_come_back(desk: Visit) -> None:
    page = open_talk(desk)
    page.locator("#reply-text").fill("Dear Hannah, here it is.")
    page.locator("#reply-attach").set_input_files([BILL, PHOTO])
    holds(page, 2)
    page.evaluate(HAND, ["drop", "dropped.pdf"])
    holds(page, 3)
    page.evaluate(HAND, ["paste", "pasted.pdf"])
    holds(page, 4)
    assert names(page) == [BILL["name"], PHOTO["name"], "dropped.pdf", "pasted.pdf"]
    assert "4 files" in page.locator(".attached__sum").inner_text()

    page.get_by_role("button", name="Remove dropped.pdf").focus()
    page.keyboard.press("Enter")
    holds(page, 3)
    page.wait_for_timeout(600)  # the text is kept after a pause
    page.reload()
    holds(page, 3)
    assert page.locator("#reply-text").input_value() == "Dear Hannah, here it is."

    page.locator("#reply-text").focus()
    page.keyboard.press("Control+Enter")
    sent = page.locator("#talk .entry").filter(has_text="Dear Hannah, here it is.").last
    sent.locator("a.attachment").first.wait_for()
    assert sent.locator("a.attachment").count() == 3
    assert files(page).count() == 0
    page.locator("#toasts [data-undo], #toasts [data-toast-undo] button").first.click()
    holds(page, 3)
    assert page.locator("#reply-text").input_value() == "Dear Hannah, here it is."
    assert desk.noticed.errors == []
    page.locator("#reply-text").fill("")


def test_a_reply_waits_for_a_file_that_is_still_coming_and_it_can_be_stopped(desk: Visit) -> None:
    page = open_talk(desk)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("[0-9a-f]/uploads/"), hold)
    page.locator("#reply-text").fill("With a slow file")
    page.locator("#reply-attach").set_input_files([BILL, PHOTO])
    page.locator("#coming-files progress").first.wait_for()
    page.get_by_role("button", name="Stop grinder.png").click()
    page.locator("#reply-text").focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(300)
    assert page.locator("#talk").get_by_text("With a slow file").count() == 0
    assert len(held) == 1
    held[0].continue_()
    sent = page.locator("#talk .entry").filter(has_text="With a slow file").last
    sent.locator("a.attachment").first.wait_for()
    assert sent.locator("a.attachment").count() == 1
    page.locator("#toasts [data-undo], #toasts [data-toast-undo] button").first.click()
    holds(page, 1)
    page.locator("#reply-text").fill("")


def test_what_cannot_go_is_said_at_once_and_nothing_is_lost(desk: Visit) -> None:
    page = open_talk(desk)
    page.locator("#reply-text").fill("Still here")
    none: FilePayload = {"name": "none.txt", "mimeType": "text/plain", "buffer": b""}
    page.locator("#reply-attach").evaluate("input => (input.dataset.most = 1_000)")
    page.locator("#reply-attach").set_input_files([PHOTO, none, BILL])
    holds(page, 1)
    said = page.locator("#reply-files [role=alert]").all_inner_texts()
    assert [re.sub(r"\s+", " ", one).strip() for one in said] == [
        "“grinder.png” is larger than 0 MB.",
        "“none.txt” is empty.",
    ]
    page.route(re.compile("[0-9a-f]/uploads/"), lambda route: route.abort())
    lost: FilePayload = {**BILL, "name": "lost.pdf"}
    page.locator("#reply-attach").set_input_files([lost])
    page.get_by_text("“lost.pdf” did not arrive. Your text is safe; attach it again.").wait_for()
    assert names(page) == [BILL["name"]]
    assert page.locator("#reply-text").input_value() == "Still here"
    page.unroute(re.compile("[0-9a-f]/uploads/"))
    page.locator("#reply-text").fill("")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_composer_with_files_shuts_nobody_out(browser: Browser, amity: str, size: tuple[int, int]) -> None:
    with visit(browser, amity, size=size) as visited:
        page = open_talk(visited)
        long: FilePayload = {**BILL, "name": "a very long name " * 10 + ".pdf"}
        risky: FilePayload = {"name": "setup.exe", "mimeType": "", "buffer": b"MZ rest"}
        page.locator("#reply-attach").set_input_files([BILL, long, risky])
        holds(page, 3)
        assert in_both_themes(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        page.locator("#reply-attach").focus()
        assert page.evaluate("document.activeElement.id") == "reply-attach"
        page.keyboard.press("Shift+Tab")
        assert "attached__remove" in page.evaluate("document.activeElement.className")
        for left in (2, 1, 0):
            page.locator("#reply-files .attached__remove").first.click()
            holds(page, left)
        assert visited.noticed.errors == []


def test_without_scripts_a_file_goes_with_the_form(browser: Browser, amity: str) -> None:
    with visit(browser, amity) as visited:
        cookies = visited.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=cookies)
    page = context.new_page()
    page.goto(f"{amity}/inbox/?view=all&q=Hannah")
    page.goto(amity + (page.locator("a[href^='/inbox/'][href*='-']").first.get_attribute("href") or ""))
    page.locator("#reply-text").fill("By a plain form")
    page.locator("#reply-attach").set_input_files([BILL])
    page.get_by_role("button", name="Attach", exact=True).click()
    page.wait_for_load_state()
    assert names(page) == [BILL["name"]]
    assert page.locator("#reply-text").input_value() == "By a plain form"
    page.get_by_role("button", name=f"Remove {BILL['name']}").click()
    page.wait_for_load_state()
    assert names(page) == []
    assert page.locator("#reply-text").input_value() == "By a plain form"
    context.close()
