"""A file of invented people as a shop exports its customers; some stand in it twice, under another number."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

COLUMNS = (
    "Customer number", "First name", "Last name", "E-mail", "Phone", "Street", "Postcode", "Town", "Country", "Company",
    "Job title",
)  # fmt: skip
TWICE = 40
"""One row in so many repeats the e-mail address of an earlier one, under another number and from another town."""

_FIRST = (
    "Anna Tomás Hannah Beth Ottilie Lukas Jörn Priscilla Ruairí Noor Maite Jonas Priya Owen Inés Łucja Émile Søren "
    "Chloë Mirela Yusuf Aiko Dmitri Zuzana Kwame Leila Björn Fátima Marek Siobhán Paolo Greta Nadia Hugo Ayşe Wiebke"
).split()
_LAST = (
    "Vogel Arrieta Lindero Calloway Brenner Reinhardt Aas Dunmore Quinn Haddad Okafor Brandt Meyer Nowak O'Shea Duarte "
    "Ferrara Lindqvist Çelik Petrov Horváth Mensah Tanaka Silva Kowalczyk Weiß Marchetti Saint-Clair Bakker Jansen"
).split()
_TOWNS = (
    ("Kiel", "DE", "241"), ("Bremen", "DE", "281"), ("Köln", "DE", "506"), ("Graz", "AT", "80"), ("Bern", "CH", "30"),
    ("Lyon", "FR", "690"), ("Porto", "PT", "40"), ("Malmö", "SE", "211"), ("Leeds", "GB", "LS"), ("Łódź", "PL", "90-"),
)  # fmt: skip
_STREETS = "Hafenweg,Am Deich,Rue du Port,High Street,Calle Mayor,Lindenallee,Storgatan,Mühlgasse".split(",")
_COMPANIES = "Café,Rösterei,Bäckerei,Hotel,Kantine,Büro,Atelier,Werkstatt".split(",")
_TITLES = "Owner,Barista,Buyer,Manager,Roaster,Head of purchasing,Chef,Accountant".split(",")


def write_people(path: Path, rows: int, *, seed: int = 7) -> None:
    """Write `rows` rows with a header; the same for the same seed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_people(rows, random.Random(seed)))


def _people(rows: int, rng: random.Random) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        town, country, postcode = rng.choice(_TOWNS)
        is_repeat = number > TWICE and rng.random() < 1 / TWICE
        whose = rng.randrange(number) if is_repeat else number
        yield (
            f"K-{number:08d}",
            first,
            last,
            f"customer{whose}@mail{whose % 97}.example",
            f"+49 4{number % 10}{number:09d}"[:16] if rng.random() < 0.8 else "",
            f"{rng.choice(_STREETS)} {rng.randrange(1, 120)}",
            f"{postcode}{rng.randrange(10, 100)}",
            town,
            country,
            f"{rng.choice(_COMPANIES)} {rng.choice(_LAST)} {rng.randrange(200)}"
            if rng.random() < 0.4
            else "",
            rng.choice(_TITLES) if rng.random() < 0.3 else "",
        )
