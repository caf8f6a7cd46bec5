from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from amity.channels.adapters.file import (
    Mapping,
    compile_reader,
    guess_mapping,
    iter_items,
    shipped_mappings,
    sniff,
)
from amity.channels.adapters.file.tests.making import make_file, people, read_all
from amity.channels.adapters.file.values import normalise_address
from amity.channels.records import Handle, PersonRecord


def test_google_contacts_give_every_address_of_a_person(tmp_path: Path) -> None:
    text = (
        "Name,Given Name,Family Name,Birthday,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Type,"
        "Phone 1 - Value,Organization 1 - Name\n"
        "Ada Lovelace,Ada,Lovelace,1815-12-10,* Work,Ada@example.org ::: al@example.net,countess@example.com,Mobile,"
        "+49 228 123456,Analytical Engines\n"
    )
    [ada] = people(make_file(tmp_path, text))
    assert [handle.address for handle in ada.handles] == [
        "ada@example.org",
        "al@example.net",
        "countess@example.com",
        "+49228123456",
    ]
    assert ada.facts == {
        "given_name": "Ada",
        "family_name": "Lovelace",
        "name": "Ada Lovelace",
        "organisation": "Analytical Engines",
        "birthday": "1815-12-10",
    }


def test_a_person_without_a_time_was_known_when_the_file_was_written(tmp_path: Path) -> None:
    path = make_file(
        tmp_path, "First Name,Last Name,E-mail Address,Business Phone\nAda,Lovelace,ada@example.org,\n"
    )
    [ada] = people(path)
    assert ada.observed_at == sniff(path).modified_at
    assert ada.external_id == "email:ada@example.org"
    assert ada.handles == (Handle("email", "ada@example.org"),)
    assert ada.facts["name"] == "Ada Lovelace"


def test_a_row_with_nothing_to_reach_a_person_by_is_refused(tmp_path: Path) -> None:
    text = (
        "First Name,Last Name,E-mail Address,Business Phone\nAda,Lovelace,none,ask\nBob,B,bob@example.org,\n"
    )
    records, refused = read_all(make_file(tmp_path, text))
    assert (len(records), [error.code for error in refused]) == (1, ["no_handle"])


def test_columns_that_nobody_knows_become_facts_of_a_guessed_person(tmp_path: Path) -> None:
    text = (
        "Vorname;Nachname;E-Mail;Lieblingsröstung\n"
        "Jürgen;Groß;j.gross@example.org;dunkel\nZoë;Lang;zoe@example.org;hell\n"
    )
    path = make_file(tmp_path, text, encoding="cp1252")
    best = guess_mapping(sniff(path), shipped_mappings())[0]
    assert best.mapping.record == "person"
    first, _ = people(path, best.mapping)
    assert first.facts == {
        "given_name": "Jürgen",
        "family_name": "Groß",
        "name": "Jürgen Groß",
        "Lieblingsröstung": "dunkel",
    }


def test_a_national_number_gets_the_country_of_the_mapping() -> None:
    assert normalise_address("phone", "030 / 123456", "DE") == "+4930123456"
    assert normalise_address("phone", "(020) 7946 0000", "GB") == "+442079460000"
    assert normalise_address("phone", "06 1234 5678", "IT") == "+390612345678"
    assert normalise_address("phone", "+44 20 7946 0000", "DE") == "+442079460000"
    assert normalise_address("phone", "030 / 123456") == "030123456"
    assert normalise_address("phone", "12345", "ZZ") == "12345"
    assert normalise_address("phone", "11111111111111", "US") == "11111111111111"  # longer than any there


def test_phone_numbers_of_a_file_get_the_country_of_its_mapping(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name,E-mail,Telefon\nAnna Vogel,anna@vogel.example,0431 123456\n", encoding="utf-8")
    shape = sniff(path)
    mapping = replace(guess_mapping(shape, ())[0].mapping, phone_region="DE")
    (person,) = compile_reader(Mapping.from_json(mapping.to_json()), shape)(
        next(iter(iter_items(path, shape)))
    )
    assert isinstance(person, PersonRecord)
    assert [handle.address for handle in person.handles] == ["anna@vogel.example", "+49431123456"]
