"""Keys of people, kept in step with what is said of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from amity.people.domain.matching.engine import prepared
from amity.people.domain.matching.keys import keys_of
from amity.people.domain.matching.records import Said
from amity.people.forgetting import forget
from amity.people.matching.reading import said_of, to_json
from amity.people.models import Person

STEP = 2_000
"""People that are read and written at once."""


def keep_in_step(person_ids: Iterable[UUID], *, at: datetime) -> None:
    """Make keys of these persons follow what is said of them now; of those who are gone remove them.

    Call it in the transaction that changed identities, links or facts, with everybody whom the change concerns (after a
    merge both persons).
    """
    waiting = iter(dict.fromkeys(person_ids))
    while ids := list(islice(waiting, STEP)):
        there = list(_counting().filter(pk__in=ids).values_list("pk", flat=True))
        with transaction.atomic():
            forget(ids)
            load(said_of(there).items(), at=at)


def rebuild(*, at: datetime) -> int:
    """All keys anew, in one transaction; returns how many people have some. One at a time: the caller sees to that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_matchkey")
        cursor.execute("DELETE FROM people_matchrecord")
        return sum(load(said_of(ids).items(), at=at) for ids in _all_people())


def _counting() -> QuerySet[Person]:
    """The people who count: not those who were merged into another."""
    return Person.objects.filter(merged_into__isnull=True).order_by("pk")


def _all_people() -> Iterator[list[UUID]]:
    last: UUID | None = None
    while True:
        people = _counting()
        ids = list(
            (people if last is None else people.filter(pk__gt=last)).values_list("pk", flat=True)[:STEP]
        )
        if not ids:
            return
        yield ids
        last = ids[-1]


def load(people: Iterable[tuple[UUID, Said]], *, at: datetime) -> int:
    """Write records and keys of persons who have none, by COPY; returns their number."""
    listed = [(person, said) for person, said in people if said != Said()]
    if not listed:
        return 0
    numbers = _numbers(len(listed))
    with connection.cursor() as cursor:
        with cursor.copy("COPY people_matchrecord (id, person_id, said, keyed_at) FROM STDIN") as copy:
            for number, (person, said) in zip(numbers, listed, strict=True):
                copy.write_row((number, person, json.dumps(to_json(said)), at))
        with cursor.copy("COPY people_matchkey (key, record_id) FROM STDIN") as copy:
            for number, (_, said) in zip(numbers, listed, strict=True):
                for key in keys_of(prepared(said)):
                    copy.write_row((key, number))
    return len(listed)


def _numbers(count: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('people_matchrecord', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [number for (number,) in cursor.fetchall()]
