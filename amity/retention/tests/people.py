"""Invented customers who fell silent, a rule that erases them, and nights."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from amity.channels.adapters.api.adapter import ADAPTER_NAME
from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Team
from amity.kernel.timers import wake_due
from amity.people import erasures
from amity.people.models import Link, PersonErasure
from amity.people.tests.records import AT, days, email, make_actor, make_source, said, take_in
from amity.retention import night, rules
from amity.retention.models import Due, Rule, Run
from amity.retention.outlooks import how_much
from amity.retention.rules import Draft
from amity.segments.keeping import catch_up
from amity.segments.models import Segment
from amity.segments.services import create_segment

LONG_AGO = AT - days(800)
SILENT: dict[str, Any] = {"all": [{"not": {"field": "last_wrote", "op": "in_last", "value": 365}}]}
ADA, BO, CY = (email(f"{name}@roast.example", f"{name.title()} Roth") for name in ("ada", "bo", "cy"))


def somebody(number: int) -> Handle:
    return email(f"customer{number:03}@mail.example", f"Customer No{number:03}")


def a_source(key: str = "shop", *, team: Team | None = None) -> Source:
    """A program that tells of people: its raw items can be read again, as an erasure does."""
    made = make_source(key, team=team)
    made.adapter = ADAPTER_NAME
    made.save(update_fields=["adapter"])
    return made


def silent(*who: Handle, source_key: str = "shop", since: datetime = LONG_AGO) -> None:
    """They wrote once, long ago."""
    take_in(a_source(source_key), *(said(one, at=since) for one in who))


def a_segment(rule: dict[str, Any] = SILENT, at: datetime = AT, name: str = "Silent") -> Segment:
    made = create_segment(name=name, rule=rule, actor=make_actor(Role.MARKETER), at=at)
    catch_up(at)
    made.refresh_from_db()
    assert not made.is_building
    return made


def a_rule(segment: Segment, *, for_days: int = 0, actor: Actor | None = None, at: datetime = AT) -> Rule:
    """Off, as all are made."""
    said_so = Draft(f"Erase {segment.name}", "Not needed any more, GDPR art. 5(1)(e)", segment.id, for_days)
    return rules.create_rule("people", said_so, actor=actor or make_actor(Role.LEGAL), at=at)


def on(rule: Rule, at: datetime = AT, actor: Actor | None = None) -> Rule:
    return rules.turn_on(rule.pk, told=how_much(rule, at), actor=actor or make_actor(Role.LEGAL), at=at)


def a_night(at: datetime) -> list[Run]:
    """Segments follow the time first, as they do each minute."""
    catch_up(at)
    return night.work(lambda: at)


def announced(rule: Rule | None = None) -> set[UUID]:
    rows = Due.objects.filter(state="announced")
    return set((rows.filter(rule=rule) if rule else rows).values_list("person_id", flat=True))


def let_time_pass(at: datetime) -> int:
    """Erasures whose time is over begin and are done; how many were."""
    wake_due(at)
    running = list(PersonErasure.objects.filter(state="running").order_by("asked_at", "pk"))
    for one in running:
        erasures.work_on(one.pk, clock=lambda: at)
    return len(running)


def there(*who: Handle) -> set[str]:
    """The addresses of those who are still there."""
    rows = Link.objects.filter(identity__address__in=[one.address for one in who], revoked_at__isnull=True)
    return set(rows.values_list("identity__address", flat=True))
