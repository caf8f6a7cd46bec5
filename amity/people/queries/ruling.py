"""What follows for the records of all people: by which rule of several values one is shown, and whose a domain is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from amity.kernel.purposes import asked_once
from amity.people.domain.precedence import USUAL, Rules, rules_from

_RULING = """
    SELECT d.domain, COALESCE(NULLIF(o.told_name, ''), o.name), NULL FROM people_organisationdomain d
    JOIN people_organisation o ON o.id = d.organisation_id WHERE d.is_on
    UNION ALL SELECT '', '', newest.rules::text FROM (
        SELECT rules FROM people_shownrules ORDER BY id DESC LIMIT 1) AS newest
"""


@dataclass(frozen=True, slots=True)
class Ruling:
    """`employers`: domain → name under which sources know the organisation of everybody there, of those that are on."""

    employers: Mapping[str, str]
    shown: Rules


def ruling() -> Ruling:
    """What holds now, in one statement. Whoever writes what is shown asks this, in their turn."""
    employers: dict[str, str] = {}
    shown = USUAL
    with connection.cursor() as cursor:
        cursor.execute(_RULING)
        for domain, name, rules in cursor.fetchall():
            if rules is None:
                employers[domain] = name
            else:
                shown = rules_from(json.loads(rules))
    return Ruling(employers, shown)


def ruling_of_look() -> Ruling:
    """The same for whoever only reads: within one look it is asked once."""
    return asked_once("ruling", ruling)
