"""The `file` channel: people, conversations and orders out of files that other systems export.

    shape = sniff(path)                                  what kind of file is it
    guess = guess_mapping(shape, shipped_mappings())[0]  which column means what
    reader = compile_reader(guess.mapping, shape)
    for item in iter_items(path, shape):                 raw rows, resumable
        records = reader(item)                           raises Unreadable with a reason in words

Nothing here touches the database or the clock: import runs, storage and screens build on it.
"""

from amity.channels.adapters.file.cells import columns_of
from amity.channels.adapters.file.export import CsvExport, defuse_cell, restore_cell
from amity.channels.adapters.file.guess import Guess, fit_mapping, guess_mapping
from amity.channels.adapters.file.guess_columns import ColumnGuess
from amity.channels.adapters.file.items import iter_items
from amity.channels.adapters.file.mapping import (
    FIELDS,
    DirectionRule,
    HandleSource,
    Mapping,
    Problem,
    RecordKind,
    Source,
)
from amity.channels.adapters.file.outgoing import OutgoingMessage, write_outgoing
from amity.channels.adapters.file.reader import Reader, compile_reader, read
from amity.channels.adapters.file.shape import Container, Cursor, Format, RawItem, Shape
from amity.channels.adapters.file.shipped import shipped_mappings
from amity.channels.adapters.file.sniff import sniff

__all__ = [
    "FIELDS",
    "ColumnGuess",
    "Container",
    "CsvExport",
    "Cursor",
    "DirectionRule",
    "Format",
    "Guess",
    "HandleSource",
    "Mapping",
    "OutgoingMessage",
    "Problem",
    "RawItem",
    "Reader",
    "RecordKind",
    "Shape",
    "Source",
    "columns_of",
    "compile_reader",
    "defuse_cell",
    "fit_mapping",
    "guess_mapping",
    "iter_items",
    "read",
    "restore_cell",
    "shipped_mappings",
    "sniff",
    "write_outgoing",
]
