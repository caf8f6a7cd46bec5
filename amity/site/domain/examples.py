"""Bodies to try an operation with, made from the OpenAPI document: what is needed, or a little of what can be said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
A_LITTLE = 2
DEEPEST = 4

OF_NAME: dict[str, Any] = {
    "address": "hannah@vogel.example",
    "amount": "24.90",
    "cell": "Bonn",
    "column": "email",
    "currency": "EUR",
    "custom": {"colour": "red"},
    "description": "Our web shop",
    "email": "hannah@vogel.example",
    "external_id": "17",
    "field": "email",
    "facts": {"city": "Bonn"},
    "host": "imap.company.example",
    "issuer": "https://login.company.example",
    "key": "",
    "mapping": {},
    "name": "Hannah Vogel",
    "network": "email",
    "number": "B-1001",
    "password": "the password of the mailbox",
    "port": 993,
    "q": "hannah",
    "filename": "people.csv",
    "quantity": "2",
    "screen": "inbox",
    "sku": "BEANS-1",
    "text": "Thank you, we will look at it today.",
    "types": ["conversation.waiting"],
    "url": "https://shop.company.example/hooks",
    "what": "Ring back",
}


def example_of(schema: Schema, schemas: Schema, name: str = "", depth: int = 0) -> Any:
    """A value that fits `schema`."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth)
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return example_of(one, schemas, name, depth)
    if "enum" in schema or "const" in schema:
        return next((one for one in schema.get("enum", ()) if one), schema.get("const"))
    kind = schema.get("type")
    if kind == "array":
        return OF_NAME.get(name) or [
            example_of(schema.get("items", {}), schemas, name.removesuffix("s"), depth)
        ]
    if "properties" in schema and depth < DEEPEST:
        return _object(schema, schemas, depth)
    return OF_NAME[name] if name in OF_NAME else _plain(kind, schema)


def _object(schema: Schema, schemas: Schema, depth: int) -> dict[str, Any]:
    known = schema["properties"]
    needed = schema.get("required") or list(known)[:A_LITTLE]
    return {field: example_of(known[field], schemas, field, depth + 1) for field in known if field in needed}


_FORMATS = {
    "date-time": "2030-01-01T09:00:00Z",
    "date": "2030-01-01",
    "uuid": "0190a0c0-0000-7000-8000-000000000000",
}


def _plain(kind: str | None, schema: Schema) -> Any:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if kind in ("integer", "number"):
        return schema.get("default") or schema.get("minimum") or schema.get("exclusiveMinimum", 0) + 1
    if kind == "boolean":
        return True
    if kind == "object":
        return {}
    return "09:30" if ":" in schema.get("pattern", "") else "text"
