"""How many people have a finding, as an actor may know, and who they are: both from the same verdicts.

Where sources are hidden from an actor, the people of whom those told something are judged anew by what is left; of
everybody else the stored verdict holds.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.models import Person
from amity.people.queries.visibility import known_people
from amity.quality.models import Finding, Verdict
from amity.quality.queries.findings import TOGETHER, Key, Numbers, findings_of
from amity.quality.queries.known import known_fields, settings, teams_of_sources
from amity.quality.queries.told import told_of_people

_TALLY = "SELECT finding_id, sum(change)::bigint FROM quality_tally GROUP BY 1"
_OF_SOME = """
    SELECT finding, count(*) FROM quality_verdict v, unnest(v.findings) AS finding
    WHERE v.person_id = ANY(%s::uuid[]) GROUP BY 1
"""
_TOUCHED = """
    SELECT l.person_id FROM people_link l JOIN people_fact f ON f.identity_id = l.identity_id
        WHERE l.revoked_at IS NULL AND f.source_id = ANY(%(hidden)s::uuid[])
    UNION SELECT l.person_id FROM people_link l JOIN people_sighting s ON s.identity_id = l.identity_id
        WHERE l.revoked_at IS NULL AND s.source_id = ANY(%(hidden)s::uuid[])
    UNION SELECT s.person_id FROM quality_shared s JOIN quality_shared h USING (field, digest)
        WHERE h.source_id = ANY(%(hidden)s::uuid[])
"""


def sight_of(hidden: Sequence[UUID]) -> str:
    """A short name of what is hidden from somebody; "" where nothing is."""
    if not hidden:
        return ""
    told = ",".join(sorted(str(source) for source in hidden))
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Sight:
    """What one actor knows of findings: made once for an answer."""

    actor: Actor
    at: datetime

    @cached_property
    def hidden(self) -> list[UUID]:
        return policy.hidden_source_ids(self.actor)

    @cached_property
    def _numbers(self) -> Mapping[Key, int]:
        return Numbers.read().known

    @cached_property
    def _touched(self) -> list[UUID]:
        """Of whom hidden sources told something."""
        if not self.hidden:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_TOUCHED, {"hidden": self.hidden})
            return [person for (person,) in cursor.fetchall()]

    @cached_property
    def _seen(self) -> Mapping[UUID, set[Key]]:
        """Those of them whom the actor knows, judged by what the actor may see. Only people who have a verdict: who
        came since is not counted for anybody."""
        if not self._touched:
            return {}
        judged = known_people(self.actor).filter(
            pk__in=Verdict.objects.filter(pk__in=self._touched).values("person_id")
        )
        ids = sorted(judged.values_list("pk", flat=True))
        fields, fresh = known_fields(self.at), settings().fresh_since(self.at)
        seen: dict[UUID, set[Key]] = {}
        for start in range(0, len(ids), TOGETHER):
            told = told_of_people(ids[start : start + TOGETHER], self.hidden)
            seen |= {
                person: findings_of(one, fields, fresh, teams_of_sources()) for person, one in told.items()
            }
        return seen

    @cached_property
    def counts(self) -> Mapping[int, int]:
        """How many have each finding, by its number."""
        with connection.cursor() as cursor:
            cursor.execute(_TALLY)
            counts = Counter[int](dict(cursor.fetchall()))
            if self._touched:
                cursor.execute(_OF_SOME, [self._touched])
                counts.subtract(dict(cursor.fetchall()))
        for keys in self._seen.values():
            counts.update(number for key in keys if (number := self._numbers.get(key)) is not None)
        return counts

    def count(self, key: Key) -> int:
        """How many have this finding."""
        number = self._numbers.get(key)
        return 0 if number is None else self.counts.get(number, 0)

    def restrict(self, people: QuerySet[Person], key: Key) -> QuerySet[Person]:
        """Those of `people` who have this finding: as many as `count` says."""
        number = self._numbers.get(key)
        if number is None:
            return people.none()
        stored = Q(pk__in=Verdict.objects.filter(findings__contains=[number]).values("person_id"))
        if not self.hidden:
            return people.filter(stored)
        fitting = [person for person, keys in self._seen.items() if key in keys]
        return people.filter((stored & ~Q(pk__in=self._touched)) | Q(pk__in=fitting))


def counts_by_finding(actor: Actor, at: datetime) -> Mapping[int, int]:
    """How many have each finding, by its number."""
    return Sight(actor, at).counts


def keys_of_findings() -> Mapping[int, Key]:
    """What each number stands for."""
    rows = Finding.objects.values_list("id", "scope", "scope_id", "field", "problem")
    return {
        number: (scope, str(id) if id else None, field, problem) for number, scope, id, field, problem in rows
    }
