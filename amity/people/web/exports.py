"""The menu of the forms in which a list can be taken away, above that list."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

from amity.kernel import policy
from amity.kernel.downloads import Form, Writing
from amity.people.web.answers import address

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


def export_forms(
    request: ActingRequest, resource: str, path: str, writings: Mapping[Form, Writing[Any]]
) -> list[dict[str, Any]]:
    """Its entries, with the filters of the list; none where the actor may not take it away."""
    if not policy.may(request.actor, "export", resource):
        return []
    return [
        {"url": address(request.GET, {"form": form.value}, path), "label": form.label, "hint": writing.hint}
        for form, writing in writings.items()
    ]


def form_of(request: ActingRequest, forms: Container[Form]) -> Form:
    """The form that the address names; a table where it names none that there is."""
    named = request.GET.get("form", Form.CSV)
    form = Form(named) if named in set(Form) else Form.CSV
    return form if form in forms else Form.CSV
