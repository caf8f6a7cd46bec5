"""Somebody new by hand: a form that shows while one types who it may be already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid
from amity.people import adding
from amity.people.queries.visibility import sees_addresses
from amity.people.web import evidence, words
from amity.people.web.answers import say

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

FACTS = ("name", "organisation", "job_title", "city", "country")
WITH_ADDRESS = ("email", "phone")
MOST_REASONS = 3
_HINTS = {"country": gettext_lazy("Two letters, for example DE.")}


@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: ActingRequest) -> HttpResponse:
    """The form; a POST makes the person."""
    policy.require(request.actor, "write", "person")
    typed = typed_in(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return _form(request, typed)
    try:
        made = adding.add_person(typed, actor=request.actor, at=request.now)
    except (Invalid, Conflict) as error:
        return _form(request, typed, error)
    say(request, _("Added"), reverse("person-removal", args=[made]))
    return redirect("person", person_id=made)


@require_safe
def alike(request: ActingRequest) -> HttpResponse:
    """Who it may be already, of what is typed so far."""
    policy.require(request.actor, "write", "person")
    return render(
        request, "people/adding_alike.html", {"alike": _alike(request.actor, typed_in(request.GET))}
    )


@require_POST
def person_removal(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Take back somebody who was just added."""
    adding.remove_added(person_id, actor=request.actor, at=request.now)
    say(request, _("Taken back: nobody was added"))
    return redirect("people")


def typed_in(query: QueryDict) -> adding.Typed:
    """What a form or an address says of somebody."""

    def of(name: str) -> str:
        return query.get(name, "").replace("\x00", "")[:320]

    facts = {name: of(name) for name in FACTS if of(name).strip()}
    return adding.Typed(of("email"), of("phone"), facts)


def _form(
    request: ActingRequest, typed: adding.Typed, problem: Invalid | Conflict | None = None
) -> HttpResponse:
    wrong = problem.fields if problem else {}
    values = {"email": typed.email, "phone": typed.phone, **typed.facts}
    names = ["name", *(WITH_ADDRESS if sees_addresses(request.actor) else ()), *FACTS[1:]]
    shown: dict[str, Any] = {
        "inputs": [
            {"name": name, "label": words.fact_label(name), "value": values.get(name, ""),
             "problem": wrong.get(name, ""), "hint": _HINTS.get(name, ""), "is_first": name == "name"}
            for name in names
        ],
        "problem": problem.message if problem and not set(wrong) & set(names) else "",
        "alike": _alike(request.actor, typed),
    }  # fmt: skip
    return render(request, "people/adding.html", shown, status=problem.status if problem else 200)


def _alike(actor: Actor, typed: adding.Typed) -> list[dict[str, Any]]:
    if not typed.handles() and len(typed.facts.get("name", "").strip()) < adding.LEAST_LETTERS:
        return []
    return [
        {
            "id": one.person_id,
            "name": one.name or _("Unknown"),
            "place": one.place,
            "percent": None if one.probability is None else round(one.probability * 100),
            "has_address": one.has_address,
            "reasons": _reasons(one),
        }
        for one in adding.who_may_be(typed, actor=actor)
    ]


def _reasons(one: adding.Alike) -> list[str]:
    lines = [(line.code, *line.shown, line.bits) for line in one.evidence if line.code != "prior"]
    return [bit.label for bit in evidence.told(lines)[1:] if bit.bits > 0][:MOST_REASONS]
