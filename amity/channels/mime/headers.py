"""The header fields of a mail, read as people wrote them and not only as RFC 5322 wants them.

Every function takes the value as the standard library's tolerant parser gives it (`compat32`: bytes that are
not ASCII are surrogate escapes) and none of them raises on any value.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from amity.channels.mime.charset import decode_text
from amity.channels.records import Handle
from amity.kernel.storable import holdable

MAX_VALUE_CHARS = 200_000  # of one field; a list of some thousand recipients fits
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_SPACE = re.compile(r"\s+")
_MESSAGE_ID = re.compile(r"<([^<>]{1,998})>")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\]+@[^\s<>()\[\],;:\"\\]+")
_PIECE = re.compile(r'"((?:[^"\\]|\\.)*+)"|\(|\)|<([^<>]*)>|[,;]|[^\s"()<>,;]+', re.DOTALL)
_PARAMETER = re.compile(
    r';\s*([a-z0-9_-]+)(\*(\d{1,3}))?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^;\s]*))',
    re.IGNORECASE | re.DOTALL,
)
_EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_WIDEST_OFFSET = timedelta(hours=26)


def header_bytes(value: str) -> bytes:
    """The bytes that stood in the message for a `compat32` value."""
    return value.encode("utf-8", "surrogateescape")


def header_text(value: str) -> str:
    """A field as one line of readable text: encoded words decoded, folding undone, raw 8-bit bytes guessed."""
    value = value[:MAX_VALUE_CHARS]
    if not value.isascii():
        value = decode_text(header_bytes(value), None)
    return _SPACE.sub(" ", holdable(_decode_words(value))).strip()


def _decode_words(value: str) -> str:
    """Replace RFC 2047 words. Neighbours in one charset are joined as bytes, for senders who cut characters."""
    pieces: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[end : word.start()]
        adjacent = bool(charset) and not between.strip()
        if not adjacent or word[1].lower() != charset:
            pieces.append(decode_text(pending, charset) if charset else "")
            pieces.append("" if adjacent else between)
            pending, charset = b"", word[1].lower()
        pending += _word_bytes(word[2], word[3])
        end = word.end()
    pieces.append(decode_text(pending, charset) if charset else "")
    return "".join(pieces) + value[end:]


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "surrogateescape")
    return decode_base64(raw) if encoding in "bB" else quopri.decodestring(raw.replace(b"_", b" "))


def decode_base64(raw: bytes) -> bytes:
    """Base64 with missing padding, line noise or a cut end: as much of it as is there."""
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:  # cannot happen with the alphabet filtered and the length padded; kept for safety
        return b""


def addresses(value: str) -> tuple[Handle, ...]:
    """The mailboxes in a From, To or Cc field, in order, without repetition. Addresses are lower-cased."""
    found: dict[str, Handle] = {}
    for handle in _mailboxes(value[:MAX_VALUE_CHARS]):
        found.setdefault(handle.address, handle)
    return tuple(found.values())


def _mailboxes(value: str) -> list[Handle]:
    """Read tokens left to right: words and comments gather until a comma; an <address> wins over a bare one."""
    handles: list[Handle] = []
    words: list[str] = []
    comment: list[str] = []
    angle, depth = "", 0
    for token in [*_PIECE.finditer(value), None]:
        text = token[0] if token else ","
        if text in "()":
            depth = max(0, depth + (1 if text == "(" else -1))
        elif depth and token:
            comment.append(text)
        elif text in ",;":
            handles += _mailbox(words, comment, angle)
            words, comment, angle, depth = [], [], "", 0
        elif token and token[2] is not None:
            angle = angle or token[2]
        else:
            quoted = token[1] if token else None
            words.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else text)
    return handles


def _mailbox(words: list[str], comment: list[str], angle: str) -> list[Handle]:
    said = " ".join(words)
    hit = _ADDRESS.search(angle) or _ADDRESS.search(said)
    if hit is None:
        return []
    address = header_text(hit[0]).strip(".'").lower()
    name = header_text(said if angle else said.replace(hit[0], " "))
    if not name or name.lower() == address:
        name = header_text(" ".join(comment))
    name = name.strip(" \"',:")
    return [Handle("email", address, "" if name.lower() == address else name)] if "@" in address else []


def message_ids(value: str) -> tuple[str, ...]:
    """Message ids in the order written, each `<once>`; bare ids without angle brackets are accepted."""
    text = holdable(decode_text(header_bytes(value[:MAX_VALUE_CHARS]), None))
    found = [re.sub(r"\s+", "", hit) for hit in _MESSAGE_ID.findall(text)]
    if not found:
        found = [word for word in text.split() if "@" in word.strip("<>@")]
    return tuple(dict.fromkeys(f"<{word.strip('<>')}>" for word in found if word.strip("<>")))


def instant(value: str) -> datetime | None:
    """The aware UTC instant of a Date field; None where it is not a date between 1971 and 2200."""
    try:
        parts = parsedate_tz(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if parts is None:
        return None
    offset = timedelta(seconds=parts[9] or 0)
    try:
        moment = datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC) - offset  # a leap second is the 59th
    except (ValueError, OverflowError):
        return None
    return moment if abs(offset) <= _WIDEST_OFFSET and _EARLIEST <= moment <= _LATEST else None


def parameters(value: str) -> dict[str, str]:
    """The parameters after a field's first semicolon: lower-case names, values decoded (RFC 2231, RFC 2047)."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bool, str]]] = {}
    for name, _, number, star, quoted, bare in _PARAMETER.findall(value[:MAX_VALUE_CHARS]):
        content = re.sub(r"\\([\"\\])", r"\1", quoted) if quoted else bare
        if number or star:
            sections.setdefault(name.lower(), {})[int(number or 0)] = (bool(star), content)
        else:
            plain.setdefault(name.lower(), content)
    decoded = {name: header_text(content) for name, content in plain.items()}
    return decoded | {name: _joined(parts) for name, parts in sections.items()}


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """Join RFC 2231 continuations in the order of their numbers."""
    charset, raw = "", b""
    for position, (number, (extended, content)) in enumerate(sorted(parts.items())):
        if extended and position == 0 and number == 0 and content.count("'") >= 2:
            charset, _, said = content.split("'", 2)
        else:
            said = content
        raw += unquote_to_bytes(header_bytes(said)) if extended else header_bytes(said)
    return header_text(decode_text(raw, charset))
