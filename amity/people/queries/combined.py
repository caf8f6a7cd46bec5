"""Organisations that are one: where their names lead."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

_TOP = """
    WITH RECURSIVE up(start, id) AS (
        SELECT one.id, one.id FROM unnest(%(ids)s::uuid[]) AS one(id)
        UNION SELECT up.start, o.merged_into_id FROM up
        JOIN people_organisation o ON o.id = up.id AND o.merged_into_id IS NOT NULL)
    SELECT up.start, up.id FROM up JOIN people_organisation o ON o.id = up.id AND o.merged_into_id IS NULL
"""
_UNDER = """
    WITH RECURSIVE down(id) AS (
        SELECT one.id FROM unnest(%(ids)s::uuid[]) AS one(id)
        UNION SELECT o.id FROM down JOIN people_organisation o ON o.merged_into_id = down.id)
    SELECT down.id, o.key FROM down JOIN people_organisation o ON o.id = down.id
"""


def tops_of(organisation_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The one for which each of these counts now, itself where it was merged into none."""
    with connection.cursor() as cursor:
        cursor.execute(_TOP, {"ids": list(organisation_ids)})
        return dict(cursor.fetchall())


def under_organisation(organisation_ids: Iterable[UUID]) -> dict[UUID, str]:
    """These and all that were merged into them: id → folded name."""
    with connection.cursor() as cursor:
        cursor.execute(_UNDER, {"ids": list(organisation_ids)})
        return dict(cursor.fetchall())


def keys_under(organisation_ids: Iterable[UUID]) -> set[str]:
    """The folded names that lead to these."""
    return set(under_organisation(organisation_ids).values())
