"""Objectives are set, changed and removed, by those who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.models import Staff
from amity.kernel.money import Money
from amity.program.models import Objective
from amity.program.services import Goal, change_objective, goal_of, remove_objective, set_objective

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def goal() -> Goal:
    owner = Staff.objects.create(
        email="priya@tamp.example", name="Priya", role=Role.ADMINISTRATOR, joined_at=AT
    )
    cost = Money(Decimal("1900.00"), "EUR")
    return Goal(
        "Keep what we promise",
        "promises_kept",
        0.78,
        0.92,
        owner.id,
        cost,
        "Move burr stock",
        date(2026, 3, 20),
    )


def test_an_objective_keeps_everything_that_was_said(goal: Goal) -> None:
    made = set_objective(goal, actor=SYSTEM, at=AT)
    stored = Objective.objects.get(pk=made.pk)
    assert goal_of(stored) == goal
    assert stored.cost == goal.cost


def test_changing_says_all_of_it_anew(goal: Goal) -> None:
    made = set_objective(goal, actor=SYSTEM, at=AT)
    wanted = replace(goal, target=0.95, cost=None)
    change_objective(made.id, wanted, actor=SYSTEM, at=AT)
    assert goal_of(Objective.objects.get()) == wanted


def test_what_was_removed_can_be_set_again(goal: Goal) -> None:
    made = set_objective(goal, actor=SYSTEM, at=AT)
    said = remove_objective(made.id, actor=SYSTEM)
    assert not Objective.objects.exists()
    assert goal_of(set_objective(said, actor=SYSTEM, at=AT)) == goal


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"figure_key": ""}, "figure_key"),
        ({"target": 0.78}, "target"),
        ({"target": float("nan")}, "target"),
        ({"owner_id": uuid4()}, "owner"),
        ({"cost": Money(Decimal(-1), "EUR")}, "cost"),
        ({"next_decision": "x" * 201}, "next_decision"),
    ],
)
def test_a_goal_that_cannot_be_is_refused_and_leaves_nothing(
    goal: Goal, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_objective(replace(goal, **changes), actor=SYSTEM, at=AT)  # type: ignore[arg-type]  # wrong on purpose
    assert list(refused.value.fields) == [field]
    assert not Objective.objects.exists()


def test_a_name_is_taken_once(goal: Goal) -> None:
    set_objective(goal, actor=SYSTEM, at=AT)
    with pytest.raises(Invalid):
        set_objective(goal, actor=SYSTEM, at=AT)


def test_agents_read_objectives_and_do_not_set_them(goal: Goal) -> None:
    agent = Actor(Role.AGENT, goal.owner_id)
    made = set_objective(goal, actor=SYSTEM, at=AT)
    assert list(Objective.objects.visible_to(agent)) == [made]
    for refused in (
        lambda: set_objective(replace(goal, name="Other"), actor=agent, at=AT),
        lambda: change_objective(made.id, goal, actor=agent, at=AT),
        lambda: remove_objective(made.id, actor=agent),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_what_is_not_there_cannot_be_changed(goal: Goal) -> None:
    with pytest.raises(NotFound):
        change_objective(uuid4(), goal, actor=SYSTEM, at=AT)
