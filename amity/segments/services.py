"""The verbs of segments: make, change, delete, take back. Who is in one follows in `keeping`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.segments import moving
from amity.segments.building import begin_keeping
from amity.segments.conditions import fields_for
from amity.segments.domain.trees import BrokenRule, Group, in_order, leaves, named_segments, read
from amity.segments.keeping import take_turn
from amity.segments.models import Segment, SegmentState, Version
from amity.segments.queries import known_segments, seen_rule
from amity.segments.rules import checked
from amity.segments.storing import forget_traits
from amity.segments.triggers import CHANNEL
from amity.segments.words import in_words

MOST_SEGMENTS = 500


class InUse(Conflict):
    """Another segment asks for its members."""

    code = "segment.in_use"


@transaction.atomic
def create_segment(*, name: str, rule: object, actor: Actor, at: datetime, description: str = "") -> Segment:
    """Make a segment; its members are counted at once, in the background. Raises `Invalid`."""
    policy.require(actor, "write", "segment")
    if Segment.objects.there().count() >= MOST_SEGMENTS:
        raise Conflict(_("There are already %(most)s segments. Delete one first.") % {"most": MOST_SEGMENTS})
    tree = checked_rule(rule, actor=actor)
    segment = Segment(
        name=_named(name), description=_described(description), owner_id=actor.staff_id, rule=tree.to_json(),
        created_at=at, updated_at=at,
    )  # fmt: skip
    segment.save(force_insert=True)
    _note_version(segment, actor, at)
    begin_keeping(at)
    _wake()
    return segment


@transaction.atomic
def change_segment(
    segment_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    name: str | None = None,
    description: str | None = None,
    rule: object = None,
    unchanged: Callable[[Segment], None] | None = None,
) -> Segment:
    """Change what is given. A new rule is a new version, and its members are counted anew.

    `unchanged` may refuse, seeing the segment as it is.
    """
    policy.require(actor, "write", "segment")
    segment = _locked(segment_id, actor)
    if unchanged is not None:
        unchanged(segment)
    fields = ["updated_at"]
    segment.updated_at = at
    if name is not None:
        segment.name = _named(name)
        fields.append("name")
    if description is not None:
        segment.description = _described(description)
        fields.append("description")
    if rule is not None:
        said = checked_rule(rule, actor=actor, of=segment.id).to_json()
        if said != segment.rule:
            segment.rule, segment.version, segment.state = said, segment.version + 1, SegmentState.BUILDING
            fields += ["rule", "version", "state"]
            _note_version(segment, actor, at)
    segment.save(update_fields=fields)
    if "rule" in fields:
        _count_anew(_dependents(segment.id))
        _wake()
    return segment


@transaction.atomic
def delete_segment(segment_id: UUID, *, actor: Actor, at: datetime) -> Segment:
    """Put it away. Its history is kept for a month, so that this can be taken back. Raises `InUse`."""
    policy.require(actor, "write", "segment")
    segment = _locked(segment_id, actor)
    users = Segment.objects.filter(pk__in=_dependents(segment.id)).order_by("name")
    if users:
        shown = {one.id for one in known_segments(actor)}
        names = [one.name for one in users if one.id in shown]
        raise InUse(
            _("Other segments ask for its members: %(names)s. Change those first.")
            % {"names": ", ".join(names) or _("segments that you do not see")}
        )
    segment.deleted_at = segment.updated_at = at
    segment.save(update_fields=["deleted_at", "updated_at"])
    return segment


@transaction.atomic
def restore_segment(segment_id: UUID, *, actor: Actor, at: datetime) -> Segment:
    """Take a deletion back; its members are counted anew."""
    policy.require(actor, "write", "segment")
    segment = (
        Segment.objects.visible_to(actor)
        .filter(pk=segment_id, deleted_at__isnull=False)
        .select_for_update()
        .first()
    )
    if segment is None or not seen_rule(actor, segment.rule):
        raise NotFound(_("This segment does not exist."))
    checked_rule(segment.rule, actor=actor, of=segment.id)
    segment.deleted_at, segment.updated_at, segment.state = None, at, SegmentState.BUILDING
    segment.save(update_fields=["deleted_at", "updated_at", "state"])
    begin_keeping(at)
    _wake()
    return segment


@transaction.atomic
def begin_reading(*, actor: Actor, at: datetime) -> bool:
    """Have everybody read once, so that counts are there when somebody asks; whether this began it."""
    policy.require(actor, "write", "segment")
    begun = begin_keeping(at)
    if begun:
        _wake()
    return begun


def forget_deleted(before: datetime) -> int:
    """Remove segments that were deleted before, with their history."""
    gone, _by_model = Segment.objects.filter(deleted_at__lt=before).delete()
    return gone


@transaction.atomic
def forget_people(person_ids: Iterable[UUID]) -> None:
    """Remove at once all that is kept of people who go: traits, memberships and their history.

    Who only disappears from `people_person` is forgotten by the keeper, a moment later.
    """
    ids = list(person_ids)
    take_turn()
    forget_traits(ids)
    moving.forget_people(ids, moving.Moves())


def checked_rule(rule: object, *, actor: Actor, of: UUID | None = None) -> Group:
    """The tree of a rule that this actor may make, for the segment `of`. Raises `Invalid` in words."""
    try:
        tree = checked(rule, fields_for(actor))
        _check_segments(tree, actor, of)
    except BrokenRule as error:
        told = in_words(error)
        raise Invalid(told, fields={"rule": told}) from error
    if not any(True for _leaf in leaves(tree)):
        raise Invalid(_("Add a condition."), fields={"rule": _("Add a condition.")})
    return tree


def _check_segments(tree: Group, actor: Actor, of: UUID | None) -> None:
    """Those it asks for are there for this actor, and none of them asks for it in turn."""
    asked = named_segments(tree)
    if not asked:
        return
    if asked - {one.id for one in known_segments(actor)}:
        raise BrokenRule("no_segment")
    kept = Segment.objects.there().values_list("id", "rule")
    needs = {id: named_segments(read(rule)) for id, rule in kept}
    if of is not None:
        needs[of] = asked
        try:
            in_order(needs)
        except BrokenRule as error:
            if of in asked:
                raise BrokenRule("itself") from error
            raise


def _dependents(segment_id: UUID) -> set[UUID]:
    """The segments that ask for this one, also through others."""
    kept = Segment.objects.there().values_list("id", "rule")
    needs = {id: named_segments(read(rule)) for id, rule in kept}
    found: set[UUID] = set()
    waiting = [segment_id]
    while waiting:
        asked = waiting.pop()
        more = {id for id, named in needs.items() if asked in named} - found
        found |= more
        waiting += more
    return found - {segment_id}


def _count_anew(segment_ids: Iterable[UUID]) -> None:
    Segment.objects.filter(pk__in=list(segment_ids)).update(state=SegmentState.BUILDING)


def _locked(segment_id: UUID, actor: Actor) -> Segment:
    if segment_id not in {one.id for one in known_segments(actor)}:
        raise NotFound(_("This segment does not exist."))
    segment = Segment.objects.there().filter(pk=segment_id).select_for_update().first()
    if segment is None:
        raise NotFound(_("This segment does not exist."))
    return segment


def _described(words: str) -> str:
    return words.replace("\0", "").strip()[:500]


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or "\0" in name:
        raise Invalid(_("Give it a name."), fields={"name": _("Give it a name.")})
    if len(name) > 120:
        told = _("Use at most 120 characters.")
        raise Invalid(told, fields={"name": told})
    return name


def _note_version(segment: Segment, actor: Actor, at: datetime) -> None:
    Version.objects.create(
        segment=segment, number=segment.version, rule=segment.rule, made_by_id=actor.staff_id, made_at=at
    )


def _wake() -> None:
    """Tell the keeper, when this is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def use_version(segment_id: UUID, number: int, *, actor: Actor, at: datetime) -> Segment:
    """Have the rule as it was in version `number`; that is a new version. Raises `NotFound`."""
    policy.require(actor, "write", "segment")
    was = Version.objects.filter(segment_id=segment_id, number=number).first()
    if was is None or not seen_rule(actor, was.rule):
        raise NotFound(_("There is no such version."))
    return change_segment(segment_id, rule=was.rule, actor=actor, at=at)
