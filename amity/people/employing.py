"""Under which organisations somebody is found, now or before, whatever else is said of them later."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from amity.kernel.copying import copy_insert
from amity.people.domain.folding import fold


def note_employers(said: Iterable[tuple[UUID, str]]) -> None:
    """That of each of these identities it was said to be with the organisation of this name."""
    keys = {(identity, key) for identity, name in said if (key := fold(name)[:200])}
    if keys:
        copy_insert("people_employer", ["identity_id", "key"], sorted(keys), on_conflict="DO NOTHING")
