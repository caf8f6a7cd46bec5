from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from amity.channels.adapters.file import Container, Format, Shape, sniff
from amity.channels.adapters.file.containers import iter_members
from amity.channels.adapters.file.tests.making import make_file
from amity.channels.records import Unreadable

TABLE = "Name;E-Mail;Betrag\nJürgen Groß;juergen@example.org;12,30\nZoë;zoe@example.org;7,00\n"
MAIL = "From: Ada <ada@example.org>\nTo: shop@example.com\nSubject: Grinder\n\nIt hums.\n"
MBOX = "From ada@example.org Sat Jan  6 10:00:00 2024\n" + MAIL + "\n"


def code_of(path: Path, **wishes: object) -> str:
    with pytest.raises(Unreadable) as caught:
        sniff(path, **wishes)  # type: ignore[arg-type]
    assert caught.value.reason.endswith(".")
    return caught.value.code


def unpack(path: Path, container: Container) -> int:
    """Read all that it holds; how many bytes that was."""
    return sum(len(member.stream.read()) for member in iter_members(path, container))


def make_zip(folder: Path, members: dict[str, str]) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encodings_are_told_apart_by_their_bytes(tmp_path: Path, encoding: str, name: str) -> None:
    shape = sniff(make_file(tmp_path, TABLE, encoding=encoding))
    assert shape.encoding == name
    assert shape.columns == ("Name", "E-Mail", "Betrag")
    assert shape.sample[0] == ("Jürgen Groß", "juergen@example.org", "12,30")


def test_a_late_umlaut_in_a_long_file_is_still_seen(tmp_path: Path) -> None:
    rows = b"name,city\n" + b"Ada,Bonn\n" * 600_000 + "Jörg,Köln\n".encode("cp1252") * 2
    assert sniff(make_file(tmp_path, rows)).encoding == "cp1252"


def test_russian_is_not_taken_for_western_letters(tmp_path: Path) -> None:
    text = "Имя,Город\nАнна Иванова,Москва\nПётр Смирнов,Казань\n"
    assert sniff(make_file(tmp_path, text, encoding="cp1251")).columns == ("Имя", "Город")


def test_unknown_bytes_are_refused_with_advice(tmp_path: Path) -> None:
    assert (
        code_of(make_file(tmp_path, "名前,都市\n山田太郎,東京都千代田区\n", encoding="shift_jis"))
        == "encoding"
    )


def test_the_user_can_name_the_encoding(tmp_path: Path) -> None:
    path = make_file(tmp_path, "名前,都市\n山田太郎,東京都千代田区\n", encoding="shift_jis")
    assert sniff(path, encoding="shift_jis").columns == ("名前", "都市")
    assert code_of(path, encoding="klingon") == "encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_also_beside_commas_in_the_text(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "text", "city"], ["1", '"well, yes, no"', "Bonn"], ["2", '"one, two"', "Ulm"]]
    shape = sniff(make_file(tmp_path, "\n".join(delimiter.join(row) for row in rows)))
    assert (shape.delimiter, shape.columns) == (delimiter, ("id", "text", "city"))
    assert shape.sample[0][1] == "well, yes, no"


def test_a_separator_line_and_title_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    shape = sniff(
        make_file(tmp_path, "sep=;\r\nCustomers 2024;;\r\n;;\r\nName;Mail;City\r\nAda;a@example.org;Bonn\r\n")
    )
    assert shape.columns == ("Name", "Mail", "City")
    assert shape.sample == (("Ada", "a@example.org", "Bonn"),)
    assert "title_lines_skipped" in shape.notes


def test_columns_of_the_same_name_and_without_name_get_their_own(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, "Email,Email,,Email (2)\na@b.example,c@d.example,x,y\n"))
    assert shape.columns == ("Email", "Email (3)", "column 3", "Email (2)")
    assert "duplicate_columns" in shape.notes


