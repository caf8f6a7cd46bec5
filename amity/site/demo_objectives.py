"""What Tamp & Co wants to be better at: the objectives of the demo company."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from amity.kernel.actor import SYSTEM
from amity.kernel.models import Staff
from amity.kernel.money import Money
from amity.program.models import Objective
from amity.program.services import Goal, set_objective

# name, figure, baseline, target, owner, cost a month, next decision, in how many days
_GOALS = (
    ("Keep what we promise", "promises_kept", 0.78, 0.92, "priya", "1900", "Move burr stock to Jonas", 1),
    (
        "Answer while it matters",
        "first_answer_median",
        220.0,
        75.0,
        "ines",
        "2400",
        "Keep, lower the target",
        19,
    ),
    (
        "Please more than we annoy",
        "net_sentiment",
        0.05,
        0.25,
        "maite",
        "800",
        "Public statement on batch 2241",
        2,
    ),
    ("Buyers come back", "buyers_come_back", 0.48, 0.6, "owen", "3100", "Stop the voucher pilot", 19),
    ("Fewer unhappy messages", "negative_share", 0.24, 0.15, "jonas", "1200", "Decide on the quiet burr", 8),
)


def seed_objectives(now: datetime) -> None:
    """Set the objectives of the demo company, once; does nothing where there are any."""
    if Objective.objects.exists():
        return
    staff = {member.email.partition("@")[0]: member for member in Staff.objects.all()}
    for place, (name, figure, baseline, target, owner, cost, decision, days) in enumerate(_GOALS):
        goal = Goal(
            name=name,
            figure_key=figure,
            baseline=baseline,
            target=target,
            owner_id=staff[owner].id,
            cost=Money(Decimal(cost), "EUR"),
            next_decision=decision,
            next_decision_on=(now + timedelta(days=days)).date(),
            position=place,
        )
        set_objective(goal, actor=SYSTEM, at=now)
