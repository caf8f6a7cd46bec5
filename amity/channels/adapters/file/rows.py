"""Cutting a stream of bytes into rows, JSON objects and array elements, with constant memory.

Nothing is decoded here but UTF-16/32: a row keeps the bytes that it had, also where they make no sense.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, cast

from amity.channels.adapters.file.shape import KEPT_OF_BROKEN_BYTES, MAX_ITEM_BYTES

_CHUNK_BYTES = 64 * 1024
_UNCLOSED_RETRIES = 100


class Cut(NamedTuple):
    """One row: its bytes with line end, how far the stream moved, and the code of what broke it, if anything."""

    raw: bytes
    consumed_bytes: int
    broken: str = ""


class Transcoded(io.RawIOBase):
    """A UTF-16 or UTF-32 stream as UTF-8; lone surrogates pass, so that only their row suffers."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._lenient = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            self._ready = self._next_text().encode("utf-8", "surrogatepass").removeprefix(codecs.BOM_UTF8)
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _next_text(self) -> str:
        chunk = self._source.read(_CHUNK_BYTES)
        self._ended = not chunk
        state = self._decoder.getstate()
        try:
            return self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError:
            self._lenient.setstate(state)
            text = self._lenient.decode(chunk, final=self._ended)
            self._decoder.setstate(self._lenient.getstate())
            return text


def as_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    """`stream` itself, or its UTF-8 form where it is UTF-16 or UTF-32."""
    if not encoding.startswith(("utf-16", "utf-32")):
        return stream
    return cast(BinaryIO, io.BufferedReader(Transcoded(stream, encoding), _CHUNK_BYTES))


def cut_lines(stream: BinaryIO, line_end: str = "\n") -> Iterator[Cut]:
    """Physical lines, each with its line end; one that is too long is cut short and marked `too-long`."""
    readline = stream.readline if line_end == "\n" else _carriage_return_lines(stream)
    longest = MAX_ITEM_BYTES
    while line := readline(longest):
        if len(line) < longest:
            yield Cut(line, len(line))
            continue
        consumed = len(line)
        while line[-1:] != b"\n" and (more := readline(longest)):
            consumed += len(more)
            if more[-1:] in (b"\n", b"\r"):
                break
        yield Cut(line[:KEPT_OF_BROKEN_BYTES], consumed, "too-long")


def _carriage_return_lines(stream: BinaryIO) -> Callable[[int], bytes]:
    buffer = b""

    def readline(limit: int) -> bytes:
        nonlocal buffer
        scanned = 0
        while (end := buffer.find(b"\r", scanned)) < 0 and len(buffer) < limit:
            scanned = len(buffer)
            chunk = stream.read(max(_CHUNK_BYTES, len(buffer)))
            if not chunk:
                break
            buffer += chunk
        size = min(end + 1 if end >= 0 else len(buffer), limit)
        line, buffer = buffer[:size], buffer[size:]
        return line

    return readline


def _row_patterns(delimiter: str, quote: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Patterns of a whole row, and of the rest of a row whose first bytes lie inside a quoted cell.

    Possessive throughout, so matching is linear whatever the row holds.
    """
    q, d = re.escape(quote.encode()), re.escape(delimiter.encode())
    inside = rb"(?:[^" + q + rb"]++|" + q + q + rb")*+" + q + rb"[^" + d + rb"]*+"
    cell = rb"(?:" + q + inside + rb"|[^" + q + d + rb"][^" + d + rb"]*+|)"
    more = rb"(?:" + d + cell + rb")*+"
    return re.compile(cell + more), re.compile(inside + more)


def cut_rows(stream: BinaryIO, delimiter: str, quote: str, line_end: str = "\n") -> Iterator[Cut]:
    """CSV rows (RFC 4180), a quoted cell may span lines; `quote` may be empty where quotes mean nothing.

    A quote that is never closed would swallow the rest of the file: then only its line is given up, marked
    `unclosed-quote`, and cutting goes on with the next line.
    """
    if not quote:
        yield from cut_lines(stream, line_end)
        return
    whole, rest = _row_patterns(delimiter, quote)
    lines = _Pushback(cut_lines(stream, line_end))
    mark = quote.encode()
    retries = _UNCLOSED_RETRIES
    for cut in lines:
        if mark not in cut.raw or cut.broken or whole.fullmatch(cut.raw):
            yield cut
            continue
        followers = list(_until_closed(lines, mark, rest, len(cut.raw))) if retries else []
        if followers and not followers[-1].broken and rest.fullmatch(followers[-1].raw):
            parts = [cut, *followers]
            yield Cut(b"".join(part.raw for part in parts), sum(part.consumed_bytes for part in parts))
        else:
            retries = max(retries - 1, 0)
            lines.push_back(followers)
            yield Cut(cut.raw, cut.consumed_bytes, "unclosed-quote")


def _until_closed(lines: _Pushback, mark: bytes, rest: re.Pattern[bytes], size: int) -> Iterator[Cut]:
    for cut in lines:
        size += len(cut.raw)
        yield cut
        if cut.broken or size > MAX_ITEM_BYTES or (mark in cut.raw and rest.fullmatch(cut.raw)):
            return


class _Pushback:
    """Lines of which some can be handed back to be read again."""

    def __init__(self, lines: Iterator[Cut]) -> None:
        self._lines = lines
        self._returned: deque[Cut] = deque()

    def __iter__(self) -> Iterator[Cut]:
        while True:
            if self._returned:
                yield self._returned.popleft()
            elif (cut := next(self._lines, None)) is not None:
                yield cut
            else:
                return

    def push_back(self, cuts: list[Cut]) -> None:
        self._returned.extendleft(reversed(cuts))


_DEPTH = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}",]', re.DOTALL)


def cut_array(stream: BinaryIO) -> Iterator[Cut]:
    """Elements of a JSON array; `stream` stands behind its opening bracket.

    Only strings and brackets are looked at, so an element with bad JSON inside is still cut where it ends.
    After an element that is too long or never ends the rest cannot be told apart, and cutting stops with a
    broken item. Nothing between two commas is an empty cut, which is no item.
    """
    buffer, begin, scan, depth = b"", 0, 0, 0
    while True:
        token = _JSON_TOKEN.search(buffer, scan)
        if token is None or token.group() == b'"':
            scan = (token.start() if token else len(buffer)) - begin
            buffer, begin = buffer[begin:], 0
            chunk = stream.read(max(_CHUNK_BYTES, len(buffer)))
            if not chunk or len(buffer) > MAX_ITEM_BYTES:
                if buffer.strip():
                    code = "too-long" if chunk else "unfinished"
                    yield Cut(buffer[:KEPT_OF_BROKEN_BYTES], len(buffer), code)
                return
            buffer += chunk
            continue
        scan, sign = token.end(), token.group()
        depth += _DEPTH.get(sign, 0)
        if depth < 0 or (depth == 0 and sign == b","):
            # The closing bracket is left for the next start, so that it ends there as well.
            consumed = (token.start() if depth < 0 else scan) - begin
            yield Cut(buffer[begin : token.start()].strip(), consumed)
            if depth < 0:
                return
            begin = scan
