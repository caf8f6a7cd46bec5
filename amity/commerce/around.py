"""What somebody bought in the thirty days before and after each of several instants, nearest first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.commerce.models import Order
from amity.commerce.queries import lines_of
from amity.commerce.stages import NOT_BOUGHT
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.money import Money
from amity.kernel.written import sum_of
from amity.people.panels import Near

SPAN = timedelta(days=30)
MOST_READ, MOST_SHOWN = 500, 6
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order near an instant: `after` is how long after it, negative before."""

    order_id: UUID
    number: str
    ordered_at: datetime
    names: tuple[str, ...]
    paid: Money
    status: str
    after: timedelta

    @property
    def is_taken_back(self) -> bool:
        return self.status in NOT_BOUGHT


def purchases_around(
    actor: Actor, identity_ids: Sequence[UUID], instants: Mapping[K, datetime]
) -> dict[K, list[Purchase]]:
    """For each instant the orders of these identities within thirty days, nearest first; two queries for all of them.

    Of more than 500 orders in the whole span the newest are looked at.
    """
    if not instants or not policy.may(actor, "read", "order"):
        return {}
    first, last = min(instants.values()) - SPAN, max(instants.values()) + SPAN
    orders = list(
        Order.objects.visible_to(actor)
        .filter(buyer_id__in=list(identity_ids), ordered_at__gte=first, ordered_at__lte=last)
        .order_by("-ordered_at", "-id")[:MOST_READ]
    )
    if not orders:
        return {}
    orders.reverse()
    times = [one.ordered_at for one in orders]
    near = {
        key: orders[bisect_left(times, at - SPAN) : bisect_right(times, at + SPAN)]
        for key, at in instants.items()
    }
    names = lines_of(actor, {one.id for found in near.values() for one in found})
    return {
        key: sorted(
            (_purchase(one, instants[key], names.get(one.id, ())) for one in found),
            key=lambda one: (abs(one.after), one.after, one.order_id),
        )
        for key, found in near.items()
        if found
    }


def _purchase(one: Order, at: datetime, names: tuple[str, ...]) -> Purchase:
    paid = Money(one.amount, one.currency)
    return Purchase(one.id, one.number, one.ordered_at, names, paid, one.status, one.ordered_at - at)


def near_lines(found: Iterable[Purchase], at: datetime) -> tuple[Near, ...]:
    """The nearest of them in words, each with its page."""
    return tuple(
        Near(
            when_words(one.ordered_at, at),
            _what(one),
            reverse("order", args=[one.order_id]),
            one.is_taken_back,
        )
        for one in list(found)[:MOST_SHOWN]
    )


def when_words(ordered_at: datetime, at: datetime) -> str:
    """How many days of the reader lie between: 2 days before, the same day, 9 days after."""
    days = (timezone.localtime(ordered_at).date() - timezone.localtime(at).date()).days
    if days == 0:
        return _("the same day")
    count = {"count": abs(days)}
    if days < 0:
        return ngettext("%(count)s day before", "%(count)s days before", -days) % count
    return ngettext("%(count)s day after", "%(count)s days after", days) % count


def _what(one: Purchase) -> str:
    name = one.names[0] if one.names else one.number
    more = f" +{len(one.names) - 1}" if len(one.names) > 1 else ""
    words = f"{name}{more}, {sum_of(one.paid.amount, one.paid.currency)}"
    if one.status in NOT_BOUGHT:
        words = f"{words}, {_('cancelled') if one.status == 'cancelled' else _('refunded')}"
    return words
