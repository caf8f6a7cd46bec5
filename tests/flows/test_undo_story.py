"""Undo of one import among others: what is left is as if it had never been."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from amity.kernel.actor import SYSTEM
from amity.site import ingest
from tests.flows.stories import fingerprint, jsonl, message, order, take_in

pytestmark = pytest.mark.django_db

WHO = ["anna@roast.example", "ben@roast.example", "cleo@roast.example"]


def _export(part: int, at: datetime) -> list[dict[str, Any]]:
    """Messages and orders of the same three people, with facts that partly repeat from file to file."""
    rng = random.Random(part)
    records: list[dict[str, Any]] = []
    for number in range(8):
        who = rng.choice(WHO)
        moment = at + timedelta(hours=number, days=part)
        facts = {"city": rng.choice(["Leipzig", "Halle"]), "organisation": "Roast & Co"}
        records.append(message(f"{part}-{number}", moment, who, facts=facts))
        lines = [{"sku": f"S{number % 2}", "name": "Burr", "quantity": "1", "amount": "5.00"}]
        records.append(order(f"o{part}-{number}", moment, [("email", who)], "5.00", lines=lines, facts=facts))
    return records


@pytest.mark.parametrize("turn", list(permutations(range(3))), ids=str)
def test_imports_that_share_people_are_undone_in_any_order(
    turn: tuple[int, ...], tmp_path: Path, at: datetime
) -> None:
    empty = fingerprint()
    runs = [
        take_in(jsonl(tmp_path / f"{part}.jsonl", _export(part, at)), at, source=f"part-{part}")
        for part in range(3)
    ]
    for part in turn:
        ingest.undo(runs[part].id, actor=SYSTEM)
    left = {table for table, found in fingerprint().items() if found != empty[table]}
    assert left == set()


def test_what_only_a_later_import_said_is_still_said_after_the_first_is_undone(
    tmp_path: Path, at: datetime
) -> None:
    from amity.people.models import Person

    said = message("a", at, facts={"city": "Leipzig"})
    first = take_in(jsonl(tmp_path / "a.jsonl", [said]), at)
    take_in(
        jsonl(tmp_path / "b.jsonl", [{**said, "id": "b", "at": (at + timedelta(days=1)).isoformat()}]), at
    )
    ingest.undo(first.id, actor=SYSTEM)
    person = Person.objects.get()
    assert (person.city, person.first_seen_at) == ("Leipzig", at + timedelta(days=1))
