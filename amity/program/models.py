"""What we want: objectives, each with the figure that tells whether we get there, its owner and its next decision."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.money import Money
from amity.kernel.policy import Access, GuardedQuerySet


class Objective(models.Model):
    """One thing that we want to be better at.

    `figure_key` names a figure of the registry downstream; what it says today is asked there. `baseline` and `target`
    are in that figure's own unit (a share is 0 to 1, a duration is in minutes).
    """

    access: ClassVar = Access("objective")
    audited: ClassVar = Audited(quiet=("changed_at",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("objective"), max_length=120)
    figure_key = models.SlugField(_("figure"), max_length=60)
    baseline = models.FloatField(_("baseline"))
    target = models.FloatField(_("target"))
    owner = models.ForeignKey(
        Staff, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="objectives"
    )
    cost_amount = models.DecimalField(_("cost a month"), max_digits=14, decimal_places=2, null=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    next_decision = models.CharField(_("next decision"), max_length=200, blank=True)
    next_decision_on = models.DateField(_("on"), null=True)
    position = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = GuardedQuerySet["Objective"].as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "created_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name"], name="program_objective_once"),
            models.CheckConstraint(
                condition=models.Q(cost_amount__isnull=True, cost_currency="")
                | models.Q(cost_amount__gte=0) & ~models.Q(cost_currency=""),
                name="program_objective_cost",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def cost(self) -> Money | None:
        """What it costs a month; None where nobody said."""
        return None if self.cost_amount is None else Money(self.cost_amount, self.cost_currency)
