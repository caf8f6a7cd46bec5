"""The register of personal data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from amity.kernel.api.operations import ApiRequest, operation
from amity.site import personal_data

router = Router(tags=["settings"])


class HeldOut(Schema):
    """One kind of personal data in a table."""

    kind: str = Field(description="What it is, in words.")
    columns: list[str] = Field(description="The columns that hold it.")


class RuleOfTable(Schema):
    """A rule of retention that takes something out of a table."""

    id: UUID = Field(description="The rule.")
    name: str = Field(description="What it is called.")
    words: str = Field(description="What it says.")


class RegisterRow(Schema):
    """A table of the database, or a folder of the home."""

    name: str = Field(description="The table, or the folder with a slash at its end.")
    package: str = Field(description="Which part of Amity it belongs to.")
    holds: list[HeldOut] = Field(description="What it holds of customers.")
    of_colleagues: list[str] = Field(description="Columns that hold something of colleagues.")
    erasure: str = Field(
        description="What an erasure does: removed, emptied, nameless, kept, expires or colleagues."
    )
    rules: list[str] = Field(description="The rules of retention that take something out of it, in words.")
    by: list[RuleOfTable] = Field(description="The same rules, with what they are called.")


class RegisterOut(Schema):
    """All tables and folders."""

    items: list[RegisterRow]


@operation(router, "GET", "/personal-data", of="erasure", does="read", answer=RegisterOut)
def register_of_personal_data(request: ApiRequest) -> Mapping[str, Any]:
    """What each table and folder holds of whom, what becomes of it with an erasure, and by which rules it goes."""
    return {
        "items": [
            {
                "name": row.name, "package": row.package, "of_colleagues": list(row.of_colleagues),
                "holds": [{"kind": kind, "columns": list(columns)} for kind, columns in row.holds],
                "erasure": row.fate, "rules": list(row.rules),
                "by": [{"id": one.id, "name": one.name, "words": one.words} for one in row.by],
            }
            for row in personal_data.rows(request.actor)
        ]
    }  # fmt: skip
