"""What a file is: its container, its format, and how its rows are to be cut."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple

MAX_ITEM_BYTES = 10 * 1024 * 1024
"""Longest row or JSON object that is read; a longer one becomes a broken item."""

MAX_MAIL_BYTES = 50 * 1024 * 1024
"""Longest single mail in a folder or archive."""

KEPT_OF_BROKEN_BYTES = 64 * 1024
"""How much of an over-long item is kept, so that a person can see what it was."""

SAMPLE_ROWS = 100

CSV_ITEM = "text/csv"
JSON_ITEM = "application/json"
MAIL_ITEM = "message/rfc822"
VCARD_ITEM = "text/vcard"


class Container(StrEnum):
    """How the bytes are wrapped."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZIP = "zip"
    TAR = "tar"
    FOLDER = "folder"
    XLSX = "xlsx"  # a workbook: its sheet comes out of it as CSV


class Format(StrEnum):
    """What the bytes hold once unwrapped."""

    CSV = "csv"
    JSONL = "jsonl"
    JSON = "json"
    MBOX = "mbox"
    EML = "eml"
    VCARD = "vcard"

    @property
    def has_columns(self) -> bool:
        """False for mails and cards, of which each says itself what it holds."""
        return self not in {Format.MBOX, Format.EML, Format.VCARD}


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything needed to cut a file into items and to read an item again later, without the file.

    `data_offset` counts bytes of the unwrapped stream before the first row (after byte order mark, title
    lines and header); for UTF-16 and UTF-32, which are turned into UTF-8 on the way in, bytes of that UTF-8.
    `columns` are unique; for JSON they are dotted paths. `sample` holds up to 100 rows. `modified_at` is
    when the file was last written, the time of what is known without a time of its own.
    """

    container: Container
    format: Format
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    line_end: str = "\n"
    data_offset: int = 0
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    size_bytes: int = 0
    modified_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    member: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_transcoded(self) -> bool:
        """True where items are kept as UTF-8 although the file is UTF-16 or UTF-32."""
        return self.encoding.startswith(("utf-16", "utf-32"))

    @property
    def item_encoding(self) -> str:
        """The encoding of `RawItem.raw`."""
        return "utf-8" if self.is_transcoded else self.encoding

    @property
    def is_seekable(self) -> bool:
        """True where a cursor can jump to a byte instead of counting rows from the start."""
        return self.container is Container.PLAIN and not self.is_transcoded

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns back into an equal shape."""
        return {**asdict(self), "modified_at": self.modified_at.isoformat()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Shape:
        return cls(
            **{
                **data,
                "container": Container(data["container"]),
                "format": Format(data["format"]),
                "columns": tuple(data["columns"]),
                "sample": tuple(tuple(row) for row in data["sample"]),
                "modified_at": datetime.fromisoformat(data["modified_at"]),
                "notes": tuple(data["notes"]),
            }
        )


class Cursor(NamedTuple):
    """Where to go on: after `row` items, at byte `offset` (None where the file cannot be jumped into)."""

    row: int = 0
    offset: int | None = None


class RawItem(NamedTuple):
    """One row, object or mail as it stood in the file.

    `position` counts from 1 and leaves out header and blank lines. `content_type` carries `; broken=<code>`
    where the row could not even be cut properly; such an item is kept and its reader says why. `cursor`
    points behind this item.
    """

    position: int
    raw: bytes
    content_type: str
    cursor: Cursor


def digest_of(item: RawItem) -> str:
    """An id for a row that has none: the same bytes give the same id in every import."""
    return "row:" + blake2b(item.raw, digest_size=12).hexdigest()
