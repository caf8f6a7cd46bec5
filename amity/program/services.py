"""The verbs of the program: objectives set, changed and removed. The only writer of its tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Staff
from amity.kernel.money import Money
from amity.program.models import Objective

LONGEST_NAME, LONGEST_DECISION = 120, 200


@dataclass(frozen=True, slots=True)
class Goal:
    """What an objective says. `baseline` and `target` are in the unit of the figure `figure_key`."""

    name: str
    figure_key: str
    baseline: float
    target: float
    owner_id: UUID
    cost: Money | None = None
    next_decision: str = ""
    next_decision_on: date | None = None
    position: int = 0


def _mistakes(goal: Goal, name: str, decision: str, others: QuerySet[Objective]) -> dict[str, str]:
    """A message for each wrong field."""
    too_long = _("Use at most %(count)s letters.")
    wrong: dict[str, str] = {}
    if not name:
        wrong["name"] = _("Say what you want to be better at.")
    elif len(name) > LONGEST_NAME:
        wrong["name"] = too_long % {"count": LONGEST_NAME}
    elif others.filter(name=name).exists():
        wrong["name"] = _("There is an objective of this name already.")
    if not goal.figure_key:
        wrong["figure_key"] = _("Choose the figure that tells.")
    if len(decision) > LONGEST_DECISION:
        wrong["next_decision"] = too_long % {"count": LONGEST_DECISION}
    if not Staff.objects.active().filter(pk=goal.owner_id).exists():
        wrong["owner"] = _("Choose a colleague.")
    return wrong | _wrong_numbers(goal)


def _wrong_numbers(goal: Goal) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not (math.isfinite(goal.baseline) and math.isfinite(goal.target)):
        wrong["target"] = _("Use a number.")
    elif goal.baseline == goal.target:
        wrong["target"] = _("The target is where you are already. Choose another.")
    if goal.cost is not None and goal.cost.amount < 0:
        wrong["cost"] = _("A cost is not negative.")
    return wrong


def _checked(goal: Goal, others: QuerySet[Objective]) -> dict[str, object]:
    """The columns of a goal. Raises `Invalid`. `others` are the objectives whose name it must not take."""
    name, decision = " ".join(goal.name.split()), " ".join(goal.next_decision.split())
    if wrong := _mistakes(goal, name, decision, others):
        raise Invalid(_("Some of this cannot be saved yet."), fields=wrong)
    return {
        "name": name,
        "figure_key": goal.figure_key,
        "baseline": goal.baseline,
        "target": goal.target,
        "owner_id": goal.owner_id,
        "cost_amount": goal.cost.amount if goal.cost else None,
        "cost_currency": goal.cost.currency if goal.cost else "",
        "next_decision": decision,
        "next_decision_on": goal.next_decision_on,
        "position": goal.position,
    }


@transaction.atomic
def set_objective(goal: Goal, *, actor: Actor, at: datetime) -> Objective:
    """Set a new objective. Raises `Forbidden`, `Invalid`."""
    policy.require(actor, "write", "objective")
    made = Objective.objects.create(
        **_checked(goal, Objective.objects.all()), created_by_id=actor.staff_id, created_at=at, changed_at=at
    )
    announce("objective", made.id)
    return made


def _locked(objective_id: UUID, actor: Actor) -> Objective:
    found = Objective.objects.visible_to(actor).filter(pk=objective_id).select_for_update().first()
    if found is None:
        raise NotFound(_("This objective does not exist."))
    return found


@transaction.atomic
def change_objective(objective_id: UUID, goal: Goal, *, actor: Actor, at: datetime) -> Objective:
    """Say all of an objective anew. Raises `Forbidden`, `NotFound`, `Invalid`."""
    policy.require(actor, "write", "objective")
    objective = _locked(objective_id, actor)
    columns = _checked(goal, Objective.objects.exclude(pk=objective.id)) | {"changed_at": at}
    for name, value in columns.items():
        setattr(objective, name, value)
    objective.save(update_fields=list(columns))
    announce("objective", objective.id)
    return objective


@transaction.atomic
def remove_objective(objective_id: UUID, *, actor: Actor) -> Goal:
    """Take an objective away. Returns what it said, so that it can be set again."""
    policy.require(actor, "delete", "objective")
    objective = _locked(objective_id, actor)
    said = goal_of(objective)
    objective.delete()
    announce("objective", objective_id)
    return said


def goal_of(objective: Objective) -> Goal:
    """What a stored objective says."""
    return Goal(
        name=objective.name,
        figure_key=objective.figure_key,
        baseline=objective.baseline,
        target=objective.target,
        owner_id=objective.owner_id,
        cost=objective.cost,
        next_decision=objective.next_decision,
        next_decision_on=objective.next_decision_on,
        position=objective.position,
    )
