"""The raw items of a file, one after the other, resumable and with constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from amity.channels.adapters.file.containers import iter_members, open_stream
from amity.channels.adapters.file.rows import Cut, as_utf8, cut_array, cut_lines, cut_rows
from amity.channels.adapters.file.shape import (
    CSV_ITEM,
    JSON_ITEM,
    KEPT_OF_BROKEN_BYTES,
    MAIL_ITEM,
    MAX_MAIL_BYTES,
    VCARD_ITEM,
    Container,
    Cursor,
    Format,
    RawItem,
    Shape,
)
from amity.channels.adapters.file.vcards import cut_cards
from amity.channels.mime import iter_mbox

_ITEMS = {Format.CSV: CSV_ITEM, Format.VCARD: VCARD_ITEM, Format.JSON: JSON_ITEM, Format.JSONL: JSON_ITEM}
_SKIP_BYTES = 1024 * 1024
_BLANK, _BLANK_BYTES = b" \t\r\n\v\f", 256


def iter_items(path: Path, shape: Shape, start: Cursor | None = None) -> Iterator[RawItem]:
    """The items behind `start` (from the first without it), in the order of the file.

    Broken rows are items too. Plain files go on at a byte, packed ones are read again up to the row. Raises
    `Unreadable` only where the container itself breaks off or grows beyond its bound.
    """
    start = start or Cursor()
    if shape.format is Format.EML and shape.container is not Container.PLAIN:
        yield from _mails_in_members(path, shape, start)
        return
    with open_stream(path, shape.container, shape.member) as packed:
        stream = as_utf8(packed, shape.encoding)
        if shape.format is Format.EML:
            yield from _one_mail(stream, start)
        elif shape.format is Format.MBOX:
            yield from _mails_in_mbox(stream, shape, start)
        else:
            yield from _rows(stream, shape, start)


def _rows(stream: BinaryIO, shape: Shape, start: Cursor) -> Iterator[RawItem]:
    jump = shape.is_seekable and start.offset is not None
    offset = start.offset if jump and start.offset is not None else shape.data_offset
    position = start.row if jump else 0
    _move_to(stream, offset, seekable=shape.is_seekable)
    content_type = _ITEMS[shape.format]
    nothing = _BLANK + shape.delimiter.encode() if shape.format is Format.CSV else _BLANK
    for raw, consumed, broken in _cuts(stream, shape):
        offset += consumed
        if len(raw) < _BLANK_BYTES and not raw.strip(nothing) and not broken:
            continue  # a row without a single cell that holds something is none
        position += 1
        if position <= start.row:
            continue
        kind = f"{content_type}; broken={broken}" if broken else content_type
        cursor = Cursor(position, offset if shape.is_seekable else None)
        yield RawItem(position, raw.rstrip(b"\r\n"), kind, cursor)


def _cuts(stream: BinaryIO, shape: Shape) -> Iterator[Cut]:
    if shape.format is Format.CSV:
        return cut_rows(stream, shape.delimiter, shape.quote, shape.line_end)
    if shape.format is Format.JSONL:
        return cut_lines(stream)
    if shape.format is Format.VCARD:
        return cut_cards(stream)
    return cut_array(stream)


def _move_to(stream: BinaryIO, offset: int, *, seekable: bool) -> None:
    if seekable:
        stream.seek(offset)
        return
    while offset > 0 and (skipped := stream.read(min(offset, _SKIP_BYTES))):
        offset -= len(skipped)


def _mails_in_mbox(stream: BinaryIO, shape: Shape, start: Cursor) -> Iterator[RawItem]:
    jump = shape.is_seekable and start.offset is not None
    base = start.offset if jump and start.offset is not None else 0
    position = start.row if jump else 0
    _move_to(stream, base, seekable=shape.is_seekable)
    waiting: RawItem | None = None
    for offset, raw in iter_mbox(stream):
        # A mail ends where the next one starts, so each waits for its successor to learn its cursor.
        if waiting is not None:
            yield waiting._replace(
                cursor=Cursor(waiting.position, base + offset if shape.is_seekable else None)
            )
            waiting = None
        position += 1
        if position > start.row:
            waiting = _mail_item(position, raw)
    if waiting is not None:
        end = stream.tell() if shape.is_seekable else None
        yield waiting._replace(cursor=Cursor(waiting.position, end))


def _mails_in_members(path: Path, shape: Shape, start: Cursor) -> Iterator[RawItem]:
    for number, member in enumerate(iter_members(path, shape.container), start=1):
        if number > start.row:
            yield _mail_item(number, member.stream.read(MAX_MAIL_BYTES + 1))


def _one_mail(stream: BinaryIO, start: Cursor) -> Iterator[RawItem]:
    if start.row == 0:
        yield _mail_item(1, stream.read(MAX_MAIL_BYTES + 1))


def _mail_item(position: int, raw: bytes) -> RawItem:
    cursor = Cursor(position)
    if len(raw) > MAX_MAIL_BYTES:
        return RawItem(position, raw[:KEPT_OF_BROKEN_BYTES], f"{MAIL_ITEM}; broken=too-long", cursor)
    return RawItem(position, raw, MAIL_ITEM, cursor)
