"""Hostile words in every field that is ever shown, on every screen, in a real browser: nothing acts, all of it is text.

The browser's requests are answered by Django in the transaction of the test, with the headers that a browser would get.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from amity.activity.models import Activity
from amity.channels.adapters.file import restore_cell
from amity.channels.models import Item
from amity.conversations.models import Conversation
from amity.kernel.actor import Role
from amity.kernel.models import Staff
from amity.people.models import Person
from tests.flows.hostile import FORMULA, HOSTILE, LINK, SCRIPT, put_everywhere
from tests.flows.stories import colleague

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, Route
    from pytest_django import Settings

pytestmark = pytest.mark.django_db
BACKEND = "amity.site.signin.StaffBackend"
HEAR = """
window.__hits = []; window.hit = (what) => window.__hits.push('ran ' + what);
document.addEventListener('securitypolicyviolation', (e) =>
    window.__hits.push('policy ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
"""
FIND = """() => [
  ...window.__hits,
  ...[...document.querySelectorAll('[onerror],[onload],[onclick],[onmouseover],img[src="x"],[srcdoc]')]
     .map((e) => 'element ' + e.outerHTML.slice(0, 80)),
  ...[...document.querySelectorAll('a[href],form[action],iframe[src]')]
     .filter((e) => /^\\s*(javascript|data|vbscript):/i.test(
       e.getAttribute('href') || e.getAttribute('action') || e.src))
     .map((e) => 'link ' + e.outerHTML.slice(0, 80)),
]"""
# Screens that show nothing of what came in, or that need what this story does not have.
ELSEWHERE = frozenset(
    "setup invitation address-confirmation reset-password login second-factor passkey-login sso sso-callback logout "
    "reset healthz readyz metrics".split()
)
SIGNS_OUT = frozenset({"logout"})


@dataclass(slots=True)
class Seen:
    """What went wrong while a page was shown."""

    hits: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def _pages(records: dict[str, list[str]]) -> Iterator[str]:
    """Every address that can be looked at, with these records in the places of its arguments."""
    for pattern, name in _patterns(get_resolver()):
        arguments = [part.partition(":")[2].partition(">")[0] for part in pattern.split("<")[1:]]
        if name in ELSEWHERE or pattern.startswith("api/"):
            continue
        if any(one not in records and one not in ("activity_id", "item_id") for one in arguments):
            continue  # a record that this story has not; its own tests look at it
        yield from _filled(pattern, arguments, records)


def _filled(pattern: str, arguments: list[str], records: dict[str, list[str]]) -> Iterator[str]:
    if "activity_id" in arguments:
        for conversation, activity in _said()[:2]:
            yield "/" + re.sub(
                r"<[^>]*conversation_id>", conversation, re.sub(r"<[^>]*activity_id>", activity, pattern)
            ).replace("<int:number>", "0")
    elif "item_id" in arguments:
        for run, item in (
            Item.objects.exclude(run=None).order_by("-error_code").values_list("run_id", "pk")[:2]
        ):
            yield "/" + re.sub(r"<[^>]*run_id>", str(run), re.sub(r"<[^>]*item_id>", str(item), pattern))
    elif arguments:
        first, *others = arguments
        for one in others:
            pattern = re.sub(rf"<[^>]*{one}>", records[one][0], pattern)
        yield from ("/" + re.sub(r"<[^>]*>", record, pattern) for record in records[first])
    else:
        yield "/" + pattern


def _said() -> list[tuple[str, str]]:
    threads = Conversation.objects.values_list("pk", "threads__thread_id")
    of = {thread: str(conversation) for conversation, thread in threads}
    rows = Activity.objects.exclude(thread_id=None).values_list("thread_id", "id")
    return [(of[thread], str(id)) for thread, id in rows if thread in of]


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.name or ""


@contextmanager
def _window(browser: Browser, client: Client) -> Iterator[tuple[Page, Seen]]:
    """A browser window that is answered by the test client."""
    seen = Seen()
    ours = connections[
        "default"
    ]  # with the transaction of the test; the browser's answers run in a context of their own

    def answer(route: Route) -> None:
        connections["default"] = ours
        parts = urlsplit(route.request.url)
        if parts.hostname != "testserver":
            seen.hits.append(f"request {route.request.url[:120]}")
            route.abort()
        elif parts.path.endswith((".css", ".woff2", ".svg", ".png")):
            route.abort()  # looks are not what this is about
        elif parts.path.startswith("/static/"):
            found = finders.find(parts.path.removeprefix("/static/"))
            route.fulfill(path=str(found)) if found else route.fulfill(status=404, body="")
        else:
            headers = {name: value for name, value in route.request.headers.items() if name.startswith("hx-")}
            got = client.generic(
                route.request.method, route.request.url.partition("testserver")[2], headers=headers
            )
            body = got.getvalue()
            if 300 <= got.status_code < 400:
                seen.failed.append(f"{parts.path} goes on to {got['Location']}")
            if got.status_code >= 500:
                seen.failed.append(f"{got.status_code} {parts.path}")
            route.fulfill(status=got.status_code, headers=dict(got.items()), body=body)

    def dismissed(dialog: Dialog) -> None:
        seen.hits.append("dialog")
        dialog.dismiss()

    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.add_init_script(HEAR)
    context.route("**/*", answer)
    page = context.new_page()
    page.on("dialog", dismissed)
    page.on("pageerror", lambda error: seen.hits.append(f"error {error}"))
    try:
        yield page, seen
    finally:
        context.close()


def test_hostile_words_act_on_no_screen(
    browser: Browser, at: datetime, tmp_path: Path, settings: Settings
) -> None:
    settings.LIVE_ORIGIN = "http://testserver"
    owner = colleague("owner@tamp.example", Role.OWNER)
    Staff.objects.filter(pk=owner.pk).update(name=HOSTILE[:100])
    records = put_everywhere(at, tmp_path, owner)
    client = Client()
    client.force_login(owner, backend=BACKEND)
    for screen in ("inbox", "people", "orders"):
        client.post(
            "/views/", {"screen": screen, "name": HOSTILE[:60], "query": f"q={HOSTILE}", "is_shared": "1"}
        )
    pages = [page for page in _pages(_few(records)) if _is_page(client, page)]
    pages += [
        f"{page}?q={HOSTILE}&error={SCRIPT}&next={LINK}"
        for page in ("/inbox/", "/people/", "/orders/", "/find/")
    ]
    assert len(pages) >= 35
    hits: dict[str, list[str]] = {}
    shown = 0
    with _window(browser, client) as (page, seen):
        for address in pages:
            page.goto(f"http://testserver{address}", wait_until="load")
            for frame in page.frames:
                seen.hits += frame.evaluate(FIND)
            text = page.content()
            shown += "{{7*191}}" in text
            if "1337" in text.replace("#1337", ""):
                seen.hits.append("a template was filled in")
            if seen.hits or seen.failed:
                hits[address] = [*seen.hits, *seen.failed]
                seen.hits, seen.failed = [], []
        page.goto("http://testserver/style/")
        page.evaluate("(html) => { document.body.innerHTML = html }", HOSTILE)
        assert page.evaluate(
            FIND
        )  # what acts is seen: the words above do, where a page takes them for markup
    assert hits == {}
    assert shown >= 12  # the words are on the screens, as words


def _few(records: dict[str, list[str]]) -> dict[str, list[str]]:
    """The first of each, and all imports: a page looks the same with every record, and a browser takes its time."""
    return {name: found if name == "run_id" else found[:1] for name, found in records.items()}


def _is_page(client: Client, address: str) -> bool:
    response = client.get(address)
    assert response.status_code < 500, address
    return response.status_code == 200 and response["Content-Type"].startswith("text/html")


def test_every_table_that_leaves_is_harmless_in_a_spreadsheet_and_comes_back_whole(
    at: datetime, tmp_path: Path
) -> None:
    owner = colleague("owner@tamp.example", Role.OWNER)
    records = put_everywhere(at, tmp_path, owner)
    Person.objects.update(name=FORMULA, city="@SUM(A1)", job_title="\t=1+1")
    client = Client()
    client.force_login(owner, backend=BACKEND)
    tables = [address for address in _pages(records) if _is_table(client, address)]
    assert len(tables) >= 2
    cells = [cell for address in tables for cell in _cells(client, address)]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")] == []
    assert FORMULA in {restore_cell(cell) for cell in cells}


def _is_table(client: Client, address: str) -> bool:
    return client.get(address)["Content-Type"].startswith("text/csv")


def _cells(client: Client, address: str) -> Iterator[str]:
    body = client.get(address).getvalue()
    for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))):
        yield from row


def test_nothing_else_writes_tables() -> None:
    root = Path(__file__).resolve().parents[2] / "amity"
    writers = [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*.py"))
        if "tests" not in path.parts
        and ("csv.writer(" in path.read_text() or "DictWriter(" in path.read_text())
    ]
    # A workbook on its way in becomes a table that never leaves, and a bench makes its own.
    inside = {"channels/adapters/file/workbook.py", "site/bench/importing/people_csv.py"}
    assert [one for one in writers if one not in inside] == ["channels/adapters/file/export.py"]


def test_words_of_customers_are_never_taken_for_templates(at: datetime, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2] / "amity"
    makers = ("from_string(", "Template(", ".format_map(", "eval(", "exec(")
    found = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in sorted(root.rglob("*.py"))
        if "tests" not in path.parts
        for line in path.read_text().splitlines()
        if any(maker in line.replace("_exec(", "") for maker in makers)
        and not line.strip().startswith(("#", '"'))
    ]
    assert found == []
    assert json.dumps(SCRIPT)  # the strings above hold what such a maker would fill in
