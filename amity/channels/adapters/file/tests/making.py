"""Files and mappings for the tests, all invented."""

from __future__ import annotations

from pathlib import Path

from amity.channels.adapters.file import (
    HandleSource,
    Mapping,
    RawItem,
    RecordKind,
    Shape,
    Source,
    compile_reader,
    guess_mapping,
    iter_items,
    shipped_mappings,
    sniff,
)
from amity.channels.records import MessageRecord, OrderRecord, PersonRecord, Record, Unreadable


def make_file(folder: Path, content: str | bytes, name: str = "export.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def messages_mapping(**changes: object) -> Mapping:
    plain: dict[str, object] = {
        "name": "test",
        "title": "Test",
        "record": RecordKind.MESSAGE,
        "source": "test",
        "fields": {"id": Source(("id",)), "at": Source(("at",)), "text": Source(("text",))},
        "handles": (HandleSource("email", Source(("from",))),),
    }
    return Mapping(**{**plain, **changes})  # type: ignore[arg-type]


def items_of(path: Path) -> list[RawItem]:
    return list(iter_items(path, sniff(path)))


def best_mapping(shape: Shape) -> Mapping:
    return guess_mapping(shape, shipped_mappings())[0].mapping


def read_all(path: Path, mapping: Mapping | None = None) -> tuple[list[Record], list[Unreadable]]:
    """What a file holds and what it does not, with the given or the best mapping."""
    shape = sniff(path)
    reader = compile_reader(mapping or best_mapping(shape), shape)
    records: list[Record] = []
    refused = []
    for item in iter_items(path, shape):
        try:
            records += reader(item)
        except Unreadable as error:
            refused.append(error)
    return records, refused


def messages(path: Path, mapping: Mapping | None = None) -> list[MessageRecord]:
    records, refused = read_all(path, mapping)
    assert not refused
    found = [record for record in records if isinstance(record, MessageRecord)]
    assert len(found) == len(records)
    return found


def orders(path: Path, mapping: Mapping | None = None) -> list[OrderRecord]:
    records, refused = read_all(path, mapping)
    assert not refused
    found = [record for record in records if isinstance(record, OrderRecord)]
    assert len(found) == len(records)
    return found


def people(path: Path, mapping: Mapping | None = None) -> list[PersonRecord]:
    records, refused = read_all(path, mapping)
    assert not refused
    found = [record for record in records if isinstance(record, PersonRecord)]
    assert len(found) == len(records)
    return found
