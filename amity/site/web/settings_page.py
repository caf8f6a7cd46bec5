"""The frame of the Settings screen: its parts on the left, one of them in the middle."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from amity.kernel import policy
from amity.kernel.requests import ActingRequest
from amity.site.navigation import SETTINGS_PARTS


def show_part(
    request: ActingRequest, part: str, shown: dict[str, object], status: int = 200, template: str = ""
) -> HttpResponse:
    """The part of this URL name, drawn with `template` or else `site/<part>.html`.

    Who has to set up a second factor first sees it without the frame: nothing else is open to them.
    """
    parts = [
        {"url": reverse(name), "icon": icon, "label": str(label), "is_open": name == part}
        for name, icon, label, resource in SETTINGS_PARTS
        if resource is None or policy.may(request.actor, "read", resource)
    ]
    shown |= {
        "parts": parts,
        "may_write": policy.may(request.actor, "write", "settings"),
        "part_template": template or f"site/{part.replace('-', '_')}.html",
    }
    page = "accounts/due_page.html" if request.staff.second_factor_due else "site/settings_page.html"
    return render(request, page, shown, status=status)