def test_one_column_is_a_table_too(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, "email\nada@example.org\nbob@example.org\n"))
    assert (shape.columns, shape.sample[1]) == (("email",), ("bob@example.org",))


def test_a_header_without_rows_is_noted(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, "id,text,at\n"))
    assert (shape.columns, shape.sample, shape.notes) == (("id", "text", "at"), (), ("no_rows",))


def test_quotes_that_mean_nothing_do_not_join_rows(tmp_path: Path) -> None:
    text = 'id\ttext\n1\t"so he said\n2\tplain\n3\tthe 5" pipe\n4\t"again\n5\tmore\n'
    shape = sniff(make_file(tmp_path, text, name="export.tsv"))
    assert (shape.quote, len(shape.sample)) == ("", 5)


def test_a_nul_here_and_there_is_not_yet_binary(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, "id,text\n1,hal\x00lo\n2,fine\n"))
    assert shape.sample[0] == ("1", "hallo")


def test_a_file_without_column_names_is_refused_unless_the_user_says_so(tmp_path: Path) -> None:
    path = make_file(tmp_path, "1,ada@example.org,2024-01-06\n2,bob@example.org,2024-01-07\n")
    assert code_of(path) == "no_header"
    shape = sniff(path, header=False)
    assert (shape.columns, len(shape.sample)) == (("column 1", "column 2", "column 3"), 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00", "empty"),
        (b"%PDF-1.7 ...", "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "spreadsheet"),
        (b"PAR1" + bytes(50), "binary"),
        (b"7z\xbc\xaf\x27\x1c", "compressed"),
        (b'{"a": 1, "b": 2', "json"),
        (b"<!doctype html><table><tr><td>1,2</td></tr></table>", "markup"),
        (b"PK\x03\x04 not a zip at all", "damaged"),
        (gzip.compress(b"id,text\n" * 400, mtime=0)[:40], "damaged"),
    ],
)
def test_what_is_not_data_is_refused_with_its_code(tmp_path: Path, content: bytes, code: str) -> None:
    assert code_of(make_file(tmp_path, content)) == code


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert code_of(tmp_path / "nowhere.csv") == "missing"


def test_a_spreadsheet_is_recognised_inside_its_zip(tmp_path: Path) -> None:
    other = make_zip(tmp_path, {"mimetype": "application/vnd.oasis", "content.xml": "<x/>"})
    assert code_of(other) == "spreadsheet"
    broken = make_zip(tmp_path, {"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"})
    assert code_of(broken) == "damaged"


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path, {"a.csv": TABLE})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    central = raw.index(b"PK\x01\x02")
    raw[central + 8] |= 1
    path.write_bytes(raw)
    assert code_of(path) == "encrypted"


def test_a_zip_with_one_table_is_that_table(tmp_path: Path) -> None:
    shape = sniff(make_zip(tmp_path, {"data/kunden.csv": TABLE, "__MACOSX/._kunden.csv": "x"}))
    assert (shape.container, shape.member, shape.delimiter) == (Container.ZIP, "data/kunden.csv", ";")


def test_of_several_tables_in_a_zip_one_has_to_be_chosen(tmp_path: Path) -> None:
    path = make_zip(tmp_path, {"a.csv": TABLE, "b.csv": "id,text\n1,hello\n"})
    assert code_of(path) == "several_files"
    assert sniff(path, member="b.csv").columns == ("id", "text")


def test_a_bomb_stops_at_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amity.channels.adapters.file.containers.MIN_EXPANDED_BYTES", 100_000)
    path = make_file(tmp_path, gzip.compress(b"a,b\n" + b"0" * 5_000_000), name="bomb.csv.gz")
    assert code_of(path) == "too_large"


