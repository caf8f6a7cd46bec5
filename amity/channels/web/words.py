"""What the import screens say: states, reasons, columns, kinds of records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext_lazy

from amity.channels.adapters.file.shape import Container, Format
from amity.channels.domain import columns as uses
from amity.channels.field_words import FACTS, NETWORKS
from amity.channels.models import ImportRun, RunState, run_state_label
from amity.channels.outcomes import Fate
from amity.channels.preview import Kind

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

TONES = {
    RunState.DRAFT: ("circle-dashed", ""),
    RunState.QUEUED: ("hourglass", ""),
    RunState.RUNNING: ("play", "info"),
    RunState.STOPPED: ("pause", "caution"),
    RunState.FAILED: ("circle-alert", "bad"),
    RunState.DONE: ("check", "good"),
    RunState.UNDOING: ("undo-2", "info"),
    RunState.UNDONE: ("undo-2", ""),
}
"""Icon and tone of a state."""


def state_of(run: ImportRun) -> dict[str, str]:
    """A run's state as icon, tone and words."""
    icon, tone = TONES[RunState(run.state)]
    label = run_state_label(run.state)
    if run.state == RunState.DRAFT:
        icon, tone, label = (
            ("circle-alert", "bad", _("Cannot be read")) if run.error else (icon, tone, _("To check"))
        )
    elif run.state == RunState.DONE and run.rows_quarantined:
        icon, tone = "triangle-alert", "caution"
        label = ngettext(
            "Done, %(count)s row not taken", "Done, %(count)s rows not taken", run.rows_quarantined
        ) % {"count": f"{run.rows_quarantined:,}"}
    return {"icon": icon, "tone": tone, "label": label}


_BECOMES = {
    Kind.TO_US: ngettext_lazy("%(n)s message to us", "%(n)s messages to us", "n"),
    Kind.BY_US: ngettext_lazy("%(n)s message by us", "%(n)s messages by us", "n"),
    Kind.INTERNAL: ngettext_lazy("%(n)s internal note", "%(n)s internal notes", "n"),
    Kind.AUTOMATIC: ngettext_lazy("%(n)s automatic mail", "%(n)s automatic mails", "n"),
    Kind.ORDER: ngettext_lazy("%(n)s order", "%(n)s orders", "n"),
    Kind.PERSON: ngettext_lazy("%(n)s entry of a person", "%(n)s entries of people", "n"),
}


