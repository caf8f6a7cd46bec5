"""Labelled data sets as records to match. Only columns are named here; nothing is fitted to what stands in them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from amity.people.domain.matching.records import Said

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Records and, parallel to them, the number of the entity of each. `split`: the first so many are the one list
    of two."""

    name: str
    records: list[Said]
    entities: npt.NDArray[np.int64]
    split: int = 0


def rows_of(path: Path) -> list[Row]:
    """The rows of a CSV file, gzipped or not."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def febrl(row: Row) -> Said:
    """Invented Australians: name, address, day of birth, a number of the social security."""
    return Said(
        given_name=row["given_name"],
        family_name=row["surname"],
        number=row["street_number"],
        lines=(row["address_1"], row["address_2"]),
        place=row["suburb"],
        postcode=row["postcode"],
        region=row["state"],
        born_on=row["date_of_birth"],
        identifiers=(row["soc_sec_id"],),
    )


def fake(row: Row) -> Said:
    """Invented people: name, day of birth, town, e-mail."""
    return Said(
        given_name=row["first_name"],
        family_name=row["surname"],
        born_on=row["dob"],
        place=row["city"],
        emails=(row["email"],),
    )


def historical(row: Row) -> Said:
    """People of the past: name, day and place of birth, gender, occupation."""
    return Said(
        given_name=row["first_name"],
        family_name=row["surname"],
        full_name=row["full_name"],
        born_on=row["dob"],
        place=row["birth_place"],
        postcode=row["postcode_fake"],
        gender=row["gender"],
        work=row["occupation"],
    )


def account(row: Row) -> Said:
    """An account of which nothing but the handle is known."""
    return Said(handles=(row["handle"],))


def contact(row: Row) -> Said:
    """A person in public office: names, office, region, website."""
    nickname = f"{row['nickname']} {row['last_name']}" if row["nickname"] else ""
    return Said(
        given_name=row["first_name"],
        middle_name=row["middle_name"],
        family_name=row["last_name"],
        full_name=row["official_full_name"],
        other_names=(nickname,) if nickname else (),
        links=(row["website"],),
        labels=(row["chamber"], row["state"], row["district"], row["party"], row["state"] + row["district"]),
    )


def one_list(name: str, records: Path, truth: Path, said: Callable[[Row], Said]) -> LabelledSet:
    """A list with duplicates."""
    rows = rows_of(records)
    cluster = {row["record_id"]: row["cluster_id"] for row in rows_of(truth)}
    return LabelledSet(name, [said(row) for row in rows], numbered(cluster[row["record_id"]] for row in rows))


def two_lists(folder: Path) -> LabelledSet:
    """The same people in two lists, once in each."""
    first, second = rows_of(folder / "febrl4a.csv.gz"), rows_of(folder / "febrl4b.csv.gz")
    same = {row["record_id_b"]: row["record_id_a"] for row in rows_of(folder / "febrl4_truth.csv.gz")}
    ids = [row["record_id"] for row in (*first, *second)]
    records = [febrl(row) for row in (*first, *second)]
    return LabelledSet("febrl4", records, numbered(same.get(one, one) for one in ids), len(first))


def accounts_and_people(folder: Path) -> LabelledSet:
    """Accounts, then the people who own them."""
    accounts, people = rows_of(folder / "accounts.csv"), rows_of(folder / "contacts.csv")
    owner = {row["account_id"]: row["contact_id"] for row in rows_of(folder / "truth.csv")}
    ids = [*(owner[row["account_id"]] for row in accounts), *(row["contact_id"] for row in people)]
    records = [*(account(row) for row in accounts), *(contact(row) for row in people)]
    return LabelledSet("public_figures", records, numbered(ids), len(accounts))


def numbered(names: Iterable[str]) -> npt.NDArray[np.int64]:
    """Numbers that stand for the names, in order of appearance."""
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(name, len(seen)) for name in names], np.int64)
