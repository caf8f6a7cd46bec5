"""Segments as an actor may know them, their members, counts at once, and why somebody is in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from amity.channels.models import Source
from amity.commerce.models import Product
from amity.commerce.queries import known_products
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.kernel.keyset import Cursor
from amity.people.queries import ListedPerson, known_people
from amity.people.queries.listing import listed_people
from amity.segments.conditions import Found, Moment, Sql, fields_for
from amity.segments.domain.traits import minute_of
from amity.segments.domain.trees import Group, Leaf, leaves, named_segments, read
from amity.segments.models import Code, Member, Segment, State, Version
from amity.segments.rules import codes_of, rule_of, selection
from amity.segments.storing import stored_traits

NOT_KEPT = UUID(int=0)


def known_segments(actor: Actor) -> list[Segment]:
    """The segments that this actor may know of, by name: of whose rules no field is kept from their role."""
    if not policy.may(actor, "read", "segment"):
        return []
    listed = list(Segment.objects.visible_to(actor).filter(deleted_at__isnull=True).order_by("name", "id"))
    trees = {one.id: read(one.rule) for one in listed}
    seen = fields_for(actor).keys()
    all_seen = {id: _uses(tree) <= seen for id, tree in trees.items()}
    return [one for one in listed if _is_seen(one.id, trees, all_seen, set())]


def seen_rule(actor: Actor, rule: object) -> bool:
    """Whether this actor may know of a rule that a segment has or had: of its fields and the segments it asks for."""
    return _seeing(actor)(rule)


def _seeing(actor: Actor) -> Callable[[object], bool]:
    """The same for many rules: which fields and segments there are for the actor is asked once."""
    fields = fields_for(actor).keys()
    there = cache(lambda: set(Segment.objects.there().values_list("pk", flat=True)))
    known = cache(lambda: {one.id for one in known_segments(actor)})

    def sees(rule: object) -> bool:
        tree = read(rule)
        named = named_segments(tree)
        return _uses(tree) <= fields and (not named or named & there() <= known())

    return sees


def rules_of_stays(actor: Actor, stays: Iterable[tuple[Segment, int]]) -> dict[tuple[UUID, int], Group]:
    """The rules by which people came in, by segment and version; those of which the actor may know."""
    wanted = {(one.id, number): one for one, number in stays}
    now = {key: one.rule for key, one in wanted.items() if one.version == key[1]}
    before = wanted.keys() - now.keys()
    rows = (
        Version.objects.filter(
            segment_id__in={id for id, _ in before}, number__in={number for _, number in before}
        ).values_list("segment_id", "number", "rule")
        if before
        else ()
    )
    old = {(id, number): rule for id, number, rule in rows if (id, number) in before}
    sees = _seeing(actor)
    return {key: read(rule) for key, rule in (now | old).items() if key in now or sees(rule)}


def _uses(tree: Group) -> set[str]:
    return {leaf.field for _path, leaf in leaves(tree)}


def _is_seen(id: UUID, trees: dict[UUID, Group], all_seen: dict[UUID, bool], passed: set[UUID]) -> bool:
    if id in passed or id not in trees:
        return True
    passed.add(id)
    return all_seen[id] and all(_is_seen(one, trees, all_seen, passed) for one in named_segments(trees[id]))


@dataclass(frozen=True, slots=True)
class Preview:
    """How many people a rule holds of, exactly; `of` how many there are; some of them."""

    count: int
    of: int
    sample: tuple[UUID, ...]


SAMPLE = 6


def preview(tree: Group, at: datetime, *, sample: int = SAMPLE) -> Preview:
    """Count a rule over everybody, now."""
    rule = rule_of(NOT_KEPT, 0, tree.to_json())
    chosen = selection(rule, Moment(minute_of(at), codes_of([rule])))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(f"SELECT count(*) {chosen.text}", chosen.params)
        (count,) = cursor.fetchone() or (0,)
        some = _some(chosen, count, sample) if count and sample else ()
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'segments_trait'::regclass"
        )
        (of,) = cursor.fetchone() or (0,)
    return Preview(count, of, tuple(some))


RARE = 50_000
"""Of fewer than these some are found sooner by all processors together than by one that stops at the first."""


def _some(chosen: Sql, count: int, most: int) -> Sequence[UUID]:
    with connection.cursor() as cursor:
        if count > RARE:
            cursor.execute(f"SELECT t.person_id {chosen.text} LIMIT {int(most)}", chosen.params)
            return [id for (id,) in cursor.fetchall()]
        cursor.execute(f"SELECT (array_agg(t.person_id))[1:{int(most)}] {chosen.text}", chosen.params)
        (found,) = cursor.fetchone() or ((),)
        return found or ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first reading of everybody is: `share` of 1, null when it is done or was never begun."""

    is_kept: bool
    read: int
    to_read: int
    is_reading: bool


