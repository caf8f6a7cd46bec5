"""The place of quality among the filters of people: `quality:phone:missing`, `quality:phone:missing:source:…`,
`quality:custom:tier:missing`."""

from __future__ import annotations

import re

from django.db.models import QuerySet
from django.utils import timezone

from amity.kernel.actor import Actor
from amity.people import columns
from amity.people.columns import Flag
from amity.people.models import Person
from amity.quality.domain.fields import Problem
from amity.quality.queries.known import EVERYTHING, Scope

PREFIX = "quality"
# Fields of the company's own have a colon in their names.
_KEY = re.compile(rf"{PREFIX}:(custom:[^:]+|[^:]+):([^:]+)(?::(.*))?")


def register() -> None:
    """Called once at start."""
    columns.register_flag_family(PREFIX, named)


def key_of(field: str, problem: Problem, scope: Scope = EVERYTHING) -> str:
    """How the list of people is asked for those."""
    key = f"{PREFIX}:{field}:{problem.value}"
    return key if scope == EVERYTHING else f"{key}:{scope}"


def named(actor: Actor, key: str) -> Flag | None:
    """The filter of a key; None for what is none, or is not for the actor."""
    from amity.quality.queries.records import wanted_named
    from amity.quality.queries.words import finding_label

    parts = _KEY.fullmatch(key)
    if parts is None:
        return None
    at = timezone.now()
    wanted = wanted_named(actor, at, parts[1], parts[2], parts[3] or "")
    if wanted is None:
        return None

    def restrict(actor: Actor, people: QuerySet[Person]) -> QuerySet[Person]:
        from amity.quality.queries.counting import Sight

        return Sight(actor, at).restrict(people, wanted.key)

    return Flag(key, finding_label(wanted.field, wanted.problem, wanted.scope), 90, "person", restrict)
