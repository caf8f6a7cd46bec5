"""A mapping says which column of a file means what. It is plain data: shown, edited, saved, shipped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, NamedTuple
from unicodedata import normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from amity.channels.adapters.file.shape import Format, Shape
from amity.channels.adapters.file.values import DATE_FORMATS, words
from amity.channels.records import Unreadable


class RecordKind(StrEnum):
    """What one item of the file becomes. `mixed`: each item says it itself (native JSON Lines)."""

    MESSAGE = "message"
    ORDER = "order"
    PERSON = "person"
    MIXED = "mixed"


FIELDS: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.MESSAGE: words(
        "id at author_name text html subject in_reply_to thread language direction public staff "
        "reply_text reply_at reply_author"
    ),
    RecordKind.ORDER: words(
        "id number at amount currency status items buyer_name "
        "line_sku line_name line_quantity line_amount line_price"
    ),
    RecordKind.PERSON: ("id", "at", "name"),
    RecordKind.MIXED: (),
}
"""Fields that a mapping may fill, besides `facts.<key>` and `extra.<key>`, which hold whatever else is known."""

FACT_TITLE = "fact: "
"""How the title of a column begins that is kept as the fact behind it, where our own exports need it apart."""

ANY_NETWORK = "*"
"""Network of handles that name it themselves: `twitter=anna`."""

TRANSFORMS = ("", "lower", "upper", "digits", "first_line", "html", "list", "title")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the text of a field comes from.

    The first of `columns` that is filled, or all of them joined with `join`; `constant` where none is. Then
    `transform` (one of `TRANSFORMS`), then `values`, which translates whole texts regardless of case.
    """

    columns: tuple[str, ...] = ()
    constant: str = ""
    join: str | None = None
    transform: str = ""
    values: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        plain = {
            "columns": list(self.columns),
            "constant": self.constant,
            "join": self.join,
            "transform": self.transform,
            "values": self.values,
        }
        return {key: value for key, value in plain.items() if value not in ([], "", None, {})}

    @classmethod
    def from_json(cls, data: Any) -> Source:
        """From an object, or from the name of a column alone."""
        if isinstance(data, str):
            return cls((data,))
        data = _object(data, "a source", {"columns", "column", "constant", "join", "transform", "values"})
        columns = [data["column"]] if "column" in data else data.get("columns", [])
        return cls(
            columns=_texts(columns, "columns"),
            constant=str(data.get("constant", "")),
            join=data.get("join"),
            transform=str(data.get("transform", "")),
            values={str(key): str(value) for key, value in data.get("values", {}).items()},
        )


@dataclass(frozen=True, slots=True)
class HandleSource:
    """A handle of the author, buyer or person. `network` may hold `{source}`, the key of the source.

    `separator` splits a cell that holds several; `label` is the column with the name that goes with it.
    """

    network: str
    source: Source
    label: Source | None = None
    separator: str = ""

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"network": self.network, **self.source.to_json()}
        if self.label:
            plain["label"] = self.label.to_json()
        return {**plain, "separator": self.separator} if self.separator else plain

    @classmethod
    def from_json(cls, data: Any) -> HandleSource:
        keys = {"network", "label", "separator"}
        whole = _object(
            data, "a handle", keys | {"columns", "column", "constant", "join", "transform", "values"}
        )
        source = Source.from_json({key: value for key, value in whole.items() if key not in keys})
        label = Source.from_json(whole["label"]) if whole.get("label") else None
        return cls(str(whole.get("network", "")), source, label, str(whole.get("separator", "")))


@dataclass(frozen=True, slots=True)
class DirectionRule:
    """Who speaks: the text in `source` is compared with the words for ours, internal and theirs."""

    source: Source = Source()
    ours: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    otherwise: str = "in"

    def to_json(self) -> dict[str, Any]:
        words = {"ours": list(self.ours), "internal": list(self.internal), "theirs": list(self.theirs)}
        return {**self.source.to_json(), **{k: v for k, v in words.items() if v}, "otherwise": self.otherwise}

    @classmethod
    def from_json(cls, data: Any) -> DirectionRule:
        keys = {"ours", "internal", "theirs", "otherwise"}
        whole = _object(
            data, "the direction", keys | {"columns", "column", "constant", "transform", "values"}
        )
        return cls(
            source=Source.from_json({key: value for key, value in whole.items() if key not in keys}),
            ours=_texts(whole.get("ours", []), "ours"),
            internal=_texts(whole.get("internal", []), "internal"),
            theirs=_texts(whole.get("theirs", []), "theirs"),
            otherwise=str(whole.get("otherwise", "in")),
        )


