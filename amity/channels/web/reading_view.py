"""What the mapping screen shows, computed from a run: columns with reasons, choices with examples, the preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.channels.adapters.file.guess import Guess
from amity.channels.adapters.file.mapping import Mapping, RecordKind
from amity.channels.adapters.file.patterns import detect_date
from amity.channels.adapters.file.shape import Container, Format, Shape
from amity.channels.adapters.file.values import DATE_FORMATS, date_parser, parse_amount
from amity.channels.checking import flag_words
from amity.channels.domain.columns import SPEAKER, Use, speakers, uses_of
from amity.channels.drafts import OPEN_DAYS, problems_of, sheets
from amity.channels.field_words import left_out_title, left_out_words
from amity.channels.imports import FileGone, file_to_read
from amity.channels.models import ImportRun, RunState, Source
from amity.channels.preview import FirstItems, read_first
from amity.channels.queries import trial_progress
from amity.channels.reading import remembered_by, source_name
from amity.channels.readings import guesses_of, other_mappings
from amity.channels.records import LeftOut, Unreadable
from amity.channels.walking import config_of
from amity.channels.web import words
from amity.channels.web.column_view import columns_of
from amity.channels.web.mapping_form import TICKS
from amity.channels.web.preview_rows import preview_rows
from amity.kernel.actor import Actor

PREVIEWED = 20
LOOKED_AT = 100
MOST_WORDS = 12
_DATES = ("at",)
_AMOUNTS = ("amount", "line_amount", "line_price")


def mapping_view(run: ImportRun, actor: Actor, now: datetime) -> dict[str, Any]:
    """The context of the mapping page."""
    shown: dict[str, Any] = {
        "run": run,
        "state": words.state_of(run),
        "is_draft": run.state == RunState.DRAFT,
        "may_change": run.state in {RunState.DRAFT, RunState.STOPPED, RunState.FAILED, RunState.DONE},
    }
    if not run.shape:
        return shown | {"cannot_read": run.error}
    shape = Shape.from_json(run.shape)
    guesses = guesses_of(run)
    shown |= {
        "is_table": shape.format.has_columns,
        "file_words": file_words(run, shape),
        "notes": [words.NOTES[note] for note in shape.notes if note in words.NOTES],
        "sheets": [{"name": name, "is_current": name == shape.member} for name in sheets(run)],
        "readings": _readings(run, guesses),
        "open_days": _open_days(run),
        "problems": problems_of(run),
        "saved_name": run.mapping.get("title", ""),
        **trial_view(run, now),
    }
    if not run.mapping:
        return shown | {"unknown": True, "start_label": _("Import")}
    mapping = Mapping.from_json(run.mapping)
    guess = next((one for one in guesses if one.mapping.name == mapping.name), None)
    first, broken = _first_items(run, shown["problems"])
    uses = uses_of(mapping, shape.columns)
    return shown | {
        "mapping": mapping,
        "answer": _answer(mapping, guess, uses),
        "questions": _questions(mapping, shape),
        "columns": columns_of(run, mapping, shape, uses, guess, first),
        "remembered": remembered_by(run),
        "formats": _formats(mapping, shape),
        "speaking": _speaking(mapping, shape),
        "ticks": _ticks(mapping, shape),
        "channels": _channels(mapping),
        "own_addresses": "\n".join(mapping.own_addresses),
        "sources": _sources(run, mapping, actor),
        "preview": preview_rows(first.shown, mapping.record),
        "preview_words": _preview_words(first),
        "broken": broken,
        "start_label": _start_label(run),
    }


def file_words(run: ImportRun, shape: Shape) -> str:
    """The file in a line: kind, packing, rows."""
    parts = [str(words.FORMATS[shape.format])]
    if shape.container is Container.XLSX:
        parts = [str(words.CONTAINERS[shape.container])]
    elif shape.container in words.CONTAINERS:
        parts.append(str(words.CONTAINERS[shape.container]))
    if shape.encoding not in {"utf-8", "ascii"} and shape.format is Format.CSV:
        parts.append(shape.encoding)
    if run.rows_total:
        about = (
            _("about %(n)s rows")
            if run.rows_total > LOOKED_AT
            else ngettext("%(n)s row", "%(n)s rows", run.rows_total)
        )
        parts.append(about % {"n": f"{run.rows_total:,}"})
    return ", ".join(parts)


def _answer(mapping: Mapping, guess: Guess | None, uses: dict[str, Use]) -> str:
    used = sum(1 for use in uses.values() if use.role)
    if mapping.name.startswith("guessed-"):
        what = {
            RecordKind.MESSAGE: _("messages"),
            RecordKind.ORDER: _("orders"),
            RecordKind.PERSON: _("people"),
        }
        answer = _("This looks like a table of %(what)s") % {"what": what.get(mapping.record, "")}
    elif guess is None:
        answer = _("Read as %(title)s") % {"title": mapping.title}
    else:
        answer = _("This looks like %(title)s") % {"title": mapping.title}
    if not uses:
        return answer
    known = _("%(used)s of %(all)s columns used") % {"used": used, "all": len(uses)}
    return f"{answer}: {known}"


def _readings(run: ImportRun, guesses: Sequence[Guess]) -> list[dict[str, Any]]:
    current = run.mapping.get("name", "")
    likely = [
        {
            "name": guess.mapping.name,
            "title": _title(guess.mapping),
            "is_current": guess.mapping.name == current,
        }
        for guess in guesses
    ]
    others = [
        {"name": mapping.name, "title": _title(mapping), "is_current": mapping.name == current}
        for mapping in other_mappings(run, guesses)
    ]
    groups = (
        {"label": _("Fits"), "options": likely},
        {"label": _("Does not know these columns"), "options": others},
    )
    return [group for group in groups if group["options"]]


def _title(mapping: Mapping) -> str:
    guessed = {
        "guessed-message": _("Messages, by their columns"),
        "guessed-order": _("Orders, by their columns"),
        "guessed-person": _("People, by their columns"),
    }
    return guessed.get(mapping.name, mapping.title)


def _first_items(run: ImportRun, problems: list[str]) -> tuple[FirstItems, str]:
    if problems:
        return FirstItems(), ""
    try:
        return read_first(file_to_read(run), config_of(run), most=LOOKED_AT, shown=PREVIEWED), ""
    except Unreadable as error:
        return FirstItems(), error.reason
    except FileGone as error:
        return FirstItems(), error.message


def _cells(mapping: Mapping, shape: Shape, fields: Sequence[str]) -> list[str]:
    uses = uses_of(mapping, shape.columns)
    indexes = [index for index, column in enumerate(shape.columns) if uses[column].role in fields]
    return [row[index].strip() for row in shape.sample for index in indexes if row[index].strip()]


def _questions(mapping: Mapping, shape: Shape) -> list[str]:
    """What only a person can answer."""
    asked = []
    dates = _cells(mapping, shape, _DATES)
    found = detect_date(dates) if dates else None
    if found and not found.is_sure:
        asked.append(
            _("Is the first number of %(date)s the day or the month? No date of the first rows can tell.")
            % {"date": dates[0]}
        )
    is_mail = shape.format in {Format.EML, Format.MBOX}
    knows = mapping.direction.source.columns or mapping.own_addresses
    if mapping.record is RecordKind.MESSAGE and not knows:
        asked.append(
            _("Which e-mail addresses are yours? Mail from them counts as written by you.")
            if is_mail
            else _("Which accounts are yours? Messages from them count as your answers.")
        )
    return asked


def _formats(mapping: Mapping, shape: Shape) -> dict[str, Any]:
    """Date, amount and currency with what they make of the first value in the file."""
    dates, amounts = _cells(mapping, shape, _DATES), _cells(mapping, shape, _AMOUNTS)
    current = mapping.date_format
    options = [
        {"value": name, "label": words.DATE_FORMATS[name], "is_current": name == current}
        for name in DATE_FORMATS
    ]
    return {
        "dates": options if dates or "at" in mapping.fields else [],
        "pattern": "" if current in DATE_FORMATS else current,
        "date_example": _read_dates(dates, mapping),
        "asks_amount": mapping.record is RecordKind.ORDER,
        "amount_example": _read_amounts(amounts, mapping.decimal_comma),
        "asks_currency": mapping.record is RecordKind.ORDER and "currency" not in mapping.fields,
    }


def _read_dates(cells: Sequence[str], mapping: Mapping) -> dict[str, Any]:
    if not cells:
        return {}
    try:
        return {"cell": cells[0], "at": date_parser(mapping.date_format, mapping.timezone)(cells[0])}
    except (ValueError, OverflowError, KeyError, OSError):
        return {"cell": cells[0], "at": None}


def _read_amounts(cells: Sequence[str], decimal_comma: bool) -> dict[str, Any]:
    telling = next((cell for cell in cells if "," in cell or "." in cell), cells[0] if cells else "")
    if not telling:
        return {}
    try:
        return {"cell": telling, "amount": parse_amount(telling, decimal_comma=decimal_comma)}
    except ValueError:
        return {"cell": telling, "amount": None}


def _speaking(mapping: Mapping, shape: Shape) -> dict[str, Any]:
    """The words of the column that says who speaks, each with whom it means."""
    if mapping.record is not RecordKind.MESSAGE:
        return {}
    uses = uses_of(mapping, shape.columns)
    index = next((i for i, column in enumerate(shape.columns) if uses[column].role == SPEAKER), None)
    told = {word.casefold(): whom for word, whom in speakers(mapping.direction).items()}
    found = list(dict.fromkeys(row[index].strip() for row in shape.sample)) if index is not None else []
    return {
        "column": shape.columns[index] if index is not None else "",
        "words": [
            {"word": word, "whom": told.get(word.casefold(), "")} for word in found[:MOST_WORDS] if word
        ],
        "otherwise": mapping.direction.otherwise,
    }


def _ticks(mapping: Mapping, shape: Shape) -> list[dict[str, Any]]:
    labels = {
        RecordKind.MESSAGE: {
            "is_public": _("Everybody can read these messages"),
            "fold_quotes": _("Fold quoted text and signatures away"),
            "recipients_from_mentions": _("@names at the start of a text are whom it went to"),
        },
        RecordKind.ORDER: {"lines": _("Several rows make one order")},
        RecordKind.PERSON: {"keep_other_columns": _("Keep all other columns as facts")},
        RecordKind.MIXED: {},
    }[mapping.record]
    if shape.format in {Format.EML, Format.MBOX}:
        labels.pop("recipients_from_mentions", None)
    on = {"is_public": mapping.is_public, "recipients_from_mentions": mapping.recipients_from_mentions}
    on |= {name: mapping.option(name) for name in TICKS}
    return [{"name": name, "label": label, "is_on": on[name]} for name, label in labels.items()]


def _channels(mapping: Mapping) -> list[dict[str, Any]]:
    if mapping.record is not RecordKind.MESSAGE:
        return []
    names = dict.fromkeys((*words.CHANNELS, mapping.channel))
    return [
        {"value": name, "label": words.CHANNELS.get(name, name), "is_current": name == mapping.channel}
        for name in names
    ]


def _open_days(run: ImportRun) -> list[dict[str, Any]]:
    current = run.options.get("open_days", 30)
    labels = {"30": _("Those of the last 30 days"), "all": _("All of them"), "none": _("None of them")}
    return [
        {"value": value, "label": labels[value], "is_current": days == current}
        for value, days in OPEN_DAYS.items()
    ]


def _sources(run: ImportRun, mapping: Mapping, actor: Actor) -> dict[str, Any]:
    """The sources that a file can be added to, and whether the chosen one is new."""
    visible = Source.objects.visible_to(actor).filter(adapter="file").order_by("name")[:200]
    there = [
        {"key": source.key, "name": source.name, "is_current": source.key == mapping.source}
        for source in visible
    ]
    is_new = not any(source["is_current"] for source in there)
    return {
        "there": there,
        "is_new": is_new,
        "key": mapping.source if is_new else "",
        "name": run.options.get("source_name", "") or source_name(mapping),
        "is_fixed": run.state != RunState.DRAFT,
    }


def _preview_words(first: FirstItems) -> str:
    if not first.read:
        return ""
    parts = words.becomes(first.becomes)
    if refused := sum(first.not_taken.values()):
        parts.append(ngettext("%(n)s not taken", "%(n)s not taken", refused) % {"n": refused})
    return ngettext("The first row: %(what)s", "The first %(n)s rows: %(what)s", first.read) % {
        "n": first.read,
        "what": ", ".join(parts) or _("nothing"),
    }


def _start_label(run: ImportRun) -> str:
    if run.state != RunState.DRAFT:
        n = run.rows_quarantined
        return ngettext("Try %(n)s row again", "Try %(n)s rows again", n) % {"n": f"{n:,}"}
    trial = run.options.get("trial") or {}
    rows = trial.get("read") if trial.get("state") == "done" else run.rows_total
    if not rows:
        return _("Import the file")
    if rows > LOOKED_AT and trial.get("state") != "done":
        return _("Import about %(n)s rows") % {"n": f"{rows:,}"}
    return ngettext("Import %(n)s row", "Import %(n)s rows", rows) % {"n": f"{rows:,}"}


def trial_view(run: ImportRun, now: datetime) -> dict[str, Any]:
    """The dry run of a draft, if there is one."""
    trial = run.options.get("trial")
    if not trial:
        return {"trial": None}
    state = trial["state"]
    return {
        "trial": trial,
        "trial_is_live": state in {"waiting", "running"},
        "trial_progress": trial_progress(trial, run.rows_total, now),
        "trial_becomes": ", ".join(words.becomes(trial.get("becomes", {}))),
        "trial_people": ", ".join(words.of_people(trial.get("people", {}))),
        "trial_reasons": [
            {**reason, "title": words.reason_title(reason["code"], reason["column"])}
            for reason in trial.get("reasons", [])
        ],
        "trial_left_out": [
            {
                **one,
                "title": left_out_title(one["code"], one["column"]),
                "words": left_out_words([LeftOut(one["code"], one["field"], one["column"], one["text"])])[0],
            }
            for one in trial.get("left_out", [])
        ],
        "trial_flags": [
            (flag_words(flag["field"], flag["rule"]), flag["count"]) for flag in trial.get("flags", [])
        ],
    }
