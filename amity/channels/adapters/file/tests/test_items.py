from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.adapters.file import Cursor, RawItem, columns_of, iter_items, sniff
from amity.channels.adapters.file.rows import cut_array, cut_lines, cut_rows
from amity.channels.adapters.file.tests.making import items_of, make_file
from amity.channels.adapters.file.tests.test_sniff import MAIL, MBOX

UGLY = (
    'id,text,city\n1,"two\nlines, and ""quotes""",Bonn\r\n\n, ,\n2,😀 plain,Ulm\n'
    "3,too few\n4,a,b,c\n5,last,without end"
)


def make_ugly(folder: Path, container: str) -> Path:
    if container == "plain":
        return make_file(folder, UGLY)
    if container == "gzip":
        return make_file(folder, gzip.compress(UGLY.encode()), name="ugly.csv.gz")
    if container == "utf-16":
        return make_file(folder, UGLY, encoding="utf-16")
    path = folder / "ugly.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ugly.csv", UGLY)
    return path


@pytest.mark.parametrize("container", ["plain", "gzip", "zip", "utf-16"])
def test_every_row_is_an_item_as_it_stood(tmp_path: Path, container: str) -> None:
    items = items_of(make_ugly(tmp_path, container))
    assert [item.position for item in items] == [1, 2, 3, 4, 5]
    assert items[0].raw.decode() == '1,"two\nlines, and ""quotes""",Bonn'
    assert [item.raw.decode() for item in items[1:]] == [
        "2,😀 plain,Ulm",
        "3,too few",
        "4,a,b,c",
        "5,last,without end",
    ]


@pytest.mark.parametrize("container", ["plain", "gzip", "zip", "utf-16"])
def test_going_on_from_any_item_gives_exactly_the_rest(tmp_path: Path, container: str) -> None:
    path = make_ugly(tmp_path, container)
    shape = sniff(path)
    items = list(iter_items(path, shape))
    for number, item in enumerate(items, start=1):
        assert list(iter_items(path, shape, item.cursor)) == items[number:]
    assert list(iter_items(path, shape, Cursor())) == items


def test_a_plain_file_is_resumed_at_a_byte_and_not_read_again(tmp_path: Path) -> None:
    path = make_file(tmp_path, "id,text\n1,a\n2,b\n3,c\n")
    shape = sniff(path)
    cursor = next(iter_items(path, shape)).cursor
    path.write_bytes(path.read_bytes().replace(b"1,a\n", b'"""\n'))
    assert [item.raw for item in iter_items(path, shape, cursor)] == [b"2,b", b"3,c"]


def test_a_quote_that_is_never_closed_costs_its_own_row_only(tmp_path: Path) -> None:
    rows = [f'{n},"text {n}"' for n in range(1, 6)]
    rows[1] = '2,"open'
    rows[3] = "4,plain"
    items = items_of(make_file(tmp_path, "id,text\n" + "\n".join([*rows[:1], *rows[2:], rows[1]])))
    assert [item.content_type for item in items] == ["text/csv"] * 4 + ["text/csv; broken=unclosed-quote"]


def test_an_endless_cell_gives_its_line_up_and_the_next_rows_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.channels.adapters.file.rows.MAX_ITEM_BYTES", 200)
    body = (
        "".join(f'{n},"fine {n}"\n' for n in range(3))
        + '3,"open\n'
        + "".join(f"{n},plain\n" for n in range(4, 60))
    )
    items = items_of(make_file(tmp_path, "id,text\n" + body))
    assert [item.raw for item in items if "broken" in item.content_type] == [b'3,"open']
    assert len(items) == 60


def test_a_row_beyond_the_bound_is_kept_in_part_and_does_not_stop_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.channels.adapters.file.rows.MAX_ITEM_BYTES", 1000)
    items = items_of(make_file(tmp_path, "id,text\n1,a\n2," + "x" * 5000 + "\n3,c\n"))
    assert [item.content_type.partition("; ")[2] for item in items] == ["", "broken=too-long", ""]
    assert items[2].raw == b"3,c"


def test_old_mac_line_ends_are_read(tmp_path: Path) -> None:
    items = items_of(make_file(tmp_path, "id,text\r1,a\r2,b\r"))
    assert [item.raw for item in items] == [b"1,a", b"2,b"]


