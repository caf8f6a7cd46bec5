"""Fields for the tests of fields."""

from __future__ import annotations

from typing import Any

from amity.kernel.actor import Role
from amity.people.domain.fields.definition import Definition
from amity.people.fields import add_field
from amity.people.tests.records import AT, make_actor

EVERY = ("service", "sales", "marketing", "analysis", "legal")


def make_field(label: str, kind: str = "text", **more: Any) -> Definition:
    """A field of people (or of what is said), made by an owner."""
    told: dict[str, Any] = {"purposes": EVERY} | more
    resource = told.pop("resource", "person")
    made = add_field(resource, label=label, kind=kind, actor=make_actor(Role.OWNER), at=AT, **told)
    return made.definition()


def make_fields() -> dict[str, Definition]:
    """One of each kind, by key."""
    made = [
        make_field("Note"),
        make_field("Score", "number"),
        make_field("Spent", "money", currency="EUR"),
        make_field("Visit", "date"),
        make_field("Tier", "choice", options=["Gold", "Silver", "Bronze"]),
        make_field("Tastes", "choices", options=["Floral", "Nutty", "Fruity"]),
        make_field("Referrer", "person"),
        make_field("Page", "url"),
        make_field("Partner", "yes_no"),
    ]
    return {one.key: one for one in made}
