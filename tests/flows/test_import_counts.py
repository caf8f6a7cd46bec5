"""Each count of an import opens to exactly its rows: after the same file, a longer one, an undo, an erasure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from amity.channels.models import ImportRun, Repeat
from amity.channels.outcomes import Fate, every_outcome
from amity.channels.queries import row_counts
from amity.channels.tests.web.stories import importing, signed_in, upload
from amity.kernel.actor import SYSTEM
from amity.people import erasures
from amity.people.models import Person
from amity.site import ingest

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 17, 12, tzinfo=UTC)
HEAD = "Name,E-mail,Phone"
ANNA, BERT, NOBODY = (
    "Anna Vogel,anna@vogel.example,+49 431 123456",
    "Bert Quinn,bert@quinn.example,12",
    "Emil Meyer,,",
)
TABS = ("", "taken", "left-out", "same", "not-taken")


@pytest.fixture
def client() -> Client:
    return signed_in()


def taken_in(client: Client, *rows: str) -> ImportRun:
    draft = upload(client, "\r\n".join((HEAD, *rows)).encode(), "friends.csv")
    return importing(client, draft)


def shown(client: Client, run: ImportRun) -> dict[str, tuple[int, int]]:
    """By tab the count that it says, and how many rows it shows."""
    found = {}
    for tab in TABS:
        page = client.get(f"/imports/{run.id}/", {"outcome": tab}).content.decode()
        rows = page[page.index('id="import-rows"') :]
        query = re.escape(f"?outcome={tab}#" if tab else "/#")
        told = re.search(rf'href="[^"]*{query}import-rows"[^>]*>.*?<span[^>]*>([\d,]+)<', rows, re.DOTALL)
        assert told or tab == "left-out", rows[:2_000]
        found[tab] = (int(told.group(1)) if told else 0, rows.count('<td class="rows__what">'))
    return found


def test_every_count_is_the_number_of_rows_that_it_opens(client: Client) -> None:
    first = taken_in(client, ANNA, BERT, NOBODY, ANNA)
    told = {"": (4, 4), "taken": (2, 2), "left-out": (1, 1), "same": (1, 1), "not-taken": (1, 1)}
    assert shown(client, first) == told
    again = taken_in(client, ANNA, BERT, NOBODY, ANNA)
    assert shown(client, again) == {
        "": (4, 4), "taken": (0, 0), "left-out": (0, 0), "same": (4, 4), "not-taken": (0, 0),
    }  # fmt: skip
    assert (again.rows_read, again.rows_new, again.rows_same, again.rows_quarantined) == (4, 0, 4, 0)
    assert [row.outcome.fate for row in every_outcome(again, SYSTEM)] == [Fate.SAME] * 4
    ingest.undo(first.id, actor=SYSTEM)
    again.refresh_from_db()
    assert shown(client, again) == told, "what it brought too is its own now"
    assert (again.rows_new, again.rows_same, again.rows_quarantined) == (2, 1, 1)
    assert [row.position for row in every_outcome(again, SYSTEM)] == [1, 2, 3, 4]


def test_rows_of_somebody_who_was_erased_are_in_no_count_of_the_rows(client: Client) -> None:
    run = taken_in(client, ANNA, BERT)
    bert = Person.objects.get(email="bert@quinn.example")
    asked = erasures.ask(bert.id, ground="request", actor=SYSTEM, at=AT, now=True)
    erasures.work_on(asked.pk, clock=lambda: AT)
    counts = row_counts(run)
    assert (counts.all, counts.taken, counts.left_out) == (1, 1, 0)
    assert shown(client, run)["taken"] == (1, 1)


def test_a_row_that_was_there_before_opens_to_what_holds_it(client: Client) -> None:
    taken_in(client, ANNA)
    again = taken_in(client, ANNA)
    page = client.get(f"/imports/{again.id}/").content.decode()
    assert "same as before" in page
    (address,) = set(re.findall(r'class="rows__line"[^>]* href="([^"]+)"', page))
    assert "anna@vogel.example" in client.get(address).content.decode()


def test_a_row_of_somebody_who_was_erased_that_stands_in_a_file_twice_is_refused_twice(
    client: Client,
) -> None:
    taken_in(client, BERT)
    bert = Person.objects.get(email="bert@quinn.example")
    asked = erasures.ask(bert.id, ground="request", actor=SYSTEM, at=AT, now=True)
    erasures.work_on(asked.pk, clock=lambda: AT)
    again = taken_in(client, ANNA, BERT, BERT, ANNA)
    assert (again.rows_read, again.rows_new, again.rows_same, again.rows_refused) == (4, 1, 1, 2)
    assert shown(client, again)["same"] == (1, 1)
    assert [list(one.positions) for one in Repeat.objects.filter(run=again)] == [[4]]
