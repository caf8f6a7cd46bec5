"""Pages: where the next one starts travels as a signed word that says nothing and cannot be made up."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from amity.kernel.api.answers import chosen
from amity.kernel.errors import Invalid

MOST = 200
USUAL = 50


class FieldsQuery(Schema):
    """Which fields of a record."""

    fields: str = Field("", max_length=500, description="Only these fields, separated by commas.")


class PageQuery(FieldsQuery):
    """Which page of a list."""

    limit: int = Field(USUAL, ge=1, le=MOST, description="How many at most.")
    after: str = Field("", max_length=2_000, description="Where the page starts: `after` of the page before.")


_SIGNATURE_BYTES = 12


def _signature(of: str, body: bytes) -> bytes:
    key = f"api page:{settings.SECRET_KEY}".encode()
    return hmac.digest(key, of.encode() + b"\x00" + body, "sha256")[:_SIGNATURE_BYTES]


def write_cursor(of: str, place: str) -> str:
    """The word for a place in the list that `of` names (an operation with its filters and its reader)."""
    body = json.dumps(place, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(of, body) + body).rstrip(b"=").decode()


def read_cursor(of: str, word: str) -> str | None:
    """The place that `write_cursor` wrote for the same list; None for "". Raises `Invalid` for anything else."""
    if not word:
        return None
    try:
        whole = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        signature, body = whole[:_SIGNATURE_BYTES], whole[_SIGNATURE_BYTES:]
        if hmac.compare_digest(signature, _signature(of, body)):
            return str(json.loads(body))
    except ValueError:
        pass
    words = _("This page does not belong to this list. Start again without “after”.")
    raise Invalid(words, fields={"after": words})


def page_of(
    items: Sequence[Mapping[str, Any]],
    query: FieldsQuery,
    known: Sequence[str],
    of: str,
    place: object | None,
) -> dict[str, Any]:
    """A page as operations answer it: the chosen fields of each item, and where the next page starts."""
    if query.fields and not items:
        chosen(
            query.fields, dict.fromkeys(known), known
        )  # a name that is none is refused on an empty page too
    shown = [chosen(query.fields, item, known) for item in items]
    return {"items": shown} | ({"after": write_cursor(of, str(place))} if place is not None else {})
