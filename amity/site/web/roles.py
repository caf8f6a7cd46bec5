"""Settings, Roles: the one table of who may do what, as the policy holds it, and who has which role."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from amity.kernel import policy, purposes, rights
from amity.kernel.actor import Role
from amity.kernel.models import Staff
from amity.kernel.requests import ActingRequest
from amity.site.web.settings_page import show_part


@require_safe
def roles(request: ActingRequest) -> HttpResponse:
    """All roles with their purposes, rights and hidden fields."""
    policy.require(request.actor, "read", "role")
    count = Counter(Staff.objects.active().values_list("role", flat=True))
    shown: dict[str, object] = {
        "roles": [
            {
                "key": role.value,
                "label": role.label,
                "purposes": rights.purposes_in_words(purposes.OF_ROLE[role]),
                "count": count[role.value],
            }
            for role in Role
        ],
        "groups": [[role.label for role in group] for group in rights.groups()],
        "rows": rights.rights(),
        "fields": rights.fields(),
        "scope_meaning": rights.scope_meaning(),
        "may_open": policy.may(request.actor, "read", "account"),
    }
    return show_part(request, "settings-roles", shown)


def own_rights(role: Role) -> dict[str, Any]:
    """One's own column of the table, for the page about oneself."""
    return {
        "label": role.label,
        "purposes": rights.purposes_in_words(purposes.OF_ROLE[role]),
        "rows": [row for row in rights.rights([(role,)]) if row.cells[0][0]],
        "hidden": rights.hidden_from(role),
    }
