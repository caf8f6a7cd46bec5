"""Today for programs: what this colleague should do, in order, and why; what is due, what is aimed at, what burns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from amity.insight.domain.ranking import Item, Reason
from amity.insight.queries import work
from amity.insight.queries.goals import Goal
from amity.insight.queries.work import Due
from amity.kernel.actor import Actor
from amity.kernel.api.operations import ApiRequest, operation
from amity.site.web import today_board as board
from amity.site.web.today_words import reason_words, show

router = Router(tags=["today"])


class WhyOut(Schema):
    """Why an item stands where it stands."""

    why: str = Field(description="The reason, for programs, such as late or gold.")
    points: int = Field(description="How many points it gives.")
    words: str = Field(description="The same in words.")


class ThingOut(Schema):
    """One thing to do. `id` is a conversation (answer, same), a promise, a message (not_sent) or an import."""

    rank: int = Field(description="Its place, from 1.")
    kind: str = Field(description="answer, same (one answer for many), promise, not_sent, import.")
    id: UUID
    conversation_ids: list[UUID] = Field(description="The conversations that it is about.")
    title: str = Field(description="What to do, in words.")
    name: str
    channel: str
    waits_since: datetime = Field(description="Since when it waits.")
    minutes: int = Field(description="An estimate of how long it takes.")
    points: int = Field(description="The sum of its reasons: what has more comes first.")
    reasons: list[WhyOut] = Field(description="Why it stands where it stands.")


class RestOut(Schema):
    """How much comes after the things that are listed."""

    count: int = Field(description="All of it.")
    late: int = Field(description="Conversations that wait for longer than was promised.")
    soon: int = Field(description="Conversations that are due soon.")
    calm: int = Field(description="Conversations that can wait.")
    asleep: int = Field(description="Conversations that sleep until a time.")
    promises: int = Field(description="Promises of yours that are due later.")
    promises_today: int = Field(description="Promises that are due today.")
    other: int = Field(description="Messages that did not leave, and imports that wait for somebody.")
    wakes_at: datetime | None = Field(description="When the first of those that sleep wakes.")
    next_promise_at: datetime | None = Field(description="When the first of the later promises is due.")


class DueOut(Schema):
    """A promise that somebody still has to keep."""

    id: UUID
    what: str
    due_at: datetime
    owner_id: UUID = Field(description="Whose promise it is.")
    owner: str = Field(description="The name of that colleague.")
    customer: str = Field(description="The name of whom it was made to.")
    conversation_id: UUID | None
    is_mine: bool = Field(description="It is yours.")
    is_late: bool = Field(description="Its time is over.")


class GoalOut(Schema):
    """An objective and how it stands: reached, on_course, no_change, slipping, unknown."""

    objective: str = Field(description="What it is about.")
    figure: str = Field(description="The key of the figure by which it is measured.")
    value: float | None = Field(description="What that is now; null where it is not known.")
    target: float = Field(description="What it shall be.")
    standing: str = Field(description="reached, on_course, no_change, slipping or unknown.")


class BurningOut(Schema):
    """More unhappy messages than on usual days by this hour (between `low` and `high`)."""

    since: datetime
    words: list[str] = Field(description="What most of these messages share.")
    seen: int = Field(description="Unhappy messages so far today.")
    low: int = Field(description="On the middle half of usual days at least so many.")
    high: int = Field(description="And at most so many.")
    customers: int = Field(description="From how many customers they are.")
    unanswered: int = Field(description="How many of their conversations wait for us.")


class TodayOut(Schema):
    """What stands on the screen Today. A part that the token may not read is empty."""

    at: datetime = Field(description="When that was so.")
    items: list[ThingOut]
    rest: RestOut | None = Field(description="Null for those who do not answer customers.")
    done_today: dict[str, int] = Field(description="By figure: what everybody did today.")
    due: list[DueOut] = Field(description="Promises that are due.")
    goals: list[GoalOut] = Field(description="The objectives, and how they stand.")
    burning: BurningOut | None = Field(description="What is unusual today; null while nothing is.")


@operation(router, "GET", "/today", of="conversation", does="read", answer=TodayOut)
def what_is_up_today(request: ApiRequest) -> Mapping[str, Any]:
    """What you should do today, in order, each with its reasons; promises that are due, objectives, what burns."""
    with timezone.override(request.staff.zone):
        return _today(request.actor, request.now)


def _today(actor: Actor, at: datetime) -> dict[str, Any]:
    due = work.due_promises(actor, at)
    side = board.side(actor, at, due)
    in_person = replace(actor, scopes=None)  # a token that only reads is told what its colleague should do
    waiting = board.queue(actor, at, due) if work.works(in_person) else None
    return {
        "at": at,
        "items": _things(waiting) if waiting else [],
        "rest": asdict(waiting.rest) | {"count": waiting.rest.count} if waiting else None,
        "done_today": {key: int(one.value or 0) for key, one in board.done_today(actor, at).items()},
        "due": [_due(one, at) for one in due],
        "goals": [_goal(one) for one in side.goals],
        "burning": _burning(side),
    }


def _things(waiting: board.Queue) -> Sequence[Mapping[str, Any]]:
    return [_thing(item, rank, waiting) for rank, item in enumerate(waiting.items, start=1)]


def _thing(item: Item, rank: int, waiting: board.Queue) -> dict[str, Any]:
    leads_to = item.ids or ((item.id,) if item.kind == "answer" else (waiting.conversation_of.get(item.id),))
    return {
        "rank": rank,
        "kind": item.kind.value,
        "id": item.id,
        "conversation_ids": [one for one in leads_to if one],
        "title": show(item, rank, waiting.conversation_of).title,
        "name": item.name,
        "channel": item.channel,
        "waits_since": item.first_at,
        "minutes": item.minutes,
        "points": item.points,
        "reasons": [_reason(one, item) for one in item.reasons],
    }


def _reason(one: Reason, item: Item) -> dict[str, Any]:
    return {"why": one.why.value, "points": one.points, "words": reason_words(one, item)}


def _due(one: Due, at: datetime) -> dict[str, Any]:
    plain = ("id", "what", "due_at", "owner_id", "customer", "conversation_id", "is_mine")
    found = {name: getattr(one, name) for name in plain}
    return found | {"owner": one.owner_name, "is_late": one.is_late(at)}


def _goal(one: Goal) -> dict[str, Any]:
    return {
        "objective": one.objective.name,
        "figure": one.figure.key if one.figure else "",
        "value": one.value,
        "target": one.objective.target,
        "standing": one.standing.value,
    }


def _burning(side: board.Side) -> dict[str, Any] | None:
    found = side.burning
    if found is None:
        return None
    plain = ("since", "words", "customers", "unanswered")
    counts = {name: getattr(found.fire, name) for name in ("seen", "low", "high")}
    return {name: getattr(found, name) for name in plain} | counts
