"""What the views of the inbox are handed, and what the page around a request asks for."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from django.utils import timezone

from amity.conversations.domain.filters import Filters, View, filters_of, view_of
from amity.conversations.domain.moments import end_of_day
from amity.kernel.requests import ActingRequest, is_fragment

__all__ = ["ActingRequest", "Asked", "day_ends", "is_fragment", "zone_of"]


def zone_of(request: ActingRequest) -> tzinfo:
    """The reader's time zone."""
    try:
        return request.staff.zone
    except zoneinfo.ZoneInfoNotFoundError:
        return timezone.get_current_timezone()


def day_ends(request: ActingRequest) -> datetime:
    """When the reader's day is over."""
    return end_of_day(request.now.astimezone(zone_of(request)))


@dataclass(frozen=True, slots=True)
class Asked:
    """The list that a page shows: which box, narrowed how."""

    view: View
    filters: Filters

    @property
    def query(self) -> str:
        """The list as a query string, without "?"; every address within the inbox carries it."""
        return self.with_(self.filters)

    def with_(self, filters: Filters, view: View | None = None) -> str:
        """The query string of the same list with other filters, or of another box with these."""
        return urlencode({"view": view or self.view, **filters.chosen})


def asked(request: ActingRequest) -> Asked:
    """What the query string of a request asks for; forms are posted to addresses that carry it too."""
    given = {name: request.GET.get(name, "") for name in request.GET}
    return Asked(view_of(given.get("view", "")), filters_of(given))
