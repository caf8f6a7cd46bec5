"""The first rows of a file as they will be, one line each, with a problem marked in the cell that has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.channels.adapters.file.mapping import RecordKind
from amity.channels.field_words import left_out_words
from amity.channels.own_fields import CONSENT
from amity.channels.preview import Kind, Shown, kind_of
from amity.channels.records import Handle, MessageRecord, OrderRecord, PersonRecord, Record
from amity.kernel.purposes import OWN

_LANES = {
    Kind.TO_US: "said",
    Kind.BY_US: "did",
    Kind.INTERNAL: "did",
    Kind.AUTOMATIC: "did",
    Kind.ORDER: "bought",
    Kind.PERSON: "said",
}
_WHEN = frozenset({"date", "date_missing"})
_WHO = frozenset({"author_missing", "buyer_missing", "no_handle", "handle"})
LONGEST = 160


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the preview. `left_out` says which values it comes in without; `problem` says in words why it is not
    taken, `where` in which cell: when, who or what.
    """

    position: int
    lane: str = ""
    kind: str = ""
    at: datetime | None = None
    who: str = ""
    address: str = ""
    to: str = ""
    what: str = ""
    title: str = ""
    amount: Decimal | None = None
    currency: str = ""
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    problem: str = ""
    where: str = ""


def preview_rows(shown: Iterable[Shown], kind: RecordKind) -> list[PreviewRow]:
    """One line for each record, and one for each row that gives none."""
    rows = []
    for entry in shown:
        position = entry.item.position
        if entry.reason:
            rows.append(PreviewRow(position, problem=entry.reason, where=_where(entry.code, kind)))
        rows += [
            replace(_line(position, record), left_out=tuple(left_out_words(record.left_out)))
            for record in entry.records
        ]
    return rows


def _where(code: str, kind: RecordKind) -> str:
    if code in _WHEN and kind is not RecordKind.PERSON:
        return "when"
    return "who" if code in _WHO else "what"


def _line(position: int, record: Record) -> PreviewRow:
    lane = _LANES[kind_of(record)]
    if isinstance(record, MessageRecord):
        return _message(position, lane, record)
    if isinstance(record, OrderRecord):
        return _order(position, lane, record)
    return _person(position, lane, record)


def _message(position: int, lane: str, record: MessageRecord) -> PreviewRow:
    notes = [_("answers another")] if record.in_reply_to else []
    notes += [_("public")] if record.is_public else []
    files = len(record.attachments)
    notes += [ngettext("%(n)s file", "%(n)s files", files) % {"n": files}] if files else []
    words = {
        Kind.TO_US: _("to us"),
        Kind.BY_US: _("by us"),
        Kind.INTERNAL: _("internal note"),
        Kind.AUTOMATIC: _("automatic"),
    }
    return PreviewRow(
        position,
        lane=lane,
        kind=words[kind_of(record)],
        at=record.occurred_at,
        who=record.author.name,
        address=record.author.address,
        to=", ".join(handle.name or handle.address for handle in record.recipients[:3]),
        title=record.subject[:LONGEST],
        what=" ".join(record.text.split())[:LONGEST],
        notes=tuple(notes),
    )


def _order(position: int, lane: str, record: OrderRecord) -> PreviewRow:
    notes = [record.status]
    if record.items:
        notes.append(ngettext("%(n)s article", "%(n)s articles", record.items) % {"n": record.items})
    return PreviewRow(
        position,
        lane=lane,
        kind=_("part of an order") if record.extra.get("partial") else _("order"),
        at=record.ordered_at,
        who=next((handle.name for handle in record.buyer if handle.name), ""),
        address=_addresses(record.buyer),
        title=record.number or record.external_id,
        what=", ".join(line.name or line.sku for line in record.lines)[:LONGEST],
        amount=record.amount,
        currency=record.currency,
        notes=tuple(notes),
    )


def _person(position: int, lane: str, record: PersonRecord) -> PreviewRow:
    facts = {key: value for key, value in record.facts.items() if key != "name" and value}
    facts |= {
        key.removeprefix(CONSENT).replace(":", " "): value
        for key, value in record.extra.items()
        if key.startswith(CONSENT)
    }
    return PreviewRow(
        position,
        lane=lane,
        kind=_("person"),
        who=record.facts.get("name", "")
        or " ".join(filter(None, (record.facts.get("given_name"), record.facts.get("family_name")))),
        address=_addresses(record.handles),
        what=", ".join(f"{key.removeprefix(OWN).replace('_', ' ')}: {value}" for key, value in facts.items())[
            :LONGEST
        ],
    )


def _addresses(handles: Iterable[Handle]) -> str:
    return ", ".join(handle.address for handle in handles)
