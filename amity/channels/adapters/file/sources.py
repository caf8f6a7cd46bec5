"""Sources of a mapping compiled into functions from a row to text, handles, instants and amounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from amity.channels.adapters.file.cells import Row, lookup
from amity.channels.adapters.file.mapping import (
    ANY_NETWORK,
    HandleSource,
    Mapping,
    Source,
    column_key,
    column_keys,
)
from amity.channels.adapters.file.shape import Shape
from amity.channels.adapters.file.values import date_parser, normalise_address, parse_amount, split_name
from amity.channels.mime import html_to_text
from amity.channels.records import Handle, Unreadable

TextGetter = Callable[[Row], str]
HandleGetter = Callable[[Row], list[Handle]]

_TRANSFORMS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "digits": lambda text: re.sub(r"\D", "", text),
    "first_line": lambda text: text.partition("\n")[0].strip(),
    "html": html_to_text,
    "title": str.title,
    "list": lambda text: ",".join(re.findall(r"[^\s,;|\"'\[\]]+", text)),
}


def nothing(_row: Row) -> str:
    """The getter of a field that is not mapped."""
    return ""


def text_getter(source: Source | None, shape: Shape) -> TextGetter:
    """A function from a row to the stripped text of `source`; empty where its columns are not in the file."""
    if source is None:
        return nothing
    keys = column_keys(shape.columns)
    finders = [lookup(shape, keys[key]) for column in source.columns if (key := column_key(column)) in keys]
    getter = _combined(finders, source)
    if source.transform:
        getter = _transformed(getter, _TRANSFORMS[source.transform])
    return _translated(getter, source.values) if source.values else getter


def _combined(finders: list[TextGetter], source: Source) -> TextGetter:
    constant, join = source.constant, source.join
    if not finders:
        return lambda _row: constant
    if len(finders) == 1:
        find = finders[0]
        return (lambda row: find(row).strip() or constant) if constant else (lambda row: find(row).strip())
    if join is not None:
        return lambda row: join.join(text for find in finders if (text := find(row).strip())) or constant
    return lambda row: next((text for find in finders if (text := find(row).strip())), constant)


def _transformed(get: TextGetter, change: Callable[[str], str]) -> TextGetter:
    return lambda row: change(get(row))


def _translated(get: TextGetter, values: dict[str, str]) -> TextGetter:
    table = {key.casefold(): value for key, value in values.items()}

    def translate(row: Row) -> str:
        text = get(row)
        return table.get(text.casefold(), text)

    return translate


def column_name(mapping: Mapping, field: str, shape: Shape) -> str:
    """The name of the column behind a field as the file spells it, for reasons in words."""
    source = mapping.fields.get(field)
    keys = column_keys(shape.columns)
    names = [
        keys[key] for column in (source.columns if source else ()) if (key := column_key(column)) in keys
    ]
    return names[0] if names else field


def instant_getter(mapping: Mapping, shape: Shape, field: str = "at") -> Callable[[Row], datetime | None]:
    """A function from a row to the instant in `field`, None where the cell is empty. Raises `Unreadable`."""
    get = text_getter(mapping.fields.get(field), shape)
    parse = date_parser(mapping.date_format, mapping.timezone)
    column = column_name(mapping, field, shape)

    def read(row: Row) -> datetime | None:
        text = get(row)
        if not text:
            return None
        try:
            return parse(text)
        except (ValueError, OverflowError) as error:
            raise Unreadable(
                "date",
                f"“{column}”: “{text[:40]}” is not a date ({spelled_date(mapping.date_format)}). Correct it, "
                "or choose another date format.",
            ) from error

    return read


_DATES = {
    "iso": "year first, such as 2025-12-31",
    "day_first": "day first, such as 31.12.2025",
    "month_first": "month first, such as 12/31/2025",
    "words": "with words, such as 31 December 2025",
    "epoch": "seconds since 1970",
    "epoch_ms": "milliseconds since 1970",
}


def spelled_date(date_format: str) -> str:
    """A date format in words, with an example."""
    return _DATES.get(date_format) or f"of the pattern {date_format}"


def amount_getter(mapping: Mapping, shape: Shape, field: str) -> Callable[[Row], Decimal | None]:
    """A function from a row to the number in `field`, None where the cell is empty. Raises `Unreadable`."""
    get = text_getter(mapping.fields.get(field), shape)
    column = column_name(mapping, field, shape)
    decimal_comma = mapping.decimal_comma

    def read(row: Row) -> Decimal | None:
        text = get(row)
        if not text:
            return None
        try:
            return parse_amount(text, decimal_comma=decimal_comma)
        except ValueError as error:
            sign = "comma" if decimal_comma else "point"
            raise Unreadable(
                "amount",
                f"“{column}”: “{text[:40]}” is not an amount with a decimal {sign}. Correct it, or change the "
                "decimal sign of the mapping.",
            ) from error

    return read


def prefixed_getters(mapping: Mapping, shape: Shape, prefix: str) -> list[tuple[str, TextGetter]]:
    """Getters of the fields `<prefix>.<key>` whose columns are in the file."""
    keys = column_keys(shape.columns)
    return [
        (key := name.removeprefix(prefix + "."), _value_getter(key, mapping, shape, source))
        for name, source in mapping.fields.items()
        if name.startswith(prefix + ".")
        and (source.constant or any(column_key(column) in keys for column in source.columns))
    ]


def _value_getter(key: str, mapping: Mapping, shape: Shape, source: Source) -> TextGetter:
    """The text of a cell; of one of the company's own fields, or of a consent, its value. Raises `Unreadable`."""
    from amity.channels.own_fields import cell_reader, is_own  # it reads mappings too

    get = text_getter(source, shape)
    if not is_own(key):
        return get

    read = cell_reader(key, mapping, shape, source)
    return lambda row: read(text) if (text := get(row)) else ""


