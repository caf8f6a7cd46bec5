"""Say who belongs with whom: the form, what was said otherwise, and the ways back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel import audit, policy
from amity.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from amity.people.domain.relations import ORGANISATION, PERSON, Kind, kinds_between
from amity.people.models import OrganisationRelation, Relation
from amity.people.queries import PeopleWanted, list_organisations, list_people, organisation_of, person_record
from amity.people.queries.employment import employments_of
from amity.people.queries.grouped import roots
from amity.people.queries.relations import relations_of_person
from amity.people.relations import (
    End,
    Terms,
    bring_back_relation,
    change_relation,
    known_relation,
    relate,
    take_back_relation,
)
from amity.people.web.answers import is_fragment, say, uuids
from amity.people.web.relating_words import LABELS, RelationLine, lines_of_employments, lines_of_relations

if TYPE_CHECKING:
    from amity.kernel.actor import Actor
    from amity.kernel.requests import ActingRequest
    from amity.people.queries import PersonRecord

FOUND = 12
REVERSED = "<"
"""Behind a kind: the other one is it to this one."""


def lines_beside(actor: Actor, record: PersonRecord, today: date) -> dict[str, Any]:
    """What stands on the page of a person: what holds now, and what is over.

    The `employer` that stands among the facts is told there alone, with how long they are with it.
    """
    employments = lines_of_employments(employments_of(actor, record))
    if record.organisation_id and not any(not one.is_over for one in employments):
        employments.insert(0, _by_address(record))
    employer = None
    if record.fact("organisation") is not None:
        employer = next((one for one in employments if not one.is_over and _is_shown(one, record)), None)
    others = [one for one in employments if one is not employer]
    lines = [*others, *lines_of_relations(relations_of_person(actor, record.id, today))]
    return {
        "employer": employer,
        "now": [one for one in lines if not one.is_over],
        "before": [one for one in lines if one.is_over],
    }


def _is_shown(line: RelationLine, record: PersonRecord) -> bool:
    """Whether the facts name this employer."""
    if record.organisation_id and line.url:
        return line.url == reverse("organisation", args=[record.organisation_id])
    return line.name == record.organisation


def _by_address(record: PersonRecord) -> RelationLine:
    """The organisation that follows from a domain: no source named one."""
    return RelationLine(
        _("Works at"), record.organisation, reverse("organisation", args=[record.organisation_id]),
        record.golden.job_title, "", "", _("by their address"), "building-2", False,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def person_relations(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The form for a person; a POST says it."""
    policy.require(request.actor, "write", "person")
    record = person_record(request.actor, person_id)
    shown = {"name": record.golden.name, "back": f"{reverse('person', args=[record.id])}?tab=who"}
    path = reverse("person-relations", args=[record.id])
    return _answer(request, End(PERSON, record.id), shown | {"path": path})


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_relations(request: ActingRequest, organisation_id: UUID) -> HttpResponse:
    """The same for an organisation: to another one, and of people to it."""
    policy.require(request.actor, "write", "organisation")
    found = organisation_of(request.actor, organisation_id)
    shown = {"name": found.name, "back": reverse("organisation", args=[found.id])}
    path = reverse("organisation-relations", args=[found.id])
    return _answer(request, End(ORGANISATION, found.id), shown | {"path": path})


def _answer(request: ActingRequest, near: End, shown: dict[str, Any]) -> HttpResponse:
    if request.method != "POST":
        return _form(request, near, shown, request.GET)
    try:
        made = _say(request, near)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _form(request, near, shown, request.POST, problem)
    say(request, _("Noted"), reverse("relation-withdrawal", args=[made]), {"back": shown["back"]})
    return redirect(shown["back"])


def _say(request: ActingRequest, near: End) -> UUID:
    told = request.POST
    written = told.get("kind", "")
    try:
        kind = Kind(written.removesuffix(REVERSED))
    except ValueError:
        raise Invalid(_("Choose what they are to each other."), fields={"kind": _("Choose one.")}) from None
    far = _far(told)
    one, other = (far, near) if written.endswith(REVERSED) else (near, far)
    return relate(one, other, kind, terms_of(told), actor=request.actor, at=request.now)


def _far(told: QueryDict) -> End:
    what, _colon, id = told.get("whom", "").partition(":")
    found = uuids([id])
    if what in (PERSON, ORGANISATION) and found:
        return End(what, found[0])
    if what == "new":
        return End(ORGANISATION, name=told.get("name", ""))
    raise Invalid(_("Choose with whom."), fields={"whom": _("Choose with whom.")})


def terms_of(told: QueryDict) -> Terms:
    """As what, from when and until when, as a form says it."""
    return Terms(
        " ".join(told.get("words", "").replace("\x00", "").split())[:200],
        _day(told.get("from_on", ""), "from_on"),
        _day(told.get("until_on", ""), "until_on"),
    )


