"""How many somebody reaches: the formula, the accounts, and what was told of each, when and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amity.kernel import audit, policy
from amity.kernel.written import whole
from amity.people.domain.audience import COUNTS, number
from amity.people.queries import person_record
from amity.people.queries.audience import reach_by_identities, tellings_of
from amity.people.web.words import day, network_mark, network_word

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

_LABELS = {
    "followers": gettext_lazy("Followers"),
    "posts": gettext_lazy("Posts"),
    "reactions": gettext_lazy("Reactions"),
    "verified": gettext_lazy("Verified"),
}


@require_safe
def person_reach(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The records behind the figure."""
    policy.require(request.actor, "read", "person")
    record = person_record(request.actor, person_id)
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    reach = reach_by_identities(request.actor, record.identity_ids)
    rows = [
        {
            "mark": network_mark(one.network),
            "account": one.address or network_word(one.network),
            "label": _LABELS[one.field],
            "value": whole(int(one.value))
            if one.field in COUNTS and number(one.value) is not None
            else one.value,
            "source": one.source,
            "day": day(one.told_at),
            "counts": one.counts,
        }
        for one in tellings_of(request.actor, record.identity_ids)
    ]
    shown = {
        "person": record,
        "reach": reach,
        "people": whole(reach.people) if reach else "",
        "engagement": f"{reach.engagement:.2f}" if reach else "",
        "networks": [(network_word(one), whole(count)) for one, count in reach.by_network] if reach else [],
        "rows": rows,
    }
    return render(request, "people/reach.html", shown)
