"""Merge with …: find who it is, look at both side by side, and take a merge back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from amity.kernel import audit, policy
from amity.kernel.errors import DomainError, Forbidden, NotFound
from amity.people import panels
from amity.people.domain.folding import likeness
from amity.people.domain.survivorship import looks_like_a_name
from amity.people.merging import MOST_AT_ONCE, Arrived, merge, unmerge
from amity.people.panels import Subject
from amity.people.queries import PeopleWanted, PersonRecord, list_people, person_record
from amity.people.queries.accounts import accounts_of
from amity.people.queries.coming_apart import coming_apart
from amity.people.queries.comparing import Comparison, compare, picked
from amity.people.web import words
from amity.people.web.answers import is_fragment, say, uuids
from amity.people.web.comparison import lines_of, sides_of
from amity.people.web.together import together
from amity.people.web.waterfall import waterfall

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

FOUND = 30
CHOSEN = "chosen."


@require_http_methods(["GET", "HEAD", "POST"])
def person_merging(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Without `with`: who it could be. With it: all of them side by side; a POST makes them one."""
    policy.require(request.actor, "write", "person")
    record = person_record(request.actor, person_id)
    told = request.POST if request.method == "POST" else request.GET
    others = [one for one in uuids(told.getlist("with")) if one != record.id][:MOST_AT_ONCE]
    if request.method == "POST":
        return _merge(request, record, others)
    if others:
        return _comparison(request, record, others, chosen_of(told))
    return _search(request, record)


def chosen_of(told: QueryDict) -> dict[str, str]:
    """Field → the value that somebody picked."""
    picked = {key.removeprefix(CHOSEN): str(told[key]) for key in told if key.startswith(CHOSEN)}
    return {field: value for field, value in picked.items() if value}


# -------------------------------------------------------------------------------------------------------------- search


