"""Which of several values is shown of people: each version of the rules of the company, and how far it is applied."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.people.domain.precedence import Rules, rules_from


class ShownRules(models.Model):
    """One version of the rules; the newest holds. What is shown of people follows in portions, by their ids.

    `upto` is the last person who was looked at, `looked_at` how many were, `of_people` how many there were when it
    began, `changed` of how many something else is shown since.
    """

    audited: ClassVar = Audited(quiet=("upto", "looked_at", "of_people", "changed", "done_at"))

    id = models.AutoField(primary_key=True)
    rules: models.JSONField[dict[str, Any]] = models.JSONField(_("rules"))
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    upto = models.UUIDField(null=True)
    looked_at = models.IntegerField(default=0)
    of_people = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    def as_rules(self) -> Rules:
        """What it says."""
        return rules_from(self.rules)

    def step(self, upto: UUID, looked_at: int, changed: int) -> None:
        """So many more people were looked at, and something else is shown of some."""
        self.upto = upto
        self.looked_at += looked_at
        self.changed += changed

    def finish(self, at: datetime) -> None:
        """Everybody is shown by it."""
        self.done_at = at
