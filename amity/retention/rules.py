"""The verbs of rules: make, change, turn on and off, remove; each but turning on is taken back with one more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.live import announce
from amity.kernel.models import Staff
from amity.people import erasures
from amity.people.models import ErasureState, PersonErasure
from amity.retention.announcing import drop
from amity.retention.domain.verdicts import Verdict
from amity.retention.models import DueState, Kind, Rule
from amity.retention.outlooks import how_much
from amity.retention.segments_seen import seen_now
from amity.segments.queries import known_segments

MOST_RULES = 50
MOST_DAYS, MOST_MONTHS = 18_250, 600
LONGEST_NAME, LONGEST_REASON = 120, 500


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says: of people `segment_id` and `for_days`, of words and raw items `months` and `source_id`."""

    name: str
    reason: str
    segment_id: UUID | None = None
    for_days: int | None = None
    months: int | None = None
    source_id: UUID | None = None
    owner_id: UUID | None = None


def draft_of(rule: Rule) -> Draft:
    """What would be said to have this rule."""
    return Draft(
        rule.name, rule.reason, rule.segment_id, rule.for_days, rule.months, rule.source_id, rule.owner_id
    )


@transaction.atomic
def create_rule(kind: str, said: Draft, *, actor: Actor, at: datetime) -> Rule:
    """Make a rule; it is off. Raises `Invalid` with its `fields`."""
    policy.require(actor, "write", "erasure")
    if kind not in Kind.values:
        raise Invalid(
            _("There is no such kind of rule."), fields={"kind": _("There is no such kind of rule.")}
        )
    if Rule.objects.there().count() >= MOST_RULES:
        raise Conflict(_("There are already %(most)s rules. Remove one first.") % {"most": MOST_RULES})
    rule = Rule(id=uuid7(at), kind=kind, created_at=at, updated_at=at)
    _take_over(rule, _checked(kind, said, actor, rule))
    if rule.owner_id is None:
        rule.owner_id = actor.staff_id
    rule.save(force_insert=True)
    return rule


@transaction.atomic
def change_rule(
    rule_id: UUID, said: Draft, *, actor: Actor, at: datetime, unchanged: Callable[[Rule], None] | None = None
) -> Rule:
    """Have it say this. Where that lets go of other things, it is off until somebody looked again.

    `unchanged` may refuse, seeing the rule as it is. Raises `NotFound`, `Invalid`.
    """
    policy.require(actor, "write", "erasure")
    rule = _locked(rule_id, actor)
    if unchanged is not None:
        unchanged(rule)
    before = draft_of(rule)
    wanted = _checked(rule.kind, said, actor, rule)
    if wanted == before:
        return rule
    was_on = rule.is_on
    if _lets_go(wanted) != _lets_go(before):
        _stop(rule, actor, at)
    rule.before = _as_json(before) | {"is_on": was_on, "seen": rule.seen}
    _take_over(rule, wanted)
    _save(rule, at)
    return rule


@transaction.atomic
def take_back_change(rule_id: UUID, *, actor: Actor, at: datetime) -> Rule:
    """As it was before the last change, on or off. What was announced meanwhile is not announced any more."""
    policy.require(actor, "write", "erasure")
    rule = _locked(rule_id, actor)
    if rule.before is None:
        raise Conflict(_("This rule was not changed."))
    before = dict(rule.before)
    was_on, seen = before.pop("is_on"), before.pop("seen")
    now = draft_of(rule)
    wanted = _from_json(before)
    if _lets_go(wanted) != _lets_go(now):
        _stop(rule, actor, at)
        rule.is_on, rule.seen = was_on, seen
    rule.before = None
    _take_over(rule, wanted)
    _save(rule, at)
    return rule


@transaction.atomic
def turn_on(rule_id: UUID, *, told: int, actor: Actor, at: datetime) -> Rule:
    """From the next night on it works. `told` is how many its preview said it would let go of.

    Raises `NotFound`; `Conflict` where it is more by now, so that nobody turns on what they did not see.
    """
    policy.require(actor, "write", "erasure")
    rule = _locked(rule_id, actor)
    if rule.kind == Kind.PEOPLE:
        seen = seen_now(rule)
        if seen.problem:
            raise Conflict(seen.in_words())
        rule.seen = seen.versions
    there = how_much(rule, at)
    if there > told:
        raise Conflict(
            _("It would let go of %(count)s by now, not of %(told)s. Look again before you turn it on.")
            % {"count": f"{there:,}", "told": f"{told:,}"}
        )
    rule.is_on, rule.turned_on_at = True, at
    _save(rule, at)
    return rule


@transaction.atomic
def turn_off(rule_id: UUID, *, actor: Actor, at: datetime) -> Rule:
    """It does nothing any more: nobody whom it announced is erased, nor whose erasure still waits."""
    policy.require(actor, "write", "erasure")
    rule = _locked(rule_id, actor)
    _stop(rule, actor, at)
    _stay_off(rule)
    _save(rule, at)
    return rule


