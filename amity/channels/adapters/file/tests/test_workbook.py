"""Workbooks are read as people see them, and written so that nothing in them runs."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from amity.channels.adapters.file import Shape, columns_of, iter_items, sniff, workbook, workbook_export
from amity.channels.adapters.file.shape import Container, Cursor
from amity.channels.records import Unreadable


def made(
    path: Path, sheets: dict[str, list[list[Any]]], change: Callable[[Workbook], None] = lambda _book: None
) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(book)
    book.save(path)
    return path


def rows_of(path: Path, shape: Shape | None = None) -> list[dict[str, str]]:
    shape = shape or sniff(path)
    return [columns_of(item, shape) for item in iter_items(path, shape)]


def test_cells_are_read_as_people_see_them(tmp_path: Path) -> None:
    head = ["Name", "Since", "At", "Postcode", "Share", "Price", "Count", "Yes", "Sum", "Nothing"]
    row = [
        "Anna",
        date(2026, 5, 1),
        datetime(2026, 5, 1, 12, 30),  # noqa: DTZ001  # a workbook has no zones
        1234,
        0.125,
        12.5,
        49431123456.0,
        True,
        "=1+1",
        None,
    ]

    def formatted(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["D2"].number_format, sheet["E2"].number_format = "00000", "0.0%"
        sheet["F2"].number_format = "#,##0.00"

    path = made(tmp_path / "people.xlsx", {"People": [head, row]}, formatted)
    (found,) = rows_of(path)
    assert found == {
        "Name": "Anna", "Since": "2026-05-01", "At": "2026-05-01 12:30:00", "Postcode": "01234", "Share": "12.5%",
        "Price": "12.50", "Count": "49431123456", "Yes": "true", "Sum": "", "Nothing": "",
    }  # fmt: skip


def test_the_first_sheet_with_a_table_is_read_and_another_one_if_it_is_named(tmp_path: Path) -> None:
    path = made(
        tmp_path / "book.xlsx",
        {"Cover": [], "People": [["Name", "E-mail"], ["Anna", "a@b.example"]], "Old": [["Name"], ["Bert"]]},
        lambda book: setattr(book["Old"], "sheet_state", "hidden"),
    )
    assert workbook.sheets_of(path) == ["Cover", "People"]
    shape = sniff(path)
    assert (shape.container, shape.member, shape.columns) == (Container.XLSX, "People", ("Name", "E-mail"))
    assert rows_of(path, sniff(path, member="Old")) == [{"Name": "Bert"}]
    with pytest.raises(Unreadable, match="no sheet"):
        sniff(path, member="Nowhere")


def test_a_run_goes_on_behind_the_row_where_it_was(tmp_path: Path) -> None:
    path = made(tmp_path / "many.xlsx", {"People": [["Name"], *([f"Person {n}"] for n in range(700))]})
    shape = sniff(path)
    items = list(iter_items(path, shape))
    assert [item.raw for item in iter_items(path, shape, Cursor(650))] == [item.raw for item in items[650:]]
    assert len(items) == 700


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "big.xlsx", {"People": [["Name"], ["Anna"]]})
    monkeypatch.setattr(workbook, "MIN_EXPANDED_BYTES", 100)
    monkeypatch.setattr(workbook, "MAX_EXPANSION", 0)
    with pytest.raises(Unreadable, match="unpacks to more"):
        sniff(path)


def test_a_cell_far_below_the_table_is_read_and_one_below_every_sheet_is_damage(tmp_path: Path) -> None:
    def stray(book: Workbook) -> None:
        book.worksheets[0].cell(row=400_000, column=1, value="bo@b.example")

    path = made(tmp_path / "far.xlsx", {"People": [["E-mail", "Name"], ["a@b.example", "Anna"]]}, stray)
    with workbook.open_sheet(path, "People") as stream:
        assert stream.read().splitlines()[-1] == b'"bo@b.example",""'
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(tmp_path / "below.xlsx", "w") as odd:
        for name in good.namelist():
            odd.writestr(name, good.read(name).replace(b"400000", b"99999999999"))
    with (
        workbook.open_sheet(tmp_path / "below.xlsx", "People") as stream,
        pytest.raises(Unreadable, match="damaged"),
    ):
        stream.read()


def test_a_number_that_is_none_is_an_empty_cell(tmp_path: Path) -> None:
    path = made(tmp_path / "p.xlsx", {"People": [["E-mail", "Orders"], ["a@b.example", 4711]]})
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(tmp_path / "odd.xlsx", "w") as odd:
        for name in good.namelist():
            odd.writestr(name, good.read(name).replace(b"4711", b"1e999"))
    assert rows_of(tmp_path / "odd.xlsx") == [{"E-mail": "a@b.example", "Orders": ""}]


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    path = made(tmp_path / "people.xlsx", {"People": [["Name"], ["Anna"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    with pytest.raises(Unreadable, match="damaged"):
        rows_of(path)


_words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40
) | st.sampled_from(["=1+1", "'=1", "_x0041_", "_x005F_", "\r\n", "\t=2", "+1", "<f>1</f>", "]]>", "\ufffe"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_words, _words), min_size=1, max_size=12))
def test_texts_come_out_of_our_workbooks_as_they_went_in(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"".join(workbook_export.workbook(["Key", "One", "Other"], _keyed(rows), name="People")))
    found = [(row["One"], row["Other"]) for row in rows_of(path)]
    assert found == rows
    with zipfile.ZipFile(path) as archive:
        assert "<f" not in archive.read("xl/worksheets/sheet1.xml").decode().replace("<f>1", "")


def _keyed(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(f"key {number}", *row) for number, row in enumerate(rows)]


def test_beyond_the_rows_of_a_sheet_it_goes_on_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_export, "ROWS_OF_A_SHEET", 1_000)
    path = tmp_path / "out.xlsx"
    rows = ((f"Person {number}",) for number in range(2_100))
    pieces = list(workbook_export.workbook(["Name"], rows, name="People"))
    path.write_bytes(b"".join(pieces))
    book = load_workbook(path, read_only=True)
    assert [sheet.title for sheet in book.worksheets] == ["People", "People 2", "People 3"]
    assert [sum(1 for _ in sheet.iter_rows()) for sheet in book.worksheets] == [1_001, 1_001, 101]
    assert len(pieces) > 3, "it is sent while it is written"
