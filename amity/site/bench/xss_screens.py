"""`amity bench xss-screens`: attack strings in every field that people and programs can fill, seen in a real browser.

The browser does without the content security policy here, so that what would be stopped by it counts as well.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from amity.channels import imports
from amity.channels.mime.bench_xss import CONTROLS, payloads_of
from amity.channels.mime.browser_trial import chromium_browser
from amity.channels.models import ImportRun
from amity.kernel.actor import SYSTEM, Role
from amity.site import ingest
from amity.site.bench.database import bench_database
from amity.site.bench.serving import a_colleague, session_of, web_server

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Dialog, Page, Request, Route

TOGETHER = 10
"""Payloads that one person writes, buys and is said to be: their page shows all of them."""
EVERY = 25
"""Of organisations and orders, whose lists show what their pages do, every so many have their page opened."""

# Set before any content: what a payload would call to show that it ran, and Amity itself never calls
# (`eval` is what Playwright works with).
_ALARMS = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'close', 'stop'])
  window[name] = (...said) => { window.__ran.push(name + ' ' + String(said[0]).slice(0, 80)); };
for (const name of ['write', 'writeln', 'execCommand']) document[name] = () => window.__ran.push('document.' + name);
"""
# Pages of Amity have no handler in an attribute, no script of their own in the page and no address that runs.
_ACTIVE = """
() => {
  const active = [];
  for (const element of document.querySelectorAll('*')) {
    const tag = element.tagName.toLowerCase();
    if (tag === 'script' && !element.src && !/json/.test(element.type)) active.push('script ' + element.text);
    if (/^(base|object|embed|applet|frame|marquee)$/.test(tag)) active.push(tag);
    if (tag === 'iframe' && (!element.hasAttribute('sandbox') || element.sandbox.contains('allow-scripts')))
      active.push('iframe');
    for (const {name, value} of element.attributes) {
      if (/^on/.test(name)) active.push(tag + ' ' + name);
      if (/^(href|src|action|formaction|xlink:href|data|srcdoc|hx-get|hx-post)$/.test(name)
          && /^[\\u0000-\\u0020]*(javascript|vbscript|data:text)/i.test(value))
        active.push(tag + ' ' + name + ' ' + value);
    }
  }
  return active.map(found => found.slice(0, 200));
}
"""


