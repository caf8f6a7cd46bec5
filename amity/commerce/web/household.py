"""The panel of a person's household: who lives there, what they bought together, and who may belong to it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.commerce.queries import Bought, bought_by_people
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.money import Money
from amity.people.domain.households import SAME_ADDRESS
from amity.people.households import put_back, put_together, refuse, take_out, withdraw_refusal
from amity.people.queries import PeopleWanted, list_people, person_record
from amity.people.queries.households import HouseholdShown, households_of, proposed_for
from amity.people.web.answers import is_fragment, say, uuids

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

FOUND = 8


@require_http_methods(["GET", "HEAD", "POST"])
def person_household(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The panel; a POST puts the person and others together."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "person")
    record = person_record(request.actor, person_id)
    if request.method == "POST":
        others = uuids(request.POST.getlist("other"))
        rule = SAME_ADDRESS if request.POST.get("rule") == SAME_ADDRESS else ""
        made = put_together(record.id, others, actor=request.actor, at=request.now, rule=rule)
        undo = {"member": ",".join(str(one) for one in made.member_ids), "person": str(record.id)}
        say(
            request,
            _("They are one household"),
            reverse("household-withdrawal", args=[made.household_id]),
            undo,
        )
        return redirect(f"{reverse('person', args=[record.id])}?tab=household")
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    households = households_of(request.actor, record.id)
    together = {one.person_id for household in households for one in household.members}
    found = list_people(request.actor, PeopleWanted(words=typed), limit=FOUND + 1).people if typed else ()
    shown: dict[str, Any] = {
        "person": record,
        "households": [with_totals(request.actor, one) for one in households],
        "proposed": proposed_for(request.actor, record.id, together),
        "typed": typed,
        "found": [one for one in found if one.id not in {record.id, *together}][:FOUND],
        "may_write": policy.may(request.actor, "write", "person"),
    }
    template = "commerce/household.html" if is_fragment(request) else "commerce/household_page.html"
    return render(request, template, shown)


def with_totals(actor: Actor, household: HouseholdShown) -> dict[str, Any]:
    """Everybody with what they bought, and the sum in each currency."""
    people = [one.person_id for one in household.members]
    bought = bought_by_people(actor, people) if policy.may(actor, "read", "order") else {}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for totals in bought.values():
        for one in totals:
            sums[one.paid.currency] += one.paid.amount
    return {
        "id": household.id,
        "members": [
            {
                "person_id": one.person_id, "name": one.name, "member": ",".join(str(id) for id in one.member_ids),
                "bought": bought.get(one.person_id, ()), "orders": _orders(bought.get(one.person_id, ())),
            }
            for one in household.members
        ],
        "orders": sum(_orders(totals) for totals in bought.values()),
        "sums": [Money(amount, currency) for currency, amount in sorted(sums.items(), key=lambda row: -row[1])],
    }  # fmt: skip


def _orders(totals: tuple[Bought, ...]) -> int:
    return sum(one.orders for one in totals)


@require_POST
def household_withdrawal(request: ActingRequest, household_id: UUID) -> HttpResponse:
    """Somebody is taken out, or the whole is taken back."""
    members = _members(request)
    ended = take_out(household_id, members, actor=request.actor, at=request.now)
    undo = {"member": ",".join(str(one) for one in ended), "person": request.POST.get("person", "")}
    say(request, _("Taken out"), reverse("household-restoration", args=[household_id]), undo)
    return _back(request)


@require_POST
def household_restoration(request: ActingRequest, household_id: UUID) -> HttpResponse:
    """They belong to it again."""
    put_back(household_id, _members(request), actor=request.actor)
    undo = {"member": request.POST.get("member", ""), "person": request.POST.get("person", "")}
    say(
        request, _("They are one household again"), reverse("household-withdrawal", args=[household_id]), undo
    )
    return _back(request)


@require_POST
def household_refusal(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """They do not live together: it is not proposed again. With `holds=no` it may be."""
    policy.require(request.actor, "write", "person")
    record = person_record(request.actor, person_id)
    named = uuids([request.POST.get("other", "")])
    if not named:
        raise Invalid(_("Name the other person."), fields={"other": _("Name the other person.")})
    undo_url = reverse("household-refusal", args=[record.id])
    if request.POST.get("holds") == "no":
        withdraw_refusal(record.id, named[0], actor=request.actor, at=request.now)
        say(request, _("It may be proposed again"))
    else:
        refuse(record.id, named[0], actor=request.actor, at=request.now)
        say(request, _("It is not proposed again"), undo_url, {"other": str(named[0]), "holds": "no"})
    return redirect(f"{reverse('person', args=[record.id])}?tab=household")


def _members(request: ActingRequest) -> list[UUID]:
    return uuids(request.POST.get("member", "").split(","))


def _back(request: ActingRequest) -> HttpResponse:
    person = uuids([request.POST.get("person", "")])
    return redirect(f"{reverse('person', args=person)}?tab=household" if person else reverse("people"))
