"""Administrators say which tiers there are; colleagues give somebody one by hand. Both are taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.commerce.domain.tiers import GOLD, MOST_DAYS, MOST_TIERS, SILVER, TONES, Rule
from amity.commerce.events import TiersChanged
from amity.commerce.models import TierChoice
from amity.commerce.standings import BY_HAND, SETTING, Tiers, choices_of, tiers_in_force
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.bus import publish
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.models import WorkspaceSetting
from amity.kernel.workspace import take_turn
from amity.people.domain.folding import fold
from amity.people.queries.record import person_record
from amity.people.queries.visibility import known_links

_STARTS = {SILVER: "silver_from", GOLD: "gold_from"}
_KEY = re.compile(r"^[a-z0-9_]{1,40}$")
MOST = 10**9


def change_tiers(
    rules: Sequence[Rule],
    *,
    actor: Actor,
    at: datetime,
    unchanged: Callable[[Tiers], None] | None = None,
) -> Tiers:
    """These are the tiers from now on, the highest first; gives those before. Where gold and silver start is one with
    the company's settings. Raises `Invalid` for what makes no sense. `unchanged` may refuse."""
    policy.require(actor, "write", "settings")
    named = with_keys(rules)
    _refuse_nonsense(named)
    with transaction.atomic():
        take_turn()
        before = tiers_in_force()
        if unchanged is not None:
            unchanged(before)
        _keep(SETTING, [one.as_value() for one in named], actor, at)
        for one in named:
            if one.key in _STARTS and one.bought_from is not None:
                _keep(_STARTS[one.key], one.bought_from, actor, at)
        publish(TiersChanged(identity_ids=(), at=at))
    return before


def _keep(key: str, value: Any, actor: Actor, at: datetime) -> None:
    WorkspaceSetting.objects.update_or_create(
        key=key, defaults={"value": value, "changed_by_id": actor.staff_id, "changed_at": at}
    )


def with_keys(rules: Sequence[Rule]) -> list[Rule]:
    """Each with a key of its own: that of a new one follows from its name."""
    taken = {one.key for one in rules if one.key}
    named = []
    for one in rules:
        key = one.key
        if not key:
            stem = fold(one.name).replace(" ", "_")[:36] or "tier"
            numbered = (f"{stem}_{n}" for n in range(2, len(rules) + 2))
            key = next(word for word in (stem, *numbered) if word not in taken)
            taken.add(key)
        named.append(replace(one, key=key, name=one.name.replace("\x00", "")))
    return named


def _refuse_nonsense(rules: Sequence[Rule]) -> None:
    if len(rules) > MOST_TIERS:
        raise Invalid(_("There can be %(most)s tiers.") % {"most": MOST_TIERS})
    if len({one.key for one in rules}) != len(rules):
        raise Invalid(_("Two tiers have one key."))
    names = [fold(one.name) for one in rules if one.name]
    if len(set(names)) != len(names):
        raise Invalid(_("Two tiers have one name."))
    for one in rules:
        if not _KEY.match(one.key) or one.tone not in TONES or len(one.name) > 40:
            raise Invalid(_("This is no tier: %(name)s") % {"name": (one.name or one.key)[:40]})
        if not one.name and one.key not in _STARTS:
            raise Invalid(_("Give each tier a name."), fields={"name": _("Give each tier a name.")})
        numbers = (one.bought_from, one.orders_from, one.reach_from)
        if any(number is not None and not 0 <= number <= MOST for number in numbers) or (
            one.days is not None and not 1 <= one.days <= MOST_DAYS
        ):
            raise Invalid(
                _("A number of %(name)s is too small or too large.") % {"name": one.name or one.key}
            )


def choose_tier(
    person_id: UUID, tier: str, *, reason: str, until_on: date | None, actor: Actor, at: datetime
) -> UUID:
    """Give somebody a tier, whatever the rules say; gives the choice, with which it is taken back.

    Raises `NotFound` for whom the actor does not know, `Invalid` for a tier that there is not, or without a reason.
    """
    policy.require(actor, "write", "person")
    record = person_record(actor, person_id)
    reason = " ".join(reason.replace("\x00", "").split())[:300]
    if not reason:
        words = _("Say why, so that others understand it.")
        raise Invalid(words, fields={"reason": words})
    with transaction.atomic():
        take_turn()
        if tiers_in_force().of(tier) is None:
            words = _("There is no such tier.")
            raise Invalid(words, fields={"tier": words})
        made = TierChoice.objects.create(
            id=uuid7(at), identity_id=record.identity_ids[0], tier=tier, reason=reason, until_on=until_on,
            chosen_by_id=actor.staff_id, chosen_at=at,
        )  # fmt: skip
        if not WorkspaceSetting.objects.filter(key=BY_HAND, value=True).exists():
            _keep(BY_HAND, True, actor, at)
        publish(TiersChanged(identity_ids=(made.identity_id,), at=at))
    return made.id


def take_back_choice(choice_id: UUID, *, actor: Actor, at: datetime) -> UUID:
    """The rules decide again, or what was chosen before; gives the person. Doing it twice is doing it once."""
    return _change(choice_id, actor, at, holds=False)


def bring_back_choice(choice_id: UUID, *, actor: Actor, at: datetime) -> UUID:
    """What was chosen holds again; gives the person."""
    return _change(choice_id, actor, at, holds=True)


def _change(choice_id: UUID, actor: Actor, at: datetime, *, holds: bool) -> UUID:
    policy.require(actor, "write", "person")
    with transaction.atomic():
        made = TierChoice.objects.select_for_update().filter(pk=choice_id).first()
        link = known_links(actor).filter(identity_id=made.identity_id).first() if made else None
        if made is None or link is None:
            raise NotFound(_("This choice does not exist."))
        person = person_record(actor, link.person_id).id
        made.revoked_by_id, made.revoked_at = (None, None) if holds else (actor.staff_id, at)
        made.save(update_fields=["revoked_by", "revoked_at"])
        publish(TiersChanged(identity_ids=(made.identity_id,), at=at))
    return person


def take_back_choice_of(person_id: UUID, *, actor: Actor, at: datetime) -> UUID:
    """Let the rules decide of this person again; gives the choice that ended. Raises `Conflict` where none holds."""
    record = person_record(actor, person_id)
    held = choices_of(actor, [record.id], at).get(record.id)
    if held is None:
        raise Conflict(_("The rules decide already."))
    take_back_choice(held[0], actor=actor, at=at)
    return held[0]