def handles_getter(
    sources: tuple[HandleSource, ...], mapping: Mapping, shape: Shape, name: TextGetter = nothing
) -> HandleGetter:
    """A function from a row to its handles, normalised, strongest first, each once; `name` names them all."""
    getters = [_handle_getter(source, mapping, shape) for source in sources]
    if not getters:
        return lambda _row: []
    if len(getters) == 1 and not sources[0].separator:
        only = getters[0]
        return lambda row: only(row, name(row))

    def read(row: Row) -> list[Handle]:
        label = name(row)
        found: dict[tuple[str, str], Handle] = {}
        for get in getters:
            for handle in get(row, label):
                found.setdefault((handle.network, handle.address), handle)
        return list(found.values())

    return read


def _handle_getter(
    source: HandleSource, mapping: Mapping, shape: Shape
) -> Callable[[Row, str], list[Handle]]:
    get = text_getter(source.source, shape)
    label = text_getter(source.label, shape)
    network = source.network.replace("{source}", mapping.source)
    separator, region = source.separator, mapping.phone_region

    def read(row: Row, name: str) -> list[Handle]:
        text = get(row)
        if not text:
            return []
        parts = text.split(separator) if separator else (text,)
        given = label(row) or name
        if network == ANY_NETWORK:
            pairs = [part.partition("=") for part in parts]
            return [
                handle
                for own, _, part in pairs
                if (handle := make_handle(own.strip().lower(), part, given)).address
            ]
        return [handle for part in parts if (handle := make_handle(network, part, given, region)).address]

    return read


def wrong_address(
    sources: tuple[HandleSource, ...], mapping: Mapping, shape: Shape
) -> Callable[[Row], Unreadable | None]:
    """A function for rows without a handle: why the text that stands there is none; None where there is no text."""
    keys = column_keys(shape.columns)
    cells = [
        (keys[key], source.network.replace("{source}", mapping.source), lookup(shape, keys[key]))
        for source in sources
        for column in source.source.columns
        if (key := column_key(column)) in keys
    ]

    def why(row: Row) -> Unreadable | None:
        for column, network, find in cells:
            if text := find(row).strip():
                what = _ADDRESSES.get(network, "an account")
                return Unreadable("handle", f"“{column}”: “{text[:40]}” is not {what}. Correct it.")
        return None

    return why


_ADDRESSES = {"email": "an e-mail address", "phone": "a phone number"}


def without_names(handles: Iterable[Handle]) -> tuple[Handle, ...]:
    """The same handles, where what stood for a name is one of their addresses and so says nothing."""
    return tuple(Handle(handle.network, handle.address) for handle in handles)


def make_handle(network: str, text: str, name: str = "", region: str = "") -> Handle:
    """A normalised handle; of `Name <address>` the name is taken where none is given. May be empty."""
    if network == "email" and "<" in text:
        inner, text = split_name(text)
        name = name or inner
    return Handle(network, normalise_address(network, text, region), name)
