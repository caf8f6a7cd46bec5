from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.adapters.file import CsvExport, columns_of, defuse_cell, restore_cell, sniff
from amity.channels.adapters.file.tests.making import items_of, make_file

tricky = st.text(alphabet=st.sampled_from("'=+-@\t\r\nａ＝a1 ,;\""), max_size=8) | st.text()


@given(tricky)
def test_a_defused_cell_comes_back_as_it_was(cell: str) -> None:
    assert restore_cell(defuse_cell(cell)) == cell


@given(tricky)
def test_no_defused_cell_starts_a_formula(cell: str) -> None:
    assert not defuse_cell(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


@pytest.mark.parametrize("cell", ["plain", "'quoted' word", "a=b", "12.30", ""])
def test_harmless_cells_are_left_alone(cell: str) -> None:
    assert defuse_cell(cell) == cell


def test_every_cell_is_quoted_so_that_no_separator_can_start_one() -> None:
    stream = io.StringIO(newline="")
    CsvExport(stream, ["name", "note"]).write([["Ada", "x;=cmd()"], ["=1+1", None]])
    assert stream.getvalue() == '"name","note"\r\n"Ada","x;=cmd()"\r\n"\'=1+1",""\r\n'


def test_a_row_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells"):
        CsvExport(io.StringIO(), ["a", "b"]).write([["only one"]])


def test_an_exported_file_is_imported_with_the_same_texts(tmp_path: Path) -> None:
    cells = [["-12.30", "@ada"], ["'=kept", 'two\nlines and "quotes"'], ["+49 228 1", "=A1"]]
    stream = io.StringIO(newline="")
    CsvExport(stream, ["amount", "text"]).write(cells)
    path = make_file(tmp_path, stream.getvalue())
    shape = sniff(path)
    assert [list(columns_of(item, shape).values()) for item in items_of(path)] == cells
    assert next(csv.reader(io.StringIO(stream.getvalue()))) == ["amount", "text"]
