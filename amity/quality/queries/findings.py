"""All that holds of one person, and the number of each finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from amity.quality.domain.fields import RECORD, Field
from amity.quality.domain.judging import Found, Newest, Told, judge, newest_of
from amity.quality.models import ALL, HERE, SOURCE, TEAM, Finding

TOGETHER = 2_000
Key = tuple[str, str | None, str, str]  # scope, its id as text, field, problem


def findings_of(
    told: Told, fields: Sequence[Field], fresh_since: datetime | None, team_of: Mapping[str, str]
) -> set[Key]:
    """All that holds of one person: by all sources, by each alone, by those of each team."""
    sources = told.sources
    scopes: list[tuple[str, str | None, set[str] | None]] = [(ALL, None, None)]
    scopes += [(SOURCE, source, {source}) for source in sources]
    teams: dict[str, set[str]] = defaultdict(set)
    for source in sources & team_of.keys():
        teams[team_of[source]].add(source)
    scopes += [(TEAM, team, members) for team, members in teams.items()]
    newest = newest_of(told.said)
    in_all = judge(told, fields, fresh_since, None, newest)
    found: set[Key] = set()
    for scope, id, members in scopes:
        if members is None:
            here = in_all
        elif len(sources) == 1 and not told.chosen and not told.wins:
            here = _of_the_only_source(told, in_all, fields, fresh_since, members, newest)
        else:
            here = judge(told, fields, fresh_since, members, newest)
        found.add((scope, id, "", HERE))
        found.update((scope, id, name, problem.value) for name, problem in here)
    return found


def _of_the_only_source(
    told: Told,
    in_all: Sequence[Found],
    fields: Sequence[Field],
    fresh_since: datetime | None,
    members: set[str],
    newest: Newest,
) -> list[Found]:
    """The same as by all sources, which are this one, but for what no source says: pairs of duplicates, and that an
    address was confirmed by writing from it. Most people have one source, and so are judged once."""
    again = [one for one in fields if one.network and one.ages] if told.last_spoke else []
    keys = {RECORD, *(one.key for one in again)}
    return [
        *(found for found in in_all if found[0] not in keys),
        *judge(told, again, fresh_since, members, newest),
    ]


@dataclass(slots=True)
class Numbers:
    """The number of each finding; a new one is written when it is first found."""

    known: dict[Key, int] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Numbers:
        rows = Finding.objects.values_list("scope", "scope_id", "field", "problem", "id")
        return cls(
            {
                (scope, str(id) if id else None, name, problem): number
                for scope, id, name, problem, number in rows
            }
        )

    def of(self, key: Key) -> int:
        if key not in self.known:
            scope, id, name, problem = key
            made, _ = Finding.objects.get_or_create(scope=scope, scope_id=id, field=name, problem=problem)
            self.known[key] = made.pk
        return self.known[key]
