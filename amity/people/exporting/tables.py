"""People as a table: what is shown of each, all addresses, and the newest value of every other field.

Columns that hold several addresses have one in each line of the cell. A title that is also the name of a column of ours
begins with `fact: `, so that reading the table again keeps it as what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from amity.channels.adapters.file.export import csv_pieces
from amity.channels.adapters.file.mapping import FACT_TITLE, column_key
from amity.channels.adapters.file.workbook_export import workbook
from amity.kernel.actor import Actor
from amity.people.columns import Cell, Column, ExportColumns, columns_for, export_columns_for
from amity.people.domain.fields.definition import Definition
from amity.people.exporting.headings import headings_of
from amity.people.queries import ListedPerson, PeopleWanted, walk_people
from amity.people.queries.fields import fields_for
from amity.people.queries.visibility import sees_addresses
from amity.people.queries.whole import Whole, fields_of, whole_people

_SHOWN = ("name", "email", "organisation", "city", "country", "language")
EMAILS, PHONES, ACCOUNTS = "all_emails", "all_phones", "all_accounts"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Which columns this actor gets."""

    actor: Actor
    columns: tuple[Column, ...]
    exported: tuple[ExportColumns, ...]
    facts: tuple[str, ...]
    own: tuple[Definition, ...]
    has_addresses: bool

    def titles(self) -> list[str]:
        addresses = ["email"] if self.has_addresses else []
        titles = ["id", "name", *addresses, "organisation", "city", "country", "language", "last_activity_at"]
        titles += [title for column in self.columns for title in (f"{column.key}_count", column.key)]
        titles += [title for columns in self.exported for title in columns.titles]
        titles += [EMAILS, PHONES, ACCOUNTS] if self.has_addresses else []
        taken = {column_key(title) for title in titles}
        for name in self.facts:
            is_taken = column_key(name) in taken or name.startswith(FACT_TITLE)
            titles.append(f"{FACT_TITLE}{name}" if is_taken else name)
            taken.add(column_key(name))
        return titles

    def rows(self, people: tuple[ListedPerson, ...]) -> Iterator[list[str]]:
        ids = [person.id for person in people]
        loaded = [column.load(self.actor, ids) for column in self.columns]
        exported = [(columns, columns.load(self.actor, ids)) for columns in self.exported]
        wholes = whole_people(self.actor, ids)
        for person in people:
            whole = wholes.get(person.id) or Whole()
            row = [
                str(person.id),
                whole.in_full("name", person.name),
                *([person.email] if self.has_addresses else []),
                whole.organisation(person.organisation),
                *(whole.in_full(field, getattr(person, field)) for field in ("city", "country", "language")),
                person.last_activity_at.isoformat() if person.last_activity_at else "",
            ]
            row += [part for cells in loaded for part in _cell(cells.get(person.id, Cell()))]
            for columns, texts in exported:
                row += texts.get(person.id, [""] * len(columns.titles))
            row += _addresses(whole) if self.has_addresses else []
            newest = whole.shown() | {one.fact: person.custom.get(one.key, "") for one in self.own}
            yield [*row, *(newest.get(name, "") for name in self.facts)]


def _sheet(actor: Actor) -> _Sheet:
    own = tuple(fields_for(actor))
    named = dict.fromkeys([*fields_of(actor), *(one.fact for one in own)])
    facts = tuple(name for name in named if name not in _SHOWN)
    return _Sheet(
        actor,
        tuple(columns_for(actor)),
        tuple(export_columns_for(actor)),
        facts,
        own,
        sees_addresses(actor),
    )


def _rows(sheet: _Sheet, wanted: PeopleWanted) -> Iterator[list[str]]:
    for people in walk_people(sheet.actor, wanted, sheet.own):
        yield from sheet.rows(people)


def _addresses(whole: Whole) -> list[str]:
    others = [
        f"{network}={address}" for network, address in whole.handles if network not in ("email", "phone")
    ]
    return ["\n".join(whole.of("email")), "\n".join(whole.of("phone")), "\n".join(others)]


def as_csv(actor: Actor, wanted: PeopleWanted) -> Iterator[bytes]:
    """A table in UTF-8."""
    sheet = _sheet(actor)
    yield from csv_pieces(sheet.titles(), _rows(sheet, wanted))


def as_workbook(actor: Actor, wanted: PeopleWanted) -> Iterator[bytes]:
    """The same as a workbook, with headings in the language that is spoken now, not when it is sent."""
    sheet = _sheet(actor)
    titles = sheet.titles()
    named: dict[str, str] = {}
    for column in sheet.columns:
        title = str(column.title)
        named |= {column.key: title, f"{column.key}_count": _("%(title)s: how many") % {"title": title}}
    return workbook(titles, _rows(sheet, wanted), name=_("People"), headings=headings_of(titles, named))


def _cell(cell: Cell) -> tuple[str, str]:
    amounts = "; ".join(f"{money.amount} {money.currency}" for money in cell.amounts)
    return ("" if cell.count is None else str(cell.count), amounts or cell.words)
