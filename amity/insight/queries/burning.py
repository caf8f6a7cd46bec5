"""Whether today burns: unhappy messages against the same hours of the last four weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import TruncDate, TruncTime
from django.utils import timezone

from amity.activity.models import DailyCount
from amity.channels.records import Direction
from amity.conversations.models import Conversation, ConversationState
from amity.insight.domain.burning import Fire, fire
from amity.insight.domain.reckoning import How, reckon
from amity.insight.domain.shared_words import ask_the_same
from amity.insight.domain.windows import Window, day_of
from amity.insight.queries.registry import unhappy
from amity.kernel.actor import Actor

DAYS = 28
FEWEST_DAYS = 7  # with less history nobody knows what is usual
MOST_READ = 300


@dataclass(frozen=True, slots=True)
class Burning:
    """`trend` is unhappy messages a day (UTC), oldest first; net sentiments are -1 to 1; `words` is what most share."""

    fire: Fire
    since: datetime
    words: tuple[str, ...]
    customers: int
    unanswered: int
    trend: Sequence[int]
    net_today: float | None
    net_before: float | None


def burning(actor: Actor, at: datetime) -> Burning | None:
    """None while today is like other days. One query; two more when it burns."""
    local = timezone.localtime(at)
    today = day_of(local)
    counts = _same_hours(actor, at, local, today)
    earlier = [day for day in counts if day < local.date()]
    if not earlier:
        return None
    first = min(earlier)
    usual = [counts.get(first + timedelta(days=n), 0) for n in range((local.date() - first).days)]
    found = fire(counts.get(local.date(), 0), usual) if len(usual) >= FEWEST_DAYS else None
    return _described(found, actor, at, today) if found else None


def _same_hours(actor: Actor, at: datetime, local: datetime, today: Window) -> dict[date, int]:
    """Unhappy messages by day, each day only up to the time of day that it is now."""
    rows = unhappy(actor, at).filter(occurred_at__gte=today.start - timedelta(days=DAYS), occurred_at__lte=at)
    rows = rows.annotate(
        day=TruncDate("occurred_at", tzinfo=local.tzinfo), clock=TruncTime("occurred_at", tzinfo=local.tzinfo)
    ).filter(clock__lte=local.time())
    return dict(rows.values_list("day").annotate(count=Count("*")).order_by())


def _described(found: Fire, actor: Actor, at: datetime, today: Window) -> Burning:
    rows = unhappy(actor, at).filter(occurred_at__gte=today.start, occurred_at__lte=at)
    said = list(
        rows.annotate(waits=_waiting_conversation(actor))
        .order_by("occurred_at", "id")
        .values_list("id", "about_id", "waits", "occurred_at", "text")[:MOST_READ]
    )
    groups = ask_the_same([(id, str(about or id), text) for id, about, _waits, _when, text in said])
    days = _by_day(actor, at)
    ordered = sorted(days)
    before = [days[day] for day in ordered[:-1]]
    return Burning(
        fire=found,
        since=said[0][3],
        words=groups[0].words if groups else (),
        customers=len({about for _id, about, *_rest in said if about}),
        unanswered=len({waits for _id, _about, waits, *_rest in said if waits}),
        trend=[days[day]["negative"] for day in ordered],
        net_today=_net([days[ordered[-1]]]),
        net_before=_net(before),
    )


def _waiting_conversation(actor: Actor) -> Subquery:
    """The conversation of a message, if it waits for us."""
    waiting = Conversation.objects.visible_to(actor).filter(
        state=ConversationState.OPEN, waiting_since__isnull=False
    )
    return Subquery(waiting.filter(threads__thread_id=OuterRef("thread_id")).values("id")[:1])


def _by_day(actor: Actor, at: datetime) -> dict[date, dict[str, int]]:
    last = at.date()
    days = {last - timedelta(days=n): {"negative": 0, "positive": 0} for n in range(13, -1, -1)}
    rows = DailyCount.objects.visible_to(actor).filter(
        direction=Direction.IN, mood__in=["negative", "positive"], day__gte=min(days), day__lte=last
    )
    for day, mood, count in rows.values_list("day", "mood").annotate(total=Sum("count")).order_by():
        days[day][mood] = count
    return days


def _net(days: Sequence[dict[str, int]]) -> float | None:
    parts = [1.0] * sum(day["positive"] for day in days) + [-1.0] * sum(day["negative"] for day in days)
    return reckon(How.NET, parts)