def progress() -> Progress:
    """Whether counts can be asked for."""
    state = State.there()
    return Progress(state.is_kept, state.read, max(state.to_read, state.read), state.reading_from is not None)


def segment_shown(actor: Actor, segment_id: UUID) -> Segment:
    """One segment, as this actor may know it. Raises `NotFound`."""
    policy.require(actor, "read", "segment")
    for one in known_segments(actor):
        if one.id == segment_id:
            return one
    raise NotFound(_("This segment does not exist."))


@dataclass(frozen=True, slots=True)
class Moved:
    """How many came in and left since an instant, each once for every time."""

    entered: int
    left: int


_MOVED = """
    SELECT segment_id, count(*) FILTER (WHERE since >= %(start)s), count(*) FILTER (WHERE until >= %(start)s)
    FROM segments_member WHERE segment_id = ANY(%(segments)s) AND (
        (until IS NULL AND since >= %(start)s) OR until >= %(start)s) GROUP BY segment_id
"""


def moved_since(segment_ids: Sequence[UUID], start: datetime) -> dict[UUID, Moved]:
    """By segment."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"segments": list(segment_ids), "start": start})
        return {id: Moved(entered, left) for id, entered, left in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    entered: int
    left: int


_DAYS = """
    SELECT day::date, (SELECT count(*) FROM segments_member WHERE segment_id = %(segment)s AND since >= day
            AND since < day + interval '1 day' AND (until IS NULL OR until >= day)),
        (SELECT count(*) FROM segments_member WHERE segment_id = %(segment)s AND until >= day
            AND until < day + interval '1 day')
    FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz, interval '1 day') AS day ORDER BY day
"""


def days_of(segment_id: UUID, at: datetime, days: int = 30) -> list[Day]:
    """How many came in and left on each of the last days (UTC), oldest first."""
    end = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"segment": segment_id, "start": end - timedelta(days=days - 1), "end": end})
        return [Day(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A person in a segment, since when, and what the conditions of `version` of its rule found when they came in
    (null: the rule was new)."""

    person: ListedPerson
    since: datetime
    why: list[Any] | None
    version: int


@dataclass(frozen=True, slots=True)
class MembersPage:
    members: tuple[ListedMember, ...]
    after: Cursor | None


