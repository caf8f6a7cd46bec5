"""`amity bench round-trip`: odd texts in every field of a person go out in each form and come in again.

Each text stands in all fields of one person: names, organisation, place, facts, a customer number. They come in as CSV,
leave as CSV, XLSX, JSON Lines and vCard, and come in from each into an Amity that knows these people, and into an empty
one.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from pathlib import Path

from django.db import connection
from django.utils import timezone

from amity.channels import imports
from amity.channels.adapters.file.export import CsvExport
from amity.channels.adapters.file.values import clean_text
from amity.channels.models import ImportRun
from amity.kernel.actor import SYSTEM
from amity.kernel.downloads import Form
from amity.people.exporting import export_people
from amity.people.queries import PeopleWanted
from amity.site import ingest
from amity.site.bench.database import bench_database

FIELDS = {
    "First name": "given_name", "Last name": "family_name", "Company": "organisation", "Job title": "job_title",
    "Town": "city", "Country": "country", "Notes": "Notes", "Street": "street", "Anything": "Anything",
}  # fmt: skip
_MARKS = ("'", "''", "\t", "\r", "\n", "\uff1d", "x,", "x;")
_LIVE = tuple("=+-@\t\r\n＝＋－＠")
_FORMULA = re.compile(r"<f[ >/]")
_TABLES = "fact link sighting matchrecord matchkey identity person organisation".split()
_SAID = """
    SELECT i.address, f.field, array_agg(DISTINCT f.value) FROM people_fact f
    JOIN people_identity e ON e.id = f.identity_id
    JOIN people_link l ON l.identity_id = e.id AND l.revoked_at IS NULL
    JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
    JOIN people_identity i ON i.id = k.identity_id AND i.network = 'email' GROUP BY 1, 2
"""
_Said = dict[tuple[str, str], list[str]]


def run(data: Path) -> dict[str, float]:
    """Figures: `texts`, `payloads`, `values` (of all fields), `in_changed` (values that came in otherwise than they
    are, blanks around them and NUL aside); for each form `<form>_changed` (values otherwise, more or fewer afterwards),
    `<form>_new_people` (who should have been known), `<form>_not_taken` and `<form>_elsewhere_changed` (in an empty
    Amity); `csv_live` and `xlsx_formulas`: cells of an export that a spreadsheet would run."""
    texts = json.loads((data / "naughty_strings" / "blns.json").read_text("utf-8"))
    lines = (data / "csv_injection" / "payloads.jsonl").read_text("utf-8").splitlines()
    payloads = [json.loads(line)["cell"] for line in lines]
    payloads += [
        f"{mark}{payload}"
        for payload in payloads
        for mark in ("'", "''", "\t", "\r", "\n", "\uff1d", "x,", "x;")
    ]
    odd = [*texts, *payloads, "a\x00b", "\x00", "a\ud800b"]
    with (
        bench_database("amity_bench_round_trip"),
        tempfile.TemporaryDirectory(prefix="amity-bench-") as folder,
    ):
        return _measure(Path(folder), odd) | {"texts": len(texts), "payloads": len(payloads)}


def _measure(folder: Path, odd: list[str]) -> dict[str, float]:
    brought = _take_in(_write(folder / "odd.csv", odd))
    before = _said()
    expected = _expected(odd)
    told = {key: values for key, values in before.items() if key in expected}
    figures: dict[str, float] = {
        "values": len(expected),
        "in_changed": sum(told.get(key) != [value] for key, value in expected.items()),
        "in_not_taken": brought.rows_quarantined,
    }
    files = {form: _export(folder, form) for form in Form}
    figures |= _run_by_spreadsheets(files)
    for form, path in files.items():
        count = _count()
        came = _take_in(path, f"again-{form}")
        figures[f"{form}_changed"] = _differing(before, _said())
        figures[f"{form}_new_people"] = _count() - count
        figures[f"{form}_not_taken"] = came.rows_quarantined
        _take_back(came)
    for form, path in files.items():
        _empty()
        _take_in(path, f"else-{form}")
        figures[f"{form}_elsewhere_changed"] = _differing(before, _said())
    return figures


def _write(path: Path, odd: list[str]) -> Path:
    """As a system writes it that defuses what it exports."""
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        export = CsvExport(file, ["E-mail", *FIELDS, "Customer number"])
        for number, text in enumerate(odd):
            bare = "".join(character for character in text if character >= " ")[:200]
            export.write([[f"odd{number}@mail.example", *[text] * len(FIELDS), f"={number}{bare}"]])
    return path


def _expected(odd: list[str]) -> dict[tuple[str, str], str]:
    """What each field of each person should say: the text itself."""
    return {
        (f"odd{number}@mail.example", field): value
        for number, text in enumerate(odd)
        if (value := clean_text(text).strip()) and "\ud800" not in text
        for field in FIELDS.values()
    }


def _take_in(path: Path, source: str = "odd") -> ImportRun:
    at = timezone.now()
    run = imports.describe(imports.store_file(path, actor=SYSTEM, at=at))
    found = imports.ensure_source(source, name=source, adapter="file", at=at)
    imports.queue_run(run.id, source=found, mapping=run.mapping, options={}, actor=SYSTEM, at=at)
    return ingest.work_on(run.id)


def _take_back(run: ImportRun) -> None:
    """Take it back, so that the next form meets the same people."""
    ingest.undo(run.id, actor=SYSTEM)


def _export(folder: Path, form: Form) -> Path:
    path = folder / f"people.{form.ending}"
    pieces = export_people(PeopleWanted(), form=form, filters={}, actor=SYSTEM, at=timezone.now())
    path.write_bytes(b"".join(pieces))
    return path


def _run_by_spreadsheets(files: dict[Form, Path]) -> dict[str, float]:
    rows = csv.reader(io.StringIO(files[Form.CSV].read_text("utf-8"), newline=""))
    with zipfile.ZipFile(files[Form.XLSX]) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets" in name]
    return {
        "csv_live": sum(cell.startswith(_LIVE) for row in rows for cell in row),
        "xlsx_formulas": sum(len(_FORMULA.findall(sheet)) for sheet in sheets),
    }


def _differing(before: _Said, after: _Said) -> int:
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _said() -> _Said:
    with connection.cursor() as cursor:
        cursor.execute(_SAID)
        return {(address, field): sorted(values) for address, field, values in cursor.fetchall()}


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_person")
        (count,) = cursor.fetchone() or (0,)
        return int(count)


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(f'people_{table}' for table in _TABLES)} CASCADE")
