"""Bodies of many rows: a JSON array, or one object a line (NDJSON)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import BaseModel, TypeAdapter, ValidationError

from amity.kernel.api.bodies import Unreadable, WrongKind, raw_body, read_json
from amity.kernel.errors import Invalid

MOST_ROWS = 10_000
NDJSON = "application/x-ndjson"


def read_rows(request: HttpRequest) -> list[Any]:
    """The rows of the body, at most 10,000. Raises `Unreadable`, `WrongKind`, `Invalid`."""
    body = raw_body(request)
    if request.content_type == NDJSON:
        lines = [line for line in body.split(b"\n") if line.strip()]
        rows = read_json(b"[" + b",".join(lines) + b"]") if lines else []
    elif request.content_type == "application/json":
        rows = read_json(body)
    else:
        raise WrongKind(
            _("Send the rows as application/json (an array) or application/x-ndjson (one a line).")
        )
    if not isinstance(rows, list):
        raise Unreadable(_("Send the rows as an array."))
    if not 0 < len(rows) <= MOST_ROWS:
        words = _("Send between 1 and 10,000 rows.")
        raise Invalid(words, fields={"body": words})
    return rows


def checked(
    rows: Sequence[Any], schema: type[BaseModel]
) -> tuple[list[tuple[int, dict[str, Any]]], dict[int, str]]:
    """The rows that fit `schema`, with their places; and for each of the others what is wrong with it."""
    good: list[tuple[int, dict[str, Any]]] = []
    bad: dict[int, str] = {}
    validator = TypeAdapter(schema)
    for place, row in enumerate(rows):
        try:
            found = validator.validate_python(row)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            bad[place] = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}".lstrip(": ")
        else:
            good.append((place, found.model_dump(mode="json", exclude_defaults=True)))
    return good, bad


def body_of(schema_name: str) -> dict[str, Any]:
    """How such a body stands in the OpenAPI document."""
    row = {"$ref": f"#/components/schemas/{schema_name}"}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "array", "items": row, "minItems": 1, "maxItems": MOST_ROWS}
                },
                NDJSON: {"schema": {"type": "string", "description": "The same objects, one a line."}},
            },
        }
    }
