"""Segments to start with, each made by one click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from amity.segments.conditions import Words


@dataclass(frozen=True, slots=True)
class Example:
    name: Words
    description: Words
    rule: Mapping[str, Any]


EXAMPLES: Mapping[str, Example] = {
    "silent": Example(
        _("Bought twice, silent for 90 days"),
        _("Good customers who may be slipping away: a word now is worth more than a discount later."),
        {
            "all": [
                {"field": "orders", "op": "at_least", "value": 2},
                {"not": {"field": "last_order", "op": "in_last", "value": 90}},
                {"not": {"field": "last_wrote", "op": "in_last", "value": 90}},
            ]
        },
    ),
    "unhappy": Example(
        _("Unhappy in the last 30 days"),
        _("Whose words were bad more than once, or whom we broke a promise: somebody should call."),
        {
            "any": [
                {"field": "unhappy", "op": "at_least", "value": 2, "within_days": 30},
                {"field": "broken_promises", "op": "at_least", "value": 1, "within_days": 30},
            ]
        },
    ),
    "new": Example(
        _("New this month"),
        _("First seen in the last 30 days, and already wrote or bought."),
        {
            "all": [
                {"field": "first_seen", "op": "in_last", "value": 30},
                {
                    "any": [
                        {"field": "wrote", "op": "at_least", "value": 1},
                        {"field": "orders", "op": "at_least", "value": 1},
                    ]
                },
            ]
        },
    ),
    "fans": Example(
        _("Regulars who like us"),
        _("Wrote on three days or more within 90, in a good mood: ask them for a review."),
        {
            "all": [
                {"field": "active_days", "op": "at_least", "value": 3, "within_days": 90},
                {"field": "mood", "op": "at_least", "value": 0.2, "within_days": 90},
            ]
        },
    ),
}
