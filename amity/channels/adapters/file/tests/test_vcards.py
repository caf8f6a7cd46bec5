"""Cards of address books: all versions, folded and quoted, several addresses each."""

from __future__ import annotations

from pathlib import Path

from amity.channels.adapters.file import compile_reader, guess_mapping, iter_items, shipped_mappings, sniff
from amity.channels.adapters.file.shape import Cursor, Format
from amity.channels.records import PersonRecord, Unreadable

OLD = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BChl;J=C3=B6rg\r\n"
    "TEL;HOME;VOICE:+49 431 123456\r\nEMAIL;INTERNET:joerg@muehl.example\r\n"
    "NOTE;ENCODING=QUOTED-PRINTABLE:Comes on=\r\n Mondays=0D=0Aand Fridays\r\n"
    "PHOTO;ENCODING=BASE64;TYPE=JPEG:/9j/4AAQ\r\n"
    "END:VCARD\r\n"
)
NEW = (
    "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\nFN:Anna Vogel\n"
    "item1.EMAIL;type=WORK:anna@\n vogel.example\nEMAIL;PREF=1:a@home.example\n"
    'TEL;VALUE=uri;TYPE="voice,cell":tel:+49-171-2222222;ext=7\nORG:Vogel\\, Söhne;Einkauf;Kaffee\nTITLE:Owner\n'
    "ADR;TYPE=work:;;Am Deich 1;Kiel;SH;24103;Deutschland\nX-SOCIALPROFILE;type=twitter:https://twitter.com/Anna_V\n"
    "IMPP:xmpp:anna@talk.example\nBDAY:19850412\nCATEGORIES:vip,coffee\nREV:20260301T101500Z\nEND:VCARD\n"
)


def people(tmp_path: Path, text: str, encoding: str = "utf-8") -> list[PersonRecord | str]:
    path = tmp_path / "contacts.vcf"
    path.write_bytes(text.encode(encoding))
    shape = sniff(path)
    assert shape.format is Format.VCARD
    read = compile_reader(guess_mapping(shape, shipped_mappings())[0].mapping, shape)
    found: list[PersonRecord | str] = []
    for item in iter_items(path, shape):
        try:
            (record,) = read(item)
        except Unreadable as error:
            found.append(error.code)
        else:
            assert isinstance(record, PersonRecord)
            found.append(record)
    return found


def test_cards_of_old_programs_are_read(tmp_path: Path) -> None:
    (person,) = people(tmp_path, OLD)
    assert isinstance(person, PersonRecord)
    assert [(one.network, one.address, one.name) for one in person.handles] == [
        ("email", "joerg@muehl.example", "Jörg Mühl"), ("phone", "+49431123456", "Jörg Mühl"),
    ]  # fmt: skip
    assert person.facts["notes"] == "Comes on Mondays\r\nand Fridays"
    assert "pictures_left_out" in sniff(tmp_path / "contacts.vcf").notes


def test_a_card_of_today_becomes_identities_and_facts(tmp_path: Path) -> None:
    (person,) = people(tmp_path, NEW)
    assert isinstance(person, PersonRecord)
    assert [(one.network, one.address) for one in person.handles] == [
        ("email", "a@home.example"), ("email", "anna@vogel.example"), ("phone", "+491712222222"), ("twitter", "anna_v"),
        ("xmpp", "anna@talk.example"),
    ]  # fmt: skip
    assert person.facts == {
        "name": "Anna Vogel", "organisation": "Vogel, Söhne", "department": "Einkauf, Kaffee", "job_title": "Owner",
        "street": "Am Deich 1", "city": "Kiel", "region": "SH", "postcode": "24103", "country": "Deutschland",
        "birthday": "1985-04-12", "labels": "vip,coffee",
    }  # fmt: skip
    assert person.observed_at.isoformat() == "2026-03-01T10:15:00+00:00"


def test_a_card_that_is_never_closed_spoils_only_itself(tmp_path: Path) -> None:
    broken = NEW.replace("END:VCARD\n", "")
    first, second, third = people(tmp_path, broken + OLD + "BEGIN:VCARD\nFN:Nobody\nEND:VCARD\n")
    assert first == "unfinished"
    assert isinstance(second, PersonRecord)
    assert third == "no_handle"


def test_a_line_of_a_card_that_is_no_value_is_left_out_and_told(tmp_path: Path) -> None:
    card = "VERSION:3.0\r\nFN:Anna\r\nEMAIL:anna@vogel.example\r\nTEL:12\r\nBDAY:19900231"
    (person,) = people(tmp_path, f"BEGIN:VCARD\r\n{card}\r\nEND:VCARD\r\n")
    assert isinstance(person, PersonRecord)
    assert person.facts == {"name": "Anna"}
    assert [(one.code, one.column, one.text) for one in person.left_out] == [
        ("day", "BDAY", "1990-02-31"),
        ("phone", "TEL", "12"),
    ]


def test_who_has_only_an_id_is_known_by_it(tmp_path: Path) -> None:
    (person,) = people(tmp_path, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nUID:abc-1\r\nEND:VCARD\r\n")
    assert isinstance(person, PersonRecord)
    assert [(one.network, one.address) for one in person.handles] == [("customer:contacts", "abc-1")]


def test_a_run_goes_on_behind_a_card(tmp_path: Path) -> None:
    path = tmp_path / "contacts.vcf"
    path.write_text(NEW + OLD + NEW, encoding="utf-8")
    shape = sniff(path)
    first, *rest = iter_items(path, shape)
    assert first.cursor.offset == len(NEW.encode())
    assert [item.raw for item in iter_items(path, shape, Cursor(1, first.cursor.offset))] == [
        item.raw for item in rest
    ]


def test_cards_in_other_encodings_are_read(tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        (person,) = people(tmp_path, NEW, encoding)
        assert isinstance(person, PersonRecord)
        assert person.facts["organisation"] == "Vogel, Söhne", encoding
