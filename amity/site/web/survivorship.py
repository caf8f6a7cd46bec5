"""Settings, Which value is shown: the rule of each field, whom the company trusts, and what would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel import policy
from amity.kernel.errors import Conflict, DomainError, Forbidden
from amity.kernel.requests import ActingRequest, is_fragment
from amity.people.domain.precedence import USUAL, Rules, Way
from amity.people.models import ShownRules
from amity.people.queries.survivorship import (
    Foretold,
    RuledField,
    Teller,
    foretell,
    former_rules,
    known_tellers,
    newest_rules,
    ruled_fields,
    rules_for,
)
from amity.people.survivorship import change_rules, read_rules, take_back_rules, with_what_is_hidden
from amity.people.web.words import fact_label, fact_value
from amity.site.toasts import Undo, toast
from amity.site.web.settings_page import show_part

PART = "settings-survivorship"
WAYS: dict[Way, str | Promise] = {
    Way.NEWEST: pgettext_lazy("rule", "Newest"),
    Way.TRUSTED: gettext_lazy("Most trusted source"),
    Way.COMPLETE: gettext_lazy("Most complete"),
    Way.FIRST: gettext_lazy("First in the alphabet"),
}
MOVES = ("up", "down", "in", "out")


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: ActingRequest) -> HttpResponse:
    """The rules. A POST saves them, with `do=preview` only tells what would change, with `move` moves a source."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "settings")
    if request.method != "POST":
        if is_fragment(request):
            return render(request, "site/settings_survivorship.html#standing", _standing(newest_rules()))
        return _page(request, rules_for(request.actor))
    ways = read_ways(request.POST)
    trust = moved(request.POST.getlist("trust"), request.POST.get("move", ""))
    try:
        rules = read_rules(ways, trust, request.actor)
        if request.POST.get("move"):
            return _page(request, rules, is_draft=True)
        if request.POST.get("do") == "preview":
            whole = with_what_is_hidden(rules, rules_for(request.actor), request.actor)
            return _page(request, rules, foretold=foretell(request.actor, whole), is_draft=True)
        there = newest_rules()
        change_rules(ways, trust, actor=request.actor, at=request.now)
    except Forbidden:
        raise
    except DomainError as problem:
        return _page(request, rules_for(request.actor), problem=problem)
    newest = newest_rules()
    toast(request, _("Saved"), undo=_way_back(newest) if newest and newest != there else None)
    return redirect(PART)


def _way_back(newest: ShownRules) -> Undo:
    return Undo(reverse("settings-survivorship-return"), {"of": str(newest.pk)})


@require_POST
def going_back(request: ActingRequest) -> HttpResponse:
    """The rules before count again; with `of` unless others than these were set meanwhile."""
    of = request.POST.get("of", "")

    def unchanged(there: ShownRules | None) -> None:
        if of and there is not None and of != str(there.pk):
            raise Conflict(_("Somebody set other rules meanwhile. Look at them first."))

    try:
        take_back_rules(actor=request.actor, at=request.now, unchanged=unchanged)
    except Conflict as problem:
        return _page(request, rules_for(request.actor), problem=problem)
    newest = newest_rules()
    toast(request, _("The rules before count again"), undo=_way_back(newest) if newest else None)
    return redirect(PART)


def moved(trust: Sequence[str], move: str) -> list[str]:
    """The order of trust after a button: `<id>:up`, `:down`, `:in` (to its end) or `:out`."""
    order = list(dict.fromkeys(trust))
    one, _colon, way = move.rpartition(":")
    if not one or way not in MOVES:
        return order
    place = order.index(one) if one in order else len(order)
    rest = [other for other in order if other != one]
    if way == "out":
        return rest
    rest.insert({"up": max(0, place - 1), "down": place + 1, "in": len(rest)}[way], one)
    return rest


def _page(
    request: ActingRequest,
    rules: Rules,
    *,
    foretold: Foretold | None = None,
    is_draft: bool = False,
    problem: DomainError | None = None,
) -> HttpResponse:
    fields, tellers = ruled_fields(), {one.id: one for one in known_tellers(request.actor)}
    newest = newest_rules()
    shown = {
        "fields": [_field(one, rules) for one in fields],
        "trusted": [_teller(tellers[one]) for one in rules.trust if one in tellers],
        "others": [_teller(one) for one in tellers.values() if one.id not in rules.trust],
        "is_usual": rules == USUAL,
        "is_draft": is_draft,
        "foretold": foretold,
        "changed_words": _changed_words(foretold) if foretold else "",
        "examples": _examples(foretold, fields) if foretold else [],
        "has_former": newest is not None and former_rules() is not None,
        "problem": problem.message if problem else "",
        **_standing(newest),
    }
    return show_part(request, PART, shown, problem.status if problem else 200)


def _field(one: RuledField, rules: Rules) -> dict[str, Any]:
    chosen = rules.way(one.name)
    return {
        "name": one.name,
        "label": one.label or fact_label(one.name),
        "ways": [(way, WAYS[way], way == chosen) for way in one.ways],
        "is_usual": chosen == one.usual,
    }


def _teller(one: Teller) -> dict[str, Any]:
    is_source = isinstance(one.id, UUID)
    return {"id": str(one.id), "name": one.name or _("What colleagues type"), "is_source": is_source}


def _changed_words(foretold: Foretold) -> str:
    """Of how many people something else would be shown: exactly, or at least."""
    count = foretold.changed
    if foretold.is_all:
        words = ngettext(
            "Of %(count)s person something else would be shown.",
            "Of %(count)s people something else would be shown.",
            count,
        )
        return words % {"count": f"{count:,}"}
    words = _(
        "Of at least %(count)s people something else would be shown: so many are among the first %(looked)s."
    )
    return words % {"count": f"{count:,}", "looked": f"{foretold.looked_at:,}"}


def _examples(foretold: Foretold, fields: Sequence[RuledField]) -> list[dict[str, Any]]:
    labels = {one.name: one.label or fact_label(one.name) for one in fields}
    return [
        {
            "name": one.name or _("Unknown"),
            "url": reverse("person", args=[one.person_id]),
            "field": labels.get(one.field, one.field),
            "before": fact_value(one.field, one.before),
            "after": fact_value(one.field, one.after),
        }
        for one in foretold.examples
    ]


def _standing(newest: ShownRules | None) -> dict[str, Any]:
    return {"newest": newest, "is_under_way": newest is not None and newest.done_at is None}


def read_ways(told: QueryDict) -> dict[str, str]:
    """The ways that a form says, by field."""
    return {one.name: told.get(f"way-{one.name}", one.usual) for one in ruled_fields()}
