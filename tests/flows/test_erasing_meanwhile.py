"""Whose a row is that an erasure takes, and what happens between its being asked for and its end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from amity.channels.models import Item
from amity.kernel import erasing
from amity.kernel.acting import acting
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict
from amity.people import erasures
from amity.people.addresses import add_address, remove_address
from amity.people.merging import merge
from amity.people.models import (
    Identity,
    PersonErasure,
)
from amity.people.queries.erased import erasure_of
from amity.site.scanning import in_database
from tests.flows.erasing import (
    MAIL,
    NEIGHBOUR,
    OTHER_MAIL,
    erased,
    person_of,
)
from tests.flows.stories import jsonl, message, take_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


def test_a_short_customer_number_is_found_by_reading_the_rows(
    owner: Actor, at: datetime, tmp_path: Path, home: Path
) -> None:
    """4711 stands everywhere; what counts is whose row it is."""
    book = tmp_path / "numbers.jsonl"
    rows = [
        {"type": "person", "id": str(n), "at": at.isoformat(), "handles": [{"network": "club", "address": str(n)}],
         "facts": {"name": name, "note": "4711 is a nice number"}}
        for n, name in ((4711, "Quillo"), (815, "Hanna"))
    ]  # fmt: skip
    take_in(jsonl(book, rows), at)
    erased(person_of("4711", "club"), owner, at + timedelta(days=1))
    left = [json.loads(bytes(raw)) for raw in Item.objects.values_list("raw", flat=True)]
    assert [row["id"] for row in left] == ["815"]


def test_what_comes_in_between_the_search_and_the_erasing_goes_too(
    owner: Actor, at: datetime, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def book(name: str, *facts: str) -> Path:
        rows = [
            {"type": "person", "id": f"{name}-{n}", "at": at.isoformat(), "facts": {"note": fact},
             "handles": [{"network": "email", "address": MAIL if n == 0 else NEIGHBOUR}]}
            for n, fact in enumerate(facts)
        ]  # fmt: skip
        return jsonl(tmp_path / f"{name}.jsonl", rows)

    take_in(book("first", "grumblefitz", "kind"), at)
    search = erasures._STEPS[erasures.SEARCH]

    def search_while_others_work(found: PersonErasure, when: datetime) -> None:
        search(found, when)
        take_in(book("second", "snarkleberry", "tall"), at)

    monkeypatch.setitem(erasures._STEPS, erasures.SEARCH, search_while_others_work)
    erased(person_of(MAIL), owner, at + timedelta(days=1))
    left = [json.loads(bytes(raw))["facts"]["note"] for raw in Item.objects.values_list("raw", flat=True)]
    assert sorted(left) == ["kind", "tall"]
    assert [one.value for one in in_database([MAIL, "snarkleberry"])] == []


def test_who_was_merged_since_it_was_asked_for_is_erased_with_whom_they_became(
    owner: Actor, at: datetime, tmp_path: Path, home: Path
) -> None:
    rows = [message("<1@x>", at, MAIL), message("<2@x>", at, OTHER_MAIL), message("<3@x>", at, NEIGHBOUR)]
    take_in(jsonl(tmp_path / "mails.jsonl", rows), at)
    one, other = person_of(MAIL), person_of(OTHER_MAIL)
    with acting(owner, via="page"):
        asked = erasures.ask(one, ground="request", actor=owner, at=at)
        twice = erasures.ask(other, ground="request", actor=owner, at=at)
        merge(other, [one], actor=owner, at=at)
        with pytest.raises(Conflict):
            erasures.ask(other, ground="request", actor=owner, at=at)
        assert erasure_of(owner, other) is not None
        for waiting in (asked, twice):
            erasures.begin(waiting.pk, actor=owner, at=at)
    done = [erasures.work_on(waiting.pk, clock=lambda: at) for waiting in (asked, twice)]
    assert [one.state for one in done] == ["done", "done"]
    assert list(Identity.objects.values_list("address", flat=True)) == [NEIGHBOUR]
    assert in_database([MAIL, OTHER_MAIL]) == []


def test_an_address_that_was_taken_away_from_them_is_erased_and_free_for_others(
    owner: Actor, at: datetime, tmp_path: Path, home: Path
) -> None:
    take_in(jsonl(tmp_path / "mails.jsonl", [message("<1@x>", at, MAIL)]), at)
    with acting(owner, via="page"):
        theirs = person_of(MAIL)
        added = add_address(theirs, "email", OTHER_MAIL, use="private", verified="", actor=owner, at=at)
        remove_address(theirs, added, actor=owner, at=at)
    erased(theirs, owner, at)
    assert in_database([MAIL, OTHER_MAIL]) == []
    assert added not in erasing.erased_at([added])
