"""How much waits where, for a rail that stays up to date."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from amity.kernel.requests import ActingRequest
from amity.site import navigation


@require_safe
def counts(request: ActingRequest) -> JsonResponse:
    """`{"inbox": 38, …}` for the entries that this colleague sees and that are counted."""
    keys = [
        entry.key for parent in navigation.entries_for(request.actor) for entry in (parent, *parent.children)
    ]
    counted = {key: navigation.counted(key, request.actor) for key in keys}
    return JsonResponse({key: count for key, count in counted.items() if count is not None})
