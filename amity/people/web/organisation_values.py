"""The company's own fields on the page of an organisation: shown, typed in place, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid
from amity.people.domain.fields.definition import Definition
from amity.people.of_organisations import say_of_organisation, take_back_of_organisation
from amity.people.queries import organisation_of
from amity.people.queries.fields import may_write
from amity.people.queries.organisation_fields import OrganisationField, fields_of_organisation
from amity.people.web import words
from amity.people.web.answers import is_fragment, say, uuids
from amity.people.web.custom import notation, people_meant, value_in_words
from amity.people.web.typing import Typing, drawn_anew, typed_value, typing_of_field

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


def lines_of(actor: Actor, organisation_id: UUID) -> list[dict[str, Any]]:
    """What stands on the page: each field with its value, who said it, and what was said before."""
    found = fields_of_organisation(actor, organisation_id)
    values = [{one.definition.key: said.value} for one in found for said in one.said]
    meant = people_meant(actor, [one.definition for one in found], values)
    lines = []
    for one in found:
        writes = may_write(actor, one.definition)
        if not one.said and not writes:
            continue
        value = value_in_words(one.definition, one.value, meant)
        newest = one.said[0] if one.said else None
        lines.append(
            {
                "key": one.definition.key,
                "label": one.definition.label,
                "words": value.words,
                "url": value.url,
                "source": _source(newest.by, words.day(newest.at)) if newest and value.words else "",
                "others": [
                    _("%(value)s (%(source)s)")
                    % {
                        "value": value_in_words(one.definition, said.value, meant).words,
                        "source": _source(said.by, words.day(said.at)),
                    }
                    for said in one.said[1:]
                ],
                "fact_id": str(newest.id) if newest else "",
                "may_write": writes,
            }
        )
    return lines


def _source(by: str, day: str) -> str:
    return f"{by}, {day}" if by else day


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_value(request: ActingRequest, organisation_id: UUID, key: str) -> HttpResponse:
    """The input of one field, in its place or as a page; a POST has what is typed stand there."""
    policy.require(request.actor, "write", "organisation")
    found = organisation_of(request.actor, organisation_id)
    field = _field(request.actor, found.id, key)
    if request.method != "POST":
        return _form(request, found.id, found.name, typing_of_field(field.definition, field.value))
    typed = typed_value(request.POST.getlist("value"), field.definition)
    try:
        (made,) = say_of_organisation(
            found.id, {key: typed}, actor=request.actor, at=request.now, notation=notation()
        )
    except Invalid as error:
        wrong = typing_of_field(field.definition, field.value, typed, error.fields.get(key, error.message))
        return _form(request, found.id, found.name, wrong, error.status)
    undo = reverse("organisation-value-withdrawal", args=[found.id])
    say(request, _("%(field)s changed") % {"field": field.definition.label}, undo, {"fact": str(made)})
    return drawn_anew(request, _place(found.id, key))


def _field(actor: Actor, organisation_id: UUID, key: str) -> OrganisationField:
    found = next(
        (one for one in fields_of_organisation(actor, organisation_id) if one.definition.key == key), None
    )
    if found is None:
        raise Http404
    _require_writable(actor, found.definition)
    return found


def _require_writable(actor: Actor, definition: Definition) -> None:
    if not may_write(actor, definition):
        raise Forbidden(_("“%(label)s” is not for your role to change.") % {"label": definition.label})


def _place(organisation_id: UUID, key: str) -> str:
    return f"{reverse('organisation', args=[organisation_id])}?changed=1#fact-{quote(key, safe='')}"


def _form(
    request: ActingRequest, organisation_id: UUID, name: str, typing: Typing, status: int = 200
) -> HttpResponse:
    shown: dict[str, Any] = {
        "typing": typing,
        "typing_url": reverse("organisation-value", args=[organisation_id, typing.key]),
        "back_url": reverse("organisation", args=[organisation_id]),
        "back_words": name,
    }
    template = "people/typing.html" if is_fragment(request) else "people/typing_page.html"
    return render(request, template, shown, status=status)


@require_POST
def value_withdrawal(request: ActingRequest, organisation_id: UUID) -> HttpResponse:
    """Take back what was said last."""
    policy.require(request.actor, "write", "organisation")
    found = organisation_of(request.actor, organisation_id)
    named = uuids([request.POST.get("fact", "")])
    if not named:
        raise Invalid(_("Name what is taken back."), fields={"fact": _("Name what is taken back.")})
    key = take_back_of_organisation(found.id, named[0], actor=request.actor)
    say(request, _("Taken back: what stood there before stands there again"))
    return drawn_anew(request, _place(found.id, key))
