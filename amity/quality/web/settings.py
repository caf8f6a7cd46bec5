"""`/quality/rules/`: what counts how much, what is fresh, and what becomes of rows that break a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amity.kernel import policy
from amity.kernel.errors import Invalid
from amity.people.web.answers import say
from amity.quality.domain.fields import RECORD, Field
from amity.quality.queries.known import Settings, known_fields, set_for, settings
from amity.quality.queries.words import DIMENSIONS
from amity.quality.rules import Outcome, Rule, change_settings

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

OUTCOMES = (
    ("", gettext_lazy("take it in")),
    (Outcome.FLAG.value, gettext_lazy("take it in and mark it")),
    (Outcome.REFUSE.value, gettext_lazy("do not take it")),
)


@require_safe
def rules(request: ActingRequest) -> HttpResponse:
    """What is set now."""
    policy.require(request.actor, "read", "person")
    return _page(request)


@require_POST
def rules_change(request: ActingRequest) -> HttpResponse:
    """Set it; what is wrong is said beside what was typed."""
    policy.require(request.actor, "write", "settings")
    try:
        _save(request)
    except Invalid as error:
        return _page(request, str(error))
    say(request, _("Saved. Weights count at once, the rest with the next look."))
    return redirect("quality-rules")


def _page(request: ActingRequest, problem: str = "") -> HttpResponse:
    set_now = settings()
    fields = set_for(request.actor, request.now)
    shown = {
        "months": request.POST.get("months", set_now.months),
        "dimensions": [
            (f"dimension-{one.value}", DIMENSIONS[one], weight)
            for one, weight in set_now.of_dimension.items()
        ],
        "rows": [_row(one, set_now) for one in fields],
        "outcomes": OUTCOMES,
        "may_write": policy.may(request.actor, "write", "settings"),
        "problem": problem,
    }
    return render(request, "quality/rules.html", shown, status=422 if problem else 200)


def _row(one: Field, set_now: Settings) -> dict[str, Any]:
    set_rules = set_now.rules.get(one.key, {})
    return {
        "key": one.key,
        "label": one.label,
        "weight": set_now.fields.get(one.key, one.weight),
        "required": set_rules.get(Rule.REQUIRED, ""),
        "valid": set_rules.get(Rule.VALID, ""),
        "has_rules": one.key != RECORD,
    }


def _save(request: ActingRequest) -> None:
    posted = request.POST
    fields = known_fields(request.now)
    change_settings(
        actor=request.actor,
        at=request.now,
        months=_number(posted, "months"),
        fields={one.key: _number(posted, f"weight-{one.key}") for one in fields},
        dimensions={one.value: _number(posted, f"dimension-{one.value}") for one in DIMENSIONS},
        rules={
            one.key: {rule.value: posted.get(f"{rule.value}-{one.key}", "") for rule in Rule}
            for one in fields
            if one.key != RECORD
        },
    )


def _number(posted: QueryDict, name: str) -> int:
    text = posted.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        words = _("Give whole numbers.")
        raise Invalid(words, fields={name: words})
    return int(text)
