"""Messages out of an mbox file, one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from amity.channels.mime.mail import MAX_MAIL_BYTES
from amity.channels.records import Unreadable

_CHUNK_BYTES = 64 * 1024
_ENVELOPE_DATE = re.compile(rb"\b(?:\d{1,2}:\d\d(?::\d\d)?|\d{4}-\d\d-\d\dT\d\d:\d\d)\b")
_STRICT_ENVELOPE = re.compile(
    rb"From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]?\d \d\d:\d\d(?::\d\d)?(?: [A-Z+\-\d]+)? \d{4}\s*$"
)
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]*:|>?From |\s*$")
_QUOTED_FROM = re.compile(rb">+From ")


def iter_mbox(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield `(offset, raw)` for every message of an mbox: `offset` is that of its `From ` line in bytes.

    `raw` is the message without that line, `>From ` unquoted as in mboxrd. Reads forward only and holds one
    message at a time; of a message over 64 MiB only that much and one byte more is given, which `parse_mail`
    refuses. A `From ` line begins a message if it stands after a blank line, carries a time, and a header field
    follows it (or, without the blank line, if it is exactly what delivery programs write). The first needs
    nothing but the word. Raises `Unreadable` (`mbox.not_mbox`) when the stream does not begin with one.
    """
    lines = _Lines(stream)
    line = lines.next()
    while line and not line.strip():
        line = lines.next()
    if not line:
        return
    if not line.startswith(b"From "):
        raise Unreadable("mbox.not_mbox", "The file does not begin with a From line, so it is not an mbox.")
    message: list[bytes] = []
    start, size = lines.offset - len(line), 0
    blank, whole = False, True
    while line := lines.next():
        if (
            whole
            and line.startswith(b"From ")
            and _begins_message(line, after_blank=blank, following=lines.peek())
        ):
            yield start, _message(message)
            start, message, size, blank, whole = lines.offset - len(line), [], 0, False, True
            continue
        blank = whole and not line.strip(b"\r\n")
        if size <= MAX_MAIL_BYTES:
            message.append(line[1:] if whole and _QUOTED_FROM.match(line) else line)
            size += len(line)
        whole = line.endswith(b"\n")
    yield start, _message(message)


def _begins_message(line: bytes, *, after_blank: bool, following: bytes) -> bool:
    if not _FIELD.match(following):
        return False
    if after_blank:
        return _ENVELOPE_DATE.search(line) is not None
    return _STRICT_ENVELOPE.match(line) is not None


def _message(lines: list[bytes]) -> bytes:
    """Join the lines, without the blank line that belongs to the next separator."""
    raw = b"".join(lines)[: MAX_MAIL_BYTES + 1]
    if raw.endswith(b"\r\n\r\n"):
        return raw[:-2]
    return raw[:-1] if raw.endswith(b"\n\n") else raw


class _Lines:
    """Lines of a stream with one line of foresight; a line longer than 64 KiB comes in pieces."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = stream.readline(_CHUNK_BYTES)
        self.offset = 0  # of the end of the line given last

    def next(self) -> bytes:
        line = self._ahead
        self._ahead = self._stream.readline(_CHUNK_BYTES) if line else b""
        self.offset += len(line)
        return line

    def peek(self) -> bytes:
        return self._ahead
