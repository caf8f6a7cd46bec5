"""All that holds of one person, and the number of each finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from amity.quality.domain.fields import Field
from amity.quality.domain.judging import Told, judge
from amity.quality.models import ALL, HERE, SOURCE, TEAM, Finding

TOGETHER = 2_000
Key = tuple[str, UUID | None, str, str]  # scope, its id, field, problem


def findings_of(
    told: Told, fields: Sequence[Field], fresh_since: datetime | None, team_of: Mapping[UUID, UUID]
) -> set[Key]:
    """All that holds of one person: by all sources, by each alone, by those of each team."""
    sources = told.sources
    scopes: list[tuple[str, UUID | None, set[UUID] | None]] = [(ALL, None, None)]
    scopes += [(SOURCE, source, {source}) for source in sources]
    teams: dict[UUID, set[UUID]] = defaultdict(set)
    for source in sources & team_of.keys():
        teams[team_of[source]].add(source)
    scopes += [(TEAM, team, members) for team, members in teams.items()]
    found: set[Key] = set()
    for scope, id, members in scopes:
        found.add((scope, id, "", HERE))
        found.update(
            (scope, id, name, problem.value) for name, problem in judge(told, fields, fresh_since, members)
        )
    return found


@dataclass(slots=True)
class Numbers:
    """The number of each finding; a new one is written when it is first found."""

    known: dict[Key, int] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Numbers:
        rows = Finding.objects.values_list("scope", "scope_id", "field", "problem", "id")
        return cls({(scope, id, name, problem): number for scope, id, name, problem, number in rows})

    def of(self, key: Key) -> int:
        if key not in self.known:
            scope, id, name, problem = key
            made, _ = Finding.objects.get_or_create(scope=scope, scope_id=id, field=name, problem=problem)
            self.known[key] = made.pk
        return self.known[key]
