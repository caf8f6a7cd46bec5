"""Consent from a file to the answer: imported, refused by another address, merged, unmerged, undone, erased."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amity.channels import drafts, imports
from amity.channels.field_words import changed_words, left_out_words
from amity.channels.models import ImportRun, Item, ItemState
from amity.channels.outcomes import Fate, every_outcome
from amity.channels.reading import describe_run
from amity.channels.repairs import export_outcomes
from amity.consent.domain.answering import Said, Verdict
from amity.consent.models import How, Statement
from amity.consent.purposes import begin
from amity.consent.queries.answers import Answered, may_contact
from amity.consent.returning import remembered
from amity.consent.statements import say_consent
from amity.kernel.actor import SYSTEM
from amity.people import erasures
from amity.people.merging import merge, unmerge
from amity.people.models import Identity, Link, Merge
from amity.people.tests.records import AT
from amity.site import ingest
from tests.flows import stories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("beginning")]
LATER = AT + timedelta(days=30)
COLUMNS = ("Email", "Name", "Newsletter opt-in", "Consent date", "Consent text")


@pytest.fixture
def beginning(db: None) -> None:
    """The purposes of a new workspace, also after tests that empty every table."""
    begin(AT)


def book(path: Path, rows: Iterable[Iterable[str]], columns: Iterable[str] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def take_in(path: Path, *, source: str = "book") -> ImportRun:
    """A file as the Import screen takes it: with the columns that were guessed."""
    run = describe_run(imports.store_file(path, actor=SYSTEM, at=AT), time_zone="UTC")
    found = imports.ensure_source(source, name=source.title(), adapter="file", at=AT)
    queued = imports.queue_run(run.id, source=found, mapping=run.mapping, options={}, actor=SYSTEM, at=AT)
    return ingest.work_on(queued.id)


def undo(run: ImportRun) -> None:
    ingest.undo(run.id, actor=SYSTEM)


def person(address: str) -> UUID:
    return Link.objects.get(identity__address=address, revoked_at__isnull=True).person_id


def asked(
    address: str, purpose: str = "newsletter", channel: str = "email", at: datetime = LATER
) -> Answered:
    return may_contact(person(address), purpose, channel, actor=SYSTEM, at=at)


def say(address: str, said: Said, **more: Any) -> UUID:
    told = {"purpose": "newsletter", "channel": "email", "actor": SYSTEM, "at": AT + timedelta(days=1)}
    return say_consent(person(address), said, **{**told, **more})


def test_an_opt_out_by_another_address_outlives_the_merge_and_unmerging_is_exact(tmp_path: Path) -> None:
    rows = [
        ("ada@roast.example", "Ada Lund", "yes", "2026-01-05", "Yes, send me the newsletter"),
        ("ada.lund@home.example", "Ada Lund", "", "", ""),
        ("bo@roast.example", "Bo Berg", "no", "2026-02-01", ""),
    ]
    take_in(book(tmp_path / "book.csv", rows))
    ada = asked("ada@roast.example")
    assert ada.is_allowed
    assert ada.reason == "Agreed on 5 Jan."
    assert asked("bo@roast.example").answer.verdict is Verdict.WITHDRAWN
    row = Statement.objects.get(identity__address="ada@roast.example")
    assert (row.how, row.proof) == (How.IMPORT, "Yes, send me the newsletter")

    say("ada.lund@home.example", Said.WITHDRAWN)
    before = (asked("ada@roast.example").answer, asked("ada.lund@home.example").answer)
    act = merge(
        person("ada@roast.example"),
        [person("ada.lund@home.example")],
        actor=SYSTEM,
        at=AT + timedelta(days=2),
    )
    found = asked("ada@roast.example")
    assert not found.is_allowed
    assert found.reason == "Withdrew on 18 Mar."
    unmerge([Merge.objects.get(act_id=act).pk], actor=SYSTEM, at=AT + timedelta(days=3))
    assert (asked("ada@roast.example").answer, asked("ada.lund@home.example").answer) == before


def test_a_list_without_dates_opens_addresses_and_lifts_no_refusal_however_often_it_comes(
    tmp_path: Path,
) -> None:
    now = timezone.now()
    rows = [("ada@roast.example", "Ada", "yes"), ("bo@roast.example", "Bo", "yes")]
    take_in(book(tmp_path / "list.csv", rows, COLUMNS[:3]))
    soon = timezone.now() + timedelta(hours=1)
    assert asked("ada@roast.example", at=soon).reason.startswith("Agreed, nobody told when")
    say("ada@roast.example", Said.WITHDRAWN, at=now - timedelta(days=2))
    newer = [(address, f"{name} again", said) for address, name, said in rows]
    take_in(book(tmp_path / "newer.csv", newer, COLUMNS[:3]))
    assert asked("ada@roast.example", at=soon).answer.verdict is Verdict.WITHDRAWN
    assert asked("bo@roast.example", at=soon).is_allowed
    dated = [("ada@roast.example", "Ada", "yes", f"{now - timedelta(days=1):%Y-%m-%d}", "On the form")]
    take_in(book(tmp_path / "form.csv", dated))
    assert asked("ada@roast.example", at=soon).is_allowed


def test_a_row_that_changes_what_somebody_agreed_to_says_so_before_and_after(tmp_path: Path) -> None:
    rows = [("ada@roast.example", "Ada", "yes"), ("bo@roast.example", "Bo", "")]
    take_in(book(tmp_path / "list.csv", rows, COLUMNS[:3]))
    newer = [("ada@roast.example", "Ada", "no"), ("bo@roast.example", "Bo", "no")]
    path = book(tmp_path / "newer.csv", newer, COLUMNS[:3])
    draft = describe_run(imports.store_file(path, actor=SYSTEM, at=AT), time_zone="UTC")
    drafts.change_mapping(draft.id, {**draft.mapping, "source": "book"}, actor=SYSTEM)
    drafts.begin_trial(draft.id, actor=SYSTEM, at=AT)
    assert ingest.try_out(draft.id)["people"] == {"changed": 2}
    run = take_in(path)
    told = [(row.outcome.fate, row.outcome.fields) for row in every_outcome(run, SYSTEM)]
    assert told == [(Fate.CHANGED, ("consent:newsletter:email",))] * 2
    again = [(address, f"{name} B", said) for address, name, said in newer]
    third = take_in(book(tmp_path / "third.csv", again, COLUMNS[:3]))
    assert {row.outcome.fields for row in every_outcome(third, SYSTEM)} == {("name",)}


def test_undoing_an_import_takes_back_what_it_said_and_nothing_else(tmp_path: Path) -> None:
    take_in(book(tmp_path / "old.csv", [("ada@roast.example", "Ada", "yes", "2026-01-05", "")]), source="old")
    before = list(Statement.objects.values_list("identity__address", "said", "run_id"))
    run = take_in(
        book(
            tmp_path / "new.csv",
            [
                ("ada@roast.example", "Ada", "no", "2026-02-05", ""),
                ("cleo@roast.example", "Cleo", "yes", "", ""),
            ],
        )
    )
    assert not asked("ada@roast.example").is_allowed
    undo(run)
    assert list(Statement.objects.values_list("identity__address", "said", "run_id")) == before
    assert asked("ada@roast.example").is_allowed
    assert not Identity.objects.filter(address="cleo@roast.example").exists()


def test_a_refusal_survives_that_an_import_is_undone_and_comes_again(tmp_path: Path) -> None:
    path = book(tmp_path / "book.csv", [("ada@roast.example", "Ada", "yes", "2026-01-05", "")])
    run = take_in(path)
    say("ada@roast.example", Said.OBJECTED, purpose="", channel="")
    undo(run)
    assert [one.said for one in Statement.objects.all()] == [Said.OBJECTED]
    take_in(path, source="again")
    found = asked("ada@roast.example")
    assert found.answer.verdict is Verdict.OBJECTED
    assert found.reason == "Objected to everything on 18 Mar."


def test_words_that_say_neither_yes_nor_no_are_left_out_and_the_person_is_taken(tmp_path: Path) -> None:
    run = take_in(book(tmp_path / "book.csv", [("ada@roast.example", "Ada", "perhaps", "", "")]))
    assert Item.objects.get(run=run).state == ItemState.DONE
    assert asked("ada@roast.example").answer.verdict is Verdict.NOT_ASKED
    assert not Statement.objects.exists()
    (row,) = every_outcome(run, SYSTEM)
    assert [(one.code, one.column, one.text) for one in row.outcome.left_out] == [
        ("consent", "Newsletter opt-in", "perhaps")
    ]


def test_columns_that_say_who_opted_out_are_understood(tmp_path: Path) -> None:
    columns = ("Email", "Phone", "Name", "Email Opt Out", "Do Not Call")
    rows = [
        ("ada@roast.example", "+49 151 12345678", "Ada", "Yes", "No"),
        ("bo@roast.example", "+49 151 12345679", "Bo", "No", "Yes"),
    ]
    take_in(book(tmp_path / "crm.csv", rows, columns))
    now = timezone.now()  # without a date of its own it was said when the file was written
    assert asked("ada@roast.example", "support", at=now).answer.verdict is Verdict.OBJECTED
    assert asked("bo@roast.example", "support", at=now).is_allowed
    assert asked("bo@roast.example", "support", "phone", at=now).answer.verdict is Verdict.OBJECTED


def test_whoever_refused_and_was_erased_is_refused_again_when_they_come_back(tmp_path: Path) -> None:
    path = stories.jsonl(tmp_path / "one.jsonl", [stories.message("one", AT, "ada@roast.example")])
    stories.take_in(path, AT)
    say("ada@roast.example", Said.OBJECTED, purpose="surveys")
    asked_for = erasures.ask(person("ada@roast.example"), ground="request", actor=SYSTEM, at=LATER, now=True)
    erasures.work_on(asked_for.pk, clock=lambda: LATER)
    assert not Statement.objects.exists()
    again = LATER + timedelta(days=5)
    stories.take_in(
        stories.jsonl(tmp_path / "two.jsonl", [stories.message("two", again, "ada@roast.example")]),
        again,
        source="new",
    )
    row = Statement.objects.get()
    assert (row.how, row.said) == (How.BEFORE_ERASURE, Said.OBJECTED)
    found = may_contact(person("ada@roast.example"), "surveys", "email", actor=SYSTEM, at=again)
    assert found.answer.verdict is Verdict.OBJECTED


def erased_and_back(tmp_path: Path, address: str) -> None:
    asked_for = erasures.ask(person(address), ground="request", actor=SYSTEM, at=LATER, now=True)
    erasures.work_on(asked_for.pk, clock=lambda: LATER)
    again = LATER + timedelta(days=5)
    back = stories.jsonl(tmp_path / "back.jsonl", [stories.message("back", again, address)])
    stories.take_in(back, again, source="new")


def test_a_refusal_of_the_same_instant_as_a_yes_outlives_an_erasure_too(tmp_path: Path) -> None:
    path = stories.jsonl(tmp_path / "one.jsonl", [stories.message("one", AT, "ada@roast.example")])
    stories.take_in(path, AT)
    for said in (Said.GIVEN, Said.OBJECTED):
        say("ada@roast.example", said, purpose="surveys", said_at=AT)
    assert asked("ada@roast.example", "surveys").answer.verdict is Verdict.OBJECTED
    erased_and_back(tmp_path, "ada@roast.example")
    found = asked("ada@roast.example", "surveys", at=LATER + timedelta(days=5))
    assert found.answer.verdict is Verdict.OBJECTED


def test_a_refusal_of_a_day_in_a_file_counts_after_what_was_given_on_that_day(tmp_path: Path) -> None:
    take_in(book(tmp_path / "book.csv", [("ada@roast.example", "Ada", "", "", "")]))
    morning = datetime(2026, 3, 16, 8, 0, tzinfo=AT.tzinfo)
    say("ada@roast.example", Said.GIVEN, said_at=morning)
    assert asked("ada@roast.example").is_allowed
    tool = book(tmp_path / "tool.csv", [("ada@roast.example", "Ada", "no", "2026-03-16", "")])
    take_in(tool, source="tool")
    assert asked("ada@roast.example").answer.verdict is Verdict.WITHDRAWN


def test_a_column_of_nothing_but_no_is_a_column_of_refusals_and_not_of_norwegians(tmp_path: Path) -> None:
    run = take_in(book(tmp_path / "book.csv", [("bo@roast.example", "Bo", "no", "", "")]))
    assert asked("bo@roast.example", at=timezone.now()).answer.verdict is Verdict.WITHDRAWN
    assert "facts.language" not in run.mapping["fields"]


def test_a_day_that_is_none_is_told_and_gives_no_consent(tmp_path: Path) -> None:
    rows = [
        ("ada@roast.example", "Ada", "yes", "yesterday", ""),
        ("bo@roast.example", "Bo", "yes", "0001-01-01", ""),
    ]
    run = take_in(book(tmp_path / "book.csv", rows))
    told = [one for row in every_outcome(run, SYSTEM) for one in left_out_words(row.outcome.left_out)]
    assert len(told) == 2
    assert all("is no day" in words for words in told)
    assert not Statement.objects.exists()
    assert run.rows_new == 2


def test_a_batch_of_people_looks_for_few_marks_of_refusals(tmp_path: Path) -> None:
    """Not for as many as purposes by channels of everybody whom it names."""
    path = stories.jsonl(tmp_path / "one.jsonl", [stories.message("one", AT, "ada@roast.example")])
    stories.take_in(path, AT)
    say("ada@roast.example", Said.OBJECTED, purpose="surveys")
    asked_for = erasures.ask(person("ada@roast.example"), ground="request", actor=SYSTEM, at=LATER, now=True)
    erasures.work_on(asked_for.pk, clock=lambda: LATER)
    people = [uuid4() for _number in range(500)]
    with CaptureQueriesContext(connection) as caught:
        assert remembered(people, at=LATER, source_id=uuid4(), run_id=None) == []
    assert len(caught) == 3
    assert max(len(one["sql"]) for one in caught) < 40_000


def test_a_row_says_where_its_yes_lifted_no_refusal_in_the_words_of_the_screens(tmp_path: Path) -> None:
    take_in(book(tmp_path / "a.csv", [("ada@roast.example", "Ada", "no", "2026-02-01", "")]))
    rows = [
        ("ada@roast.example", "Ada", "yes", "", ""),  # nobody knows when: it lifts nothing
        ("bo@roast.example", "Bo", "yes", "2026-02-03", ""),
    ]
    run = take_in(book(tmp_path / "b.csv", rows), source="again")
    ada, bo = every_outcome(run, SYSTEM)
    assert (ada.outcome.still_refused, bo.outcome.still_refused) == (("consent:newsletter:email",), ())
    lines = list(csv.DictReader("".join(export_outcomes(run, actor=SYSTEM, at=AT)).splitlines()))
    assert lines[0]["Changed"] == "Consent: Newsletter by e-mail (still refused)"
    lifted = take_in(
        book(tmp_path / "c.csv", [("ada@roast.example", "Ada", "yes", "2026-02-02", "")]), source="later"
    )
    (row,) = every_outcome(lifted, SYSTEM)
    assert changed_words([row.outcome]) == [["Consent: Newsletter by e-mail"]]
    say("ada@roast.example", Said.OBJECTED)
    (row,) = every_outcome(lifted, SYSTEM)
    assert row.outcome.still_refused == ("consent:newsletter:email",), "it is told from what is known now"