def _day(written: str, field: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        words_of = _("Write a day such as 2026-03-17.")
        raise Invalid(words_of, fields={field: words_of}) from None


def _form(
    request: ActingRequest,
    near: End,
    shown: dict[str, Any],
    told: QueryDict,
    problem: DomainError | None = None,
) -> HttpResponse:
    if near.what == PERSON and near.id:
        audit.looked_at("person", near.id, actor=request.actor, at=request.now)
    typed = told.get("q", "").replace("\x00", "").strip()[:200]
    shown |= {
        "typed": typed, "kinds": _kinds(near.what, told.get("kind", "")), "whom": told.get("whom", ""),
        "words": told.get("words", ""), "from_on": told.get("from_on", ""), "until_on": told.get("until_on", ""),
        "problem": problem.message if problem else "",
        **_found(request.actor, near, typed),
    }  # fmt: skip
    template = "people/relating_found.html" if is_fragment(request) else "people/relating.html"
    return render(request, template, shown, status=problem.status if problem else 200)


def _kinds(what: str, chosen: str) -> list[dict[str, Any]]:
    """Groups of choices: to organisations, to people; of each kind both ways where they differ."""
    groups = []
    for other, label in ((ORGANISATION, _("An organisation")), (PERSON, _("A person"))):
        there = [(kind, str(LABELS[kind][0])) for kind in kinds_between(what, other)]
        back = [(f"{kind}{REVERSED}", str(LABELS[kind][1])) for kind in kinds_between(other, what)]
        seen = {words_of for _key, words_of in there}
        choices = there + [(key, words_of) for key, words_of in back if words_of not in seen]
        if choices:
            marked = [
                {"key": str(key), "label": text, "is_open": str(key) == chosen} for key, text in choices
            ]
            groups.append({"label": label, "choices": marked})
    return groups


def _found(actor: Actor, near: End, typed: str) -> dict[str, Any]:
    if not typed:
        return {"people": [], "organisations": [], "new_name": ""}
    people = list_people(actor, PeopleWanted(words=typed), limit=FOUND).people
    organisations = list_organisations(actor, words=typed, limit=FOUND).organisations
    same = any(one.name.casefold() == typed.casefold() for one in organisations)
    return {
        "people": [
            {"id": one.id, "name": one.name, "where": ", ".join(filter(None, (one.organisation, one.city)))}
            for one in people
            if one.id != near.id
        ],
        "organisations": [one for one in organisations if one.id != near.id],
        "new_name": "" if same else typed,
    }


# ------------------------------------------------------------------------------------- what was said, said otherwise


@require_POST
def relation(request: ActingRequest, relation_id: UUID) -> HttpResponse:
    """As what, from when or until when, said otherwise."""
    before = change_relation(relation_id, terms_of(request.POST), actor=request.actor, at=request.now)
    fields = {
        "words": before.words, "back": _back(request, relation_id),
        "from_on": before.from_on.isoformat() if before.from_on else "",
        "until_on": before.until_on.isoformat() if before.until_on else "",
    }  # fmt: skip
    say(request, _("Changed"), reverse("relation", args=[relation_id]), fields)
    return redirect(fields["back"])


@require_POST
def relation_withdrawal(request: ActingRequest, relation_id: UUID) -> HttpResponse:
    """It was never so."""
    back = _back(request, relation_id)
    take_back_relation(relation_id, actor=request.actor, at=request.now)
    say(request, _("Taken back"), reverse("relation-restoration", args=[relation_id]), {"back": back})
    return redirect(back)


@require_POST
def relation_restoration(request: ActingRequest, relation_id: UUID) -> HttpResponse:
    """It holds again."""
    back = _back(request, relation_id)
    bring_back_relation(relation_id, actor=request.actor)
    say(request, _("It holds again"), reverse("relation-withdrawal", args=[relation_id]), {"back": back})
    return redirect(back)


def _back(request: ActingRequest, relation_id: UUID) -> str:
    """The page from which it came, one of the two sides; else that of the first side."""
    found = known_relation(relation_id, request.actor)
    sides = _sides(found)
    asked = request.POST.get("back", "")
    return asked if asked in sides else sides[0]


def _sides(found: Relation | OrganisationRelation) -> list[str]:
    if isinstance(found, OrganisationRelation):
        return [reverse("organisation", args=[one]) for one in (found.organisation_id, found.other_id)]
    people = [one for one in (found.person_id, found.other_id) if one]
    current = roots(people)
    pages = [f"{reverse('person', args=[current.get(one, one)])}?tab=who" for one in people]
    return pages + ([reverse("organisation", args=[found.organisation_id])] if found.organisation_id else [])


def today_of(request: ActingRequest) -> date:
    """The day of the reader."""
    return timezone.localtime(request.now).date()
