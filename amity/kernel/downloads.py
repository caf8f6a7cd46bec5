"""Files that are written while they are sent: the same answer for a page and for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.functional import Promise

from amity.kernel.actor import Actor

T = TypeVar("T")
Wanted = TypeVar("Wanted")


class Form(StrEnum):
    """In which form a list is written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    VCARD = "vcard"

    @property
    def ending(self) -> str:
        """Of the name of the file."""
        return "vcf" if self is Form.VCARD else self.value

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def label(self) -> str:
        return _LABELS[self]


_MEDIA_TYPES: Mapping[Form, str] = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSONL: "application/jsonl",
    Form.VCARD: "text/vcard; charset=utf-8",
}
_LABELS: Mapping[Form, str] = {
    Form.CSV: "CSV", Form.XLSX: "Excel (XLSX)", Form.JSONL: "JSON Lines", Form.VCARD: "vCard",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writing(Generic[Wanted]):
    """How a list is written in one form: a piece at a time, in bounded memory; `hint` says what is in it."""

    write: Callable[[Actor, Wanted], Iterator[bytes]]
    hint: str | Promise


def list_to_keep(pieces: Iterable[bytes], what: str, form: Form, at: datetime) -> StreamingHttpResponse:
    """A list as a file that says what it holds and of which day it is."""
    return file_to_keep(pieces, f"{what}-{at:%Y-%m-%d}.{form.ending}", form.media_type)


def answered_with(forms: Iterable[Form]) -> dict[str, Any]:
    """What an export says in the schema of the interface: one media type for each form."""
    content = {
        form.media_type.partition(";")[0]: {
            "schema": {"type": "string", "format": "binary", "description": "A file in the form asked for."}
        }
        for form in forms
    }
    return {"responses": {200: {"content": content}}}


def file_to_keep(chunks: Iterable[bytes], filename: str, media_type: str) -> StreamingHttpResponse:
    """Any file to keep, in the language of whoever asked."""
    return StreamingHttpResponse(
        _in_this_language(chunks),
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def csv_file(chunks: Iterable[str], filename: str) -> StreamingHttpResponse:
    """CSV as a file to keep. It is written in the language of whoever asked, also after their request was answered."""
    return StreamingHttpResponse(
        _in_this_language(chunks),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _in_this_language(chunks: Iterable[T]) -> Iterator[T]:
    return _told(iter(chunks), translation.get_language() or "en")


def _told(chunks: Iterator[T], language: str) -> Iterator[T]:
    while True:
        with translation.override(language):  # only around the work: between two chunks others are served
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk
