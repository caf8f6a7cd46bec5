"""Who somebody was who is erased: accounts, links, facts, sightings, decisions about them, what they are found by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.erasing import Counts, Line, Subject, erases_person, foretells
from amity.people.deriving import derive
from amity.people.erasing_bonds import forget_bonds, forget_organisations, organisations_of_theirs
from amity.people.forgetting import forget
from amity.people.models import Fact
from amity.people.queries.visibility import known_links
from amity.people.regrouping import find_latest

# Rows that say something of them: table, kind in the audit trail, condition.
_OF_PEOPLE = (
    ("people_link", "link", "identity_id = ANY(%(ids)s) OR person_id = ANY(%(people)s)"),
    ("people_fact", "fact", "identity_id = ANY(%(ids)s)"),
    ("people_merge", "merge", "person_id = ANY(%(people)s) OR into_id = ANY(%(people)s)"),
    ("people_split", "split", "person_id = ANY(%(people)s) OR into_id = ANY(%(people)s)"),
    ("people_distinction", "distinction", "one_id = ANY(%(people)s) OR other_id = ANY(%(people)s)"),
    ("people_fieldlock", "lock", "person_id = ANY(%(people)s)"),
    ("people_proposal", "proposal", "one_id = ANY(%(people)s) OR other_id = ANY(%(people)s)"),
)
# Others were named by the same record; they keep that it named them.
_SIGHTINGS = (
    """INSERT INTO people_sighting (identity_id, source_id, run_id, with_id, at)
        SELECT identity_id, source_id, run_id, identity_id, min(at) FROM people_sighting
        WHERE with_id = ANY(%(ids)s) AND identity_id <> ALL(%(ids)s) GROUP BY identity_id, source_id, run_id
        ON CONFLICT DO NOTHING""",
    "DELETE FROM people_sighting WHERE identity_id = ANY(%(ids)s) OR with_id = ANY(%(ids)s)",
)
_OTHERS = """
    SELECT DISTINCT unnest(ARRAY[person_id, home_id]) FROM people_link WHERE identity_id = ANY(%(ids)s)
        AND revoked_at IS NULL
"""
# What was chosen to be shown of somebody else, and nobody but them said.
_CHOSEN = """
    DELETE FROM people_fieldlock l WHERE l.person_id = ANY(%(others)s) AND NOT EXISTS (
        SELECT FROM people_fact f JOIN people_link k ON k.identity_id = f.identity_id AND k.revoked_at IS NULL
        WHERE k.person_id = l.person_id AND f.field = l.field AND f.value = l.value) RETURNING l.id
"""


@erases_person("people", 90)
def erase(subject: Subject) -> Counts:
    """Remove who they were. Others whose record they were part of are told again without them."""
    of: dict[str, Any] = {"ids": subject.identity_ids, "people": subject.person_ids}
    done: Counts = {}
    organisations = organisations_of_theirs(of)
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, of)
        others = [id for (id,) in cursor.fetchall() if id and id not in set(subject.person_ids)]
        for table, kind, condition in _OF_PEOPLE:
            cursor.execute(f"DELETE FROM {table} WHERE {condition} RETURNING id", of)
            rows = [id for (id,) in cursor.fetchall()]
            subject.add(kind, rows)
            done[table] = len(rows)
        for statement in _SIGHTINGS:
            cursor.execute(statement, of)
            done["people_sighting"] = cursor.rowcount
        cursor.execute(_CHOSEN, of | {"others": others})
        subject.add("lock", (id for (id,) in cursor.fetchall()))
        cursor.execute("SELECT count(*) FROM people_matchrecord WHERE person_id = ANY(%(people)s)", of)
        (done["people_matchrecord"],) = cursor.fetchone() or (0,)
    done |= forget_bonds(subject, of) | _forget_holds(subject, of)
    forget(subject.person_ids)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_identity WHERE id = ANY(%(ids)s)", of)
        done["people_identity"] = cursor.rowcount
        cursor.execute("DELETE FROM people_customvalue WHERE person_id = ANY(%(people)s)", of)
        done["people_customvalue"] = cursor.rowcount
        cursor.execute("DELETE FROM people_person WHERE id = ANY(%(people)s)", of)
        done["people_person"] = cursor.rowcount
    done |= forget_organisations(subject, organisations)
    derive(others, run_id=None, at=subject.at)
    find_latest(others)
    subject.add("others", others)
    return done


def _forget_holds(subject: Subject, of: dict[str, Any]) -> Counts:
    """Holds on them that were released since, with the words; one that names somebody else too stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM people_heldaccount WHERE identity_id = ANY(%(ids)s) RETURNING hold_id", of
        )
        rows = [hold for (hold,) in cursor.fetchall()]
        cursor.execute(
            "DELETE FROM people_legalhold h WHERE h.id = ANY(%s) AND NOT EXISTS "
            "(SELECT FROM people_heldaccount a WHERE a.hold_id = h.id) RETURNING h.id",
            [rows],
        )
        gone = [id for (id,) in cursor.fetchall()]
    subject.add("legalhold", gone)
    return {"people_heldaccount": len(rows), "people_legalhold": len(gone)}


@foretells("people", 5)
def tell(identity_ids: Sequence[UUID], actor: Actor) -> Iterable[Line]:
    """Who they are: accounts and what was said of them, as far as the actor knows."""
    accounts = known_links(actor).filter(identity_id__in=identity_ids).count()
    words = ngettext("%(count)s account or address", "%(count)s accounts and addresses", accounts)
    yield Line(
        "id-card",
        words % {"count": f"{accounts:,}"},
        _("with merges, splits, choices, proposals, relations and households"),
    )
    hidden = policy.hidden_source_ids(actor)
    facts = Fact.objects.filter(identity_id__in=identity_ids).exclude(source_id__in=hidden).count()
    if facts:
        words = ngettext(
            "%(count)s thing that sources say of them", "%(count)s things that sources say of them", facts
        )
        yield Line("list-checks", words % {"count": f"{facts:,}"}, _("name, addresses, fields"))
