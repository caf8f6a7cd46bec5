"""Addresses of a person by hand: add one, say what it is for and how it was verified, take it away, bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel import audit, policy
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.people import addresses
from amity.people.queries import PersonRecord, person_record
from amity.people.queries.grouped import known_root
from amity.people.queries.visibility import sees_addresses
from amity.people.web import words
from amity.people.web.answers import say, uuids

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


def _require(request: ActingRequest) -> None:
    policy.require(request.actor, "write", "person")
    if not sees_addresses(request.actor):
        raise Forbidden(_("Your role does not allow this. Ask an administrator for it."), field="address")


@require_http_methods(["GET", "HEAD", "POST"])
def person_addresses(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The form of a new address; a POST adds it."""
    _require(request)
    record = person_record(request.actor, person_id)
    typed = {name: request.POST.get(name, "") for name in ("network", "address", "use", "verified")}
    if request.method != "POST":
        return _form(request, record, None, typed | {"network": "email"})
    try:
        added = addresses.add_address(record.id, actor=request.actor, at=request.now, **typed)
    except (Invalid, Conflict) as error:
        return _form(request, record, None, typed, error)
    undo = reverse("person-address-removal", args=[record.id, added])
    say(request, _("%(address)s added") % {"address": typed["address"].strip()[:80]}, undo)
    return _to(record.id)


@require_http_methods(["GET", "HEAD", "POST"])
def person_address(request: ActingRequest, person_id: UUID, identity_id: UUID) -> HttpResponse:
    """What an address is for, and how somebody made sure that it is theirs."""
    _require(request)
    record = person_record(request.actor, person_id)
    known = next((one for one in record.identities if one.id == identity_id), None)
    if known is None:
        raise NotFound(_("This address is not theirs any more."))
    if request.method != "POST":
        typed = {"use": known.use, "verified": known.verified.value if known.verified else ""}
        return _form(request, record, identity_id, typed)
    typed = {name: request.POST.get(name, "") for name in ("use", "verified")}
    try:
        before = addresses.describe_address(
            record.id, identity_id, actor=request.actor, at=request.now, **typed
        )
    except Invalid as error:
        return _form(request, record, identity_id, typed, error)
    say(request, _("Saved"), reverse("person-address", args=[record.id, identity_id]), before)
    return _to(record.id)


@require_POST
def address_removal(request: ActingRequest, person_id: UUID, identity_id: UUID) -> HttpResponse:
    """Take away what only colleagues typed."""
    _require(request)
    record = person_record(request.actor, person_id)
    try:
        ended = addresses.remove_address(record.id, identity_id, actor=request.actor, at=request.now)
    except Invalid as error:
        return _form(request, record, identity_id, {}, error)
    say(
        request,
        _("The address is gone"),
        reverse("person-address-return", args=[record.id]),
        {"link": str(ended)},
    )
    return _to(record.id)


@require_POST
def address_return(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Give an address back that was taken away."""
    _require(request)
    known_root(request.actor, person_id)
    named = uuids([request.POST.get("link", "")])
    if not named:
        raise Invalid(_("Name the address."), fields={"link": _("Name the address.")})
    person = addresses.put_address_back(person_id, named[0], actor=request.actor, at=request.now)
    say(request, _("The address is there again"))
    return _to(person)


def _to(person_id: UUID) -> HttpResponse:
    return redirect(f"{reverse('person', args=[person_id])}?tab=who#known-as")


def _form(
    request: ActingRequest,
    record: PersonRecord,
    identity: UUID | None,
    typed: dict[str, str],
    problem: Invalid | Conflict | None = None,
) -> HttpResponse:
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    known = next((one for one in record.identities if one.id == identity), None)
    other = None
    if isinstance(problem, Conflict):
        other = addresses.others_with(request.actor, typed.get("network", ""), typed.get("address", ""))
    shown: dict[str, Any] = {
        "person": record,
        "identity": known,
        "address": words.address_words(known) if known else "",
        "networks": [(one, words.network_word(one)) for one in addresses.NETWORKS],
        "uses": [(one, words.USES[one]) for one in addresses.USES],
        "ways": [(one, words.WAYS[one]) for one in addresses.WAYS],
        "typed": typed,
        "problem": problem.message if problem else "",
        "other": other,
        "may_remove": known is not None and len(record.identities) > 1 and addresses.only_typed([known.id]),
        "may_split": known is not None and len(record.identities) > 1,
    }
    return render(request, "people/address.html", shown, status=problem.status if problem else 200)