class Problem(NamedTuple):
    """Something to put right in a mapping before it can be used."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the items of a file become records.

    `source` is the key of the source: it names the network `customer:<source>` of customer numbers.
    `handles` are the author's (message), the buyer's (order) or the person's, strongest first;
    `own_addresses` are ours, so a message from one of them is outgoing. With `recipients_from_mentions` the
    leading @names of a text are its recipients. `phone_region` is the country of phone numbers that do not say
    theirs. `recognise` are the columns by which a shipped mapping knows its export. `options`: `lines` (several rows
    make one order), `fold_quotes` (hide quoted mail), `keep_other_columns` (all columns that mean nothing else become
    facts).
    """

    name: str
    title: str
    record: RecordKind
    source: str
    fields: dict[str, Source] = field(default_factory=dict)
    handles: tuple[HandleSource, ...] = ()
    recipients: tuple[HandleSource, ...] = ()
    channel: str = "message"
    date_format: str = "iso"
    timezone: str = "UTC"
    currency: str = ""
    decimal_comma: bool = False
    phone_region: str = ""
    direction: DirectionRule = DirectionRule()
    own_addresses: tuple[str, ...] = ()
    recipients_from_mentions: bool = False
    is_public: bool = False
    formats: tuple[Format, ...] = (Format.CSV,)
    recognise: tuple[str, ...] = ()
    options: dict[str, bool] = field(default_factory=dict)
    description: str = ""

    def option(self, name: str) -> bool:
        return self.options.get(name, False)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns back into an equal mapping."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "record": self.record.value,
            "source": self.source,
            "formats": [entry.value for entry in self.formats],
            "recognise": list(self.recognise),
            "fields": {key: source.to_json() for key, source in self.fields.items()},
            "handles": [handle.to_json() for handle in self.handles],
            "recipients": [handle.to_json() for handle in self.recipients],
            "channel": self.channel,
            "date_format": self.date_format,
            "timezone": self.timezone,
            "currency": self.currency,
            "decimal_comma": self.decimal_comma,
            "phone_region": self.phone_region,
            "direction": self.direction.to_json(),
            "own_addresses": list(self.own_addresses),
            "recipients_from_mentions": self.recipients_from_mentions,
            "is_public": self.is_public,
            "options": dict(self.options),
        }

    @classmethod
    def from_json(cls, data: Any) -> Mapping:
        """A mapping out of a JSON object; what is left out has its default.

        Raises `Unreadable` with code `mapping` where it is not a mapping at all; use `problems` for whether
        it makes sense.
        """
        try:
            return cls(**_members(_object(data, "the mapping", {entry.name for entry in fields(cls)})))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable("mapping", f"This is not a mapping: {error}.") from error

    def problems(self, shape: Shape | None = None) -> tuple[Problem, ...]:
        """What is wrong with it, in words that say what to do; with `shape`, also for that file."""
        found = [*_problems(self)]
        if shape is not None:
            found += _problems_with(self, shape)
        return tuple(found)


def _members(data: dict[str, Any]) -> dict[str, Any]:
    plain = {key: data[key] for key in data if key not in _READERS}
    return {**plain, **{key: read(data[key]) for key, read in _READERS.items() if key in data}}


_READERS: dict[str, Any] = {
    "record": RecordKind,
    "fields": lambda found: {key: Source.from_json(value) for key, value in found.items()},
    "handles": lambda found: tuple(HandleSource.from_json(value) for value in found),
    "recipients": lambda found: tuple(HandleSource.from_json(value) for value in found),
    "direction": DirectionRule.from_json,
    "own_addresses": lambda found: _texts(found, "own_addresses"),
    "formats": lambda found: tuple(Format(value) for value in found),
    "recognise": lambda found: _texts(found, "recognise"),
    "options": lambda found: {str(key): bool(value) for key, value in found.items()},
}


