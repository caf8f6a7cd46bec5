"""The tier of a person: why they have it, and giving one by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.commerce.domain.tiers import Ground
from amity.commerce.standings import choices_of, standings, tiers_in_force
from amity.commerce.tier_words import asks_for, tier_label, tier_name, why
from amity.commerce.tiering import bring_back_choice, choose_tier, take_back_choice
from amity.kernel import audit, policy
from amity.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from amity.people.queries import PersonRecord, person_record
from amity.people.web.answers import say

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


@require_http_methods(["GET", "HEAD", "POST"])
def person_tier(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Why they have it; a POST gives them one by hand."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "person")
    record = person_record(request.actor, person_id)
    if request.method != "POST":
        return _page(request, record)
    told = request.POST
    try:
        made = choose_tier(
            record.id, told.get("tier", ""), reason=told.get("reason", ""), until_on=_day(told.get("until_on", "")),
            actor=request.actor, at=request.now,
        )  # fmt: skip
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _page(request, record, problem)
    say(request, _("The tier is chosen"), reverse("tier-choice-withdrawal", args=[made]))
    return redirect("person-tier", person_id=record.id)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        words = _("Write a day such as 2026-03-17.")
        raise Invalid(words, fields={"until_on": words}) from None


def _page(request: ActingRequest, record: PersonRecord, problem: DomainError | None = None) -> HttpResponse:
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    tiers = tiers_in_force()
    standing = standings(request.actor, [record.id], tiers, request.now).get(record.id)
    held = choices_of(request.actor, [record.id], request.now).get(record.id) if tiers.has_choices else None
    shown: dict[str, Any] = {
        "person": record,
        "label": tier_label(standing.rule) if standing else "",
        "tone": standing.rule.tone if standing else "",
        "why": why(standing, tiers.currency) if standing else "",
        "opens": _opens(record, standing.ground if standing else None),
        "choice_id": held[0] if held else None,
        "tiers": [
            {
                "key": one.key,
                "name": tier_name(one),
                "asks_for": asks_for(one, tiers.currency),
                "is_theirs": standing is not None and standing.rule.key == one.key,
            }
            for one in tiers.rules
        ],
        "may_write": policy.may(request.actor, "write", "person"),
        "problem": problem.message if problem else "",
        "told": request.POST,
    }
    return render(request, "commerce/person_tier.html", shown, status=problem.status if problem else 200)


def _opens(record: PersonRecord, ground: Ground | None) -> str:
    """The records from which a tier follows."""
    if ground in (Ground.BOUGHT, Ground.ORDERS):
        return f"{reverse('orders')}?person={record.id}"
    return reverse("person-reach", args=[record.id]) if ground is Ground.REACH else ""


@require_POST
def withdrawal(request: ActingRequest, choice_id: UUID) -> HttpResponse:
    """The rules decide again, or what was chosen before."""
    person = take_back_choice(choice_id, actor=request.actor, at=request.now)
    say(request, _("The rules decide again"), reverse("tier-choice-restoration", args=[choice_id]))
    return redirect("person-tier", person_id=person)


@require_POST
def restoration(request: ActingRequest, choice_id: UUID) -> HttpResponse:
    """What was chosen holds again."""
    person = bring_back_choice(choice_id, actor=request.actor, at=request.now)
    say(request, _("The tier is chosen again"), reverse("tier-choice-withdrawal", args=[choice_id]))
    return redirect("person-tier", person_id=person)
