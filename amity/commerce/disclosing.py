"""What somebody bought and which tier follows, for their own eyes."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from amity.commerce.models import Order
from amity.commerce.standings import standings, tiers_in_force
from amity.commerce.tier_words import tier_name, why
from amity.kernel import policy
from amity.kernel.disclosing import Section, Whose, discloses


@discloses("commerce", 30)
def tell(whose: Whose) -> Iterable[Section]:
    """Their tier with its ground, and their orders with all lines, oldest first."""
    yield _tier(whose)
    found = policy.visible(Order.objects.filter(buyer_id__in=whose.identity_ids), whose.actor)
    rows = (
        {
            "number": one.number, "ordered_at": one.ordered_at, "status": one.status, "amount": one.amount,
            "currency": one.currency, "extra": one.extra or "",
            "lines": [f"{line.quantity.normalize():f} × {line.name}, {line.amount}" for line in one.lines.all()],
        }
        for one in found.select_related("source").prefetch_related("lines").order_by("ordered_at", "id")
    )  # fmt: skip
    yield Section(
        "orders", _("What you bought"),
        {"number": _("Number"), "ordered_at": _("When"), "status": _("Status"), "amount": _("Amount"),
         "currency": _("Currency"), "lines": _("Lines"), "extra": _("Further fields")},
        rows,
    )  # fmt: skip


def _tier(whose: Whose) -> Section:
    tiers = tiers_in_force()
    standing = standings(whose.actor, [whose.person_id], tiers, whose.at).get(whose.person_id)
    rows = []
    if standing is not None:
        by_hand = standing.choice.reason if standing.choice is not None else None
        rows = [{"tier": tier_name(standing.rule), "why": by_hand or why(standing, tiers.currency)}]
    return Section("tier", _("How we rank you"), {"tier": _("Tier"), "why": _("Why")}, rows)
