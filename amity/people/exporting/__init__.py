"""The people of a list as a file: a table (CSV, XLSX), JSON Lines, or cards of an address book (vCard)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.people.exporting import cards, lines, tables
from amity.people.queries import PeopleWanted


class Form(StrEnum):
    """In which form people are written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    VCARD = "vcard"


@dataclass(frozen=True, slots=True)
class Writing:
    """How a form is written: a piece at a time, in bounded memory."""

    write: Callable[[Actor, PeopleWanted], Iterator[bytes]]
    ending: str
    media_type: str
    label: str | Promise
    hint: str | Promise


WRITINGS: Mapping[Form, Writing] = {
    Form.CSV: Writing(
        tables.as_csv, "csv", "text/csv; charset=utf-8", "CSV",
        gettext_lazy("A table for any program. No cell of it is run as a formula."),
    ),
    Form.XLSX: Writing(
        tables.as_workbook, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel (XLSX)",
        gettext_lazy("The same table as a workbook. Every cell is text."),
    ),
    Form.JSONL: Writing(
        lines.as_lines, "jsonl", "application/jsonl", "JSON Lines",
        gettext_lazy("Everything: every account, every value that was ever said, and when."),
    ),
    Form.VCARD: Writing(
        cards.as_cards, "vcf", "text/vcard; charset=utf-8", "vCard",
        gettext_lazy("Cards for the address book of a phone or a mail program."),
    ),
}  # fmt: skip


def export_people(
    wanted: PeopleWanted, *, form: Form = Form.CSV, filters: Mapping[str, Any], actor: Actor, at: datetime
) -> Iterator[bytes]:
    """All pages of a list, a piece at a time. That it was taken, by which `filters`, is an entry of the trail."""
    policy.require(actor, "export", "person")
    audit.exported("person", actor=actor, at=at, kind=form.value, filters=dict(filters))
    return WRITINGS[form].write(actor, wanted)
