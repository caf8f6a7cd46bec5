"""What became of each row of an import of people, before and after it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from amity.channels import drafts, imports
from amity.channels.models import ImportRun, Source
from amity.channels.outcomes import Fate, every_outcome
from amity.channels.reading import describe_run
from amity.channels.repairs import export_outcomes
from amity.kernel.actor import SYSTEM, Role
from amity.people.models import Person
from amity.people.tests.fields.own import make_field
from amity.people.tests.records import make_actor, make_staff
from amity.site import ingest
from tests.flows.stories import jsonl, message, take_in

pytestmark = pytest.mark.django_db

HEAD = ["Customer number", "Name", "E-mail", "Town"]
FIRST = [
    ["K-1", "Anna Vogel", "anna@vogel.example", "Kiel"],
    ["K-2", "Bert Quinn", "bert@quinn.example", "Bonn"],
    ["K-3", "Cleo Aas", "cleo@aas.example", ""],
]
SECOND = [
    FIRST[0],  # the row came before
    ["K-2", "Bert Quinn", "bert@quinn.example", "Köln"],  # moved
    ["K-3", "Cleo Aas", "", ""],  # nothing new, by number alone
    ["", "Dora Haddad", "dora@haddad.example", "Graz"],  # new
    ["", "Emil Meyer", "", "Wien"],  # nobody can tell who
    ["K-9", "Dora Haddad", "dora@haddad.example", "Linz"],  # twice in this file
]


def table(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows)
    return path


@pytest.fixture
def second(tmp_path: Path, at: datetime) -> ImportRun:
    take_in(table(tmp_path / "customers.csv", FIRST), at, source="import")
    return take_in(table(tmp_path / "later.csv", SECOND), at, source="import")


def test_every_row_says_what_became_of_it(second: ImportRun) -> None:
    found = [(row.position, row.outcome.fate, row.outcome.fields) for row in every_outcome(second, SYSTEM)]
    assert found == [
        (1, Fate.SAME, ()),
        (2, Fate.CHANGED, ("city",)),
        (3, Fate.KNOWN, ()),
        (4, Fate.NEW, ()),
        (5, Fate.NOT_TAKEN, ()),
        (6, Fate.NEW, ()),
    ]
    assert Person.objects.count() == 4, "known by their number or address: nobody twice"


def test_it_is_told_whose_record_a_row_became(second: ImportRun, at: datetime) -> None:
    lines = list(csv.reader("".join(export_outcomes(second, actor=SYSTEM, at=at)).splitlines()))
    bert = Person.objects.get(email="bert@quinn.example")
    assert lines[2] == ["2", "changed", "City", str(bert.id), "Bert Quinn", "", ""]
    assert lines[5][:2] == ["5", "not taken"]
    assert "no e-mail address" in lines[5][5]


def test_a_trial_says_how_many_would_be_new_changed_or_known(tmp_path: Path, at: datetime) -> None:
    take_in(table(tmp_path / "customers.csv", FIRST), at, source="import")
    before = list(Person.objects.order_by("id").values())
    run = imports.store_file(table(tmp_path / "later.csv", SECOND), actor=SYSTEM, at=at)
    describe_run(run, time_zone="UTC")
    drafts.change_mapping(run.id, {**run.mapping, "source": "import"}, actor=SYSTEM)
    drafts.begin_trial(run.id, actor=SYSTEM, at=at)
    found = ingest.try_out(run.id)
    assert found["people"] == {"new": 1, "changed": 2, "known": 1}
    assert (found["same"], found["quarantined"]) == (1, 1)
    assert list(Person.objects.order_by("id").values()) == before


def test_what_only_somebodys_own_mailbox_knows_is_told_by_no_row_and_no_count(
    tmp_path: Path, at: datetime
) -> None:
    """An address is in a mailbox of one colleague; another one looks whether it is by importing it."""
    take_in(jsonl(tmp_path / "mine.jsonl", [message("m1", at, "anna@vogel.example")]), at, source="mine")
    Source.objects.filter(key="mine").update(owner=make_staff(Role.AGENT))
    make_field("Salary", "number", purposes=["legal"])
    draft = imports.store_file(table(tmp_path / "try.csv", FIRST), actor=SYSTEM, at=at)
    describe_run(draft, time_zone="UTC")
    drafts.change_mapping(draft.id, {**draft.mapping, "source": "import"}, actor=SYSTEM)
    drafts.begin_trial(draft.id, actor=SYSTEM, at=at)
    assert ingest.try_out(draft.id)["people"] == {"new": 3}

    take_in(table(tmp_path / "customers.csv", FIRST), at, source="import")
    row = {"type": "person", "id": "a", "at": at.isoformat(), "facts": {"custom:salary": "7", "city": "Ulm"},
           "handles": [{"network": "email", "address": "anna@vogel.example"}]}  # fmt: skip
    second = take_in(jsonl(tmp_path / "hr.jsonl", [row]), at + timedelta(days=1), source="hr")
    first = ImportRun.objects.get(source__key="import", state="done")
    told = {
        (role, run.id): [
            (one.outcome.fate, one.outcome.fields) for one in every_outcome(run, make_actor(role))
        ]
        for role in (Role.OWNER, Role.AGENT)
        for run in (first, second)
    }
    assert told[Role.OWNER, first.id] == told[Role.AGENT, first.id] == [(Fate.NEW, ())] * 3
    assert told[Role.OWNER, second.id] == [(Fate.CHANGED, ("city", "custom:salary"))]
    assert told[Role.AGENT, second.id] == [(Fate.CHANGED, ("city",))]


def test_a_row_that_tells_of_several_times_is_one_person_and_all_of_it_counts(
    tmp_path: Path, at: datetime
) -> None:
    """As our own exports hold people: every value with its time."""

    def row(id: str, *cities: str) -> dict[str, object]:
        said = [
            {"field": "city", "value": city, "at": (at + timedelta(days=day)).isoformat(), "about": 0}
            for day, city in enumerate(cities)
        ]
        handles = [{"network": "email", "address": f"{id}@vogel.example"}]
        return {"type": "person", "id": id, "at": at.isoformat(), "handles": handles, "said": said}

    take_in(jsonl(tmp_path / "a.jsonl", [row("anna", "Kiel"), row("bert", "Ulm")]), at, source="import")
    path = jsonl(
        tmp_path / "b.jsonl",
        [row("anna", "Kiel", "Bonn", "Graz"), row("bert", "Ulm", "Ulm"), row("cleo", "Linz", "Wien", "Linz")],
    )
    draft = imports.store_file(path, actor=SYSTEM, at=at)
    describe_run(draft, time_zone="UTC")
    drafts.change_mapping(draft.id, {**draft.mapping, "source": "again"}, actor=SYSTEM)
    drafts.begin_trial(draft.id, actor=SYSTEM, at=at)
    assert ingest.try_out(draft.id)["people"] == {"changed": 1, "known": 1, "new": 1}
    run = take_in(path, at, source="again")
    found = [(row.outcome.fate, row.outcome.fields) for row in every_outcome(run, SYSTEM)]
    assert found == [(Fate.CHANGED, ("city",)), (Fate.KNOWN, ()), (Fate.NEW, ())]