def test_what_the_members_of_a_zip_unpack_to_is_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_zip(tmp_path, {f"{number}.csv": "a,b\n" + "0" * 20_000 for number in range(10)})
    monkeypatch.setattr("amity.channels.adapters.file.containers.MAX_EXPANSION", 2)
    monkeypatch.setattr("amity.channels.adapters.file.containers.MIN_EXPANDED_BYTES", 300_000)
    assert unpack(path, Container.ZIP) == 200_040
    monkeypatch.setattr("amity.channels.adapters.file.containers.MIN_EXPANDED_BYTES", 100_000)
    with pytest.raises(Unreadable, match="Unpack it first"):
        next(iter_members(path, Container.ZIP))  # before anything is unpacked
    assert code_of(path) == "too_large"


def test_a_tar_bomb_stops_at_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amity.channels.adapters.file.containers.MIN_EXPANDED_BYTES", 100_000)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for number in range(10):
            entry = tarfile.TarInfo(f"{number}.csv")
            entry.size = 1_000_000
            archive.addfile(entry, io.BytesIO(b"0" * entry.size))
    path = make_file(tmp_path, packed.getvalue(), name="bomb.tar.gz")
    with pytest.raises(Unreadable, match="Unpack it first"):
        unpack(path, Container.TAR)


def test_the_holes_of_a_sparse_file_in_a_tar_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amity.channels.adapters.file.containers.MIN_EXPANDED_BYTES", 100_000)
    entry = tarfile.TarInfo("holes.csv")
    entry.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "50000000"}
    entry.size = 1
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(b"a"))
    path = make_file(tmp_path, packed.getvalue(), name="holes.tar")
    assert path.stat().st_size < 20_000
    with pytest.raises(Unreadable, match="Unpack it first"):
        unpack(path, Container.TAR)


@pytest.mark.parametrize(
    ("text", "expected", "columns"),
    [
        (
            '{"id": 1, "user": {"name": "Ada"}}\n{"id": 2, "tags": ["a", "b"]}\n',
            Format.JSONL,
            ("id", "user.name", "tags"),
        ),
        ('[{"id": 1}, {"id": 2, "text": "x"}]', Format.JSON, ("id", "text")),
        ('{"count": 2, "tickets": [{"id": 1}, {"id": 2}]}', Format.JSON, ("id",)),
        ('{\n  "reviews": [\n    {"id": 1,\n "stars": 5}\n  ]\n}', Format.JSON, ("id", "stars")),
        ('window.YTD.tweets.part0 = [ {"tweet": {"id": "9"}} ]', Format.JSON, ("tweet.id",)),
    ],
)
def test_json_is_found_in_lines_arrays_and_wrappers(
    tmp_path: Path, text: str, expected: Format, columns: tuple[str, ...]
) -> None:
    shape = sniff(make_file(tmp_path, text, name="export.txt"))
    assert (shape.format, shape.columns) == (expected, columns)


def test_mail_is_told_by_its_header_not_by_its_name(tmp_path: Path) -> None:
    assert sniff(make_file(tmp_path, MAIL, name="a.txt")).format is Format.EML
    assert sniff(make_file(tmp_path, MBOX, name="b.csv")).format is Format.MBOX
    assert sniff(make_file(tmp_path, MBOX, name="d.eml")).format is Format.MBOX
    assert (
        sniff(make_file(tmp_path, "Content-Type: text/plain\n\nHello, you\n", name="e.eml")).format
        is Format.EML
    )
    assert sniff(make_file(tmp_path, gzip.compress(MBOX.encode()), name="c.gz")).container is Container.GZIP


def test_a_folder_and_a_tar_of_mails_are_mail(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    make_file(folder, MAIL, name="cur/1.eml")
    make_file(folder, MAIL, name="cur/2")
    make_file(folder, "junk", name=".DS_Store")
    assert (sniff(folder).container, sniff(folder).format) == (Container.FOLDER, Format.EML)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(folder / "cur", arcname="cur")
    shape = sniff(make_file(tmp_path, packed.getvalue(), name="mails.tar.gz"))
    assert (shape.container, shape.format) == (Container.TAR, Format.EML)


def test_a_shape_survives_json(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, TABLE))
    assert Shape.from_json(shape.to_json()) == shape
