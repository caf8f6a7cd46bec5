"""Three years of mail of two people, rules about it, and what has to stay: for stories of retention."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from amity.activity.models import Activity, DailyCount
from amity.channels.models import Item
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import Actor
from amity.retention import rules
from amity.retention.models import Rule
from amity.retention.outlooks import how_much
from amity.retention.rules import Draft
from tests.flows.stories import jsonl, message, order, take_in

ADA, BO = "ada@roast.example", "bo@roast.example"


def years_ago(at: datetime, years: float) -> datetime:
    return at - timedelta(days=365 * years)


@pytest.fixture
def said(tmp_path: Path, at: datetime) -> None:
    """Three years of mail of two people: one talk of long ago is open, one is closed, the newest is of this year."""
    old, new = years_ago(at, 3), years_ago(at, 0.5)
    rows = [
        message("a1", old, ADA, subject="A grinder", text="It grinds zorptastic coffee badly"),
        message("a2", old + timedelta(hours=1), ADA, in_reply_to=["a1"], text="Still zorptastic"),
        message("a3", new, ADA, subject="Beans", text="The new beans are lovely"),
        message("b1", old, BO, subject="A kettle", text="My zorptastic kettle leaks"),
        order("o1", old, [("email", ADA)], "24.80", number="No 1"),
    ]
    take_in(jsonl(tmp_path / "mails.jsonl", rows), at)
    Item.objects.update(received_at=at)  # a real clock says when they came


def talk(subject: str) -> Conversation:
    return Conversation.objects.get(subject__startswith=subject)


def close_all(owner: Actor, at: datetime, *but: str) -> None:
    for one in Conversation.objects.filter(state="open"):
        if one.subject not in but:
            services.close(one.id, actor=owner, at=at)


def a_rule(kind: str, owner: Actor, at: datetime, months: int = 24, source_id: UUID | None = None) -> Rule:
    draft = Draft("Two years of words", "Storage limitation", months=months, source_id=source_id)
    made = rules.create_rule(kind, draft, actor=owner, at=at)
    return rules.turn_on(made.pk, told=how_much(made, at), actor=owner, at=at)


def what_stays() -> dict[str, object]:
    """All that must be as it was: who, when, where, in which mood, and what is counted."""
    kept = ("id", "occurred_at", "actor_id", "about_id", "thread_id", "direction", "channel", "verb", "sentiment",
            "language", "external_id", "amount")  # fmt: skip
    talks = ("id", "customer_id", "state", "messages", "channel", "sentiment", "language", "first_answer_at",
             "last_activity_at", "closed_at", "waiting_since", "due_at")  # fmt: skip
    return {
        "said": list(Activity.objects.order_by("id").values(*kept)),
        "days": list(DailyCount.objects.order_by("pk").values()),
        "talks": list(Conversation.objects.order_by("id").values(*talks)),
    }


def words() -> dict[str, str]:
    rows = Activity.objects.exclude(object_type="order").exclude(verb="promise")
    return dict(rows.values_list("external_id", "text"))