def _object(data: Any, what: str, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Unreadable("mapping", f"{what.capitalize()} must be an object with names and values.")
    if unknown := sorted(set(data) - allowed):
        raise Unreadable(
            "mapping", f"Unknown in {what}: {', '.join(unknown)}. Known: {', '.join(sorted(allowed))}."
        )
    return data


def _texts(found: Any, what: str) -> tuple[str, ...]:
    if not isinstance(found, list | tuple) or not all(isinstance(entry, str) for entry in found):
        raise Unreadable("mapping", f"“{what}” must be a list of texts.")
    return tuple(found)


def _problems(mapping: Mapping) -> Iterable[Problem]:
    if not _SLUG.fullmatch(mapping.source):
        yield Problem(
            "source", "Give the source a key of small letters, digits and hyphens, such as “web-shop”."
        )
    if mapping.date_format not in DATE_FORMATS and "%" not in mapping.date_format:
        yield Problem(
            "date_format", f"Choose one of {', '.join(DATE_FORMATS)}, or write a pattern like %d.%m.%Y."
        )
    try:
        ZoneInfo(mapping.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem("timezone", f"There is no time zone “{mapping.timezone}”. Write it like Europe/Berlin.")
    if mapping.currency and not re.fullmatch(r"[A-Z]{3}", mapping.currency):
        yield Problem("currency", "Write the currency as three capital letters, such as EUR.")
    if mapping.phone_region and not re.fullmatch(r"[A-Z]{2}", mapping.phone_region):
        yield Problem(
            "phone_region", "Write the country of phone numbers as two capital letters, such as DE."
        )
    if mapping.direction.otherwise not in {"in", "out", "internal"}:
        yield Problem("direction", "Messages that no rule decides must be “in”, “out” or “internal”.")
    known = set(FIELDS[mapping.record])
    for name, source in mapping.fields.items():
        if name not in known and not name.startswith(("facts.", "extra.")):
            yield Problem(name, f"There is no field “{name}”. Use facts.{name} to keep it as a fact.")
        if source.transform not in TRANSFORMS:
            yield Problem(
                name, f"There is no transform “{source.transform}”. Use one of {', '.join(TRANSFORMS[1:])}."
            )
    yield from _missing(mapping)


def _missing(mapping: Mapping) -> Iterable[Problem]:
    """What the kind of record cannot do without."""
    if mapping.record is RecordKind.MIXED or not all(one.has_columns for one in mapping.formats):
        return
    who = {
        RecordKind.MESSAGE: "Choose the column that says who wrote the message, or enter one account for all.",
        RecordKind.ORDER: "Choose the column with the buyer's e-mail address or customer number.",
        RecordKind.PERSON: "Choose at least one column with an e-mail address, phone number or customer number.",
    }[mapping.record]
    if not any(handle.source.columns or handle.source.constant for handle in mapping.handles):
        yield Problem("handles", who)
    needs = {
        RecordKind.MESSAGE: {"at": "when the message was written"},
        RecordKind.ORDER: {"at": "the date of the order", "id": "the number of the order"},
        RecordKind.PERSON: {},
    }[mapping.record]
    for name, what in needs.items():
        if name not in mapping.fields:
            yield Problem(name, f"Choose the column with {what}.")
    if mapping.record is RecordKind.MESSAGE and not {"text", "html", "subject"} & set(mapping.fields):
        yield Problem("text", "Choose the column with the text of the message.")
    if mapping.record is RecordKind.ORDER:
        if not {"amount", "line_amount", "line_price"} & set(mapping.fields):
            yield Problem("amount", "Choose the column with the total, or with the amount of each line.")
        if "currency" not in mapping.fields and not mapping.currency:
            yield Problem("currency", "Choose the column with the currency, or enter one for the whole file.")


def _problems_with(mapping: Mapping, shape: Shape) -> Iterable[Problem]:
    if shape.format not in mapping.formats and not {shape.format, *mapping.formats} <= _OBJECTS:
        yield Problem(
            "formats", f"This mapping is for {', '.join(mapping.formats)}, the file is {shape.format}."
        )
    if not shape.format.has_columns:
        return
    by_key = column_keys(shape.columns)
    sources = [handle.source for handle in mapping.handles]
    if sources and not any(s.constant or any(column_key(c) in by_key for c in s.columns) for s in sources):
        named = ", ".join(f"“{column}”" for source in sources for column in source.columns)
        yield Problem(
            "handles", f"The file has none of the columns that say who it is: {named}. Choose another."
        )
    for name, source in all_sources(mapping):
        is_here = source.constant or any(column_key(column) in by_key for column in source.columns)
        if source.columns and not is_here and not _can_be_absent(name, mapping):
            yield Problem(
                name, f"The file has no column “{source.columns[0]}”. Choose another column for “{name}”."
            )


def _can_be_absent(name: str, mapping: Mapping) -> bool:
    if mapping.record is RecordKind.PERSON or name.startswith(("facts.", "extra.")):
        return True
    return name in _OPTIONAL or (name == "currency" and mapping.currency != "")


_OBJECTS = {Format.JSON, Format.JSONL}
_OPTIONAL = frozenset(
    words(
        "author_name html subject in_reply_to thread language public staff reply_text reply_at reply_author number "
        "status items buyer_name line_sku line_name name handles recipients direction"
    )
)


def all_sources(mapping: Mapping) -> Iterable[tuple[str, Source]]:
    """Every source with the field that it fills."""
    yield from mapping.fields.items()
    for handle in mapping.handles:
        yield "handles", handle.source
        if handle.label:
            yield "handles", handle.label
    for handle in mapping.recipients:
        yield "recipients", handle.source
    yield "direction", mapping.direction.source


def column_key(name: str) -> str:
    """What two spellings of a column name have in common: `Customer ID`, `CustomerID`, `customer_id`.

    Accents do not count: `Número` is `numero`.
    """
    return "".join(character for character in normalize("NFKD", name.casefold()) if character.isalnum())


def column_keys(columns: Iterable[str]) -> dict[str, str]:
    """Key to column name; the first column wins where two share a key."""
    keys: dict[str, str] = {}
    for name in columns:
        keys.setdefault(column_key(name), name)
    return keys
