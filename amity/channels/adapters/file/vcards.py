"""Cards of address books (vCard 2.1, 3.0 and 4.0; RFC 2426, RFC 6350): cut out of a file, and taken apart."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from amity.channels.adapters.file.rows import Cut
from amity.channels.adapters.file.shape import KEPT_OF_BROKEN_BYTES, MAX_ITEM_BYTES
from amity.channels.adapters.file.values import clean_text

_BEGIN = re.compile(rb"\s*BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_END = re.compile(rb"\s*END\s*:\s*VCARD\s*", re.IGNORECASE)
_QUOTED = re.compile(r"ENCODING=(?:QUOTED-PRINTABLE|Q)\b|;QUOTED-PRINTABLE\b", re.IGNORECASE)
_LINE = re.compile(r'(?:([\w-]+)\.)?([\w-]+)((?:;(?:"[^"]*"|[^":])*)?):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([\w-]+)(?:=((?:"[^"]*"|[^";])*))?')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "N": "\n"}
IGNORED = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
"""What is not kept: pictures, sounds, keys."""


class Property(NamedTuple):
    """A line of a card. Names are capitals; `types` are small letters; `value` is still escaped."""

    name: str
    value: str
    parameters: dict[str, str]
    types: frozenset[str]


def starts_with_card(data: bytes) -> bool:
    """Whether a text begins with a card."""
    first = data.lstrip()[:40].split(b"\n", 1)[0]
    return _BEGIN.fullmatch(first) is not None


def cut_cards(stream: BinaryIO) -> Iterator[Cut]:
    """One card each, from its BEGIN to its END; what stands between cards is passed over."""
    card: list[bytes] = []
    consumed = size = 0
    while line := stream.readline(MAX_ITEM_BYTES):
        consumed += len(line)
        begins = _BEGIN.fullmatch(line) is not None
        if begins and card:  # the one before was never closed
            yield Cut(b"".join(card), consumed - len(line), "unfinished")
            card, consumed, size = [], len(line), 0
        if not card and not begins:
            continue
        size += len(line)
        if size <= MAX_ITEM_BYTES:
            card.append(line)
        if _END.fullmatch(line):
            whole = b"".join(card)
            if size > MAX_ITEM_BYTES:
                yield Cut(whole[:KEPT_OF_BROKEN_BYTES], consumed, "too-long")
            else:
                yield Cut(whole, consumed)
            card, consumed, size = [], 0, 0
    if card:
        yield Cut(b"".join(card)[:KEPT_OF_BROKEN_BYTES], consumed, "unfinished")


def properties_of(text: str) -> Iterator[Property]:
    """The lines of a card, unfolded, without what is `IGNORED`."""
    for line in _lines(text):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        name, told, value = found.group(2).upper(), found.group(3), found.group(4)
        if name in IGNORED:
            continue
        parameters: dict[str, str] = {}
        types: set[str] = set()
        for key, raw in _PARAMETER.findall(told):
            plain = raw.replace('"', "")
            if key.upper() == "TYPE":
                types.update(plain.lower().split(","))
            elif raw or "=" in told:
                parameters[key.upper()] = plain
            if not raw:
                types.add(key.lower())  # 2.1 writes TEL;HOME;VOICE
        if _QUOTED.search(told):
            value = _unquoted(value, parameters.get("CHARSET", "utf-8"))
        yield Property(name, value, parameters, frozenset(types))


def _lines(text: str) -> Iterator[str]:
    """Logical lines: folded ones joined, soft line breaks of quoted-printable as well."""
    waiting: list[str] = []
    is_quoted = is_soft = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if is_soft:
            waiting.append(line)
        elif waiting and line[:1] in {" ", "\t"}:
            waiting.append(line[1:])
        else:
            if waiting:
                yield "".join(waiting)
            waiting = [line]
            is_quoted = _QUOTED.search(line.partition(":")[0]) is not None
        is_soft = is_quoted and waiting[-1].rstrip(" \t").endswith("=")
        if is_soft:
            waiting[-1] = waiting[-1].rstrip(" \t")[:-1]
    if waiting:
        yield "".join(waiting)


def _unquoted(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "surrogatepass"))
    try:
        return clean_text(raw.decode(charset))
    except (UnicodeDecodeError, LookupError):
        return clean_text(raw.decode("utf-8", "replace"))


def plain(value: str) -> str:
    """A value as it was before it was escaped."""
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found.group(1), found.group(1)), value)


def parts(value: str, separator: str = ";") -> list[str]:
    """The parts of a value, each plain; a separator that is escaped separates nothing."""
    found, begin, place = [], 0, 0
    while place < len(value):
        if value[place] == "\\":
            place += 2
            continue
        if value[place] == separator:
            found.append(plain(value[begin:place]))
            begin = place + 1
        place += 1
    return [*found, plain(value[begin:])]
