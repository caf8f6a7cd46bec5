"""Values of a row that are none: the row comes in without them, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Of
from dataclasses import replace

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
from amity.channels.adapters.file.sources import TextGetter, make_handle, text_getter
from amity.channels.adapters.file.values import is_impossible_day
from amity.channels.records import LEFT_OUT_TEXT, LeftOut, Unreadable

DAYS = frozenset({"birthday", "anniversary"})
"""Facts that are days. They stay as they were written, if there is such a day."""
_CODES = {"email": "email", "phone": "phone"}


def address_left_out(network: str, text: str, column: str) -> LeftOut | None:
    """What is told of a text that stands where an address does; None where it is one, or says nothing (“-”)."""
    if not any(map(str.isalnum, text)) or make_handle(network, text).address:
        return None
    return LeftOut(_CODES.get(network, "account"), network, column, text.strip()[:LEFT_OUT_TEXT])


def day_left_out(field: str, text: str, column: str) -> LeftOut | None:
    """What is told of a day that there is not; None for any other text, and for facts that are no days."""
    if field not in DAYS or not is_impossible_day(text):
        return None
    return LeftOut("day", field, column, text[:LEFT_OUT_TEXT])


def unread_addresses(
    sources: Iterable[HandleSource], mapping: Mapping, shape: Shape
) -> Callable[[Row], list[LeftOut]]:
    """A function from a row to what stands in its columns of addresses and numbers and is none."""
    by_columns: dict[tuple[str, ...], list[HandleSource]] = {}
    for source in sources:
        if source.source.columns:
            by_columns.setdefault(source.source.columns, []).append(source)
    looks = [_looking(alike, mapping, shape) for alike in by_columns.values()]
    return lambda row: [one for look in looks for one in look(row)]


def lost_beside(
    sources: Iterable[HandleSource], mapping: Mapping, shape: Shape, *, leans: bool = False
) -> Callable[[Row], list[LeftOut]]:
    """The same for rows that are not taken without any address: nothing is looked at where one cell alone tells it. A
    row that `leans` on the one before it may be taken without."""
    listed = list(sources)
    if len(listed) == 1 and not listed[0].separator and not leans:
        return lambda _row: []
    return unread_addresses(listed, mapping, shape)


def day_columns(
    facts: Iterable[tuple[str, TextGetter]], mapping: Mapping, shape: Shape
) -> dict[str, TextGetter]:
    """For each of these facts that is a day a function from a row to the name of its column."""
    return {key: column_getter(mapping.fields[f"facts.{key}"], shape) for key, _get in facts if key in DAYS}


def _looking(alike: list[HandleSource], mapping: Mapping, shape: Shape) -> Callable[[Row], list[LeftOut]]:
    """Of columns that may hold one thing or another (an e-mail address, a user name): lost is what is none of them."""
    first = alike[0]
    get, name = text_getter(first.source, shape), column_getter(first.source, shape)
    networks = [source.network.replace("{source}", mapping.source) for source in alike]
    column = first.source.columns[0]

    def lost(network: str, part: str) -> LeftOut | None:
        own, _, address = part.partition("=") if network == ANY_NETWORK else (network, "", part)
        return address_left_out(own.strip().lower(), address, column)

    def look(row: Row) -> list[LeftOut]:
        text = get(row)
        parts = text.split(first.separator) if first.separator else [text]
        found = []
        for part in parts if text else ():
            told = [lost(network, part) for network in networks]
            if told[0] and all(told):
                found.append(replace(told[0], column=name(row)))
        return found

    return look


def column_getter(source: Source, shape: Shape) -> TextGetter:
    """A function from a row to the name of the column, as the file spells it, whose text the row says."""
    keys = column_keys(shape.columns)
    there = [keys[key] for column in source.columns if (key := column_key(column)) in keys]
    finders = [(column, lookup(shape, column)) for column in there]
    otherwise = there[0] if there else ""
    return lambda row: next((column for column, find in finders if find(row).strip()), otherwise)


def extras_reader(
    extras: Iterable[tuple[str, TextGetter]], sources: Of[str, Source], shape: Shape
) -> Callable[[Row, list[LeftOut]], dict[str, str]]:
    """A function from a row to what is kept in `extra`; a cell of one of `sources` that says nothing that can be read
    is added to the list instead. Any other raises `Unreadable`."""
    cells = {
        key: (text_getter(source, shape), column_getter(source, shape)) for key, source in sources.items()
    }
    listed = list(extras)

    def read(row: Row, left_out: list[LeftOut]) -> dict[str, str]:
        found = {}
        for key, get in listed:
            try:
                text = get(row)
            except Unreadable as error:
                if key not in cells:
                    raise
                cell, column = cells[key]
                left_out.append(LeftOut(error.code, key, column(row), cell(row)[:LEFT_OUT_TEXT]))
                continue
            if text:
                found[key] = text
        return found

    return read


def without_wrong_days(
    facts: dict[str, str], columns: Of[str, TextGetter], row: Row, left_out: list[LeftOut]
) -> dict[str, str]:
    """The facts without days that there are not, which are added to the list; `columns` says where each stands."""
    for key in DAYS & facts.keys():
        column = columns[key](row) if key in columns else key
        if one := day_left_out(key, facts[key], column):
            left_out.append(one)
            facts = {name: text for name, text in facts.items() if name != key}
    return facts
