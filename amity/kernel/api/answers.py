"""Answers: JSON with instants and ids in one shape, chosen fields, entity tags."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amity.kernel.errors import Invalid


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID | Promise):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")  # a number of JSON would lose what stands behind the point
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no shape in JSON")


def to_json(value: Any) -> bytes:
    """`value` as JSON: instants in UTC with Z, decimals as text, dataclasses as objects."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers with where it is more than a body with status 200.

    `kept` is what is kept of the body under an Idempotency-Key where all of it must not be: without its secret.
    """

    body: Any
    status: int = 200
    etag: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: Any = None


def names_in(fields: str) -> list[str]:
    """The names in a `fields=` parameter."""
    return [name.strip() for name in fields.split(",") if name.strip()]


def chosen(fields: str, record: Mapping[str, Any], known: Iterable[str]) -> Mapping[str, Any]:
    """The fields of a record that were asked for; all of them for "". Raises `Invalid` for one that is not there."""
    if not fields:
        return record
    wanted = names_in(fields)
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        words = _("There is no field “%(name)s” for you here. Known: %(known)s.") % {
            "name": (unknown or [""])[0][:80], "known": ", ".join(known)
        }  # fmt: skip
        raise Invalid(words, fields={"fields": words})
    return {name: record[name] for name in wanted}
