"""What kind of file is this: decided from its content, in bounded time and memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from amity.channels.adapters.file.containers import Member, iter_members, open_stream
from amity.channels.adapters.file.encoding import detect_encoding, is_binary
from amity.channels.adapters.file.shape import Container, Format, Shape
from amity.channels.adapters.file.sniff_json import sniff_json
from amity.channels.adapters.file.sniff_table import sniff_table
from amity.channels.adapters.file.vcards import starts_with_card
from amity.channels.adapters.file.workbook import is_workbook, sheets_of
from amity.channels.records import Unreadable

_HEAD_BYTES = 1024 * 1024
_PROBED_MEMBERS = 50
_PROBE_BYTES = 64 * 1024

_MBOX_START = re.compile(rb"From [^\n]*\r?\n[!-9;-~]+:", re.DOTALL)
_MAIL_START = re.compile(
    rb"(?:From [^\n]*\r?\n)?(?:[!-9;-~]{1,60}:[ \t]?[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2,}", re.DOTALL
)
_MAIL_FIELD = re.compile(
    rb"^(?:From|To|Subject|Date|Message-ID|Received|Return-Path|MIME-Version|Delivered-To):",
    re.IGNORECASE | re.MULTILINE,
)
_JSON_START = re.compile(rb"\s*(?:[\[{]|[\w.]{1,200}\s*=\s*[\[{])")
_MARKUP = re.compile(rb"\s*<(?:\?xml|!DOCTYPE|html|rss|feed|rdf)\b", re.IGNORECASE)
_PICTURE = re.compile(rb"^(?:[\w-]+\.)?(?:PHOTO|LOGO)[;:]", re.IGNORECASE | re.MULTILINE)
_SPREADSHEET = "This is a spreadsheet. Open it, choose the sheet with the table, and save it as CSV (UTF-8)."
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "spreadsheet", _SPREADSHEET),
    (b"%PDF", "binary", "This is a PDF document. Export the data behind it as CSV."),
    (b"PAR1", "binary", "This is a Parquet file. Export it as CSV or JSON Lines."),
    (b"SQLite format 3", "binary", "This is a database file. Export its tables as CSV."),
    (b"!BDN", "binary", "This is an Outlook data file. Export its mail as mbox, or its contacts as CSV."),
    (b"7z\xbc\xaf", "compressed", "This is a 7z archive. Unpack it, and import what it holds."),
    (b"Rar!", "compressed", "This is a RAR archive. Unpack it, and import what it holds."),
    (b"BZh", "compressed", "This is a bzip2 file. Unpack it, or pack it with gzip."),
    (b"\xfd7zXZ", "compressed", "This is an xz file. Unpack it, or pack it with gzip."),
    (b"\x28\xb5\x2f\xfd", "compressed", "This is a zstd file. Unpack it, or pack it with gzip."),
)


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the user knows better than the sniffer."""

    member: str = ""
    encoding: str = ""
    header: bool | None = None


def sniff(path: Path, *, member: str = "", encoding: str = "", header: bool | None = None) -> Shape:
    """The shape of a file or folder.

    `member` names one file of an archive that holds several, `encoding` overrides the guess, `header` says
    whether the first row has column names (None: find out). Raises `Unreadable` with a code of `missing`,
    `empty`, `binary`, `spreadsheet`, `compressed`, `encrypted`, `damaged`, `encoding`, `no_header`,
    `several_files`, `no_files`, `json`, `markup`, `too_large` or `too_wide`, and a reason that says what to do.
    """
    wishes = _Wishes(member, encoding, header)
    if not path.exists():
        raise Unreadable("missing", "There is no such file.")
    modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    container = _container(path)
    if container in {Container.FOLDER, Container.ZIP, Container.TAR}:
        shape = _sniff_members(path, container, wishes)
    elif container is Container.XLSX:
        shape = _sniff_workbook(path, wishes)
    else:
        shape = _sniff_mail(path, container) or _sniff_stream(path, container, wishes)
    size = 0 if path.is_dir() else path.stat().st_size
    return replace(shape, size_bytes=shape.size_bytes or size, modified_at=modified_at)


