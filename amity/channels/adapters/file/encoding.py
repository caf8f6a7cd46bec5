"""Which encoding a text is in, decided from its bytes."""

from __future__ import annotations

import codecs

from amity.channels.records import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = frozenset("äöüßÄÖÜéèêëàâáçîïíìôóòõûúùñãåøæœÉÈÊÀÂÁÇÎÍÔÓÚÑÅØÆŒ¿¡«»“”‘’‚„–—…€£°§´·ºª®©™•×²³½\xa0")
_CENTRAL = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻčďěňřšťůžýáíéúČĎĚŇŘŠŤŮŽőűŐŰäöüßôâîşţă„”–€\xa0")
_LEGACY = (
    ("cp1252", _WESTERN),
    ("mac_roman", _WESTERN),
    ("cp850", _WESTERN),
    ("cp1250", _CENTRAL),
)
_CONTROLS = bytes(set(range(32)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B})


def detect_encoding(head: bytes) -> tuple[str, int]:
    """The encoding of a text that starts with `head`, and the length of its byte order mark.

    Raises `Unreadable` with code `encoding` where no guess is good enough to trust with people's names.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    if wide := _utf16_without_mark(head):
        return wide, 0
    if _is_utf8(head):
        return "utf-8", 0
    return _legacy(head), 0


def is_binary(head: bytes) -> bool:
    """True where control characters are too common for any text (a stray NUL or two is not)."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > 4 and controls > 0.02 * len(head)


def _utf16_without_mark(head: bytes) -> str:
    half = len(head) // 2
    if half < 4:
        return ""
    if head[1::2].count(0) > 0.4 * half and head[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.4 * half and head[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return ""


def _is_utf8(head: bytes) -> bool:
    """True for UTF-8, also with a few broken characters: those rows are refused one by one later."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        text = head.decode("utf-8", errors="replace")
        broken = text.count("\ufffd")
        whole = sum(1 for character in text if character > "\x7f") - broken
        return whole >= 4 * broken
    return True


def _legacy(head: bytes) -> str:
    letters = sum(1 for byte in head if 65 <= byte <= 90 or 97 <= byte <= 122)
    high = [byte for byte in head if byte > 127]
    if len(high) > letters:
        if _is_cyrillic(head):
            return "cp1251"
    else:
        best = max(_LEGACY, key=lambda entry: _plausible_share(head, *entry))
        if _plausible_share(head, *best) >= 0.75:
            return best[0]
    raise Unreadable(
        "encoding",
        "The characters of this file are in an unknown encoding. Save it again as UTF-8 (in a spreadsheet: "
        "“CSV UTF-8”), or say which encoding it is in.",
    )


def _plausible_share(head: bytes, encoding: str, expected: frozenset[str]) -> float:
    text = head.decode(encoding, errors="replace")
    high = [character for character in text if character > "\x7f"]
    return sum(character in expected for character in high) / len(high) if high else 1.0


def _is_cyrillic(head: bytes) -> bool:
    text = head.decode("cp1251", errors="replace")
    high = [character for character in text if character > "\x7f"]
    small = sum("а" <= character <= "я" for character in high)
    return small > 0.7 * len(high)