def test_json_lines_and_arrays_keep_their_bytes(tmp_path: Path) -> None:
    lines = items_of(make_file(tmp_path, '{"id": 1}\n\nnot json\n{"id":  3}\n', name="a.jsonl"))
    assert [item.raw for item in lines] == [b'{"id": 1}', b"not json", b'{"id":  3}']
    path = make_file(
        tmp_path, '{"n": 2, "rows": [{"id": 1, "t": "a]},{"}, {"id": [2, {}]} ,{"bad": tru}]}', name="b.json"
    )
    array = items_of(path)
    assert [item.raw for item in array] == [b'{"id": 1, "t": "a]},{"}', b'{"id": [2, {}]}', b'{"bad": tru}']
    shape = sniff(path)
    for item in array:
        assert list(iter_items(path, shape, item.cursor)) == array[item.position :]


def test_an_array_that_breaks_off_ends_with_a_broken_item(tmp_path: Path) -> None:
    items = items_of(make_file(tmp_path, '[{"id": 1}, {"id": 2, "te', name="a.json"))
    assert [item.content_type for item in items] == [
        "application/json",
        "application/json; broken=unfinished",
    ]


def test_mails_of_an_mbox_resume_at_any_mail(tmp_path: Path) -> None:
    path = make_file(tmp_path, MBOX * 4, name="a.mbox")
    shape = sniff(path)
    items = list(iter_items(path, shape))
    assert [item.position for item in items] == [1, 2, 3, 4]
    for item in items:
        rest = list(iter_items(path, shape, item.cursor)) if item.position < 4 else []
        assert rest == items[item.position :]


def test_mails_in_folders_and_archives_come_in_a_fixed_order(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    for name in ("b.eml", "a.eml", "c.eml"):
        make_file(folder, MAIL.replace("Grinder", name), name=name)
    items = items_of(folder)
    assert [
        b"Subject: " + name in item.raw for item, name in zip(items, (b"a", b"b", b"c"), strict=True)
    ] == [True] * 3
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(folder, arcname="mails")
    tar = make_file(tmp_path, packed.getvalue(), name="m.tar.gz")
    assert {item.raw for item in items_of(tar)} == {item.raw for item in items}
    assert len(list(iter_items(tar, sniff(tar), Cursor(2)))) == 1


def test_columns_of_an_item_are_shown_also_when_it_is_broken(tmp_path: Path) -> None:
    path = make_file(tmp_path, "id,text,city\n1,a,Bonn\n2,b\n")
    shape = sniff(path)
    good, bad = items_of(path)
    assert columns_of(good, shape) == {"id": "1", "text": "a", "city": "Bonn"}
    assert columns_of(bad, shape) == {"raw": "2,b"}


cells = st.text(alphabet=st.sampled_from('ab",;\n\t \u00e9'), max_size=12)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_rows_written_by_the_standard_writer_are_cut_where_it_ended_them(
    rows: list[list[str]], delimiter: str
) -> None:
    import csv

    written = []
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(row)
        written.append(line.getvalue().encode())
    assert [cut.raw for cut in cut_rows(io.BytesIO(b"".join(written)), delimiter, '"')] == written


@given(st.binary(max_size=400))
def test_no_byte_is_lost_whatever_the_file_holds(raw: bytes) -> None:
    for cuts in (
        cut_rows(io.BytesIO(raw), ",", '"'),
        cut_lines(io.BytesIO(raw)),
        cut_rows(io.BytesIO(raw), ";", ""),
    ):
        assert b"".join(cut.raw for cut in cuts) == raw


plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=5), plain_json, max_size=4), max_size=6))
def test_elements_of_any_array_are_cut_apart(elements: list[dict[str, object]]) -> None:
    raw = json.dumps(elements).encode()
    assert [json.loads(cut.raw) for cut in cut_array(io.BytesIO(raw[1:])) if cut.raw] == elements


def test_an_item_says_where_it_was(tmp_path: Path) -> None:
    item = items_of(make_file(tmp_path, "id,text\n1,a\n"))[0]
    assert item == RawItem(1, b"1,a", "text/csv", Cursor(1, 12))
