"""Rows of address books."""

from __future__ import annotations

from collections.abc import Callable

from amity.channels.adapters.file.cells import Row, lookup
from amity.channels.adapters.file.left_out import (
    day_columns,
    extras_reader,
    unread_addresses,
    without_wrong_days,
)
from amity.channels.adapters.file.mapping import FACT_TITLE, Mapping, Source, all_sources, column_key
from amity.channels.adapters.file.message_reader import RowReader
from amity.channels.adapters.file.shape import RawItem, Shape
from amity.channels.adapters.file.sources import (
    TextGetter,
    handles_getter,
    instant_getter,
    prefixed_getters,
    text_getter,
    without_names,
)
from amity.channels.records import LeftOut, PersonRecord, Record, Unreadable

_JOINED_KEYS = ("given_name", "family_name")


def person_reader(mapping: Mapping, shape: Shape) -> RowReader:
    """A function from a row to one person; without a time of its own it was known when the file was written.

    An address, a day or a consent that cannot be read is left out, and told in `left_out`.
    """
    get_id = text_getter(mapping.fields.get("id"), shape)
    get_name = text_getter(mapping.fields.get("name") or mapping.fields.get("facts.name"), shape)
    get_instant = instant_getter(mapping, shape)
    get_handles = handles_getter(mapping.handles, mapping, shape, get_name)
    facts = prefixed_getters(mapping, shape, "facts")
    extras = prefixed_getters(mapping, shape, "extra")
    others = _other_columns(mapping, shape) if mapping.option("keep_other_columns") else []
    told = _of_consent(mapping, shape, [key for key, _get in others])
    others = [(key, get) for key, get in others if key not in dict(told)]
    get_extra = extras_reader([*extras, *told], _consent_sources(mapping, told), shape)
    wrong_addresses = unread_addresses(mapping.handles, mapping, shape)
    columns_of_days = day_columns(facts, mapping, shape)
    written_at = shape.modified_at

    def read_row(row: Row, _item: RawItem) -> list[Record]:
        handles = tuple(get_handles(row))
        if not handles:
            raise Unreadable(
                "no_handle",
                "This row has no e-mail address, phone number or account that can be read, so it cannot be told "
                "whose it is. Fill one in.",
            )
        known = {key: text for key, get in facts if (text := get(row))}
        name = get_name(row)
        if any(name == handle.address for handle in handles):
            name, handles = "", without_names(handles)
        if name := name or " ".join(known[key] for key in _JOINED_KEYS if key in known):
            known["name"] = name
        known.update({key: text for key, get in others if (text := get(row)) and key not in known})
        left_out: list[LeftOut] = wrong_addresses(row)
        person = PersonRecord(
            external_id=get_id(row) or f"{handles[0].network}:{handles[0].address}",
            observed_at=get_instant(row) or written_at,
            handles=handles,
            facts=without_wrong_days(known, columns_of_days, row, left_out),
            extra=get_extra(row, left_out),
            left_out=tuple(left_out),
        )
        return [person]

    return read_row


def _consent_sources(mapping: Mapping, told: list[tuple[str, TextGetter]]) -> dict[str, Source]:
    """Where the cells stand that say something of consent, by the name of what they say."""
    from amity.channels.own_fields import CONSENT  # it reads mappings too

    start = f"extra.{CONSENT}"
    mapped = {name: source for name, source in mapping.fields.items() if name.startswith(start)}
    return {name.removeprefix("extra."): source for name, source in mapped.items()} | {
        key: Source((key,)) for key, _get in told
    }


def _of_consent(mapping: Mapping, shape: Shape, columns: list[str]) -> list[tuple[str, TextGetter]]:
    """Getters of columns that our own exports have of consent; what nobody is contacted for here stays a fact."""
    from amity.channels.own_fields import CONSENT, cell_reader, own_fields  # it reads mappings too

    named = [column for column in columns if column.startswith(CONSENT)]
    known = own_fields() if named else {}
    found = []
    for column in named:
        if column in known:
            source = Source((column,))
            get, read = text_getter(source, shape), cell_reader(column, mapping, shape, source)
            found.append((column, _read_with(get, read)))
    return found


def _read_with(get: TextGetter, read: Callable[[str], str]) -> TextGetter:
    return lambda row: read(text) if (text := get(row)) else ""


def _stripped(find: TextGetter) -> TextGetter:
    return lambda row: find(row).strip()


def _other_columns(mapping: Mapping, shape: Shape) -> list[tuple[str, TextGetter]]:
    used = {column_key(column) for _, source in all_sources(mapping) for column in source.columns}
    return [
        (column.removeprefix(FACT_TITLE), _stripped(lookup(shape, column)))
        for column in shape.columns
        if column_key(column) not in used
    ]
