"""Organisations kept in order: another name, two that are one, whose a domain is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from amity.people.models import Identity, OrganisationDomain, OrganisationMerge
from amity.people.organising import (
    merge_organisations,
    rename_organisation,
    say_whose_domain,
    take_back_organisation_merge,
)
from amity.people.queries import list_organisations, organisation_of
from amity.people.queries.combined import under_organisation
from amity.people.queries.organisations import OrganisationRecord
from amity.people.queries.visibility import named_organisations, sees_addresses
from amity.people.web.answers import is_fragment, say, uuids

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

FOUND, DOMAINS_SHOWN, FEWEST = 30, 5, 2
# Behind these stands no employer.
_EVERYBODYS = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
     "gmx.de", "gmx.net", "web.de", "t-online.de", "proton.me", "protonmail.com", "posteo.de", "mailbox.org",
     "aol.com", "mail.com", "freenet.de", "orange.fr", "free.fr", "libero.it"}
)  # fmt: skip


@require_POST
def organisation_name(request: ActingRequest, organisation_id: UUID) -> HttpResponse:
    """Another name."""
    name = request.POST.get("name", "")
    before = rename_organisation(organisation_id, name, actor=request.actor, at=request.now)
    undo = reverse("organisation-name", args=[organisation_id])
    say(request, _("%(before)s is now %(name)s") % {"before": before, "name": name}, undo, {"name": before})
    return redirect("organisation", organisation_id=organisation_id)


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_merging(request: ActingRequest, organisation_id: UUID) -> HttpResponse:
    """Which one is the same; a POST makes it one with this one, which stays."""
    policy.require(request.actor, "write", "organisation")
    found = organisation_of(request.actor, organisation_id)
    if request.method != "POST":
        return _search(request, found)
    named = uuids([request.POST.get("same", "")])
    try:
        if not named:
            raise Invalid(_("Choose the other organisation."), fields={"same": _("Choose one.")})
        made = merge_organisations(found.id, named[0], actor=request.actor, at=request.now)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _search(request, found, problem)
    undo = reverse("organisation-merge-withdrawal", args=[made])
    say(request, _("Merged into %(name)s") % {"name": found.name}, undo)
    return redirect("organisation", organisation_id=found.id)


def _search(
    request: ActingRequest, found: OrganisationRecord, problem: DomainError | None = None
) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    sought = words or found.name.split(maxsplit=1)[0]
    page = list_organisations(request.actor, words=sought, limit=FOUND, similar_too=True)
    shown = {
        "organisation": found,
        "words": words,
        "rows": [one for one in page.organisations if one.id != found.id],
        "problem": problem.message if problem else "",
        "path": reverse("organisation-merging", args=[found.id]),
        "back": reverse("organisation", args=[found.id]),
    }
    template = (
        "people/organisation_found.html" if is_fragment(request) else "people/organisation_merging.html"
    )
    return render(request, template, shown, status=problem.status if problem else 200)


@require_POST
def organisation_merge_withdrawal(request: ActingRequest, merge_id: UUID) -> HttpResponse:
    """They are two again."""
    back = take_back_organisation_merge(merge_id, actor=request.actor, at=request.now)
    say(request, _("They are two organisations again"))
    return redirect("organisation", organisation_id=back)


@require_POST
def organisation_domains(request: ActingRequest, organisation_id: UUID) -> HttpResponse:
    """Everybody of a domain is of this organisation, or no longer."""
    domain, is_on = request.POST.get("domain", ""), request.POST.get("is_on") == "on"
    before = say_whose_domain(
        organisation_id, domain, is_on=is_on, actor=request.actor, at=request.now
    )  # fmt: skip
    words = _("Everybody @%(domain)s is of it now") if is_on else _("Nobody is of it by @%(domain)s any more")
    undo = {"domain": domain, "is_on": "on" if before else ""}
    say(request, words % {"domain": domain}, reverse("organisation-domains", args=[organisation_id]), undo)
    return redirect("organisation", organisation_id=organisation_id)


def kept_in_order(actor: Actor, found: OrganisationRecord) -> dict[str, Any]:
    """What the page of an organisation shows of its names, of what was merged into it, and of domains."""
    under = under_organisation([found.id])
    merges = OrganisationMerge.objects.filter(into_id__in=under, revoked_at__isnull=True)
    known = set(named_organisations(actor).filter(pk__in=under).values_list("pk", flat=True))
    listed = merges.select_related("organisation", "said_by").order_by("-said_at")
    return {
        "merged": [one for one in listed if one.into_id in known and one.organisation_id in known],
        "domains": _domains(found, under) if sees_addresses(actor) else [],
        "may_write": policy.may(actor, "write", "organisation"),
    }


def _domains(found: OrganisationRecord, under: dict[UUID, str]) -> list[dict[str, Any]]:
    """Those that are its, then those from which several of its people write."""
    held = dict(OrganisationDomain.objects.filter(organisation_id__in=under).values_list("domain", "is_on"))
    addresses = Identity.objects.filter(pk__in=found.identity_ids, network="email")
    counted = Counter(one.rpartition("@")[2].lower() for one in addresses.values_list("address", flat=True))
    others = OrganisationDomain.objects.filter(domain__in=list(counted), is_on=True).exclude(
        organisation_id__in=under
    )
    taken = {*others.values_list("domain", flat=True)} | _EVERYBODYS
    proposed = [
        (domain, count)
        for domain, count in counted.most_common(DOMAINS_SHOWN)
        if count >= FEWEST and domain not in held and domain not in taken
    ]
    rows = [
        {"domain": domain, "is_on": is_on, "people": counted[domain]}
        for domain, is_on in sorted(held.items())
    ]
    return rows + [{"domain": domain, "is_on": False, "people": count} for domain, count in proposed]
