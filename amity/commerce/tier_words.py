"""Tiers in words: what they are called, what they ask for, and why somebody has one."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.commerce.domain.tiers import GOLD, SILVER, Ground, Rule, Standing
from amity.kernel.written import day_as, sum_of, whole


def tier_name(rule: Rule) -> str:
    """What a tier is called, as a word."""
    if rule.name:
        return rule.name
    return {GOLD: _("Gold"), SILVER: _("Silver")}.get(rule.key, rule.key)


def tier_label(rule: Rule) -> str:
    """The same where it stands alone: Gold tier."""
    if rule.name:
        return _("%(name)s tier") % {"name": rule.name}
    return {GOLD: _("Gold tier"), SILVER: _("Silver tier")}.get(rule.key, rule.key)


def why(standing: Standing, currency: str) -> str:
    """Why somebody has this tier, in one sentence."""
    rule, amount, least = standing.rule, standing.amount, standing.least
    if standing.ground is Ground.HAND and standing.choice is not None:
        return _by_hand(standing)
    if standing.ground is Ground.BOUGHT:
        sums = {
            "amount": sum_of(amount, currency),
            "least": sum_of(Decimal(least), currency),
            "days": rule.days,
        }
        if rule.days is None:
            return _("Bought for %(amount)s in all; the tier starts at %(least)s") % sums
        return _("Bought for %(amount)s in the last %(days)s days; the tier starts at %(least)s") % sums
    counts = {"amount": whole(int(amount)), "least": whole(least), "days": rule.days}
    if standing.ground is Ground.REACH:
        return _("Reaches %(amount)s people; the tier starts at %(least)s") % counts
    if rule.days is None:
        return _("%(amount)s orders in all; the tier starts at %(least)s") % counts
    return _("%(amount)s orders in the last %(days)s days; the tier starts at %(least)s") % counts


def _by_hand(standing: Standing) -> str:
    choice = standing.choice
    if choice is None:
        return ""
    said = {"who": choice.by or _("a colleague"), "reason": choice.reason}
    words = _("Chosen by %(who)s: %(reason)s") % said
    if choice.until_on:
        day = day_as("yMMMd", choice.until_on)
        words = _("%(words)s (until %(day)s)") % {"words": words, "day": day}
    return words


def asks_for(rule: Rule, currency: str) -> str:
    """What a tier asks for, its conditions joined by “or”."""
    parts = []
    if rule.bought_from is not None:
        parts.append(_("bought for %(least)s") % {"least": sum_of(Decimal(rule.bought_from), currency)})
    if rule.orders_from is not None:
        count = rule.orders_from
        parts.append(ngettext("%(count)s order", "%(count)s orders", count) % {"count": whole(count)})
    if rule.days is not None and parts:
        parts = [_("%(what)s in %(days)s days") % {"what": part, "days": rule.days} for part in parts]
    if rule.reach_from is not None:
        parts.append(_("reaches %(people)s people") % {"people": whole(rule.reach_from)})
    return _(" or ").join(parts) if parts else _("by hand alone")
