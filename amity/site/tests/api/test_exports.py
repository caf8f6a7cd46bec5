"""Exports by programs: the same table as on the screen, defused, on the record, and only for whoever may take it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from amity.channels.adapters.file.export import restore_cell
from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry
from amity.site.tests.api.calling import Program, colleague, program
from amity.site.tests.shell.factories import signed_in

pytestmark = pytest.mark.django_db


def told(answer: Any) -> str:
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(answer).decode()


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(told(answer))))


def made_known(shop: Program) -> None:
    for number, name in enumerate(("=cmd()", "Hannah Vogel")):
        who = {
            "external_id": str(number), "facts": {"name": name, "country": "DE" if number else "FI"},
            "identities": [{"network": "email", "address": f"c{number}@vogel.example"}],
        }  # fmt: skip
        assert shop.post("/people", who).status_code == 201


def test_people_are_taken_as_on_the_screen_and_it_is_on_the_record() -> None:
    owner = program(Role.OWNER)
    made_known(owner)
    whole = told(owner.get("/people/export?order=name"))
    assert whole == b"".join(signed_in(owner.staff).get("/people/export/?order=name")).decode()
    rows = rows_of(owner.get("/people/export"))
    assert {row["name"] for row in rows} == {"'=cmd()", "Hannah Vogel"}
    assert {restore_cell(row["name"]) for row in rows} == {"=cmd()", "Hannah Vogel"}
    (row,) = rows_of(owner.get("/people/export?country=DE"))
    assert row["email"] == "c1@vogel.example"
    entry = AuditEntry.objects.filter(action="export.made").latest("id")
    assert (entry.actor_id, entry.via, entry.subject) == (owner.staff.pk, "api", "person")
    assert entry.after["filters"] == {"country": "DE"}


def test_who_may_read_and_not_export_takes_nothing() -> None:
    reading = program(Role.OWNER, scopes=["person:read", "audit:read"])
    for path in ("/people/export", "/audit/export"):
        answer = reading.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")
    assert not AuditEntry.objects.filter(action="export.made").exists()
    assert program().get("/audit/export").status_code == 403


def test_what_a_role_may_not_see_is_not_in_the_table() -> None:
    made_known(program(Role.OWNER))
    rows = rows_of(program(Role.ANALYST).get("/people/export"))
    assert len(rows) == 2
    assert "email" not in rows[0]


def test_the_trail_is_taken_with_its_filters_and_says_so_itself() -> None:
    owner = program(Role.OWNER)
    owner.patch("/me", {"language": "de"})
    whole = rows_of(owner.get("/audit/export"))
    assert whole
    assert {"id", "at", "actor_id", "action", "before", "after"} <= set(whole[0])
    again = rows_of(owner.get("/audit/export?what=export.made"))
    assert [row["subject"] for row in again] == ["audit", "audit"]  # the one before, and this one
    on_screen = signed_in(owner.staff).get("/settings/audit/export/?what=export.made&subject=audit")
    assert [row["id"] for row in csv.DictReader(io.StringIO(b"".join(on_screen).decode()))][1:] == [
        row["id"] for row in again
    ]


def test_a_table_is_written_in_the_language_of_whoever_asked_also_after_the_answer_began() -> None:
    owner = program(Role.OWNER)
    owner.staff.language = "de"
    owner.staff.save(update_fields=["language"])
    sent = owner.client.generic(
        "POST", "/api/v1/imports?filename=people.csv", b"email,name\n=no address,Hannah Vogel\n",
        "application/octet-stream", headers={"Authorization": f"Bearer {owner.secret}"},
    )  # fmt: skip
    head = told(owner.get(f"/imports/{sent.json()['id']}/not-taken")).splitlines()[0]
    assert head == '"email","name","Zeile","Grund"'
    assert colleague().language == "en"


def test_people_are_taken_in_each_form_with_what_the_role_may_see() -> None:
    owner = program(Role.OWNER)
    made_known(owner)
    kinds = {"xlsx": b"PK\x03\x04", "jsonl": b'{"type": "person"', "vcard": b"BEGIN:VCARD\r\n"}
    for form, beginning in kinds.items():
        answer = owner.get(f"/people/export?form={form}")
        body = b"".join(answer)
        assert body.startswith(beginning), form
        assert AuditEntry.objects.filter(action="export.made").latest("id").after["format"] == form
        assert b"c1@vogel.example" in body or form == "xlsx"
    analyst = program(Role.ANALYST)
    for form in ("csv", "jsonl", "vcard"):
        assert b"vogel.example" not in b"".join(analyst.get(f"/people/export?form={form}")), form
    assert owner.get("/people/export?form=pdf").status_code == 422
