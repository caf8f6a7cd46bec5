"""Imports of people, taken back a portion at a time: the same as at once, also when it is cut short in between."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.channels.models import ImportRun, Item
from amity.channels.queries import progress_of
from amity.kernel.actor import SYSTEM, Role
from amity.people.domain.relations import Kind
from amity.people.merging import merge, unmerge
from amity.people.models import Merge, Organisation, OrganisationFact, Person, Relation
from amity.people.of_organisations import say_of_organisation
from amity.people.organising import merge_organisations, rename_organisation, say_whose_domain
from amity.people.relations import End, Terms, relate
from amity.people.tests.fields.own import make_field
from amity.people.tests.records import make_actor
from amity.site import ingest, undo_portions
from amity.site.undo_people import undo_people
from tests.flows.stories import fingerprint, jsonl, message, take_in
from tests.flows.test_undo_exact import told, undo
from tests.flows.test_undo_overlap import alone, counts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_portions() -> Iterator[None]:
    with mock.patch.multiple(undo_portions, PERSONS=2, ITEMS=3):
        yield


def people(at: datetime, rows: range, city: str = "Kiel") -> list[dict[str, Any]]:
    """A row each; every third names somebody of another row too."""
    records = []
    for n in rows:
        handles = [{"network": "email", "address": f"p{n}@roast.example"}]
        if n % 3 == 0:
            handles.append({"network": "phone", "address": f"+4943100{n // 6}"})
        facts = {"name": f"Person {n} Vogel", "city": city, "organisation": f"Roast {n % 2}"}
        records.append(
            {"type": "person", "id": f"k{n}", "at": at.isoformat(), "handles": handles, "facts": facts}
        )
    return records


def test_people_of_an_import_go_without_a_trace(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "talk.jsonl", [message("m1", at, "p1@roast.example")]), at)
    before = fingerprint()
    run = take_in(jsonl(tmp_path / "people.jsonl", people(at, range(11))), at)
    assert Person.objects.count() > 8
    undo(run)
    assert fingerprint() == before


def test_a_row_that_nobody_can_read_and_that_stands_there_twice_does_not_make_it_one_portion(
    tmp_path: Path, at: datetime
) -> None:
    before = fingerprint()
    broken = {"type": "person", "id": "k99", "at": at.isoformat(), "handles": []}
    rows = [*people(at, range(9)), broken, broken]
    run = take_in(jsonl(tmp_path / "people.jsonl", rows), at)
    assert (run.rows_quarantined, run.rows_same) == (1, 1)
    with mock.patch.object(undo_portions, "undo_people", wraps=undo_people) as portions:
        undo(run)
    assert portions.call_count > 2
    assert fingerprint() == before


@pytest.mark.parametrize("done", ["renamed", "merged", "related", "has a domain", "described"])
def test_organisations_with_which_colleagues_did_something_stay(
    tmp_path: Path, at: datetime, done: str
) -> None:
    take_in(jsonl(tmp_path / "talk.jsonl", [message("m1", at, "ada@talk.example")]), at)
    run = take_in(jsonl(tmp_path / "people.jsonl", people(at, range(7))), at)
    owner = make_actor(Role.OWNER)
    roast, other = Organisation.objects.order_by("name")
    if done == "renamed":
        rename_organisation(roast.pk, "Roast Zero", actor=owner, at=at)
    elif done == "merged":
        merge_organisations(roast.pk, other.pk, actor=owner, at=at)
    elif done == "related":
        ada = End("person", Person.objects.get(email="ada@talk.example").pk)
        relate(ada, End("organisation", roast.pk), Kind.CONTACT, Terms(), actor=owner, at=at)
    elif done == "has a domain":
        say_whose_domain(roast.pk, "nobody.example", is_on=True, actor=owner, at=at)
    else:
        make_field("Sector", resource="organisation")
        say_of_organisation(roast.pk, {"sector": "coffee"}, actor=owner, at=at)
    undo(run)
    assert list(Organisation.objects.filter(merged_into=None)) == [roast]
    assert Organisation.objects.filter(pk=other.pk).exists() == (done == "merged")
    assert Relation.objects.count() == (done == "related")
    assert OrganisationFact.objects.count() == (done == "described")


def test_it_is_said_how_far_an_undo_is(tmp_path: Path, at: datetime) -> None:
    run = take_in(jsonl(tmp_path / "people.jsonl", people(at, range(7))), at)
    seen: list[tuple[int, int]] = []
    original = undo_portions._note

    def note(run: ImportRun, found: dict[str, Any]) -> None:
        original(run, found)
        seen.append((found["done"], found["total"]))

    with mock.patch.object(undo_portions, "_note", note):
        undo(run)
    run.refresh_from_db()
    persons = seen[-1][1]
    assert seen == [(min(n, persons), persons) for n in range(2, persons + 2, 2)]
    assert progress_of(run, at).left is None


def test_what_a_crash_left_is_taken_back_by_the_next_try(tmp_path: Path, at: datetime) -> None:
    before = fingerprint()
    run = take_in(jsonl(tmp_path / "people.jsonl", people(at, range(9))), at)
    calls = iter(range(100))

    def breaking(*arguments: Any) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        undo_people(*arguments)

    with mock.patch.object(undo_portions, "undo_people", breaking), pytest.raises(KeyboardInterrupt):
        ingest.undo(run.id, actor=SYSTEM)
    assert 0 < Person.objects.filter(created_run_id=run.id).count() < 9
    ingest.undo(run.id, actor=SYSTEM)
    assert fingerprint() == before


def test_rows_that_another_import_brought_while_one_was_half_taken_back_stay(
    tmp_path: Path, at: datetime
) -> None:
    path = jsonl(tmp_path / "people.jsonl", people(at, range(9)))
    expected = alone([path], at)
    first = take_in(path, at)
    calls = iter(range(100))

    def breaking(*arguments: Any) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        undo_people(*arguments)

    with mock.patch.object(undo_portions, "undo_people", breaking), pytest.raises(KeyboardInterrupt):
        ingest.undo(first.id, actor=SYSTEM)
    second = take_in(path, at)
    ingest.undo(first.id, actor=SYSTEM)
    assert told() == expected
    assert counts(second) == (9, 0, 0)
    assert Item.objects.filter(run=second).count() == 9


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_whatever_is_taken_back_what_stays_is_what_the_others_bring_alone(
    tmp_path: Path, at: datetime, rng: random.Random
) -> None:
    paths = []
    for number in range(3):
        start = rng.randrange(6)
        records = people(at, range(start, start + rng.randrange(1, 8)), city=rng.choice(["Kiel", "Bonn"]))
        paths.append(jsonl(tmp_path / f"{number}-{rng.random()}.jsonl", records))
    empty = fingerprint()
    runs = [take_in(path, at) for path in paths]
    left = list(zip(runs, paths, strict=True))
    while left:
        run, _path = left.pop(rng.randrange(len(left)))
        undo(run)
        assert told() == alone([path for _, path in left], at), json.dumps([str(path) for path in paths])
    assert fingerprint() == empty


NOBODY = repr(("", "", "", None, None, None))
"""Who lost all accounts while merged: their address leads to whom they were one with."""


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_merged_between_two_portions_comes_apart_and_nobody_is_left(
    tmp_path: Path, at: datetime, seed: int
) -> None:
    rng = random.Random(seed)
    paths = [
        jsonl(tmp_path / f"{name}.jsonl", people(at, rows))
        for name, rows in (("stays", range(4)), ("goes", range(2, 9)))
    ]
    owner, original = make_actor(Role.OWNER), undo_portions._portion
    expected = alone(paths[:1], at)
    _stays, goes = (take_in(path, at) for path in paths)

    def decide() -> None:
        roots = list(Person.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
        holding = list(Merge.objects.filter(revoked_at=None).order_by("pk").values_list("pk", flat=True))
        if holding and rng.random() < 0.3:
            unmerge([rng.choice(holding)], actor=owner, at=at)
        elif len(roots) > 1:
            into, other = rng.sample(roots, 2)
            merge(into, [other], actor=owner, at=at)

    @contextmanager
    def portion(run: ImportRun) -> Iterator[None]:
        with original(run):
            yield
        decide()

    decide()
    with mock.patch.object(undo_portions, "_portion", portion):
        undo(goes)
    while holding := Merge.objects.filter(revoked_at=None).first():
        unmerge([holding.pk], actor=owner, at=at)
    found = told()
    found["people"] = [one for one in found["people"] if one != NOBODY]
    assert found == expected
    assert Person.objects.filter(merged_into=None).count() == len(expected["people"])