def members_of(
    actor: Actor, segment_id: UUID, *, after: Cursor | None = None, limit: int = 50
) -> MembersPage:
    """Who is in it now and known to this actor, the last to come first."""
    rows = Member.objects.filter(segment_id=segment_id, until__isnull=True)
    if after is not None:
        rows = rows.filter(Q(since__lt=after.at) | Q(since=after.at, person_id__lt=after.id))
    known = known_people(actor).filter(pk=OuterRef("person_id"))
    kept = list(rows.filter(Exists(known)).order_by("-since", "-person_id")[: limit + 1])
    more, kept = len(kept) > limit, kept[:limit]
    people = {one.id: one for one in known_people(actor).filter(pk__in=[row.person_id for row in kept])}
    listed = {one.id: one for one in listed_people(actor, list(people.values()))}
    shown = tuple(
        ListedMember(listed[row.person_id], row.since, row.why_in, row.version_in)
        for row in kept
        if row.person_id in listed
    )
    return MembersPage(shown, Cursor(kept[-1].since, kept[-1].person_id) if more else None)


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition, where it stands in the rule, and what it found of a person."""

    path: tuple[int, ...]
    leaf: Leaf
    found: Found


@dataclass(frozen=True, slots=True)
class Why:
    """Whether somebody is in a segment now, and what each condition finds; their stays, the last first."""

    is_in: bool
    reasons: tuple[Reason, ...]
    stays: tuple[Member, ...]


def why(actor: Actor, segment: Segment, person_id: UUID, at: datetime) -> Why:
    """Why a person is in a segment, or is not. Raises `NotFound` for people whom this actor does not know."""
    if not known_people(actor).filter(pk=person_id).exists():
        raise NotFound(_("This person does not exist."))
    stays = tuple(Member.objects.filter(segment=segment, person_id=person_id).order_by("-since")[:20])
    inside = {one.segment_id for one in Member.objects.filter(person_id=person_id, until__isnull=True)}
    rule = rule_of(segment.id, segment.version, segment.rule)
    traits = stored_traits([person_id]).get(person_id)
    reasons: tuple[Reason, ...] = ()
    if traits is not None:
        moment = Moment(minute_of(at), codes_of([rule]), inside.__contains__)
        reasons = tuple(
            Reason(path, leaf, rule.look(leaf, traits, moment)) for path, leaf in leaves(rule.tree)
        )
    return Why(segment.id in inside, reasons, stays)


def stays_of(actor: Actor, person_id: UUID) -> list[tuple[Segment, Member]]:
    """The segments in which a person is and was, those of now first, as this actor may know."""
    known = {one.id: one for one in known_segments(actor)}
    rows = Member.objects.filter(person_id=person_id, segment_id__in=list(known)).order_by("-since")[:100]
    listed = [(known[row.segment_id], row) for row in rows]
    return sorted(listed, key=lambda one: one[1].until is not None)


def versions_of(actor: Actor, segment: Segment) -> list[Version]:
    """How its rule was, the newest first, as far as this actor may know."""
    newest = segment.versions.select_related("made_by").order_by("-number")[:50]
    sees = _seeing(actor)
    return [one for one in newest if sees(one.rule)]


def names_for(actor: Actor, *trees: Group) -> dict[tuple[str, str], str]:
    """What stands behind the ids in rules: sources, products and segments, by kind and id, as this actor may know."""
    asked: dict[str, set[str]] = {"source": set(), "product": set(), "segment": set()}
    fields = fields_for(actor)
    for leaf in (leaf for tree in trees for _path, leaf in leaves(tree)):
        field = fields.get(leaf.field)
        if field is not None and leaf.of and field.of in asked:
            asked[field.of].add(leaf.of)
    known = known_segments(actor) if any(map(named_segments, trees)) else ()
    names = {("segment", str(one.id)): one.name for one in known}
    for kind, model in (("source", Source), ("product", Product)):
        ids = [UUID(one) for one in asked[kind] if _is_uuid(one)]
        visible: QuerySet[Any] = model.objects.visible_to(actor).filter(pk__in=ids)
        names |= {(kind, str(id)): name for id, name in visible.values_list("pk", "name")}
    return names


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


MOST_CHOICES = 300


def choices_of(actor: Actor, kind: str) -> list[tuple[str, str]]:
    """What a condition may be narrowed to: (value, name), as far as this actor may know."""
    if kind == "segment":
        return [(str(one.id), one.name) for one in known_segments(actor)]
    if kind == "source":
        opened = Source.objects.visible_to(actor).filter(team__isnull=True, owner__isnull=True)
        return [(str(id), name) for id, name in opened.values_list("pk", "name")[:MOST_CHOICES]]
    if kind == "product":
        if not policy.may(actor, "read", "order"):
            return []
        sold = known_products(actor).order_by("name", "id")
        return [(str(one.id), one.name) for one in sold[:MOST_CHOICES]]
    words = Code.objects.filter(kind=kind).order_by("word").values_list("word", flat=True)
    return [(word, word) for word in words[:MOST_CHOICES]]
