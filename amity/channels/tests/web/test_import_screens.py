"""The whole story of an import by plain forms: choose, check, change, try, take in, repair, take back."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from amity.channels import imports, walking
from amity.channels.models import ImportRun, Item, RunState, SavedMapping, Source
from amity.channels.tests.web.stories import (
    form_of,
    german_orders,
    importing,
    mailbox,
    messages_file,
    signed_in,
    table,
    upload,
    work,
)
from amity.kernel.models import Transition
from tests.flows.stories import fingerprint

pytestmark = pytest.mark.django_db


def test_the_empty_screen_says_what_can_be_imported() -> None:
    page = signed_in().get("/imports/").content.decode()
    assert "Nothing was imported yet" in page
    assert "Zendesk tickets (CSV)" in page
    assert 'type="file"' in page


def test_a_file_is_looked_at_then_taken_in_by_plain_forms() -> None:
    client = signed_in()
    run = upload(client, messages_file(30))
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "This looks like a table of messages" in page
    assert "Question 0" in page
    assert "Import 30 rows" in page
    assert run.state == RunState.DRAFT
    done = importing(client, run)
    assert (done.state, done.rows_read, done.rows_new) == (RunState.DONE, 30, 30)
    shown = client.get(f"/imports/{run.id}/").content.decode()
    assert "Everything in the file is taken in." in shown
    assert "Reached the end of the file" in shown
    assert "tickets.csv" in client.get("/imports/").content.decode()


def test_the_source_of_a_guessed_table_is_named_after_its_file_without_the_date() -> None:
    client = signed_in()
    assert upload(client, messages_file(5), "tickets-2026-03.csv").mapping["source"] == "tickets"
    assert upload(client, german_orders(), "Web shop.csv").mapping["source"] == "web-shop"


def test_german_orders_are_read_with_their_comma_and_the_currency_that_is_asked_for() -> None:
    client = signed_in()
    run = upload(client, german_orders(12), "bestellungen.csv")
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "Choose the column with the currency, or enter one for the whole file." in page
    refused = client.post(f"/imports/{run.id}/start/", form_of(client, run))
    assert refused.status_code == 422
    run.refresh_from_db()
    assert run.state == RunState.DRAFT
    done = importing(client, run, currency="eur")
    assert (done.rows_new, done.rows_quarantined) == (12, 0)
    assert done.mapping["decimal_comma"] is True
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT amount, currency FROM commerce_order WHERE external_id = 'B-2'")
        assert cursor.fetchone() == (Decimal("1002.52"), "EUR")


def test_mail_from_our_own_addresses_counts_as_ours() -> None:
    client = signed_in()
    run = upload(client, mailbox(), "list.mbox")
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "Which e-mail addresses are yours?" in page
    client.post(
        f"/imports/{run.id}/mapping/", form_of(client, run) | {"own_addresses": "service@tamp.example"}
    )
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "2 messages to us, 1 message by us" in page
    run = importing(client, run)
    assert run.rows_new == 3


def test_changing_what_a_column_means_changes_the_preview_and_nothing_else() -> None:
    client = signed_in()
    run = upload(client, messages_file(10))
    before = run.mapping
    columns = run.shape["columns"]
    form = form_of(client, run) | {f"use-{columns.index('subject')}": "keep"}
    answer = client.post(
        f"/imports/{run.id}/mapping/", form, headers={"HX-Request": "true", "HX-Target": "import-mapping"}
    )
    assert answer.status_code == 200
    assert b"<html" not in answer.content
    assert b"You chose this" in answer.content
    run.refresh_from_db()
    assert run.mapping["fields"]["extra.subject"] == {"columns": ["subject"]}
    assert "subject" not in run.mapping["fields"]
    assert run.mapping | {"fields": {}} == before | {"fields": {}}


def test_sending_the_form_as_it_is_changes_nothing() -> None:
    client = signed_in()
    for content, name in ((messages_file(10), "a.csv"), (german_orders(), "b.csv"), (mailbox(), "c.mbox")):
        run = upload(client, content, name)
        client.post(f"/imports/{run.id}/mapping/", form_of(client, run))
        kept = ImportRun.objects.get(pk=run.pk)
        assert kept.mapping == run.mapping


def test_another_reading_can_be_chosen() -> None:
    client = signed_in()
    run = upload(client, messages_file(10))
    client.post(f"/imports/{run.id}/reading/", {"reading": "guessed-person"})
    run.refresh_from_db()
    assert run.mapping["record"] == "person"
    assert client.post(f"/imports/{run.id}/reading/", {"reading": "nonsense"}).status_code == 422


def test_a_table_that_lacks_what_messages_need_can_be_read_as_messages_and_says_what_to_choose() -> None:
    client = signed_in()
    run = upload(client, b"Name,Email,When,What\nAnn,ann@roast.example,2026-03-17,Tea\n", "people.csv")
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "Messages, by their columns" in page
    client.post(f"/imports/{run.id}/reading/", {"reading": "guessed-message"})
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "Choose the column with the text" in page
    columns = {"use-0": "name", "use-1": "email", "use-2": "at", "use-3": "text"}
    client.post(f"/imports/{run.id}/mapping/", form_of(client, run) | columns)
    assert "Choose the column with the text" not in client.get(f"/imports/{run.id}/mapping/").content.decode()


def test_a_date_that_can_be_read_in_two_ways_is_asked_about() -> None:
    client = signed_in()
    rows = [
        (n, f"0{n}.0{n + 1}.2026", f"c{n}@roast.example", f"Words of customer number {n} here")
        for n in range(1, 8)
    ]
    run = upload(client, table("id date email text", *rows))
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "the day or the month?" in page
    assert "1 February 2026" in page
    client.post(f"/imports/{run.id}/mapping/", form_of(client, run) | {"date_format": "month_first"})
    assert "2 January 2026" in client.get(f"/imports/{run.id}/mapping/").content.decode()


def test_a_trial_counts_the_whole_file_and_writes_nothing() -> None:
    client = signed_in()
    importing(client, upload(client, messages_file(10)))
    run = upload(client, messages_file(40, broken=5))
    before = fingerprint()
    sources = Source.objects.count()
    assert client.post(f"/imports/{run.id}/trial/", form_of(client, run)).status_code == 302
    assert work() == ["site.try_import"]
    assert fingerprint() == before
    assert Source.objects.count() == sources
    run.refresh_from_db()
    trial = run.options["trial"]
    assert (trial["state"], trial["read"], trial["new"], trial["same"], trial["quarantined"]) == (
        "done",
        40,
        25,
        10,
        5,
    )
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "Tried the whole file" in page
    assert "Not a date in the chosen format: created_at" in page
    done = importing(client, run)
    assert (done.rows_new, done.rows_same, done.rows_quarantined) == (25, 10, 5)
    assert "trial" not in done.options


def test_a_trial_of_another_mapping_is_forgotten_and_can_be_stopped() -> None:
    client = signed_in()
    run = upload(client, messages_file(10))
    client.post(f"/imports/{run.id}/trial/", form_of(client, run))
    assert "Stop" in client.get(f"/imports/{run.id}/mapping/").content.decode()
    client.post(f"/imports/{run.id}/trial/stop/")
    work()
    run.refresh_from_db()
    assert "trial" not in run.options


def test_rows_that_were_not_taken_are_explained_downloaded_and_tried_again() -> None:
    client = signed_in()
    rows = [
        (
            n,
            "2026-03-01" if n < 20 else f"{n - 5}|03|2026",
            f"c{n}@roast.example",
            f"=Words of customer {n} are here",
        )
        for n in range(24)
    ]
    run = importing(client, upload(client, table("id date email text", *rows)))
    assert (run.rows_new, run.rows_quarantined) == (20, 4)
    page = client.get(f"/imports/{run.id}/").content.decode()
    assert "Not a date in the chosen format: date" in page
    filtered = client.get(f"/imports/{run.id}/?outcome=not-taken&code=date&column=date").content.decode()
    assert filtered.count("rows__line") == 4
    raw = Item.objects.filter(run=run, state="quarantined").order_by("position").first()
    assert raw is not None
    shown = client.get(f"/imports/{run.id}/rows/{raw.id}/").content.decode()
    assert "15|03|2026" in shown
    export = b"".join(client.get(f"/imports/{run.id}/not-taken.csv")).decode()
    assert export.splitlines()[0] == '"id","date","email","text","Row","Reason"'
    assert '"\'=Words of customer 20 are here"' in export
    form = form_of(client, run) | {"date_format": "pattern", "date_pattern": "%d|%m|%Y"}
    client.post(f"/imports/{run.id}/start/", form)
    assert work() == ["site.replay_import"]
    run.refresh_from_db()
    assert (run.rows_new, run.rows_quarantined, run.state) == (24, 0, RunState.DONE)
    assert "Read again: 4 new" in client.get(f"/imports/{run.id}/").content.decode()


def test_a_run_is_stopped_goes_on_and_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 10)
    client = signed_in()
    empty = fingerprint()
    run = upload(client, messages_file(30))
    client.post(f"/imports/{run.id}/start/", form_of(client, run))
    assert "Waiting to import" in client.get(f"/imports/{run.id}/").content.decode()
    client.post(f"/imports/{run.id}/stop/")
    work()
    run.refresh_from_db()
    assert (run.state, run.rows_read) == (RunState.STOPPED, 0)
    client.post(f"/imports/{run.id}/continuation/")
    work()
    run.refresh_from_db()
    assert (run.state, run.rows_new) == (RunState.DONE, 30)
    outlook = client.get(f"/imports/{run.id}/undo/").content.decode()
    assert "<b>30</b> messages" in outlook
    client.post(f"/imports/{run.id}/undo/")
    assert "Taking back" in client.get(f"/imports/{run.id}/").content.decode()
    assert work() == ["site.undo_import"]
    run.refresh_from_db()
    assert run.state == RunState.UNDONE
    assert fingerprint() == empty
    page = client.get(f"/imports/{run.id}/").content.decode()
    assert "All that it brought is gone" in page
    steps = Transition.objects.filter(subject_id=run.id).order_by("id").values_list("after", flat=True)
    assert list(steps) == ["queued", "stopped", "queued", "running", "done", "undoing", "undone"]


def test_a_failed_run_says_why_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in()
    run = upload(client, messages_file(50))
    monkeypatch.setattr(walking, "ingest", _broken)
    importing(client, run)
    assert run.state == RunState.FAILED
    page = client.get(f"/imports/{run.id}/").content.decode()
    assert "Amity failed on this file (RuntimeError)" in page
    assert "Go on" in page
    monkeypatch.undo()
    client.post(f"/imports/{run.id}/continuation/")
    work()
    run.refresh_from_db()
    assert (run.state, run.rows_new) == (RunState.DONE, 50)


def _broken(*_arguments: object) -> None:
    raise RuntimeError("nothing works today")


def test_a_mapping_is_kept_for_the_next_file() -> None:
    client = signed_in()
    run = upload(client, messages_file(10))
    form = form_of(client, run) | {"saved_name": "Our desk", "own_addresses": "@tamp.example"}
    assert client.post(f"/imports/{run.id}/saved-mapping/", form).status_code == 302
    assert SavedMapping.objects.get().name == "Our desk"
    again = upload(client, messages_file(12))
    assert again.mapping["title"] == "Our desk"
    assert again.mapping["own_addresses"] == ["@tamp.example"]
    assert "This looks like Our desk" in client.get(f"/imports/{again.id}/mapping/").content.decode()


def test_a_draft_can_be_removed_with_its_file(django_capture_on_commit_callbacks: object) -> None:
    client = signed_in()
    run = upload(client, messages_file(3))
    folder = imports.stored_file(run).parent
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert client.post(f"/imports/{run.id}/removal/").status_code == 302
    assert not ImportRun.objects.exists()
    assert not folder.exists()


def test_several_files_become_several_drafts_and_a_bad_one_says_why() -> None:
    client = signed_in()
    files = [
        SimpleUploadedFile("a.csv", messages_file(3)),
        SimpleUploadedFile("b.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 600),
        SimpleUploadedFile("c.mbox", mailbox()),
    ]
    assert client.post("/imports/", {"file": files})["Location"] == "/imports/"
    page = client.get("/imports/").content.decode()
    assert "This is a spreadsheet." in page
    assert page.count("Check and import") == 2
    bad = ImportRun.objects.get(filename="b.xlsx")
    shown = client.get(f"/imports/{bad.id}/mapping/").content.decode()
    assert "This file cannot be read" in shown
    assert client.post(f"/imports/{bad.id}/start/").status_code == 422


def test_without_a_file_the_form_says_so() -> None:
    answer = signed_in().post("/imports/", {})
    assert answer.status_code == 422
    assert b"Choose at least one file first." in answer.content


def test_nothing_can_be_started_before_the_file_can_be_read_and_the_page_says_why() -> None:
    client = signed_in()
    run = upload(
        client,
        table("Order Mail When Total", ("17", "ada@roast.example", "2026-03-01", "9.00")),
        "orders.csv",
    )
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    buttons = [
        found for found in re.findall("<button[^>]*>", page) if "/start/" in found or "/trial/" in found
    ]
    assert len(buttons) == 2
    assert all("disabled" in button and "import-not-yet" in button for button in buttons)
    reason = re.search(r'id="import-not-yet">([^<]*)<', page)
    assert reason
    assert "urrency" in reason[1]
    ImportRun.objects.filter(pk=run.id).update(mapping={**run.mapping, "currency": "EUR"})
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    assert "import-not-yet" not in page
    assert not any("disabled" in found for found in re.findall("<button[^>]*/start/[^>]*>", page))
