"""Where rules are made: nested groups in a plain form, with the count of people beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.people.queries import known_people
from amity.people.queries.visibility import shown_as
from amity.people.web.answers import is_fragment, say
from amity.segments import services
from amity.segments.conditions import Field, fields_for
from amity.segments.domain.drafts import (
    ROOT,
    Draft,
    DraftGroup,
    DraftLeaf,
    change,
    draft_of,
    read_form,
    rule_of_draft,
)
from amity.segments.domain.trees import Group, read
from amity.segments.models import Segment
from amity.segments.queries import choices_of, preview, progress, segment_shown
from amity.segments.web.words import channel_words, kind_words

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

LONGEST = 4_000
_INPUTS = {"days": "number", "hours": "number", "number": "number", "amount": "decimal", "mood": "decimal",
           "figure": "decimal"}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActingRequest) -> HttpResponse:
    """Make a segment."""
    policy.require(request.actor, "write", "segment")
    return _build(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: ActingRequest, segment_id: UUID) -> HttpResponse:
    """Change a segment."""
    policy.require(request.actor, "write", "segment")
    return _build(request, segment_shown(request.actor, segment_id))


@require_POST
def count(request: ActingRequest) -> HttpResponse:
    """How many people the rule in the form holds of, and some of them."""
    policy.require(request.actor, "read", "segment")
    draft = _typed(request)
    shown = _counted(request, draft)
    return render(request, "segments/count.html", shown)


def _typed(request: ActingRequest) -> DraftGroup:
    # Several chosen options stand there several times.
    values = {
        key: ",".join(request.POST.getlist(key))[:LONGEST] for key in request.POST if key.startswith(ROOT)
    }
    return read_form(values)


def _build(request: ActingRequest, segment: Segment | None) -> HttpResponse:
    fields, error = fields_for(request.actor), ""
    deed = request.POST.get("do", "")
    if request.method == "POST":
        draft = change(_typed(request), deed, _first(fields))
        if deed == "save":
            try:
                return _save(request, segment, draft)
            except Invalid as problem:
                error = problem.message
    else:
        draft = (
            draft_of(read(segment.rule))
            if segment
            else DraftGroup(ROOT, "all", [DraftLeaf(f"{ROOT}.0", _first(fields))])
        )
    shown: dict[str, Any] = {
        "segment": segment,
        "tree": _drawn(draft, fields, request.actor),
        "name": request.POST.get("name", segment.name if segment else "")[:120],
        "description": request.POST.get("description", segment.description if segment else "")[:500],
        "error": error,
        "path": request.path,
        "back_url": reverse("segment", args=[segment.id]) if segment else reverse("segments"),
        **(_counted(request, draft) if deed == "count" else {}),
    }
    template = "segments/builder_form.html" if is_fragment(request) else "segments/builder.html"
    return render(request, template, shown, status=422 if error else 200)


def _first(fields: dict[str, Field]) -> str:
    return "orders" if "orders" in fields else next(iter(fields))


def _save(request: ActingRequest, segment: Segment | None, draft: DraftGroup) -> HttpResponse:
    said: dict[str, Any] = {
        "name": request.POST.get("name", ""),
        "description": request.POST.get("description", ""),
        "rule": rule_of_draft(draft, _takes(fields_for(request.actor))),
    }
    if segment is None:
        made = services.create_segment(**said, actor=request.actor, at=request.now)
        undo = reverse("segment-removal", args=[made.id])
        say(request, _("%(name)s is made") % {"name": made.name}, undo)
    else:
        before = segment.version
        made = services.change_segment(segment.id, **said, actor=request.actor, at=request.now)
        undo = reverse("segment-version", args=[made.id]) if made.version != before else ""
        say(request, _("Saved"), undo, {"number": str(before)})
    if is_fragment(request):
        return HttpResponse(headers={"HX-Redirect": reverse("segment", args=[made.id])})
    return redirect("segment", made.id)


def _takes(fields: dict[str, Field]) -> dict[tuple[str, str], str]:
    return {(key, op.key): op.takes for key, one in fields.items() for op in one.ops}


def _counted(request: ActingRequest, draft: DraftGroup) -> dict[str, Any]:
    """The count of a draft; what it still lacks, in words. The first one begins to read everybody."""
    if policy.may(request.actor, "write", "segment"):
        services.begin_reading(actor=request.actor, at=request.now)
    state = progress()
    if state.is_reading or not state.is_kept:
        return {"reading": state, "people": ()}
    try:
        said = rule_of_draft(draft, _takes(fields_for(request.actor)))
        tree: Group = services.checked_rule(said, actor=request.actor)
    except Invalid as problem:
        return {"problem": problem.message, "people": ()}
    seen = preview(tree, request.now)
    found = list(known_people(request.actor).filter(pk__in=seen.sample))
    shown = shown_as(request.actor, found)
    return {"preview": seen, "people": [(one.id, shown[one.id].name) for one in found]}


# --------------------------------------------------------------------------------------------------------------- form


@dataclass(frozen=True, slots=True)
class _Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A group or a condition as the form draws it."""

    draft: Draft
    kinds: list[tuple[str, str]]
    parts: list[_Drawn]
    groups: list[tuple[str, list[_Choice]]]
    ops: list[_Choice]
    input: str
    values: list[_Choice]
    ofs: list[_Choice]
    of_needed: bool
    windowed: bool
    is_group: bool
    may_hold_groups: bool
    behind: str = ""  # words behind the value


def _drawn(node: Draft, fields: dict[str, Field], actor: Actor) -> _Drawn:
    if isinstance(node, DraftGroup):
        parts = [_drawn(part, fields, actor) for part in node.parts]
        return _Drawn(node, kind_words(), parts, [], [], "", [], [], False, False, True, node.may_hold_groups)
    field = fields.get(node.field) or fields[_first(fields)]
    ops = {op.key: op for op in field.ops}
    op = ops.get(node.op) or field.ops[0]
    values = _choices("segment", node.value, actor) if op.takes == "segment" else []
    if op.takes == "option":
        values = _options(field, node.value)
    return _Drawn(
        node, [], [], _grouped(fields, field.key),
        [_Choice(one.key, str(one.label), one.key == op.key) for one in field.ops],
        _INPUTS.get(op.takes, op.takes), values, _choices(field.of, node.of, actor) if field.of else [],
        field.of_needed, field.windowed, False, False, str(op.behind),
    )  # fmt: skip


def _grouped(fields: dict[str, Field], chosen: str) -> list[tuple[str, list[_Choice]]]:
    groups: dict[str, list[_Choice]] = {}
    for key, field in fields.items():
        groups.setdefault(str(field.group), []).append(_Choice(key, str(field.label), key == chosen))
    return list(groups.items())


def _options(field: Field, typed: str) -> list[_Choice]:
    chosen = {one.strip() for one in typed.split(",")}
    return [_Choice(value, name, value in chosen) for value, name in field.choices()]


def _choices(kind: str, chosen: str, actor: Actor) -> list[_Choice]:
    found = choices_of(actor, kind)
    if kind == "channel":
        found = [(value, channel_words(value)) for value, _name in found]
    return [_Choice(value, name, value == chosen) for value, name in found]
