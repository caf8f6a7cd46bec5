"""The people of a list as a file: a table (CSV, XLSX), JSON Lines, or cards of an address book (vCard)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.downloads import Form, Writing
from amity.people.exporting import cards, lines, tables
from amity.people.queries import PeopleWanted

AS_CSV = gettext_lazy("A table for any program. No cell of it is run as a formula.")
AS_WORKBOOK = gettext_lazy("The same table as a workbook. Every cell is text.")
WRITINGS: Mapping[Form, Writing[PeopleWanted]] = {
    Form.CSV: Writing(tables.as_csv, AS_CSV),
    Form.XLSX: Writing(tables.as_workbook, AS_WORKBOOK),
    Form.JSONL: Writing(
        lines.as_lines, gettext_lazy("Everything: every account, every value that was ever said, and when.")
    ),
    Form.VCARD: Writing(
        cards.as_cards, gettext_lazy("Cards for the address book of a phone or a mail program.")
    ),
}


def export_people(
    wanted: PeopleWanted, *, form: Form = Form.CSV, filters: Mapping[str, Any], actor: Actor, at: datetime
) -> Iterator[bytes]:
    """All pages of a list, a piece at a time. That it was taken, by which `filters`, is an entry of the trail."""
    policy.require(actor, "export", "person")
    audit.exported("person", actor=actor, at=at, kind=form.value, filters=dict(filters))
    return WRITINGS[form].write(actor, wanted)
