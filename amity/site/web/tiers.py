"""Settings, tiers: which there are, what they ask for, and how many people have each, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amity.commerce.domain.tiers import MOST_TIERS, TONES, Rule
from amity.commerce.standings import Tiers, tier_counts, tiers_in_force
from amity.commerce.tier_words import asks_for, tier_name
from amity.commerce.tiering import change_tiers, with_keys
from amity.kernel import policy
from amity.kernel.errors import DomainError, Forbidden, Invalid
from amity.kernel.requests import ActingRequest
from amity.site.toasts import Undo, toast
from amity.site.web.settings_page import show_part

NUMBERS = ("bought_from", "orders_from", "days", "reach_from")
TONE_WORDS = {
    "outline": gettext_lazy("Plain"),
    "accent": gettext_lazy("Accent"),
    "good": gettext_lazy("Green"),
    "caution": gettext_lazy("Amber"),
    "info": gettext_lazy("Blue"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def tiers(request: ActingRequest) -> HttpResponse:
    """The tiers, the highest first; a POST saves them, or with `do=preview` only counts."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "settings")
    there = tiers_in_force()
    if request.method != "POST":
        return _page(request, there, there.rules)
    try:
        rules = read(request.POST)
        if request.POST.get("do") == "preview":
            return _page(request, there, with_keys(rules), is_preview=True)
        before = change_tiers(rules, actor=request.actor, at=request.now)
    except Forbidden:
        raise
    except DomainError as problem:
        return _page(request, there, there.rules, problem)
    toast(request, _("Saved"), undo=Undo(reverse("settings-tiers"), written(before.rules)))
    return redirect("settings-tiers")


def read(told: QueryDict) -> list[Rule]:
    """The rules that a form says, in the order of their places; those without a name and a key are not there."""
    found = []
    for place in range(MOST_TIERS + 1):
        key, name = told.get(f"key-{place}", ""), " ".join(told.get(f"name-{place}", "").split())
        if not (key or name) or told.get(f"gone-{place}"):
            continue
        numbers = {field: _number(told.get(f"{field}-{place}", "")) for field in NUMBERS}
        order = _number(told.get(f"order-{place}", "")) or place + 1
        rule = Rule(
            key, "" if key and name == tier_name(Rule(key)) else name, told.get(f"tone-{place}", TONES[0]),
            told.get(f"is_vip-{place}") == "on", **numbers,
        )  # fmt: skip
        found.append((order, place, rule))
    return [rule for _order, _place, rule in sorted(found, key=lambda one: one[:2])]


def _number(written: str) -> int | None:
    bare = written.strip()
    if not bare:
        return None
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 10):
        raise Invalid(_("Write whole numbers, without anything else."))
    return int(bare)


def written(rules: Sequence[Rule]) -> dict[str, str]:
    """What the form would say to have these rules."""
    fields: dict[str, str] = {}
    for place, one in enumerate(rules):
        fields |= {f"key-{place}": one.key, f"name-{place}": one.name, f"tone-{place}": one.tone}
        fields |= {
            f"{name}-{place}": str(value) for name in NUMBERS if (value := getattr(one, name)) is not None
        }
        if one.is_vip:
            fields[f"is_vip-{place}"] = "on"
    return fields


def _page(
    request: ActingRequest,
    there: Tiers,
    rules: Sequence[Rule],
    problem: DomainError | None = None,
    *,
    is_preview: bool = False,
) -> HttpResponse:
    asked = Tiers(tuple(rules), there.currency, there.has_choices)
    counts = tier_counts(request.actor, asked, request.now)
    before = tier_counts(request.actor, there, request.now) if is_preview else counts
    rows = [_row(place, one, there.currency, counts, before) for place, one in enumerate(rules)]
    blank = len(rows) if len(rows) < MOST_TIERS else None
    shown: dict[str, Any] = {
        "rows": rows,
        "blank": blank,
        "tones": [(tone, TONE_WORDS[tone]) for tone in TONES],
        "currency": there.currency,
        "is_preview": is_preview,
        "problem": problem.message if problem else "",
    }
    return show_part(request, "settings-tiers", shown, problem.status if problem else 200)


def _row(
    place: int, one: Rule, currency: str, counts: Mapping[str, int], before: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "place": place,
        "order": place + 1,
        "rule": one,
        "name": tier_name(one),
        "asks_for": asks_for(one, currency),
        "people": counts[one.key],
        "before": before.get(one.key, 0),
    }
