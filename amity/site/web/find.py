"""Find or do: as a page of its own, and as the list inside the palette."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amity.kernel.requests import ActingRequest, is_fragment
from amity.site.palette import find

ON_A_PAGE = 25


@require_safe
def find_page(request: ActingRequest) -> HttpResponse:
    """`?q=` searches; a fragment is the list only."""
    typed = request.GET.get("q", "")
    if is_fragment(request):
        return render(
            request, "site/find_results.html", {"found": find(request.actor, typed), "is_palette": True}
        )
    return render(request, "site/find.html", {"found": find(request.actor, typed, ON_A_PAGE), "typed": typed})
