"""People go out as a file and come in again: the same people, the same values, whatever these look like."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from openpyxl import load_workbook

from amity.channels.adapters.file import restore_cell
from amity.channels.models import Item, ItemState
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.downloads import Form
from amity.people.exporting import export_people
from amity.people.locks import choose_values
from amity.people.models import Fact, Identity, Person
from amity.people.queries import PeopleWanted
from amity.site.tests.shell.factories import make_staff
from tests.flows.stories import jsonl, take_in

pytestmark = pytest.mark.django_db

ODD = (
    "=1+1", "+49", "-2", "@SUM(A1)", "'=1", "''=1", "'", "\t=1", "＝cmd|x", "–", "a;b,c", 'say "no"', "two\nlines",
    "tab\there", "comma,inside", "semi;colon", "back\\slash\\n", "пример", "مرحبا", "日本語", "🇩🇪👩‍👩‍👧‍👦",
    "Zoë", "Zoe\u0308",
    "%s%n{0}${x}", "<script>alert(1)</script>", "null", "NaN", "TRUE", "1e5", "00123", "2026-05-01", "_x0041_",
    "\u200b",
    "\ufeffmark", "a\u202eb", "\x7f", "\x1b[31m", "END:VCARD", "^n^'^^", "fact: odd", "DROP TABLE people;--", "x" * 300,
)  # fmt: skip
FIELDS = ("Given name", "Last name", "Company", "Job title", "Town", "Country", "Street", "Notes")


def odd_people(path: Path) -> Path:
    """A row for each odd text, which stands in all of its fields."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["E-mail", *FIELDS, "Customer number"])
        for number, text in enumerate(ODD):
            bare = "".join(character for character in text if character >= " ")
            writer.writerow([f"odd{number}@mail.example", *[text] * len(FIELDS), f"={number}{bare}"])
    return path


def written(folder: Path, form: Form, actor: Actor = SYSTEM) -> Path:
    path = folder / f"people-out.{form.ending}"
    wanted = PeopleWanted()
    pieces = export_people(wanted, form=form, filters={}, actor=actor, at=datetime.now().astimezone())
    path.write_bytes(b"".join(pieces))
    return path


