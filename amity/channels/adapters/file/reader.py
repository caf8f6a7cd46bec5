"""Items to records: a mapping compiled for a shape."""

from __future__ import annotations

from collections.abc import Callable

from amity.channels.adapters.file.cells import row_parser
from amity.channels.adapters.file.mail_reader import mail_reader
from amity.channels.adapters.file.mapping import Mapping, RecordKind
from amity.channels.adapters.file.message_reader import message_reader
from amity.channels.adapters.file.native import native_reader
from amity.channels.adapters.file.order_reader import order_reader
from amity.channels.adapters.file.person_reader import person_reader
from amity.channels.adapters.file.shape import Format, RawItem, Shape
from amity.channels.adapters.file.vcard_reader import vcard_reader
from amity.channels.records import Record, Unreadable

Reader = Callable[[RawItem], list[Record]]

_ROW_READERS = {
    RecordKind.MESSAGE: message_reader,
    RecordKind.ORDER: order_reader,
    RecordKind.PERSON: person_reader,
}


def compile_reader(mapping: Mapping, shape: Shape) -> Reader:
    """A function from an item to its records: none for a blank row, two for a review with our answer.

    The function raises `Unreadable` with the column and what to do. It remembers the order of the last row,
    so the continuing rows of one order must come in the order of the file. Raises `Unreadable` (`mapping`)
    where the mapping does not fit the shape.
    """
    if problems := mapping.problems(shape):
        raise Unreadable("mapping", " ".join(problem.reason for problem in problems))
    if shape.format in {Format.EML, Format.MBOX}:
        return mail_reader(mapping, shape)
    if shape.format is Format.VCARD:
        return vcard_reader(mapping, shape)
    if mapping.record is RecordKind.MIXED:
        return native_reader()
    parse = row_parser(shape)
    read_row = _ROW_READERS[mapping.record](mapping, shape)

    def read_item(item: RawItem) -> list[Record]:
        row = parse(item)
        return read_row(row, item) if row else []

    return read_item


def read(item: RawItem, mapping: Mapping, shape: Shape) -> list[Record]:
    """The records of a single item; for many use `compile_reader`, which does the preparation once."""
    return compile_reader(mapping, shape)(item)