def becomes(counts: Mapping[Any, int]) -> list[str]:
    """Counts of records in words, the most first."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return [
        str(_BECOMES[Kind(kind)] % {"n": count}).replace(str(count), f"{count:,}", 1)
        for kind, count in ordered
    ]


_OF_PEOPLE = {
    Fate.NEW: ngettext_lazy("%(n)s new person", "%(n)s new people", "n"),
    Fate.CHANGED: ngettext_lazy("%(n)s known with something new", "%(n)s known with something new", "n"),
    Fate.KNOWN: ngettext_lazy("%(n)s known with nothing new", "%(n)s known with nothing new", "n"),
}


def of_people(counts: Mapping[str, int]) -> list[str]:
    """How many rows would bring somebody new, change somebody, or say nothing new, in words."""
    return [
        str(label % {"n": counts[fate]}).replace(str(counts[fate]), f"{counts[fate]:,}", 1)
        for fate, label in _OF_PEOPLE.items()
        if counts.get(fate)
    ]


_REASONS: dict[str, str | Promise] = {
    "date": gettext_lazy("Not a date in the chosen format"),
    "date_missing": gettext_lazy("No date"),
    "amount": gettext_lazy("Not an amount"),
    "amount_missing": gettext_lazy("No amount"),
    "author_missing": gettext_lazy("Nobody is named as the author"),
    "buyer_missing": gettext_lazy("Nobody is named as the buyer"),
    "no_handle": gettext_lazy("No address and no number"),
    "handle": gettext_lazy("Not an address or account"),
    "id_missing": gettext_lazy("No number"),
    "currency": gettext_lazy("Not a currency"),
    "direction": gettext_lazy("Unclear who speaks"),
    "status": gettext_lazy("Unknown status"),
    "lines": gettext_lazy("The lines of the order do not fit"),
    "too_many_cells": gettext_lazy("Too many cells"),
    "too_few_cells": gettext_lazy("Too few cells"),
    "encoding": gettext_lazy("Characters that cannot be read"),
    "json": gettext_lazy("Not valid JSON"),
    "type": gettext_lazy("Unknown type"),
    "unclosed-quote": gettext_lazy("A quotation mark is never closed"),
    "too-long": gettext_lazy("Too long"),
    "unfinished": gettext_lazy("The file ends in the middle of it"),
    "internal": gettext_lazy("Amity failed on it"),
}


def reason_title(code: str, column: str) -> str:
    """A cause in a few words: "Not a date in the chosen format: created_at"."""
    words = str(_REASONS.get(code) or _("Cannot be read"))
    return f"{words}: {column}" if column else words


_ROLES: dict[str, str | Promise] = {
    uses.WHO: gettext_lazy("Who it is: address or account"),
    uses.TO: gettext_lazy("Whom it went to"),
    uses.SPEAKER: gettext_lazy("Who speaks: customer or us"),
    "id": gettext_lazy("Its number"),
    "at": gettext_lazy("When"),
    "author_name": gettext_lazy("Name of the author"),
    "text": gettext_lazy("Text"),
    "html": gettext_lazy("Text as HTML"),
    "subject": gettext_lazy("Subject"),
    "in_reply_to": gettext_lazy("What it answers"),
    "thread": gettext_lazy("Conversation it belongs to"),
    "language": gettext_lazy("Language"),
    "direction": gettext_lazy("Who speaks: customer or us"),
    "public": gettext_lazy("Whether it is public"),
    "staff": gettext_lazy("Colleague"),
    "reply_text": gettext_lazy("Our answer"),
    "reply_at": gettext_lazy("When we answered"),
    "reply_author": gettext_lazy("Who answered"),
    "number": gettext_lazy("Number on the invoice"),
    "amount": gettext_lazy("Total"),
    "currency": gettext_lazy("Currency"),
    "status": gettext_lazy("Status"),
    "items": gettext_lazy("How many articles"),
    "buyer_name": gettext_lazy("Name of the buyer"),
    "line_sku": gettext_lazy("Article number of the line"),
    "line_name": gettext_lazy("Article of the line"),
    "line_quantity": gettext_lazy("Quantity of the line"),
    "line_amount": gettext_lazy("Amount of the line"),
    "line_price": gettext_lazy("Price of one article"),
    "name": gettext_lazy("Name"),
    **{f"facts.{name}": label for name, label in FACTS.items()},
    uses.KEEP: gettext_lazy("Keep it under its own name"),
    uses.NOT_USED: gettext_lazy("Not used"),
}


def role_label(role: str) -> str:
    """What a column is used for, in words."""
    if role in _ROLES:
        return str(_ROLES[role])
    return _("Keep it as “%(name)s”") % {"name": role.partition(".")[2]}


_NETWORKS: dict[str, str | Promise] = {
    **NETWORKS,
    uses.OWN_NUMBER: gettext_lazy("Customer number of this source"),
}


def network_label(network: str) -> str:
    """A network by name; those of the world are called what they call themselves."""
    return str(_NETWORKS.get(network) or network.title())


CHANNELS: dict[str, str | Promise] = {
    "message": gettext_lazy("Message"),
    "email": gettext_lazy("E-mail"),
    "chat": gettext_lazy("Chat"),
    "tweet": gettext_lazy("Tweet"),
    "post": gettext_lazy("Public post"),
    "review": gettext_lazy("Review"),
    "call": gettext_lazy("Call"),
    "form": gettext_lazy("Form"),
}
DATE_FORMATS: dict[str, str | Promise] = {
    "iso": gettext_lazy("Year first: 2026-03-04"),
    "day_first": gettext_lazy("Day first: 4.3.2026, 04/03/26"),
    "month_first": gettext_lazy("Month first: 3/4/2026"),
    "words": gettext_lazy("With words: 4 March 2026"),
    "epoch": gettext_lazy("Seconds since 1970"),
    "epoch_ms": gettext_lazy("Milliseconds since 1970"),
}
FORMATS = {
    Format.CSV: gettext_lazy("CSV table"),
    Format.JSONL: gettext_lazy("JSON Lines"),
    Format.JSON: gettext_lazy("JSON"),
    Format.MBOX: gettext_lazy("mailbox (mbox)"),
    Format.EML: gettext_lazy("mail files"),
    Format.VCARD: gettext_lazy("address book (vCard)"),
}
NOTES: dict[str, str | Promise] = {
    "title_lines_skipped": gettext_lazy("What stands above the row of column names is left out."),
    "duplicate_columns": gettext_lazy("Some columns have the same name; the later ones are numbered."),
    "no_rows": gettext_lazy("There are column names, but no rows."),
    "pictures_left_out": gettext_lazy("Pictures of people are left out."),
}
CONTAINERS = {
    Container.XLSX: gettext_lazy("a sheet of a workbook (XLSX)"),
    Container.GZIP: gettext_lazy("packed with gzip"),
    Container.ZIP: gettext_lazy("in a zip"),
    Container.TAR: gettext_lazy("in a tar archive"),
}
TURNED = {
    RunState.QUEUED: pgettext_lazy("history", "Handed to the worker"),
    RunState.RUNNING: pgettext_lazy("history", "Began to read"),
    RunState.STOPPED: pgettext_lazy("history", "Stopped"),
    RunState.FAILED: pgettext_lazy("history", "Failed"),
    RunState.DONE: pgettext_lazy("history", "Reached the end of the file"),
    RunState.UNDOING: pgettext_lazy("history", "Undo began"),
    RunState.UNDONE: pgettext_lazy("history", "Taken back"),
}


def say(request: ActingRequest, text: str, undo_url: str = "") -> None:
    """Show `text` on the next page; with `undo_url` also the button that takes it back."""
    tags = json.dumps({"undo_url": undo_url, "undo_fields": {}}) if undo_url else ""
    messages.success(request, text, extra_tags=tags)
