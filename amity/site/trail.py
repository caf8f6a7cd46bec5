"""The audit trail as people and programs read it: newest first, filtered, without what the reader may not know.

That something happened to a record, when and by whom, is seen by everybody who reads the trail. The values before and
after are not, where the record came from a source that is hidden from the reader: a trail is no way round the policy.
People, their accounts and organisations, and what ties them are made of what all sources said together: their values
are for those from whom nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Model, Q, QuerySet

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import AuditEntry, AuditUnsealed, Staff
from amity.kernel.sealing import Head, head
from amity.people.queries.visibility import is_unlimited

PAGE = 50
BATCH = 1_000
MOST_COUNTED = 10_000
LARGEST_ID = 2**63 - 1
SYSTEM_ACTS = "system"
OF_ALL_SOURCES = frozenset({"fact", "identity", "link", "organisation", "person"})
ROW_CHANGES = frozenset({"added", "changed", "removed"})

# The few distinct actions among millions of entries, by hopping along the index (action, id).
_ACTIONS = """
    WITH RECURSIVE hop AS (
        (SELECT action FROM kernel_audit_entry ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT action FROM kernel_audit_entry e WHERE e.action > hop.action ORDER BY action LIMIT 1)
        FROM hop WHERE hop.action IS NOT NULL
    )
    SELECT action FROM hop WHERE action IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `who` is the id of a colleague, or `system`; `text` is sought in actions, kinds and ids."""

    who: str = ""
    what: str = ""
    since: datetime | None = None
    before: datetime | None = None
    subject: str = ""
    record: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as its reader may know it. `is_withheld`: its values are of a record that is hidden from them."""

    entry: AuditEntry
    is_withheld: bool = False

    @property
    def before(self) -> dict[str, Any]:
        return {} if self.is_withheld else self.entry.before or {}

    @property
    def after(self) -> dict[str, Any]:
        return {} if self.is_withheld else self.entry.after or {}

    @property
    def why(self) -> str:
        return "" if self.is_withheld else self.entry.why

    def changes(self) -> list[tuple[str, Any, Any]]:
        """By field, what it was and what it is; None where it was not there."""
        fields = sorted(self.before.keys() | self.after.keys())
        return [(name, self.before.get(name), self.after.get(name)) for name in fields]


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is the id before which the next page starts."""

    lines: list[Line]
    older: int | None


@dataclass(frozen=True, slots=True)
class Chain:
    """How far the chain of hashes reaches, and how many entries wait for their place in it."""

    head: Head
    waiting: int


def entries(wanted: Wanted, *, actor: Actor) -> QuerySet[AuditEntry]:
    """The entries that fit, in no order. Raises `Forbidden` for who may not read the trail."""
    policy.require(actor, "read", "audit")
    found = AuditEntry.objects.all()
    if wanted.who == SYSTEM_ACTS:
        found = found.filter(actor_id__isnull=True)
    elif wanted.who:
        found = found.filter(_who(wanted.who))
    for name, value in (("action", wanted.what), ("subject", wanted.subject), ("subject_id", wanted.record)):
        if value:
            found = found.filter(**{name: value})
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.before:
        found = found.filter(at__lt=wanted.before)
    return found.filter(_text(wanted.text)) if wanted.text else found


def _who(id: str) -> Q:
    try:
        staff_id = UUID(id)
    except ValueError:
        return Q(pk__in=[])
    return Q(actor_id=staff_id) | Q(on_behalf_of=staff_id)


def _text(text: str) -> Q:
    try:
        return Q(subject_id=str(UUID(text)))
    except ValueError:
        return Q(action__icontains=text) | Q(subject__icontains=text) | Q(subject_id__istartswith=text)


def page(wanted: Wanted, *, actor: Actor, before: int | None = None, limit: int = PAGE) -> Page:
    """A page, newest first."""
    rows = entries(wanted, actor=actor).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=min(before, LARGEST_ID))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    return Page(_lines(shown, actor), shown[-1].id if len(found) > limit else None)


def walk(wanted: Wanted, *, actor: Actor, most: int) -> Iterator[list[Line]]:
    """All that fits, newest first, batch by batch, at most so many."""
    before: int | None = None
    left = most
    while left > 0:
        found = page(wanted, actor=actor, before=before, limit=min(BATCH, left))
        yield found.lines
        left -= len(found.lines)
        if found.older is None:
            return
        before = found.older


def one(entry_id: int, *, actor: Actor) -> Line | None:
    """One entry; None if there is none."""
    found = entries(Wanted(), actor=actor).filter(pk=min(entry_id, LARGEST_ID)).first()
    return _lines([found], actor)[0] if found else None


def count(wanted: Wanted, *, actor: Actor, most: int = MOST_COUNTED) -> int:
    """How many fit; counting stops at `most`."""
    return entries(wanted, actor=actor).values("id")[:most].count()


def chain(*, actor: Actor) -> Chain:
    """Where the chain ends now."""
    policy.require(actor, "read", "audit")
    return Chain(head(), AuditUnsealed.objects.count())


def actions() -> list[str]:
    """Every action that stands in the trail."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS)
        return [action for (action,) in cursor.fetchall()]


def names(ids: Sequence[UUID | None]) -> dict[UUID, str]:
    """What colleagues are called now, by id."""
    wanted = {one for one in ids if one is not None}
    return dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


# ------------------------------------------------------------------------------------------------- what is not for all


@cache
def _guarded() -> dict[str, type[Model]]:
    """The models whose records the policy keeps from some, by the name under which the trail knows them."""
    guarded = {}
    for model in apps.get_models():
        access = getattr(model, "access", None)
        if access is not None and (access.source or access.source_team or access.owner):
            guarded[
                getattr(getattr(model, "audited", None), "subject", "") or str(model._meta.model_name)
            ] = model
    return guarded


def _lines(found: Sequence[AuditEntry], actor: Actor) -> list[Line]:
    hidden = {str(id) for id in policy.hidden_source_ids(actor)}
    closed: frozenset[str] = frozenset() if is_unlimited(actor) else OF_ALL_SOURCES
    asked: dict[str, set[str]] = {}
    for entry in found:
        if entry.subject in _guarded() and _is_uuid(entry.subject_id):
            asked.setdefault(entry.subject, set()).add(entry.subject_id)
    visible: set[tuple[str, str]] = set()
    there: set[tuple[str, str]] = set()
    for subject, ids in asked.items():
        rows = _guarded()[subject]._default_manager.filter(pk__in=ids)
        there |= {(subject, str(id)) for id in rows.values_list("pk", flat=True)}
        visible |= {(subject, str(id)) for id in policy.visible(rows, actor).values_list("pk", flat=True)}
    return [
        Line(entry, _is_of_people(entry, closed) or _is_hidden(entry, hidden, visible, there))
        for entry in found
    ]


def _is_of_people(entry: AuditEntry, closed: frozenset[str]) -> bool:
    """Whether it holds values of such a record. That one was read or exported says nothing of what sources said."""
    return entry.subject in closed and entry.action in ROW_CHANGES


def _is_hidden(
    entry: AuditEntry, hidden: set[str], visible: set[tuple[str, str]], there: set[tuple[str, str]]
) -> bool:
    told = {
        str(part.get("source_id")) for part in (entry.before, entry.after) if part and "source_id" in part
    }
    key = (entry.subject, entry.subject_id)
    if told & hidden or (entry.subject == "source" and entry.subject_id in hidden):
        return True
    if key in there:
        return key not in visible
    # Of a record that is gone, only an entry that names its source can be judged.
    return entry.subject in _guarded() and bool(entry.before or entry.after) and not told and bool(hidden)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
