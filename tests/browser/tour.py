"""A signed-in walk through a running Amity with a real browser: used by the browser tests and by `make shots`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, StorageState

Theme = Literal["light", "dark"]
DESKTOP, PHONE = (1440, 900), (390, 844)
AGENT, OWNER = "ines@tamp.example", "tilde@tamp.example"


@dataclass(slots=True)
class Noticed:
    """What a visit brought to light that must not be: foreign hosts, errors in the console, broken policies."""

    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Begin anew with the next screen."""
        self.foreign.clear()
        self.errors.clear()


def drawn(page: Page) -> Page:
    """The page once it was drawn: Chromium drops keys that come before its first picture of a page."""
    page.evaluate("() => new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    return page


@dataclass(slots=True)
class Visit:
    """A browser window on Amity at `address`."""

    address: str
    context: BrowserContext
    page: Page
    noticed: Noticed

    def open(self, path: str) -> Page:
        """Go to a page of Amity and wait until it stands still."""
        self.page.goto(self.address + path, wait_until="load")
        self.page.wait_for_timeout(250)
        return drawn(self.page)

    def first_link(self, selector: str) -> str:
        """Path of the first link that the selector finds on this page."""
        href = self.page.locator(selector).first.get_attribute("href") or ""
        parts = urlsplit(href)
        return parts.path + (f"?{parts.query}" if parts.query else "")


@contextmanager
def visit(
    browser: Browser,
    address: str,
    email: str = AGENT,
    *,
    theme: Theme = "light",
    size: tuple[int, int] = DESKTOP,
    scale: float = 1,
) -> Iterator[Visit]:
    """A window of a colleague of the demo company, who is signed in."""
    context = browser.new_context(
        storage_state=_signed_in(browser, address, email),
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,
        device_scale_factor=scale,
        reduced_motion="reduce",
        has_touch=size == PHONE,
    )
    page = context.new_page()
    noticed = Noticed()
    _notice(page, address, noticed)
    try:
        yield Visit(address, context, page, noticed)
    finally:
        context.close()


_sessions: dict[tuple[str, str], StorageState] = {}


def _signed_in(browser: Browser, address: str, email: str) -> StorageState:
    """The cookies of a colleague: once by the button on the sign-in page, then the same again."""
    if (address, email) not in _sessions:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/login/")
        page.locator(f"form:has(input[name=email][value='{email}']) button").click()
        page.wait_for_url(lambda url: "/login" not in url)
        _sessions[address, email] = context.storage_state()
        context.close()
    return _sessions[address, email]


def _notice(page: Page, address: str, noticed: Noticed) -> None:
    host = urlsplit(address).hostname

    def requested(request: Request) -> None:
        if urlsplit(request.url).hostname not in {host, None}:
            noticed.foreign.append(request.url)

    page.on("request", requested)
    page.on("pageerror", lambda error: noticed.errors.append(str(error)))
    page.on(
        "console",
        lambda said: noticed.errors.append(said.text) if said.type in {"error", "warning"} else None,
    )


@dataclass(frozen=True, slots=True)
class Screen:
    """`path` is where it is; or, from the page at `path`, the first link that `link` finds, then `then`."""

    name: str
    path: str
    link: str = ""
    email: str = AGENT
    then: tuple[str, ...] = ()


_A_PERSON = "td a[href^='/people/'], a[href^='/people/'][href*='-']"
_MERGING, _SPLITTING = "a[href$='/merging/']", "a[href$='/splitting/']"
_CONSENT = "#panel-consent a[href$='/consent/']"


SCREENS = (
    Screen("today", "/"),
    Screen("inbox", "/inbox/"),
    Screen("conversation", "/inbox/?q=Hannah", "a[href^='/inbox/'][href*='-']"),
    Screen("people", "/people/"),
    Screen("person", "/people/?q=Hannah+Vogel", _A_PERSON),
    Screen("merging", "/people/?q=Beth+Calloway", _A_PERSON, then=(_MERGING,)),
    Screen("comparison", "/people/?q=Beth+Calloway", _A_PERSON, then=(_MERGING, ".merging-row a[data-row]")),
    Screen("splitting", "/people/?q=Beth+Calloway", _A_PERSON, then=(_SPLITTING,)),
    Screen("consent", "/people/?q=Hannah+Vogel", _A_PERSON, then=(_CONSENT,)),
    Screen("person-note", "/people/?q=Ruairi+Quinn", _A_PERSON, then=("a[href*='/notes/']",)),
    Screen("segments", "/segments/", email=OWNER),
    Screen("segment-builder", "/segments/new/", email=OWNER),
    Screen("quality", "/quality/"),
    Screen("quality-records", "/quality/records/?field=phone&problem=invalid"),
    Screen("quality-flags", "/quality/flags/"),
    Screen("quality-rules", "/quality/rules/", email=OWNER),
    Screen("organisations", "/organisations/"),
    Screen("organisation", "/organisations/", "a[href^='/organisations/'][href*='-']"),
    Screen("orders", "/orders/"),
    Screen("order", "/orders/", "a[href^='/orders/'][href*='-']"),
    Screen("imports", "/imports/", email=OWNER),
    Screen("import", "/imports/", "a[href^='/imports/'][href*='-']", email=OWNER),
    Screen("settings", "/settings/", email=OWNER),
    Screen("security", "/settings/security/", email=OWNER),
    Screen("survivorship", "/settings/shown/", email=OWNER),
    Screen("app", "/settings/security/app/", email=OWNER),
    Screen("confirmation", "/settings/security/confirmation/", email=OWNER),
    Screen("colleagues", "/settings/colleagues/", email=OWNER),
    Screen("colleague", "/settings/colleagues/", "a.acc-row--link", email=OWNER),
    Screen("invite", "/settings/colleagues/invitation/", email=OWNER),
    Screen("sign-in-rules", "/settings/sign-in/", email=OWNER),
    Screen("single-sign-on", "/settings/sign-in/provider/", email=OWNER),
    Screen("purposes", "/settings/purposes/", email=OWNER),
    Screen("purpose", "/settings/purposes/", ".own-field a.acc-row--link", email=OWNER),
    Screen("webhooks", "/settings/webhooks/", email=OWNER),
    Screen("backup", "/settings/backup/", email=OWNER),
    Screen("personal-data", "/settings/personal-data/", email=OWNER),
    Screen("retention", "/settings/retention/", email=OWNER),
    Screen("retention-rule", "/settings/retention/", "a.acc-row--link", email=OWNER),
    Screen("retention-new", "/settings/retention/new/?kind=people", email=OWNER),
    Screen("api-reference", "/settings/api-tokens/reference/"),
    Screen("api-operation", "/settings/api-tokens/reference/create_person/"),
    Screen("audit", "/settings/audit/", email=OWNER),
    Screen("audit-entry", "/settings/audit/", "a.acc-row--link", email=OWNER),
    Screen("status", "/status/", email=OWNER),
    Screen("find", "/find/?q=hann"),
    Screen("style", "/style/"),
)


def show(visited: Visit, screen: Screen) -> Page:
    """Bring a screen up."""
    page = visited.open(screen.path)
    for link in filter(None, (screen.link, *screen.then)):
        page = visited.open(visited.first_link(link))
    return page
