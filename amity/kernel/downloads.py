"""Files that are written while they are sent: the same answer for a page and for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.http import StreamingHttpResponse
from django.utils import translation

T = TypeVar("T")


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
