"""Which domains tell for whom somebody works."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection


def domain_rules() -> Mapping[str, str]:
    """Domain → name under which sources know the organisation of everybody there, of the rules that are on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.domain, COALESCE(NULLIF(o.told_name, ''), o.name) FROM people_organisationdomain d "
            "JOIN people_organisation o ON o.id = d.organisation_id WHERE d.is_on"
        )
        return dict(cursor.fetchall())
