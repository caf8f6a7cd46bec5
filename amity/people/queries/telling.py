"""What sources say of many people at once, before it is known what is shown of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from amity.channels.adapters.api.adapter import ADAPTER_NAME
from amity.channels.models import Source
from amity.people.domain.precedence import HAND, SEEN, Rules, Statement

_STATEMENTS = """
    SELECT {whose}, i.network, i.address, f.field, f.value, f.observed_at, f.source_id, f.said_by_id IS NOT NULL
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    LEFT JOIN people_fact f ON f.identity_id = i.id AND f.source_id <> ALL(%(hidden)s::uuid[])
    WHERE l.person_id = ANY(%(people)s) AND l.revoked_at IS NULL AND (
        NOT EXISTS (SELECT FROM people_sighting s WHERE s.identity_id = i.id AND s.source_id = ANY(%(hidden)s::uuid[]))
        OR EXISTS (SELECT FROM people_sighting s WHERE s.identity_id = i.id AND s.source_id <> ALL(%(hidden)s::uuid[]))
    )
"""
_TYPED = {"adapter": ADAPTER_NAME, "typed": rf"^{HAND}(-[0-9a-f-]{{36}})?$"}
"""The sources of what colleagues type. A file may have one whose key begins so too, such as "handmade"."""
# Where colleagues type, the address to which they add another is named too, without being typed.
_SEEN = """
    SELECT {whose}, i.address, s.source_id, o.id IS NOT NULL, min(s.at)
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id AND i.network = 'email'
    JOIN people_sighting s ON s.identity_id = i.id AND s.source_id <> ALL(%(hidden)s::uuid[])
    LEFT JOIN channels_source o ON o.id = s.source_id AND o.adapter = %(adapter)s AND o.key ~ %(typed)s
    WHERE l.person_id = ANY(%(people)s) AND l.revoked_at IS NULL AND (o.id IS NULL OR s.with_id <> i.id OR NOT EXISTS (
        SELECT FROM people_sighting e WHERE e.identity_id = i.id AND e.source_id <> s.source_id AND e.at <= s.at
            AND e.source_id <> ALL(%(hidden)s::uuid[])))
    GROUP BY 1, 2, 3, 4
"""


@dataclass(slots=True)
class Told:
    """What an actor is told of one person: statements, and pairs of network and address."""

    statements: list[Statement]
    addresses: set[tuple[str, str]]


def told_without(
    hidden: Sequence[UUID], person_ids: Sequence[UUID], rules: Rules, *, by_home: bool = False
) -> Mapping[UUID, Told]:
    """What sources that are not `hidden` tell of each of these people, as far as these rules look at it.

    `by_home`: of each who was merged into them apart.
    """
    whose = "COALESCE(l.home_id, l.person_id)" if by_home else "l.person_id"
    told: dict[UUID, Told] = defaultdict(lambda: Told([], set()))
    named = {"hidden": list(hidden), "people": list(person_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS.format(whose=whose), named)
        for person, network, address, name, value, observed_at, source, is_typed in cursor.fetchall():
            told[person].addresses.add((network, address))
            if name is not None:
                teller = HAND if is_typed else source
                told[person].statements.append(Statement(name, value, observed_at, teller))
    if rules.look_at_addresses:
        for person, statement in seen_addresses(person_ids, hidden, whose=whose):
            told[person].statements.append(statement)
    return told


def seen_addresses(
    person_ids: Sequence[UUID], hidden: Sequence[UUID] = (), *, whose: str = "l.person_id"
) -> list[tuple[UUID, Statement]]:
    """Which sources that are not `hidden` named each e-mail address of these people, and when first."""
    named: dict[str, Any] = {"hidden": list(hidden), "people": list(person_ids), **_TYPED}
    with connection.cursor() as cursor:
        cursor.execute(_SEEN.format(whose=whose), named)
        return [
            (person, Statement(SEEN, address, at, HAND if is_typed else source))
            for person, address, source, is_typed, at in cursor.fetchall()
        ]


def typed_sources() -> QuerySet[Source]:
    """The sources of what colleagues typed."""
    return Source.objects.filter(key__regex=_TYPED["typed"], adapter=_TYPED["adapter"])
