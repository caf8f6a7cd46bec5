"""Erasing a person: who was erased is known again by a keyed mark, and each package removes what it holds.

A package writes its part in `<package>/erasing.py`, which is imported at start:

    @erases_person("teamwork", 40)
    def erase(subject: Subject) -> Counts: ...

All parts run in one transaction, in their order, while nobody else writes what comes in. What is left of somebody who
was erased is a mark of each account: a hash under a random key that stays in this database. With it a restored backup
erases them again, and an old file that names them is refused; it tells nobody who they were.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import connection

from amity.kernel.actor import Actor
from amity.kernel.models import Erasure, ErasureKey

IDENTITY = "identity"
"""The kind under which accounts of erased people stand in the register of erasures."""
KEY_BYTES = 32


@dataclass(slots=True)
class Subject:
    """Who is erased: accounts, the persons of whom nothing else is left, and what they are called.

    `pseudonym` is the account without a name to which sums and counts go. `found` is what one part leaves for the
    next, by kind of record: ids as text.
    """

    identity_ids: list[UUID]
    person_ids: list[UUID]
    at: datetime
    pseudonym: UUID
    addresses: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    item_ids: list[UUID] = field(default_factory=list)
    found: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, ids: Iterable[object]) -> None:
        """Tell the parts that follow of records that belong to whom is erased."""
        self.found.setdefault(kind, set()).update(str(one) for one in ids)

    def of(self, kind: str) -> list[str]:
        return sorted(self.found.get(kind, ()))

    def every_id(self) -> list[str]:
        """The id of each record that belongs to whom is erased."""
        own = [str(one) for one in (*self.identity_ids, *self.person_ids)]
        return sorted({*own, *(one for ids in self.found.values() for one in ids)})


@dataclass(frozen=True, slots=True)
class Line:
    """What an erasure does to one kind of record, before it is done. `is_kept`: stays, without a name."""

    icon: str
    words: str
    note: str = ""
    is_kept: bool = False


Counts: TypeAlias = dict[str, int]
"""Table → rows that went, or (`table:kept`) stayed without a name."""
Part: TypeAlias = Callable[[Subject], Counts]
Teller: TypeAlias = Callable[[Sequence[UUID], Actor], Iterable[Line]]
_parts: dict[str, tuple[int, Part]] = {}
_tellers: dict[str, tuple[int, Teller]] = {}


def erases_person(key: str, order: int) -> Callable[[Part], Part]:
    """Register what a package removes. It runs in the transaction of the whole erasure, and may run twice."""

    def register(part: Part) -> Part:
        _parts[key] = order, part
        return part

    return register


def foretells(key: str, order: int) -> Callable[[Teller], Teller]:
    """Register what a package says beforehand: `teller(identity_ids, actor)`, of what this actor may see."""

    def register(teller: Teller) -> Teller:
        _tellers[key] = order, teller
        return teller

    return register


def erase_all(subject: Subject) -> Counts:
    """Run every part, in the current transaction; what each did, by table."""
    done: Counts = {}
    for _order, part in sorted(_parts.values(), key=lambda one: one[0]):
        for table, count in part(subject).items():
            done[table] = done.get(table, 0) + count
    return {table: count for table, count in done.items() if count}


def foretell(identity_ids: Sequence[UUID], actor: Actor) -> list[Line]:
    """What an erasure of these accounts would do, as far as this actor sees it."""
    tellers = sorted(_tellers.values(), key=lambda one: one[0])
    return [line for _order, teller in tellers for line in teller(identity_ids, actor)]


# --------------------------------------------------------------------------------------------------------------- marks


def mark(key: bytes, identity_id: UUID) -> UUID:
    """The mark of an account under this key. PostgreSQL computes the same (`_FIND`)."""
    return UUID(bytes=hashlib.sha256(key + identity_id.bytes).digest()[:16])


_FIND = """
    SELECT i.id, e.erased_at FROM people_identity i JOIN kernel_erasure e ON e.kind = %s
        AND e.subject_id = encode(substring(sha256(%s::bytea || uuid_send(i.id)) FROM 1 FOR 16), 'hex')::uuid
    WHERE i.first_seen_at <= e.erased_at
"""
_NOTE = """
    INSERT INTO kernel_erasure (kind, subject_id, erased_at) SELECT %s, new.id, %s FROM unnest(%s::uuid[]) AS new(id)
    ON CONFLICT (kind, subject_id) DO UPDATE SET erased_at = GREATEST(kernel_erasure.erased_at, excluded.erased_at)
"""


def keys() -> list[bytes]:
    """The keys under which marks were made here, oldest first: one, unless a backup of another Amity came in."""
    return [bytes(secret) for secret in ErasureKey.objects.order_by("id").values_list("secret", flat=True)]


def take_over_keys(others: Sequence[bytes]) -> None:
    """Keep the keys of marks that come from elsewhere, so that they say the same here."""
    known = set(keys())
    for secret in others:
        if secret not in known:
            ErasureKey.objects.create(secret=secret)


def note_identities(identity_ids: Sequence[UUID], *, at: datetime) -> None:
    """Remember that these accounts were erased, in the transaction that erases them."""
    known = keys()
    if not known:
        known = [secrets.token_bytes(KEY_BYTES)]
        take_over_keys(known)
    marks = [mark(known[-1], one) for one in identity_ids]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [IDENTITY, at, marks])


def is_anybody_erased() -> bool:
    """Whether there is anybody whose return has to be refused. One look at a table that is small."""
    return Erasure.objects.filter(kind=IDENTITY).exists()


def erased_at(identity_ids: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """When each of these accounts was erased; those that never were are not in it."""
    known = keys()
    marks = {mark(key, one): one for one in identity_ids for key in known}
    rows = Erasure.objects.filter(kind=IDENTITY, subject_id__in=list(marks))
    return {marks[subject]: at for subject, at in rows.values_list("subject_id", "erased_at")}


def there_again() -> dict[UUID, datetime]:
    """Accounts that are here although they were erased after they were first seen: what a restored backup brought."""
    found: dict[UUID, datetime] = {}
    with connection.cursor() as cursor:
        for key in keys():
            cursor.execute(_FIND, [IDENTITY, key])
            found.update(cursor.fetchall())
    return found
