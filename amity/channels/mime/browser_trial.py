"""Shows HTML in a real browser without any policy and records everything that it manages to do there.

For measurements and tests only: it needs Playwright and a Chromium on the machine.
"""

from __future__ import annotations

import html as entities
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from amity.kernel.errors import NotFound

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Frame, Page, Request, Route

_PROGRAMS = (
    "chromium-headless-shell",  # the same engine without windows: less than half of the work
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_BLANK = "about:blank"
# Set before any content: everything that a payload would call to show that it ran. Playwright itself evaluates by
# `eval`, so a call whose source names our own record is ours; any other call of `eval` counts.
_ALARMS = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval', 'postMessage', 'fetch', 'close', 'stop',
    'setTimeout', 'setInterval', 'requestAnimationFrame']) {
  const real = window[name];
  window[name] = (...said) => {
    if (name === 'eval' && String(said[0]).includes('window.__ran')) return real(...said);
    window.__ran.push(name + ' ' + String(said[0]).slice(0, 80));
    return name === 'eval' ? real(...said) : 0;
  };
}
for (const name of ['write', 'writeln', 'execCommand']) document[name] = () => window.__ran.push('document.' + name);
window.addEventListener('error', event => window.__ran.push('error ' + event.message), true);
"""
# Parse once more as a script would, then do to every element what a reader can do to it.
_TOUCH = """
() => {
  const cases = document.querySelectorAll('[data-case]');
  for (const element of cases) element.innerHTML = element.innerHTML;
  const active = [];
  const events = ['mouseover', 'mouseenter', 'mousemove', 'mousedown', 'mouseup', 'pointerover', 'pointerdown',
    'pointerenter', 'pointerrawupdate', 'touchstart', 'focus', 'focusin', 'blur', 'keydown', 'keyup', 'input',
    'change', 'select', 'copy', 'cut', 'paste', 'wheel', 'scroll', 'scrollend', 'drag', 'dragstart', 'drop',
    'contextmenu', 'dblclick', 'auxclick', 'toggle', 'beforetoggle', 'load', 'error', 'loadstart', 'begin', 'end',
    'animationstart', 'animationend', 'transitionend', 'submit', 'reset', 'invalid', 'beforeinput', 'pageshow'];
  for (const element of document.querySelectorAll('[data-case] *')) {
    const tag = element.tagName.toLowerCase();
    const outside = /^(https?|mailto|tel):$/.test(element.protocol || '');
    if (/^(script|style|iframe|frame|object|embed|form|base|meta|link|svg|math|template|audio|video|input|button)$/
        .test(tag)) active.push(tag);
    for (const attribute of element.attributes) {
      if (/^on|^(style|src|srcset|srcdoc|action|formaction|background|poster|xlink:href)$/.test(attribute.name))
        active.push(tag + ' ' + attribute.name);
    }
    if (element.href !== undefined && element.href !== '' && !outside) active.push(tag + ' href ' + element.href);
    if (element.focus) element.focus();
    for (const name of events) element.dispatchEvent(new Event(name, {bubbles: true, cancelable: true}));
    if (outside) element.addEventListener('click', event => event.preventDefault());
    if (element.click) element.click();
  }
  return {ran: window.__ran, active: active, cases: cases.length};
}
"""


def chromium() -> str | None:
    """The path of the Chromium of this machine, or None."""
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


class Trial:
    """Shows bodies, each time on a fresh page, and remembers what they did."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._seen: list[str] = []

    def show(self, bodies: Sequence[str]) -> tuple[list[str], list[str]]:
        """Show and touch `bodies` on one page. Gives what ran or was fetched, and what stood there ready to act."""
        self._seen = []
        page = self._browser.new_page()
        try:
            self._listen(page)
            cases = "\n".join(f'<div data-case="{number}">{body}</div>' for number, body in enumerate(bodies))
            page.set_content(f"<!doctype html><meta charset=utf-8><body>{cases}</body>", wait_until="load")
            active, shown = self._touch(page)
        finally:
            page.close()
        if shown != len(bodies):
            active.append(f"a body broke out: {shown} of {len(bodies)} are left")
        return list(self._seen), active

    def _listen(self, page: Page) -> None:
        page.add_init_script(_ALARMS)
        page.route("**/*", self._refuse)
        page.goto(_BLANK)
        page.on("dialog", self._dialog)
        page.on("console", self._console)
        page.on("framenavigated", self._navigated)
        page.on("pageerror", lambda error: self._seen.append(f"page error {error}"))
        page.on("popup", lambda popup: self._seen.append(f"popup {popup.url}"))

    def _touch(self, page: Page) -> tuple[list[str], int]:
        """Act on every element; what could act, and how many bodies still stand. A page that is left is a finding."""
        from playwright.sync_api import Error

        try:
            found: dict[str, Any] = page.evaluate(_TOUCH)
            page.wait_for_timeout(50)
            self._seen += page.evaluate("window.__ran")
        except Error as error:
            self._seen.append(f"the page was left: {error.message[:120]}")
            return [], 0
        return list(found["active"]), int(found["cases"])

    def _refuse(self, route: Route, request: Request) -> None:
        self._seen.append(f"request {request.url[:120]}")
        route.abort()

    def _dialog(self, dialog: Dialog) -> None:
        self._seen.append(f"dialog {dialog.message[:80]}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        self._seen.append(f"console {message.text[:120]}")

    def _navigated(self, frame: Frame) -> None:
        if frame.url != _BLANK:
            self._seen.append(f"navigation {frame.url[:120]}")


@contextmanager
def chromium_browser() -> Iterator[Browser]:
    """A fresh headless Chromium. Raises `NotFound` with what to install where it or Playwright is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise NotFound("This needs a browser and what drives it. Install both with: make test") from error
    program = chromium()
    if program is None:
        raise NotFound("Chromium is not installed: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browser_trial() -> Iterator[Trial]:
    """A `Trial` in a fresh headless Chromium."""
    with chromium_browser() as browser:
        yield Trial(browser)


def in_contexts(payload: str) -> tuple[str, ...]:
    """A payload as a body of its own, and where a sender could put it inside an honest-looking one."""
    quoted = entities.escape(payload)
    return (
        payload,
        f'<p>Hello <a href="{quoted}">link</a> <img src="{quoted}" alt="{quoted}"></p>',
        f"<div title='{payload}' style=\"{payload}\"><b {payload}>bold</b></div>",
    )
