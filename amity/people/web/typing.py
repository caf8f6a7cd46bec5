"""What colleagues type on the page of a person: a value, in place, with its way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.activity.shaping import identity_id
from amity.channels.adapters.file.values import is_email
from amity.channels.records import Handle
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.purposes import known_as
from amity.people.by_hand import say, take_back
from amity.people.domain.fields.definition import PREFIX, Definition, Kind
from amity.people.queries import PersonRecord, names_of, person_record
from amity.people.queries.fields import may_write
from amity.people.queries.grouped import known_root
from amity.people.web import words
from amity.people.web.answers import is_fragment, uuids
from amity.people.web.answers import say as toast
from amity.people.web.custom import as_typed, notation
from amity.people.web.facts import EDITABLE

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


@dataclass(frozen=True, slots=True)
class Typing:
    """A field as it is typed: what stands in the input, or which options there are."""

    key: str
    label: str
    value: str
    hint: str = ""
    shape: str = "text"
    options: tuple[tuple[str, str, bool], ...] = ()
    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def person_value(request: ActingRequest, person_id: UUID, field: str) -> HttpResponse:
    """The input of one field, in its place or as a page; a POST has what is typed stand there."""
    policy.require(request.actor, "write", "person")
    record = person_record(request.actor, person_id)
    definition = _definition(record, field, request.actor)
    if request.method != "POST":
        audit.looked_at("person", record.id, actor=request.actor, at=request.now)
        return _form(request, record, typing_of(record, field, definition))
    typed = typed_value(request.POST.getlist("value"), definition)
    try:
        _require_known(typed, definition, request.actor)
        done = say(record.id, {field: typed}, actor=request.actor, at=request.now, notation=notation())
    except Invalid as error:
        wrong = typing_of(record, field, definition, typed, error.fields.get(field, error.message))
        return _form(request, record, wrong, error.status)
    label = definition.label if definition else words.fact_label(field)
    undo = reverse("person-value-withdrawal", args=[done.person_id])
    toast(request, _("%(field)s changed") % {"field": label}, undo, {"act": str(done.act_id), "field": field})
    return _to(request, done.person_id, field)


@require_POST
def value_withdrawal(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Take back what was typed: what stood there before stands there again."""
    policy.require(request.actor, "write", "person")
    known_root(request.actor, person_id)
    named = uuids([request.POST.get("act", "")])
    if not named:
        raise Invalid(_("Name what is taken back."), fields={"act": _("Name what is taken back.")})
    person = take_back(person_id, named[0], actor=request.actor, at=request.now)
    toast(request, _("Taken back: what stood there before stands there again"))
    return _to(request, person, request.POST.get("field", ""))


def _to(request: ActingRequest, person_id: UUID, field: str) -> HttpResponse:
    place = f"{reverse('person', args=[person_id])}?tab=who#fact-{quote(field, safe='')}"
    return drawn_anew(request, place)


def drawn_anew(request: ActingRequest, place: str) -> HttpResponse:
    """The page at `place`, all of it: what stands there follows from the record. A browser that is there already would
    only jump."""
    if not is_fragment(request):
        return redirect(place)
    there, here = urlsplit(place), urlsplit(request.headers.get("HX-Current-URL", ""))
    if (there.path, there.query) == (here.path, here.query):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return HttpResponse(headers={"HX-Redirect": place})


def _definition(record: PersonRecord, field: str, actor: Actor) -> Definition | None:
    """The company's own field of this name, None for one of the record. 404 for one that is not for the actor."""
    if field.startswith(PREFIX):
        found = next((one for one in record.definitions if one.fact == field), None)
        if found is None:
            raise Http404
        if not may_write(actor, found):
            raise Forbidden(_("“%(label)s” is not for your role to change.") % {"label": found.label})
        return found
    if field not in EDITABLE or not policy.sees_field(actor, "person", known_as("person", field)):
        raise Http404
    return None


def typed_value(values: Sequence[str], definition: Definition | None) -> str:
    """What a form says: of several options all that are ticked."""
    if definition and definition.kind is Kind.CHOICES:
        return ",".join(values)
    return values[-1] if values else ""


def _require_known(typed: str, definition: Definition | None, actor: Actor) -> None:
    """A person is typed by an address of theirs, and must be somebody whom the actor knows."""
    address = typed.strip().lower()
    if definition is None or definition.kind is not Kind.PERSON or not is_email(address):
        return
    meant = identity_id(Handle("email", address))
    if meant not in names_of(actor, [meant]):
        words_of = _("Nobody whom you know has the address %(address)s.") % {"address": address[:80]}
        raise Invalid(words_of, fields={definition.fact: words_of})


def typing_of(
    record: PersonRecord,
    field: str,
    definition: Definition | None,
    typed: str | None = None,
    problem: str = "",
) -> Typing:
    """How this field is typed, with what was typed already."""
    if definition is None:
        fact = record.fact(field)
        now = {"name": record.golden.name, "organisation": record.organisation}.get(
            field, fact.shown.value if fact else ""
        )
        hint = {
            "country": _("Two letters, for example DE."),
            "language": _("Two letters, for example de."),
            "birthday": _("Year, month, day: 1984-05-02."),
        }.get(field, "")
        shape = "date" if field == "birthday" else "text"
        return Typing(
            field, words.fact_label(field), now if typed is None else typed, hint, shape, (), problem
        )
    return typing_of_field(definition, record.custom.get(definition.key, ""), typed, problem, key=field)


def typing_of_field(
    definition: Definition, kept: str, typed: str | None = None, problem: str = "", key: str = ""
) -> Typing:
    """How one of the company's own fields is typed, whose value is `kept`. `key`: its name in the address."""
    chosen = set((kept if typed is None else typed).split(","))
    shape = "text"
    options: tuple[tuple[str, str, bool], ...] = ()
    if definition.kind.has_options:
        shape = "one" if definition.kind is Kind.CHOICE else "several"
        options = tuple((one.key, one.label, one.key in chosen) for one in definition.offered)
    elif definition.kind is Kind.YES_NO:
        shape, options = "one", (("yes", _("yes"), "yes" in chosen), ("no", _("no"), "no" in chosen))
    elif definition.kind is Kind.DATE:
        shape = "date"
    elif definition.kind is Kind.URL:
        shape = "url"
    elif definition.kind in (Kind.NUMBER, Kind.MONEY):
        shape = "number"
    value = as_typed(definition, kept) if typed is None else typed
    if definition.kind is Kind.PERSON and typed is None:
        value = ""
    hint = definition.help or (_("An e-mail address of theirs.") if definition.kind is Kind.PERSON else "")
    if definition.kind is Kind.MONEY:
        hint = f"{definition.currency}. {hint}".strip()
    return Typing(key or definition.key, definition.label, value, hint, shape, options, problem)


def _form(request: ActingRequest, record: PersonRecord, typing: Typing, status: int = 200) -> HttpResponse:
    shown: dict[str, Any] = {
        "typing": typing,
        "typing_url": reverse("person-value", args=[record.id, typing.key]),
        "back_url": f"{reverse('person', args=[record.id])}?tab=who",
        "back_words": record.golden.name or _("Unknown"),
    }
    template = "people/typing.html" if is_fragment(request) else "people/typing_page.html"
    return render(request, template, shown, status=status)
