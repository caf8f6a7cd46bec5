"""What is known of one person, for whoever asks what we have of them: each package tells its part.

    @discloses("promises", 40)
    def promises(whose: Whose) -> Iterable[Section]: ...

Parts tell what `whose.actor` may see, say nothing of colleagues but that it was one, and do not name other people: what
somebody may know of themselves ends where the rights of others begin (GDPR, article 15(4)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.utils.functional import Promise

from amity.kernel.actor import Actor

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom it is told, to whom, and when."""

    person_id: UUID
    identity_ids: Sequence[UUID]
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """Bytes that go along: under which name, and by which digest they lie in the store."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of record. `columns` name the fields of a row in words; `file_of` says which files belong to a row."""

    key: str
    title: str | Promise
    columns: Mapping[str, str | Promise]
    rows: Iterable[Row]
    file_of: Callable[[Row], Sequence[File]] = lambda _row: ()


Part: TypeAlias = Callable[[Whose], Iterable[Section]]
_parts: dict[str, tuple[int, Part]] = {}


def discloses(key: str, order: int) -> Callable[[Part], Part]:
    """Register what a package knows of people."""

    def register(part: Part) -> Part:
        _parts[key] = order, part
        return part

    return register


def sections(whose: Whose) -> Iterable[Section]:
    """All that is known, in the order of the packages."""
    for _order, part in sorted(_parts.values(), key=lambda one: one[0]):
        yield from part(whose)
