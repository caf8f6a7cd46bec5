"""Bytes of unknown honesty to text that a database can hold."""

from __future__ import annotations

import codecs
import re

from amity.kernel.storable import holdable

# What mail calls a charset -> what it means. The first group follows the WHATWG Encoding Standard: senders who
# declare Latin-1 or ASCII write Windows-1252, senders who declare GB2312 or KS C 5601 use its superset.
_MEANS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso-8859-8",
    "tis-620": "cp874",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
}
# Codecs of Python that are no charset of mail: they interpret escapes, or take quadratic time on long input.
_REFUSED = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_ISO_2022_JP = re.compile(rb"\x1b[$(][@BJ]")
_GUESS_FROM_BYTES = 32 * 1024
_TOLERATED_SHARE = 0.02  # of undecodable characters under which the declared charset is still believed


def decode_text(raw: bytes, declared: str | None) -> str:
    """The text of `raw`, whatever charset it really is in.

    `declared` is what the sender says (any spelling, also nonsense). It is believed where the bytes agree;
    otherwise UTF-8 is tried, then the charset is guessed from the first 32 KiB. Never raises; the result holds
    neither NUL nor lone surrogates.
    """
    return holdable(_decode(raw, charset_named(declared)))


def charset_named(declared: str | None) -> str:
    """The Python codec for a declared charset; empty when none was declared or it is not known."""
    name = (declared or "").strip().strip("\"'").lower().split("*")[0]
    name = _MEANS.get(name, name)
    if not name or "\x00" in name or not name.isascii():
        return ""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if codec.name in _REFUSED or not codec._is_text_encoding:
        return ""
    return codec.name


def _decode(raw: bytes, codec: str) -> str:
    if raw.startswith(codecs.BOM_UTF8):
        return raw[3:].decode("utf-8", "replace")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and codec in ("", "utf-16"):
        return raw.decode("utf-16", "replace")
    if raw.isascii() and codec in ("", "cp1252", "utf-8"):
        return raw.decode(_escapes(raw), "replace")
    order = ("utf-8", codec) if codec in ("", "cp1252") else (codec, "utf-8")
    for candidate in order:
        text = _strictly(raw, candidate)
        if text is not None:
            return text
    return _almost(raw, codec) or _guessed(raw)


def _escapes(raw: bytes) -> str:
    """ASCII, or ISO-2022-JP, which hides in seven bits behind escape sequences."""
    return "iso2022_jp_ext" if b"\x1b" in raw and _ISO_2022_JP.search(raw) else "ascii"


def _strictly(raw: bytes, codec: str) -> str | None:
    if not codec:
        return None
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _almost(raw: bytes, codec: str) -> str:
    """The text in the declared charset if only a few of its characters are broken, else empty."""
    for candidate in (codec, "utf-8"):
        if not candidate:
            continue
        text = raw.decode(candidate, "replace")
        if text.count("\ufffd") <= _TOLERATED_SHARE * len(text):
            return text
    return ""


def _guessed(raw: bytes) -> str:
    from charset_normalizer import from_bytes  # 4 MB, and most senders say the truth

    best = from_bytes(raw[:_GUESS_FROM_BYTES]).best()
    codec = charset_named(best.encoding) if best else ""
    return raw.decode(codec or "cp1252", "replace")