@transaction.atomic
def remove_rule(rule_id: UUID, *, actor: Actor, at: datetime) -> Rule:
    """Turn it off and put it away. What it did stays in the list of runs."""
    policy.require(actor, "write", "erasure")
    rule = _locked(rule_id, actor)
    _stop(rule, actor, at)
    _stay_off(rule)
    rule.deleted_at = at
    _save(rule, at)
    return rule


@transaction.atomic
def restore_rule(rule_id: UUID, *, actor: Actor, at: datetime) -> Rule:
    """Take its removal back; it is off. Raises `NotFound`."""
    policy.require(actor, "write", "erasure")
    rule = _locked(rule_id, actor, is_removed=True)
    rule.deleted_at = None
    _save(rule, at)
    return rule


def _stop(rule: Rule, actor: Actor, at: datetime) -> None:
    """Nothing that it began goes on. Erasures that are being done already cannot be stopped."""
    rule.is_on = False
    for due in rule.dues.select_for_update().filter(state=DueState.ANNOUNCED).order_by("id"):
        drop(due, Verdict.OFF, at)
    asked = rule.dues.filter(state=DueState.ASKED).values("erasure_id")
    waiting = PersonErasure.objects.filter(pk__in=asked, state=ErasureState.WAITING).order_by("pk")
    for erasure_id in list(waiting.values_list("pk", flat=True)):
        try:
            erasures.stop(erasure_id, actor=actor, at=at)
        except Conflict:  # it has begun at this moment
            continue
        for due in rule.dues.select_for_update().filter(erasure_id=erasure_id):
            drop(due, Verdict.OFF, at)


def _stay_off(rule: Rule) -> None:
    """Whoever takes back an earlier change does not turn on what was turned off since."""
    if rule.before is not None:
        rule.before = rule.before | {"is_on": False}


def _save(rule: Rule, at: datetime) -> None:
    rule.updated_at = at
    rule.save()
    announce("erasure", rule.pk)


def _locked(rule_id: UUID, actor: Actor, *, is_removed: bool = False) -> Rule:
    rows = Rule.objects.visible_to(actor).select_for_update(of=("self",))
    rule = rows.filter(pk=rule_id, deleted_at__isnull=not is_removed).first()
    if rule is None:
        raise NotFound(_("This rule does not exist."))
    return rule


# ------------------------------------------------------------------------------------------------------- what is said


def _lets_go(said: Draft) -> tuple[object, ...]:
    return said.segment_id, said.for_days, said.months, said.source_id


def _take_over(rule: Rule, said: Draft) -> None:
    for field, value in asdict(said).items():
        setattr(rule, field, value)


def _as_json(said: Draft) -> dict[str, Any]:
    return {field: str(value) if isinstance(value, UUID) else value for field, value in asdict(said).items()}


def _from_json(kept: dict[str, Any]) -> Draft:
    ids = {
        field: UUID(kept[field]) if kept[field] else None for field in ("segment_id", "source_id", "owner_id")
    }
    return Draft(**(kept | ids))


def _checked(kind: str, said: Draft, actor: Actor, rule: Rule) -> Draft:
    problems: dict[str, str] = {}
    name, reason = (" ".join(words.replace("\x00", "").split()) for words in (said.name, said.reason))
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = _("Give it a name of at most %(most)s characters.") % {"most": LONGEST_NAME}
    if not reason or len(reason) > LONGEST_REASON:
        problems["reason"] = _("Say why, in at most %(most)s characters.") % {"most": LONGEST_REASON}
    if said.owner_id is not None and not Staff.objects.filter(pk=said.owner_id, is_active=True).exists():
        problems["owner"] = _("This colleague does not exist.")
    draft = Draft(name, reason, owner_id=said.owner_id)
    if kind == Kind.PEOPLE:
        problems |= _problems_of_people(said, actor, rule)
        draft = Draft(name, reason, said.segment_id, said.for_days, owner_id=said.owner_id)
    else:
        problems |= _problems_of_records(said, actor, rule)
        draft = Draft(name, reason, months=said.months, source_id=said.source_id, owner_id=said.owner_id)
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    return draft


def _problems_of_people(said: Draft, actor: Actor, rule: Rule) -> dict[str, str]:
    problems = {}
    known = {one.id for one in known_segments(actor)}
    if said.segment_id is None or (said.segment_id not in known and said.segment_id != rule.segment_id):
        problems["segment"] = _("Choose a segment.")
    if said.for_days is None or not 0 <= said.for_days <= MOST_DAYS:
        problems["for_days"] = _("From %(least)s to %(most)s.") % {"least": 0, "most": f"{MOST_DAYS:,}"}
    return problems


def _problems_of_records(said: Draft, actor: Actor, rule: Rule) -> dict[str, str]:
    problems = {}
    if said.months is None or not 1 <= said.months <= MOST_MONTHS:
        problems["months"] = _("From %(least)s to %(most)s.") % {"least": 1, "most": MOST_MONTHS}
    there = policy.visible(Source.objects.filter(pk__in=[said.source_id]), actor)
    if said.source_id is not None and said.source_id != rule.source_id and not there.exists():
        problems["source"] = _("This source does not exist.")
    return problems