def _container(path: Path) -> Container:
    if path.is_dir():
        return Container.FOLDER
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head:
        raise Unreadable("empty", "The file is empty.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Container.XLSX if is_workbook(path) else Container.ZIP
    if head.startswith(b"\x1f\x8b"):
        with open_stream(path, Container.GZIP) as inside:
            head = inside.read(512)
        return Container.TAR if _is_tar(head) else Container.GZIP
    return Container.TAR if _is_tar(head) else Container.PLAIN


def _sniff_mail(path: Path, container: Container) -> Shape | None:
    """A file called .eml is a mail, also where its header is too poor to tell."""
    if container is not Container.PLAIN or path.suffix.lower() != ".eml":
        return None
    with path.open("rb") as stream:
        if _MBOX_START.match(stream.read(_PROBE_BYTES)):
            return None
    return Shape(container, Format.EML, encoding="ascii")


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _sniff_stream(path: Path, container: Container, wishes: _Wishes) -> Shape:
    with open_stream(path, container, wishes.member) as stream:
        head = stream.read(_HEAD_BYTES)
        probes = [head]
        size = path.stat().st_size
        if container is Container.PLAIN and size > 4 * _HEAD_BYTES:
            # The first umlaut of a long file may come late: look into its middle and its end as well.
            for place in (size // 2, size - _PROBE_BYTES):
                stream.seek(place)
                probes.append(b"".join(stream.read(_PROBE_BYTES).partition(b"\n")[2:]))
    return sniff_head(head, container, wishes, complete=len(head) < _HEAD_BYTES, probes=probes)


def sniff_head(
    head: bytes, container: Container, wishes: _Wishes, *, complete: bool, probes: list[bytes]
) -> Shape:
    """The shape of a stream that starts with `head`; `complete` where that is all of it."""
    if not head:
        raise Unreadable("empty", "The file is empty.")
    for signature, code, reason in _SIGNATURES:
        if head.startswith(signature):
            raise Unreadable(code, reason)
    if looks_like_mail(head) and not starts_with_card(head.removeprefix(b"\xef\xbb\xbf")):
        is_mbox = _MBOX_START.match(head) is not None
        return Shape(
            container, Format.MBOX if is_mbox else Format.EML, encoding="ascii", member=wishes.member
        )
    encoding, mark_bytes = (wishes.encoding, 0) if wishes.encoding else detect_encoding(b"".join(probes))
    if not wishes.encoding:
        _, mark_bytes = detect_encoding(head)
    wide = encoding.startswith(("utf-16", "utf-32"))
    if not wide and is_binary(head):
        raise Unreadable("binary", "This is not text. Export the data as CSV, JSON Lines or mbox.")
    data = _item_bytes(head[mark_bytes:], encoding, wide=wide)
    if not data.strip():
        raise Unreadable("empty", "The file holds nothing but blanks.")
    blank = Shape(container, Format.CSV, encoding=encoding, member=wishes.member)
    return _sniff_text(data, blank, 0 if wide else mark_bytes, complete=complete, header=wishes.header)


def _sniff_text(data: bytes, blank: Shape, offset: int, *, complete: bool, header: bool | None) -> Shape:
    if starts_with_card(data):
        notes = ("pictures_left_out",) if _PICTURE.search(data) else ()
        return replace(blank, format=Format.VCARD, data_offset=offset, notes=notes)
    if _MARKUP.match(data):
        raise Unreadable("markup", "This is HTML or XML. Export the data as CSV, JSON Lines or mbox.")
    if _JSON_START.match(data):
        return sniff_json(data, blank, offset, complete=complete)
    return sniff_table(data, blank, offset, complete=complete, header=header)


def _item_bytes(data: bytes, encoding: str, *, wide: bool) -> bytes:
    """`data` as items will hold it: as it is, or UTF-8 where it is UTF-16 or UTF-32."""
    try:
        text = data.decode(encoding, errors="replace")
    except LookupError as error:
        raise Unreadable(
            "encoding", f"There is no encoding called “{encoding}”. Try utf-8 or cp1252."
        ) from error
    return text.encode("utf-8", "replace") if wide else data


def looks_like_mail(head: bytes) -> bool:
    """True where `head` starts with the header of a mail, or with an mbox separator and one."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    if match := _MAIL_START.match(head[:_PROBE_BYTES]):
        return _MAIL_FIELD.search(match.group()) is not None
    return _MBOX_START.match(head) is not None


def _sniff_workbook(path: Path, wishes: _Wishes) -> Shape:
    """The sheet that is wished for, else the first one that holds a table."""
    names = sheets_of(path)
    reason: Unreadable | None = None
    for name in [wishes.member] if wishes.member else names:
        with open_stream(path, Container.XLSX, name) as stream:
            head = stream.read(_HEAD_BYTES)
        complete = len(head) < _HEAD_BYTES
        try:
            blank = Shape(Container.XLSX, Format.CSV, member=name)
            if not head:
                raise Unreadable("empty", "This sheet is empty.")
            return sniff_table(head, blank, 0, complete=complete, header=wishes.header)
        except Unreadable as error:
            reason = reason or error
    raise reason or Unreadable("empty", "There is no sheet in it that could be read.")


def _sniff_members(path: Path, container: Container, wishes: _Wishes) -> Shape:
    probed: list[tuple[Member, bytes]] = []
    for found in iter_members(path, container):
        if found.name in {"xl/workbook.xml", "content.xml"} or found.name.startswith("Index/"):
            raise Unreadable("spreadsheet", _SPREADSHEET)
        if wishes.member and found.name != wishes.member:
            continue
        probed.append((found, found.stream.read(_HEAD_BYTES)))
        if wishes.member or len(probed) >= _PROBED_MEMBERS:
            break
    probed = [(found, head) for found, head in probed if head]
    if not probed:
        raise Unreadable("no_files", "There is nothing in it that could be imported.")
    if all(looks_like_mail(head) and not _MBOX_START.match(head) for _, head in probed):
        return Shape(container, Format.EML, encoding="ascii")
    if container is Container.FOLDER or len(probed) > 1:
        if all(looks_like_mail(head) or found.name.lower().endswith(".eml") for found, head in probed):
            return Shape(container, Format.EML, encoding="ascii")  # a broken one is for quarantine
        names = ", ".join(found.name for found, _ in probed[:10])
        raise Unreadable("several_files", f"It holds several files. Choose one of them: {names}.")
    found, head = probed[0]
    chosen = replace(wishes, member=found.name)
    shape = sniff_head(head, container, chosen, complete=len(head) < _HEAD_BYTES, probes=[head])
    return replace(shape, size_bytes=found.size_bytes)
