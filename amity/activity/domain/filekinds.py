"""What a file is, told from its first bytes and its name; what it claims to be is not believed."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

HEAD_BYTES = 512
LARGEST_PICTURE_BYTES = 10_000_000  # to be shown; larger ones are saved
UNKNOWN = "application/octet-stream"

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\x00asm", "application/wasm"),
    (b"#!", "text/x-script"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
)
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Raster pictures that every browser decodes; vector pictures can hold programs, the newer formats odd decoders."""
_PROGRAMS: Final = frozenset({
    "application/x-msdownload", "application/x-executable", "application/java-vm", "application/x-mach-binary",
    "application/wasm", "text/x-script", "application/x-ms-shortcut",
})  # fmt: skip
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+(?:html|svg)|html|svg|script|body|head|iframe)",
    re.IGNORECASE | re.DOTALL,
)
_PROGRAM_NAMES: Final = frozenset("""
    apk app appimage appref-ms application bat bin chm class cmd com cpl deb desktop dll dmg exe gadget hta img inf ins
    iso jar js jse ksh lnk mjs msc msi msix msp mst pif pkg pl ps1 ps1xml ps2 psc1 py pyc pyz rb reg rpm scf scr sct
    settingcontent-ms sh shb sys url vb vbe vbs vhd vhdx ws wsc wsf wsh xll xlam
""".split())  # fmt: skip
_PAGE_NAMES: Final = frozenset("htm html mht mhtml shtml svg svgz xht xhtml xml xsl xslt".split())
_MACRO_NAMES: Final = frozenset("docm dotm potm ppam ppsm pptm sldm xlm xlsm xltm".split())
_OOXML, _ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
_PACKED: Final = {
    "docx": f"{_OOXML}wordprocessingml.document",
    "xlsx": f"{_OOXML}spreadsheetml.sheet",
    "pptx": f"{_OOXML}presentationml.presentation",
    "odt": f"{_ODF}text",
    "ods": f"{_ODF}spreadsheet",
    "odp": f"{_ODF}presentation",
    "epub": "application/epub+zip",
}
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
LONGEST_NAME = 200


class Risk(StrEnum):
    """What opening a file may do. Empty: nothing that is known."""

    NONE = ""
    PROGRAM = "program"
    PAGE = "page"  # a page or a drawing that may hold a program
    MACROS = "macros"
    DISGUISED = "disguised"  # a program or a page under the name of something harmless


def sniff(head: bytes) -> str:
    """The media type that the first bytes of a file tell; `UNKNOWN` where they tell nothing."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    return "text/html" if _MARKUP.match(head[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf")) else UNKNOWN


def sent_as(filename: str, media_type: str) -> str:
    """What a file of this name and sniffed type is called when it is sent: the type of its bytes, and of a packed
    document that of its name, by which the other side chooses the program for it."""
    if media_type != "application/zip":
        return media_type
    return _PACKED.get(filename.casefold().rpartition(".")[2], media_type)


def is_picture(media_type: str) -> bool:
    """Whether a sniffed type is a picture that may be shown."""
    return media_type in PICTURES


def risk_of(filename: str, media_type: str) -> Risk:
    """What opening a file of this name and sniffed type may do. Names are folded, so `Invoice.pDf.eXe` is a program."""
    ending = safe_name(filename).casefold().rpartition(".")[2] if "." in filename else ""
    if ending in _PROGRAM_NAMES:
        return Risk.PROGRAM
    if media_type in _PROGRAMS:
        return Risk.DISGUISED if ending else Risk.PROGRAM
    if ending in _PAGE_NAMES:
        return Risk.PAGE
    if media_type == "text/html":
        return Risk.DISGUISED if ending else Risk.PAGE
    return Risk.MACROS if ending in _MACRO_NAMES else Risk.NONE


def safe_name(filename: str) -> str:
    """A name under which a file may be shown and saved anywhere: no path, no control and no turned-around letters."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    name = _NOT_IN_NAMES.sub("_", name).strip(" .")
    name = f"_{name}" if _RESERVED.match(name) else name
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = stem[: LONGEST_NAME - 20] + dot + ending[:19] if dot else name[:LONGEST_NAME]
    return name or "file"