class Watch:
    """One window on Amity, and everything that it did and must not."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self._address = address
        self._live = f"http://127.0.0.1:{django_settings.LIVE_PORT}/live"
        self._seen: list[str] = []
        self.screens = 0
        context.add_init_script(_ALARMS)
        context.route("**/*", self._pass_own)
        self.page: Page = context.new_page()
        self.page.on("dialog", self._dialog)
        self.page.on("popup", lambda popup: self._seen.append(f"popup {popup.url}"))

    def _dialog(self, dialog: Dialog) -> None:
        self._seen.append(f"dialog {dialog.message[:80]}")
        dialog.dismiss()

    def _pass_own(self, route: Route, request: Request) -> None:
        if request.url.startswith((self._address + "/", "data:image/", "blob:")):
            route.continue_()
            return
        if request.url == self._live:  # the stream of Amity's own, which no process of the bench serves
            route.abort()
            return
        self._seen.append(f"request {request.url[:160]}")
        route.abort()

    def open(self, path: str) -> tuple[list[str], list[str]]:
        """What ran or was fetched on this screen, and what stood there ready to act."""
        self._seen = []
        self.page.goto(urljoin(self._address, path), wait_until="load")
        self.screens += 1
        return self.look()

    def look(self) -> tuple[list[str], list[str]]:
        """The same for what is on the screen now."""
        self.page.wait_for_timeout(30)
        active: list[str] = self.page.evaluate(_ACTIVE)
        ran: list[str] = self.page.evaluate("window.__ran.splice(0)")
        return [*self._seen, *ran], active

    def miss(self, control: str) -> bool:
        """Whether a string that acts in every browser is not noticed when it stands on the screen unescaped."""
        self.open("/settings/")
        self.page.evaluate(
            "text => document.body.append(document.createRange().createContextualFragment(text))", control
        )
        self.page.wait_for_timeout(100)
        ran, active = self.look()
        return not (ran or active)

    def next_page(self) -> str:
        """The address of the next page of a list, or nothing."""
        link = self.page.locator("a[rel=next]")
        return (link.first.get_attribute("href") or "") if link.count() else ""


def settings() -> dict[str, int]:
    """How the payloads were put together."""
    return {"payloads_a_person": TOGETHER, "every_record": EVERY}


def run(data: Path) -> dict[str, float]:
    """Take every payload of `xss` under `data` in as name, subject, text, HTML, fact, organisation, order number,
    product and account name, then open the lists, the people, their conversations, orders and the import.

    `executed` counts what ran or was fetched, `active` elements and attributes that could act; both must be 0, as
    must `controls_missed` and `false_alarms`. What was found stands on stderr.
    """
    strings = list(payloads_of(data / "xss"))
    with bench_database("amity_bench_xss"), tempfile.TemporaryDirectory(prefix="amity-bench-") as folder:
        taken = _taken_in(Path(folder) / "hostile.jsonl", strings, timezone.now())
        cookie = session_of(a_colleague(Role.OWNER))
        records = _records_to_open(
            strings, taken
        )  # no query once the browser runs: its loop is in this thread
        with web_server() as port, _window(f"http://127.0.0.1:{port}", cookie) as watch:
            missed = sum(watch.miss(control) for control in CONTROLS)
            false_alarms = sum(map(len, watch.open("/settings/")))
            executed, active = _seen_on_all(watch, records)
    return {
        "payloads": len(strings), "records": taken.rows_new, "refused": taken.rows_quarantined,
        "screens": watch.screens, "executed": executed, "active": active, "controls": len(CONTROLS),
        "controls_missed": missed, "false_alarms": false_alarms,
    }  # fmt: skip


@contextmanager
def _window(address: str, cookie: tuple[str, str]) -> Iterator[Watch]:
    with chromium_browser() as browser:
        context = browser.new_context(bypass_csp=True, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
        yield Watch(context, address)


def _seen_on_all(watch: Watch, records: Sequence[str]) -> tuple[int, int]:
    executed = active = 0
    for path in _screens(watch, records):
        ran, ready = watch.open(path)
        for found in (*ran, *ready):
            sys.stderr.write(f"{path}: {found}\n")
        executed += len(ran)
        active += len(ready)
    return executed, active


def _screens(watch: Watch, records: Sequence[str]) -> Iterator[str]:
    """Addresses, one after the other; a list is followed to its end while it is on the screen."""
    for place in ("/people/", "/organisations/", "/orders/"):
        path = place
        while path:
            yield path
            path = urljoin(place, following) if (following := watch.next_page()) else ""
    yield from records


def _records_to_open(strings: Sequence[str], run: ImportRun) -> list[str]:
    buyers = (
        "SELECT DISTINCT l.person_id FROM people_link l JOIN commerce_order o ON o.buyer_id = l.identity_id"
    )
    looked_for = [quote(text[:100]) for text in strings[::EVERY]]
    accounts = (
        "SELECT l.person_id FROM people_link l JOIN people_identity i ON i.id = l.identity_id "
        "WHERE i.network = 'twitter' ORDER BY l.person_id"
    )
    people, own = _ids(buyers), _ids(accounts)[::EVERY]
    return [
        *("/", "/imports/", f"/imports/{run.pk}/", "/inbox/"),
        *(f"/inbox/{id}/" for id in _ids("SELECT id FROM conversations_conversation ORDER BY id")),
        *(f"/people/{id}/" for id in people),
        *(f"/people/{one}/merging/?with={other}" for one, other in zip(people, own, strict=False)),
        *(f"/people/{id}/splitting/" for id in own),
        *(f"/organisations/{id}/" for id in _ids("SELECT id FROM people_organisation ORDER BY id")[::EVERY]),
        *(f"/orders/{id}/" for id in _ids("SELECT id FROM commerce_order ORDER BY id")[::EVERY]),
        *(f"{list_of}?q={words}" for words in looked_for for list_of in ("/people/", "/find/")),
    ]


def _ids(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [str(id) for (id,) in cursor.fetchall()]


def _taken_in(path: Path, strings: Sequence[str], at: datetime) -> ImportRun:
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(strings):
            for record in _records(number, text, at - timedelta(minutes=len(strings) - number)):
                file.write(json.dumps(record) + "\n")
    source = imports.ensure_source("hostile", name="Hostile", adapter="file", at=at)
    draft = imports.store_file(path, actor=SYSTEM, at=at)
    imports.describe(draft)
    queued = imports.queue_run(
        draft.id, source=source, mapping=draft.mapping, options={}, actor=SYSTEM, at=at
    )
    done = ingest.work_on(queued.id)
    assert done is not None
    return done


def _records(number: int, text: str, at: datetime) -> Iterator[dict[str, Any]]:
    """One payload in all fields: a message and an order of the person of its group, and somebody of its own."""
    facts = dict.fromkeys(("organisation", "city", "job_title", "website", "country", "tags", "x-own"), text)
    group = number // TOGETHER
    writer = {"network": "email", "address": f"group{group}@web.example"}
    when = at.isoformat()
    yield {
        "type": "message", "id": f"m{number}", "at": when, "channel": ("email", "review")[number % 2],
        "direction": "in", "from": writer | {"name": text}, "subject": text, "text": text, "html": text,
        "in_reply_to": [f"m{group * TOGETHER}"] if number % TOGETHER else [], "facts": facts,
    }  # fmt: skip
    yield {
        "type": "order", "id": f"o{number}", "at": when, "buyer": [writer], "amount": "9.50", "currency": "EUR",
        "number": text, "lines": [{"sku": text, "name": text, "quantity": 1, "amount": "9.50"}],
    }  # fmt: skip
    yield {
        "type": "person", "id": f"p{number}", "at": when, "facts": facts | {"name": text},
        "handles": [{"network": "email", "address": f"own{number}@web.example"},
                    {"network": "twitter", "address": text[:300]}],
    }  # fmt: skip
