"""The columns of well-known exports, English and German, are understood without anybody choosing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from amity.channels.adapters.file import compile_reader, guess_mapping, iter_items, shipped_mappings, sniff
from amity.channels.records import PersonRecord

_VALUES = {
    "given": "Ada{n}", "family": "Vogel", "full": "Ada{n} Vogel",
    "mail": "ada{n}@vogel.example", "mail2": "ada{n}@home.example",
    "phone": "+49 431 12345{n}", "mobile": "+49 171 2222{n}", "firm": "Café Vogel", "title": "Inhaberin",
    "street": "Am Deich {n}", "town": "Kiel", "code": "2410{n}", "land": "Deutschland", "number": "K-{n}",
}  # fmt: skip
_EXPORTS = {
    "hubspot": "Record ID:number|First Name:given|Last Name:family|Email:mail|Phone Number:phone|Lifecycle Stage:|"
    "Mobile Phone Number:mobile|Street Address:street|City:town|Postal Code:code|Country/Region:land|"
    "Associated Company:firm|Job Title:title",
    "hubspot in German": "Datensatz-ID:number|Vorname:given|Nachname:family|E-Mail:mail|Telefonnummer:phone|"
    "Mobiltelefonnummer:mobile|Straße:street|Stadt:town|Postleitzahl:code|Land/Region:land|"
    "Zugeordnetes Unternehmen:firm|Jobbezeichnung:title",
    "google": "First Name:given|Last Name:family|Organization Name:firm|Organization Title:title|E-mail 1 - Label:|"
    "E-mail 1 - Value:mail|E-mail 2 - Label:|E-mail 2 - Value:mail2|Phone 1 - Value:mobile|Phone 2 - Value:phone|"
    "Address 1 - Street:street|Address 1 - City:town|Address 1 - Postal Code:code|Address 1 - Country:land",
    "outlook": "First Name:given|Last Name:family|Company:firm|Job Title:title|Business Street:street|"
    "Business City:town|Business Postal Code:code|Business Country/Region:land|Home Phone:|Mobile Phone:mobile|"
    "Business Phone:phone|E-mail Address:mail|E-mail 2 Address:mail2",
    "outlook in German": "Anrede:|Vorname:given|Nachname:family|Firma:firm|Position:title|Straße geschäftlich:street|"
    "Ort geschäftlich:town|Postleitzahl geschäftlich:code|Land/Region geschäftlich:land|Straße privat:|"
    "Telefon geschäftlich:phone|Telefon privat:|Mobiltelefon:mobile|E-Mail-Adresse:mail|E-Mail 2: Adresse:mail2",
    "chatwoot": "id:number|name:full|email:mail|phone_number:phone|company_name:firm|city:town|country:land",
    "odoo": "Name:full|Email:mail|Phone:phone|Mobile:mobile|Street:street|Street2:|City:town|Zip:code|Country:land|"
    "Company Name:firm|Job Position:title|Tags:",
    "odoo in German": "Name:full|E-Mail:mail|Telefon:phone|Mobil:mobile|Straße:street|Straße 2:|Stadt:town|PLZ:code|"
    "Land:land|Unternehmensname:firm|Stelle:title|Stichwörter:",
    "a list by hand": "Kundennummer:number|Vorname:given|Name:family|E-Mail 1:mail|E-Mail 2:mail2|Telefon privat:phone|"
    "Handy:mobile|Straße und Hausnummer:street|PLZ:code|Ort:town",
}
_FACTS = {"firm": "organisation", "title": "job_title", "street": "street", "town": "city", "code": "postcode",
          "land": "country", "given": "given_name", "family": "family_name"}  # fmt: skip


@pytest.mark.parametrize("export", _EXPORTS)
def test_its_columns_are_understood(tmp_path: Path, export: str) -> None:
    columns = [pair.rpartition(":")[::2] for pair in _EXPORTS[export].split("|")]
    path = tmp_path / "contacts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([title for title, _ in columns])
        for n in range(1, 9):
            writer.writerow([_VALUES[key].format(n=n) if key else "" for _, key in columns])
    shape = sniff(path)
    read = compile_reader(guess_mapping(shape, shipped_mappings())[0].mapping, shape)
    (person,) = read(next(iter(iter_items(path, shape))))
    assert isinstance(person, PersonRecord)
    keys = {key for _, key in columns if key}
    addresses = {handle.address for handle in person.handles}
    expected = {
        "mail": "ada1@vogel.example",
        "mail2": "ada1@home.example",
        "phone": "+49431123451",
        "mobile": "+4917122221",
    }
    assert {expected[key] for key in keys & expected.keys()} <= addresses
    assert {key: person.facts.get(_FACTS[key]) for key in keys & _FACTS.keys()} == {
        key: _VALUES[key].format(n=1) for key in keys & _FACTS.keys()
    }
    assert person.facts["name"] == "Ada1 Vogel"
