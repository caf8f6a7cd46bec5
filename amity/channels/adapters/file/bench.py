"""How fast files are read, and whether what comes out is complete."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from amity.channels.adapters.file.guess import guess_mapping
from amity.channels.adapters.file.items import iter_items
from amity.channels.adapters.file.reader import compile_reader
from amity.channels.adapters.file.shape import RawItem, Shape
from amity.channels.adapters.file.shipped import shipped_mappings
from amity.channels.adapters.file.sniff import sniff
from amity.channels.records import OrderRecord, Record, Unreadable

_SECONDS = 1.0


def run(data: Path) -> dict[str, float]:
    """Figures over the layout of the public data sets: rates in items a second, counts, sums, refused items."""
    figures: dict[str, float] = {}
    figures.update(_measure("twcs", [data / "twcs_sample" / "tweets.csv.gz"]))
    figures.update(_measure("online_retail", [data / "online_retail" / "invoices.csv.gz"]))
    figures.update(_measure("mailing_lists", sorted((data / "mailing_lists").glob("*.mbox.gz"))))
    figures.update(_measure("spamassassin", [data / "spamassassin" / "messages.tar.gz"]))
    return figures


def _measure(name: str, paths: list[Path]) -> dict[str, float]:
    shapes = [(path, sniff(path)) for path in paths if path.exists()]
    if not shapes:
        return {}
    items, cut_seconds = _timed_cut(shapes)
    records, refused, read_seconds = _timed_read(shapes, items)
    count = sum(len(found) for found in items)
    amounts = [record.amount for record in records if isinstance(record, OrderRecord)]
    figures: dict[str, float] = {
        f"{name}_items": count,
        f"{name}_records": len(records),
        f"{name}_refused": refused,
        f"{name}_cut_per_s": round(count / cut_seconds),
        f"{name}_read_per_s": round(count / read_seconds),
    }
    if amounts:
        figures[f"{name}_amount"] = float(sum(amounts, Decimal(0)))
    return figures


def _timed_cut(shapes: list[tuple[Path, Shape]]) -> tuple[list[list[RawItem]], float]:
    """The items of each file, and the seconds for one pass, the best of as many as fit in a second."""
    best, spent = float("inf"), 0.0
    items: list[list[RawItem]] = []
    while spent < _SECONDS:
        start = time.perf_counter()
        items = [list(iter_items(path, shape)) for path, shape in shapes]
        took = time.perf_counter() - start
        best, spent = min(best, took), spent + took
    return items, best


def _timed_read(
    shapes: list[tuple[Path, Shape]], items: list[list[RawItem]]
) -> tuple[list[Record], int, float]:
    best, spent = float("inf"), 0.0
    records: list[Record] = []
    refused = 0
    while spent < _SECONDS:
        start = time.perf_counter()
        outcomes = [
            outcome
            for (_, shape), found in zip(shapes, items, strict=True)
            for outcome in _read_all(shape, found)
        ]
        took = time.perf_counter() - start
        best, spent = min(best, took), spent + took
        records = [record for found in outcomes if found is not None for record in found]
        refused = sum(1 for found in outcomes if found is None)
    return records, refused, best


def _read_all(shape: Shape, items: list[RawItem]) -> Iterator[list[Record] | None]:
    reader = compile_reader(guess_mapping(shape, shipped_mappings())[0].mapping, shape)
    for item in items:
        try:
            yield reader(item)
        except Unreadable:
            yield None
