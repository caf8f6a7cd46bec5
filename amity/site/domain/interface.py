"""The OpenAPI document as people read it: operations by what they are about, their fields flattened into rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amity.site.domain.examples import example_of

DEEPEST = 5
JSON = "application/json"
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body. `depth` is how deep it lies; `kind` is its type in a few words."""

    name: str
    kind: str
    words: str
    is_required: bool
    depth: int = 0
    is_in_query: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with its fields."""

    status: str
    words: str
    fields: Sequence[Field]
    kind: str = JSON


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. `scope` is what a token needs for it, "" for any; `needs` are scopes beside it."""

    name: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    tag: str
    parameters: Sequence[Field]
    body: Sequence[Field]
    body_kinds: Sequence[str]
    answers: Sequence[Told]
    problems: Sequence[str]
    takes_if_match: bool
    takes_key: bool
    example: Any = None
    needs: Sequence[str] = ()


def operations_of(document: Schema) -> list[Operation]:
    """All of them, in the order of the document."""
    schemas = document["components"]["schemas"]
    return [
        _operation(method.upper(), path, described, schemas)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def by_tag(operations: Sequence[Operation]) -> list[tuple[str, list[Operation]]]:
    """What belongs together, in the order in which it first comes."""
    found: dict[str, list[Operation]] = {}
    for one in operations:
        found.setdefault(one.tag, []).append(one)
    return list(found.items())


def _operation(method: str, path: str, described: Schema, schemas: Schema) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    body = content.get(JSON, {}).get("schema") if content else None
    every = {str(status): told for status, told in described["responses"].items()}
    responses = {status: told for status, told in every.items() if int(status) < 400}
    resource, action = described["x-resource"], described["x-action"]
    return Operation(
        name=described["operationId"],
        method=method,
        path=path,
        summary=described["summary"],
        words=described["description"],
        scope="" if resource == "anybody" else f"{resource}:{action}",
        tag=described["tags"][0],
        parameters=[_parameter(one, schemas) for one in described.get("parameters", ())],
        body=list(_fields(body, schemas)) if body else [],
        body_kinds=list(content),
        answers=[_told(status, told, schemas) for status, told in responses.items()],
        problems=sorted(status for status in every if int(status) >= 400),
        takes_if_match="412" in every,
        takes_key=method == "POST",
        example=example_of(body, schemas) if body else None,
        needs=described.get("x-needs", ()),
    )


def _parameter(one: Schema, schemas: Schema) -> Field:
    words = str(one.get("description") or one["schema"].get("description") or "")
    name = one["name"] if one["in"] == "query" else f"{{{one['name']}}}"
    return Field(
        name, kind_of(one["schema"], schemas), words, bool(one.get("required")), is_in_query=one["in"] == "query",
        example=example_of(one["schema"], schemas, one["name"]),
    )  # fmt: skip


def _told(status: str, told: Schema, schemas: Schema) -> Told:
    content = told.get("content", {})
    schema = content.get(JSON, {}).get("schema")
    fields = list(_fields(schema, schemas)) if schema else []
    return Told(status, str(told.get("description", "")), fields, next(iter(content), ""))


def _fields(schema: Schema, schemas: Schema, depth: int = 0, within: tuple[str, ...] = ()) -> Iterator[Field]:
    """The fields of an object, of the objects in a list, and of those in them; none twice within itself."""
    name, found = _resolved(_inner(schema), schemas)
    if name in within or depth > DEEPEST:
        return
    required = found.get("required", ())
    for field, described in found.get("properties", {}).items():
        words = str(described.get("description") or "")
        yield Field(field, kind_of(described, schemas), words, field in required, depth)
        yield from _fields(described, schemas, depth + 1, (*within, name) if name else within)


def _inner(schema: Schema) -> Schema:
    """The schema of what may be null, or of the entries of a list."""
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return _inner(one)
    return _inner(schema["items"]) if schema.get("type") == "array" and "items" in schema else schema


def _resolved(schema: Schema, schemas: Schema) -> tuple[str, Schema]:
    if "$ref" not in schema:
        return "", schema
    name = schema["$ref"].rpartition("/")[2]
    return name, schemas[name]


def kind_of(schema: Schema, schemas: Schema) -> str:
    """A type in a few words: `text`, `list of objects`, `instant or null`, `one of: name, recent`."""
    if choices := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(kind_of(one, schemas) for one in choices))
    if "$ref" in schema:
        return kind_of(_resolved(schema, schemas)[1], schemas)
    if "enum" in schema or "const" in schema:
        return "one of: " + ", ".join(str(one) for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_many(kind_of(schema.get('items', {}), schemas))}"
    return f"{_FORMATS.get(schema.get('format', ''), _KINDS.get(kind, kind))}{_bounds(schema)}"


_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
}
_FORMATS = {"date-time": "instant", "uuid": "id", "date": "day"}


def _many(kind: str) -> str:
    return {"object": "objects", "text": "texts", "id": "ids"}.get(kind, kind)


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f", {least} to {most}"
    if "maxLength" in schema and "format" not in schema:
        return f", at most {schema['maxLength']:,} letters"
    return ""
