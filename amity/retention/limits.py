"""What holds for all rules: how many people a night, how long before they are told of, how long orders must be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.models import WorkspaceSetting
from amity.kernel.workspace import take_turn
from amity.people.erasures import TIME_TO_STOP

SETTING = "retention"
NIGHT_AT = time(1, 11, tzinfo=UTC)
"""When the rules work, each night."""
LONGEST_REASON = 300
_BOUNDS = {"most_a_night": (1, 10_000), "notice_days": (1, 180), "orders_years": (0, 50)}


@dataclass(frozen=True, slots=True)
class Limits:
    """`most_a_night` people are announced and as many erased; nobody with an order younger than `orders_years`."""

    most_a_night: int = 100
    notice_days: int = 14
    orders_years: int = 10
    orders_reason: str = ""

    @property
    def notice(self) -> timedelta:
        return timedelta(days=self.notice_days)

    def orders_since(self, at: datetime) -> datetime:
        """Who bought after this instant stays."""
        try:
            return at.replace(year=at.year - self.orders_years)
        except ValueError:  # the 29th of February
            return at.replace(year=at.year - self.orders_years, day=28)

    @property
    def reason_in_words(self) -> str:
        return self.orders_reason or _(
            "Tax law asks for records of sales, in Germany for ten years (§ 147 AO)."
        )


def next_night(at: datetime) -> datetime:
    """When the rules work next."""
    tonight = datetime.combine(at.astimezone(UTC), NIGHT_AT)
    return tonight if tonight > at else tonight + timedelta(days=1)


def erased_at(due_on: date, at: datetime) -> datetime:
    """When somebody is gone whose erasure is asked for in the night of this day: for a while it can be stopped.

    Whose night is past by `at` still waits, as there are more than go in one, and is asked for in the next or later.
    """
    return max(datetime.combine(due_on, NIGHT_AT), next_night(at)) + TIME_TO_STOP


def limits_in_force() -> Limits:
    """One small query."""
    kept = WorkspaceSetting.objects.filter(key=SETTING).values_list("value", flat=True).first()
    return Limits(**kept) if isinstance(kept, dict) else Limits()


def change_limits(
    wanted: Limits, *, actor: Actor, at: datetime, unchanged: Callable[[Limits], None] | None = None
) -> Limits:
    """These hold from the next night on; gives those before. Raises `Forbidden`, and `Invalid` with its `fields`.

    `unchanged` may refuse: it sees what holds when nobody else writes.
    """
    policy.require(actor, "write", "erasure")
    reason = " ".join(wanted.orders_reason.replace("\x00", "").split())
    problems = {
        field: _("From %(least)s to %(most)s.") % {"least": least, "most": most}
        for field, (least, most) in _BOUNDS.items()
        if not least <= getattr(wanted, field) <= most
    }
    if len(reason) > LONGEST_REASON:
        problems["orders_reason"] = _("Use at most %(most)s characters.") % {"most": LONGEST_REASON}
    if problems:
        raise Invalid(_("Some of these numbers are too small or too large."), fields=problems)
    with transaction.atomic():
        take_turn()
        before = limits_in_force()
        if unchanged is not None:
            unchanged(before)
        WorkspaceSetting.objects.update_or_create(
            key=SETTING,
            defaults={
                "value": asdict(wanted) | {"orders_reason": reason}, "changed_by_id": actor.staff_id, "changed_at": at,
            },
        )  # fmt: skip
    return before
