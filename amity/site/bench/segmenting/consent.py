"""Consent in random lives: purposes that change, people who agree and refuse; conditions on it, and the slow answer."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from amity.consent import purposes
from amity.consent.domain.answering import Said
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose, Statement
from amity.consent.statements import mark_mistake, say_consent
from amity.kernel.actor import Actor
from amity.people.models import Identity, Person

_KEYS = ("letters", "tastings", "recalls")
_OPS = ("allowed", "allowed", "not_allowed", "refused")
_NETWORKS: Mapping[str, tuple[str, ...]] = {"email": ("email",), "phone": ("phone",), "text": ("phone",)}


def make_purposes(actor: Actor, at: datetime) -> None:
    """One that needs consent for a month, one that does not, and one that stands above a general refusal."""
    for name, basis, months in (
        ("Letters", "consent", 1), ("Tastings", "legitimate_interests", None), ("Recalls", "vital_interests", None),
    ):  # fmt: skip
        told = {"name": name, "basis": basis, "channels": list(Channel), "months": months}
        purposes.add_purpose(told, actor=actor, at=at)


def say(draw: random.Random, actor: Actor, at: datetime) -> None:
    """Somebody agrees, refuses, or it was a mistake."""
    people = list(Person.objects.filter(merged_into=None).order_by("id").values_list("pk", flat=True))
    rows = list(Statement.objects.filter(revoked_at=None).order_by("id"))
    if rows and draw.random() < 0.15:
        row = draw.choice(rows)
        person = row.identity.links.get(revoked_at=None).person_id
        mark_mistake(person, row.act_id, why="It was somebody else", actor=actor, at=at)
    elif people:
        said = draw.choice(list(Said))
        everything = said.is_refusal and draw.random() < 0.3
        say_consent(
            draw.choice(people), said, purpose="" if everything else draw.choice(_KEYS),
            channel=draw.choice(("", "email", "email", *Channel)), actor=actor, at=at,
            said_at=at - timedelta(days=draw.choice((0, 0, 1, 20, 27, 40))),
        )  # fmt: skip


def change_a_purpose(draw: random.Random, actor: Actor, at: datetime) -> None:
    """An administrator sets another basis, other channels or another end, hides a purpose or puts it back."""
    purpose = Purpose.objects.get(key=draw.choice(_KEYS))
    deed = draw.choice(("basis", "channels", "months", "hide", "add"))
    if deed == "add":
        told = {"name": f"More {at:%j%H%M}", "basis": "contract", "channels": ["email"]}
        purposes.add_purpose(told, actor=actor, at=at)
    elif deed == "hide" and purpose.hidden_at is None:
        purposes.hide_purpose(purpose.key, actor=actor, at=at)
    elif deed == "hide":
        purposes.put_back_purpose(purpose.key, actor=actor)
    else:
        some = {
            "basis": draw.choice(("consent", "contract", "legal_obligation")),
            "channels": draw.sample([one.value for one in Channel], 4), "months": draw.choice((None, 1, 2)),
        }  # fmt: skip
        purposes.change_purpose(purpose.key, {deed: some[deed]}, actor=actor, at=at)


def leaf(draw: random.Random) -> dict[str, Any]:
    """A condition on one of them, by a channel that it uses now."""
    found = list(Purpose.objects.filter(hidden_at=None, key__in=_KEYS).order_by("id"))
    if not found:
        return {"field": "city", "op": "known"}
    purpose = draw.choice(found)
    return {"field": f"consent:{purpose.key}:{draw.choice(purpose.channels)}", "op": draw.choice(_OPS)}


# ------------------------------------------------------------------------------------------------------ the slow answer


def holds(rule: Mapping[str, Any], identities: Iterable[UUID], opened: set[UUID], at: datetime) -> bool:
    """Whether a condition holds of somebody with these accounts. A purpose that is hidden, or does not use the channel,
    is not there."""
    _field, key, channel = rule["field"].split(":")
    purpose = Purpose.objects.get(key=key)
    if purpose.hidden_at is not None or channel not in purpose.channels:
        return False
    last = {one: _last(one, purpose, channel, opened) for one in identities}
    refused = any(row is not None and row.said != "given" for row in last.values())
    if rule["op"] == "refused":
        return refused
    good = [
        row for one, row in last.items()
        if _is_reached(Identity.objects.get(pk=one).network, channel) and _is_good(row, purpose, at)
    ]  # fmt: skip
    return (bool(good) and not refused) == bool(rule["op"] == "allowed")


def _last(identity: UUID, purpose: Purpose, channel: str, opened: set[UUID]) -> Statement | None:
    above = purpose.basis in ("legal_obligation", "vital_interests")
    rows = [
        row for row in Statement.objects.filter(identity_id=identity, revoked_at=None).exclude(said="pending")
        if row.source_id in opened and row.channel in ("", channel)
        and (row.purpose_id == purpose.pk or (row.purpose_id is None and not above))
    ]  # fmt: skip
    strict = ("given", "withdrawn", "objected")
    return max(rows, key=lambda row: (row.said_at, strict.index(row.said)), default=None)


def _is_reached(network: str, channel: str) -> bool:
    if channel == "letter":
        return True
    if channel == "direct":
        return network not in ("email", "phone", "erased") and not network.startswith("customer:")
    return network in _NETWORKS[channel]


def _is_good(row: Statement | None, purpose: Purpose, at: datetime) -> bool:
    if purpose.basis != "consent":
        return True
    if row is None:
        return False
    if purpose.months is None:
        return True
    given = row.said_at.replace(second=0, microsecond=0)
    for day in (given.day, 30, 29, 28):
        month = given.month - 1 + purpose.months
        try:
            end = given.replace(year=given.year + month // 12, month=month % 12 + 1, day=day)
        except ValueError:
            continue
        return end > at.replace(second=0, microsecond=0)
    return False