def _search(
    request: ActingRequest, record: PersonRecord, problem: str = "", status: int = 200
) -> HttpResponse:
    """Who it could be: by the words that were typed, else by the last word of the name."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    name = record.golden.name
    guessed = "" if typed else _guess(name)
    sought = typed or guessed
    found = list_people(request.actor, PeopleWanted(words=sought), limit=FOUND + 1).people if sought else ()
    people = [one for one in found if one.id != record.id][:FOUND]
    if guessed:
        people.sort(key=lambda one: -likeness(name, one.name))
    accounts = accounts_of(request.actor, [one.id for one in people])
    rows = [
        {
            "person": one,
            "url": f"{reverse('person-merging', args=[record.id])}?{urlencode({'with': str(one.id)})}",
            "accounts": [words.address_words(account) for account in accounts.get(one.id, ())],
            "where": ", ".join(filter(None, (one.organisation, one.city or words.country_name(one.country)))),
        }
        for one in people
    ]
    shown = {
        "person": record,
        "words": typed,
        "is_guess": bool(guessed),
        "rows": rows,
        "is_cut": len(found) > FOUND,
        "problem": problem,
        "path": reverse("person-merging", args=[record.id]),
        "back": reverse("person", args=[record.id]),
    }
    template = "people/merging_found.html" if is_fragment(request) else "people/merging.html"
    return render(request, template, shown, status=status)


def _guess(name: str) -> str:
    """How the last word of a name begins, so that a slip at its end is found too; "" where that is no name."""
    last = name.rsplit(maxsplit=1)[-1] if name and looks_like_a_name(name) else ""
    return last[: max(3, len(last) - 2)]


# ---------------------------------------------------------------------------------------------------------- comparison


def _comparison(
    request: ActingRequest,
    record: PersonRecord,
    others: Sequence[UUID],
    chosen: Mapping[str, str],
    problem: DomainError | None = None,
) -> HttpResponse:
    comparison = compare(request.actor, [record.id, *others], known=record)
    status = problem.status if problem else 200
    if len(comparison.sides) == 1:
        words_of = problem.message if problem else _("These records are one person already.")
        return _search(request, record, words_of, status)
    for side in comparison.sides:
        audit.looked_at("person", side.id, actor=request.actor, at=request.now)
    return render(
        request,
        "people/comparison.html",
        _compared(request, comparison, chosen) | {"problem": problem.message if problem else ""},
        status=status,
    )


def _compared(request: ActingRequest, comparison: Comparison, chosen: Mapping[str, str]) -> dict[str, Any]:
    stays, *leaving = comparison.sides
    identities = tuple(identity for one in leaving for identity in one.identity_ids)
    subject = Subject(identities, request.actor, request.now)
    is_pair = len(leaving) == 1
    evidence = panels.evidence_of(request.actor, stays.id, leaving[0].id) if is_pair else ()
    said = comparison.said_to_be_two
    return {
        "person": stays,
        "sides": sides_of(comparison),
        "lines": lines_of(request.actor, comparison, chosen),
        "is_pair": is_pair,
        "other": leaving[0],
        "moved": panels.moved_of(subject),
        "changed": panels.changed_of(
            request.actor, [side.identity_ids for side in comparison.sides], request.now
        ),
        "waterfall": waterfall(evidence),
        "together": together(request.actor, comparison.sides, request.now),
        "said_by": said[0] if said else "",
        "said_on": words.day_of_year(said[1], request.now) if said else "",
        "path": reverse("person-merging", args=[stays.id]),
    }


def _merge(request: ActingRequest, record: PersonRecord, others: Sequence[UUID]) -> HttpResponse:
    chosen = chosen_of(request.POST)
    if stays := uuids([request.POST.get("stays", "")]):
        return _swapped(stays[0], [record.id, *others], chosen)
    if not others:
        return _search(request, record, _("Choose who is the same person."), 422)
    comparison = compare(request.actor, [record.id, *others])
    try:
        act = merge(
            record.id,
            others,
            actor=request.actor,
            at=request.now,
            chosen=picked(comparison, chosen),
            despite=bool(request.POST.get("despite")),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _comparison(request, record, others, chosen, problem)
    say(request, _merged_words(comparison), reverse("merge-withdrawal", args=[act]))
    return redirect("person", person_id=record.id)


def _swapped(stays: UUID, everybody: Sequence[UUID], chosen: Mapping[str, str]) -> HttpResponse:
    """The same comparison with another one who stays; what was picked stays picked."""
    query = [("with", str(one)) for one in everybody if one != stays]
    query += [(f"{CHOSEN}{field}", value) for field, value in chosen.items()]
    return redirect(f"{reverse('person-merging', args=[stays])}?{urlencode(query)}")


def _merged_words(comparison: Comparison) -> str:
    stays, *leaving = (side.golden.name or _("Unknown") for side in comparison.sides)
    if len(leaving) == 1:
        return _("Merged %(one)s and %(other)s") % {"one": stays, "other": leaving[0]}
    words_of = ngettext(
        "Merged %(one)s and %(count)s other", "Merged %(one)s and %(count)s others", len(leaving)
    )
    return words_of % {"one": stays, "count": len(leaving)}


# ---------------------------------------------------------------------------------------------------------- withdrawal


@require_http_methods(["GET", "HEAD", "POST"])
def merge_withdrawal(request: ActingRequest, merge_id: UUID) -> HttpResponse:
    """Take a merge back, or all of an act: what goes where, and with whom what came in between."""
    policy.require(request.actor, "write", "person")
    if request.method != "POST":
        return _apart(request, merge_id)
    arrived = request.POST.get("arrived", "")
    try:
        back = unmerge(
            [merge_id],
            actor=request.actor,
            at=request.now,
            arrived=Arrived(arrived) if arrived in set(Arrived) else Arrived.AS_NAMED,
            are_two=bool(request.POST.get("are_two")),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _apart(request, merge_id, problem)
    name = person_record(request.actor, back[0]).golden.name or _("Unknown")
    say(request, _("%(name)s is a record of their own again") % {"name": name})
    return redirect("person", person_id=back[0])


def _apart(request: ActingRequest, merge_id: UUID, problem: DomainError | None = None) -> HttpResponse:
    apart = coming_apart(request.actor, merge_id)
    parts = [
        {
            "one": one,
            "back": [words.address_words(account) for account in one.back.accounts],
            "stays": [words.address_words(account) for account in one.stays.accounts],
            "moved": panels.moved_of(
                Subject(tuple(account.id for account in one.back.accounts), request.actor, request.now)
            )[1:],
            "arrived": [
                {
                    "address": words.address_words(arrival.account),
                    "at": arrival.at,
                    "name": (one.back if arrival.goes else one.stays).name,
                }
                for arrival in one.arrived
            ],
            "on": words.day_of_year(one.at, request.now),
        }
        for one in apart
    ]
    shown = {
        "parts": parts,
        "first": apart[0],
        "has_arrived": any(one.arrived for one in apart),
        "arrived": request.POST.get("arrived", Arrived.AS_NAMED),
        "are_two": bool(request.POST.get("are_two")),
        "problem": problem.message if problem else "",
        "path": reverse("merge-withdrawal", args=[merge_id]),
    }
    return render(request, "people/coming_apart.html", shown, status=problem.status if problem else 200)
