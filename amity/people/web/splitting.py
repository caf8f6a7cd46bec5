"""One record that is two people: choose which accounts are somebody else's, and the ways back."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.activity import queries as stream
from amity.activity.queries import LaneCounts
from amity.kernel import audit, policy
from amity.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from amity.people.distinctions import tell_apart, withdraw
from amity.people.locks import choose_values
from amity.people.queries import PersonRecord, person_record
from amity.people.queries.accounts import facts_of_each
from amity.people.queries.decided import decided_of
from amity.people.queries.grouped import knows
from amity.people.splitting import split, unsplit
from amity.people.web import words
from amity.people.web.answers import say, uuids
from amity.people.web.comparison import carried

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


@require_http_methods(["GET", "HEAD", "POST"])
def person_splitting(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The identities with what each carries; a POST makes a person of their own of those that are ticked."""
    policy.require(request.actor, "write", "person")
    record = person_record(request.actor, person_id)
    if request.method != "POST":
        return _accounts(request, record, uuids(request.GET.getlist("identity")))
    chosen = uuids(request.POST.getlist("identity"))
    try:
        made = split(record.id, chosen, actor=request.actor, at=request.now)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _accounts(request, record, chosen, problem)
    goes_to, names = record.id, {"name": _("Unknown"), "other": record.golden.name or _("Unknown")}
    if knows(request.actor, made.into_id):  # of an account alone a source that they see may say nothing
        goes_to = made.into_id
        names["name"] = person_record(request.actor, goes_to).golden.name or names["name"]
    undo = reverse("split-withdrawal", args=[made.id])
    say(request, _("Split %(name)s off from %(other)s") % names, undo)
    return redirect("person", person_id=goes_to)


def _accounts(
    request: ActingRequest, record: PersonRecord, ticked: Collection[UUID], problem: DomainError | None = None
) -> HttpResponse:
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    counts = stream.counts_by_identity(request.actor, record.identity_ids)
    facts = facts_of_each(request.actor, record.identity_ids)
    nothing = LaneCounts()
    rows = [
        {
            "id": one.id,
            "mark": words.network_mark(one.network),
            "address": words.address_words(one),
            "evidence": words.evidence_sentence(one),
            "carries": carried(
                counts.get(one.id, nothing).said, counts.get(one.id, nothing).bought, facts.get(one.id, 0)
            ),
            "is_ticked": one.id in ticked,
        }
        for one in record.identities
    ]
    shown = {
        "person": record,
        "rows": rows,
        "ticked": sum(1 for row in rows if row["is_ticked"]),
        "staying": sum(1 for row in rows if not row["is_ticked"]),
        "problem": problem.message if problem else "",
        "path": reverse("person-splitting", args=[record.id]),
    }
    return render(request, "people/splitting.html", shown, status=problem.status if problem else 200)


@require_POST
def split_withdrawal(request: ActingRequest, split_id: UUID) -> HttpResponse:
    """What was split off comes back."""
    stays = unsplit(split_id, actor=request.actor, at=request.now)
    name = person_record(request.actor, stays).golden.name or _("Unknown")
    say(request, _("%(name)s is one person again") % {"name": name})
    return redirect("person", person_id=stays)


@require_POST
def person_distinctions(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """They are two people, and nobody proposes them as one again."""
    policy.require(request.actor, "write", "person")
    one = person_record(request.actor, person_id)
    other = person_record(request.actor, _other(request))
    tell_apart(one.id, other.id, actor=request.actor, at=request.now)
    names = {"one": one.golden.name or _("Unknown"), "other": other.golden.name or _("Unknown")}
    undo = reverse("distinction-withdrawal", args=[one.id])
    say(request, _("%(one)s and %(other)s are two people") % names, undo, {"other": str(other.id)})
    return redirect("person", person_id=one.id)


@require_POST
def distinction_withdrawal(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """They may be one person after all."""
    policy.require(request.actor, "write", "person")
    one = person_record(request.actor, person_id)
    withdraw(one.id, _other(request), actor=request.actor, at=request.now)
    say(request, _("They may be proposed as one person again"))
    return redirect("person", person_id=one.id)


def _other(request: ActingRequest) -> UUID:
    named = uuids([request.POST.get("other", "")])
    if not named:
        raise Invalid(_("Name the other person."), fields={"other": _("Name the other person.")})
    return named[0]


@require_POST
def person_choices(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Have one of several values shown, or "" to let it follow from the sources again."""
    policy.require(request.actor, "write", "person")
    field, value = request.POST.get("field", ""), request.POST.get("value", "")
    before = {one.field: one.value for one in decided_of(request.actor, person_id).choices}
    person = choose_values(person_id, {field: value}, actor=request.actor, at=request.now)
    label = words.fact_label(field)
    said = (
        _("%(field)s shows %(value)s") % {"field": label, "value": words.fact_value(field, value)}
        if value
        else _("%(field)s follows from the sources again") % {"field": label}
    )
    undo = {"field": field, "value": before.get(field, "")}
    say(request, said, reverse("person-choices", args=[person]), undo)
    return redirect(f"{reverse('person', args=[person])}?tab=who#fact-{quote(field, safe='')}")