def people_told() -> list[tuple[object, ...]]:
    """Everybody with what is shown, all addresses and every value that was ever said."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.name, p.email, p.city, p.country, p.language, p.job_title, o.name, "
            "(SELECT array_agg(i.network || ' ' || i.address ORDER BY i.network, i.address) FROM people_link l "
            " JOIN people_identity i ON i.id = l.identity_id WHERE l.person_id = p.id AND l.revoked_at IS NULL), "
            "(SELECT array_agg(DISTINCT f.field || '=' || f.value) FROM people_link l "
            " JOIN people_fact f ON f.identity_id = l.identity_id WHERE l.person_id = p.id AND l.revoked_at IS NULL) "
            "FROM people_person p LEFT JOIN people_organisation o ON o.id = p.organisation_id ORDER BY p.id"
        )
        return list(cursor.fetchall())


@pytest.fixture
def odd(tmp_path: Path, at: datetime) -> Path:
    take_in(odd_people(tmp_path / "odd.csv"), at)
    assert Person.objects.count() == len(ODD)
    return tmp_path


def test_odd_texts_come_in_as_they_were(odd: Path) -> None:
    for number, text in enumerate(ODD):
        said = dict(
            Fact.objects.filter(identity__address=f"odd{number}@mail.example").values_list("field", "value")
        )
        expected = restore_cell(text).strip()
        told = {
            said.get(key, "") for key in ("given_name", "family_name", "organisation", "job_title", "city")
        }
        assert told == {expected}, (number, text)


@pytest.mark.parametrize("form", list(Form))
def test_what_goes_out_comes_in_again_and_changes_nothing(odd: Path, at: datetime, form: Form) -> None:
    before = people_told()
    path = written(odd, form)
    run = take_in(path, at, source="again")
    assert run.rows_read == len(ODD)
    reasons = list(
        Item.objects.filter(run=run, state=ItemState.QUARANTINED).values_list("position", "error_reason")
    )
    assert (run.rows_new, reasons) == (len(ODD), [])
    assert people_told() == before


@pytest.mark.parametrize("form", list(Form))
def test_what_goes_out_makes_the_same_people_elsewhere(odd: Path, at: datetime, form: Form) -> None:
    before = sorted(map(repr, people_told()))
    path = written(odd, form)
    empty(Person, Identity)
    take_in(path, at, source="again")
    assert sorted(map(repr, people_told())) == before


def test_a_workbook_speaks_the_language_of_who_takes_it_and_is_known_again_in_any_order(
    odd: Path, at: datetime
) -> None:
    before = people_told()
    with translation.override("de"):
        path = written(odd, Form.XLSX)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert sheet.title == "Personen"
    heads = [str(cell.value) for cell in sheet[1]]
    assert {"Name", "E-Mail-Adresse", "Ort", "Alle E-Mail-Adressen", "Letzte Aktivität"} <= set(heads)
    assert not {"id", "all_emails", "given_name", "last_activity_at"} & set(heads)
    assert len(set(heads)) == len(heads)
    rows = [[cell.value for cell in reversed(row)] for row in sheet.iter_rows()]
    for number, row in enumerate(rows, start=1):  # as somebody moves the columns about, and saves it
        for place, value in enumerate(row, start=1):
            sheet.cell(number, place).value = value
    book.save(path)
    run = take_in(path, at, source="again")
    assert run.mapping["name"] == "amity-people"
    assert (run.rows_new, run.rows_quarantined) == (len(ODD), 0)
    assert people_told() == before


def empty(*models: type[Person | Identity]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("people_fact", "people_link", "people_sighting", "people_identity", "people_person"):
            cursor.execute(f"DELETE FROM {table}")


def test_no_cell_of_a_table_is_a_formula(odd: Path) -> None:
    rows = list(csv.reader(io.StringIO(written(odd, Form.CSV).read_text("utf-8"), newline="")))
    cells = [cell for row in rows for cell in row]
    assert any(cell.startswith("'=1+1") for cell in cells)
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n＝＋－＠")]
    with zipfile.ZipFile(written(odd, Form.XLSX)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<f[ >]", sheet)
    assert sheet.count("<c t=") == sheet.count('<c t="inlineStr">') > len(ODD)


def test_lines_hold_every_value_that_was_ever_said_with_its_time(tmp_path: Path, at: datetime) -> None:
    def person(city: str, number: int) -> dict[str, object]:
        handles = [
            {"network": "email", "address": "anna@vogel.example"},
            {"network": "phone", "address": "+494310000"},
        ]
        moment = at.replace(hour=number).isoformat()
        return {
            "type": "person",
            "id": str(number),
            "at": moment,
            "handles": handles,
            "facts": {"city": city},
        }

    take_in(jsonl(tmp_path / "a.jsonl", [person("Kiel", 1), person("Bonn", 2), person("Kiel", 3)]), at)
    before = set(Fact.objects.values_list("identity__address", "field", "value", "observed_at"))
    path = written(tmp_path, Form.JSONL)
    (line,) = map(json.loads, path.read_text("utf-8").splitlines())
    assert [one["value"] for one in line["said"]] == ["Bonn", "Kiel"]
    empty(Person, Identity)
    take_in(path, at, source="again")
    assert set(Fact.objects.values_list("identity__address", "field", "value", "observed_at")) == before


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(folder, Form.CSV).read_text("utf-8"), newline="")))


def anna(path: Path, at: datetime, number: int, **facts: str) -> Path:
    handles = [{"network": "email", "address": "anna@vogel.example"}]
    moment = (at + timedelta(hours=number)).isoformat()
    return jsonl(
        path, [{"type": "person", "id": str(number), "at": moment, "handles": handles, "facts": facts}]
    )


def test_what_colleagues_chose_goes_out(tmp_path: Path, at: datetime) -> None:
    told = {"job_title": "Barista", "birthday": "1984-03-12", "city": "Kiel", "name": "Anna Vogel"}
    take_in(anna(tmp_path / "a.jsonl", at, 1, **told), at)
    later = {"job_title": "Owner", "birthday": "1990-01-01", "city": "Bonn", "name": "Dr. A. Vogel"}
    take_in(anna(tmp_path / "b.jsonl", at, 2, **later), at)
    choose_values(Person.objects.get().pk, told, actor=make_staff(role=Role.OWNER).actor(), at=at)
    (row,) = rows_of(tmp_path)
    assert {name: row[name] for name in told} == told
    (line,) = map(json.loads, written(tmp_path, Form.JSONL).read_text("utf-8").splitlines())
    assert line["facts"] == told
    card = written(tmp_path, Form.VCARD).read_text("utf-8")
    assert "TITLE:Barista" in card
    assert "BDAY:1984-03-12" in card


def test_a_value_that_only_begins_like_the_one_that_is_shown_does_not_go_out_for_it(
    tmp_path: Path, at: datetime
) -> None:
    take_in(anna(tmp_path / "a.jsonl", at, 1, city="Halle", name="Anna Vogel"), at)
    take_in(anna(tmp_path / "b.jsonl", at, 2, city="Halle (Westfalen)", name="Anna Vogel-Lind"), at)
    chosen = {"city": "Halle", "name": "Anna Vogel"}
    choose_values(Person.objects.get().pk, chosen, actor=make_staff(role=Role.OWNER).actor(), at=at)
    (row,) = rows_of(tmp_path)
    assert (row["city"], row["name"]) == ("Halle", "Anna Vogel")


def test_no_value_begins_a_line_of_a_card(tmp_path: Path, at: datetime) -> None:
    """Programs that read cards take a carriage return alone for the end of a line too."""
    evil = "Barista\rEMAIL:attacker@evil.example\rNOTE:x"
    take_in(anna(tmp_path / "a.jsonl", at, 1, job_title=evil, **{"odd\rTEL:+49666": "y"}), at)
    card = written(tmp_path, Form.VCARD).read_bytes()
    assert card.count(b"\r") == card.count(b"\r\n")
    assert b"attacker@evil.example" in card
