"""The people behind a figure, what it should be, and what puts it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from amity.kernel import policy
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.written import whole
from amity.people.web.answers import say, uuids
from amity.people.web.words import fact_value
from amity.quality.domain.fields import RECORD, Problem
from amity.quality.flags import key_of
from amity.quality.models import Repair
from amity.quality.queries.counting import Sight
from amity.quality.queries.flagged import flagged_page
from amity.quality.queries.known import EVERYTHING, last_look
from amity.quality.queries.records import WRITABLE, Bad, Wanted, bad_people, wanted_named
from amity.quality.queries.report import report_on
from amity.quality.queries.words import DIMENSIONS, FORMULAS, PROBLEMS, REASONS, scope_name
from amity.quality.repairs import put_right, put_right_all, withdraw
from amity.quality.rules import words_of
from amity.quality.web.report import share_words

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


def _wanted(request: ActingRequest, asked: Any) -> Wanted:
    found = wanted_named(
        request.actor, request.now, asked.get("field", ""), asked.get("problem", ""), asked.get("scope", "")
    )
    if found is None:
        raise NotFound(_("This page does not exist, or it is not for you."))
    return found


@require_safe
def records(request: ActingRequest) -> HttpResponse:
    """Who they are: `?field=`, `?problem=` and `?scope=` name the figure."""
    policy.require(request.actor, "read", "person")
    wanted = _wanted(request, request.GET)
    sight = Sight(request.actor, request.now)
    after = next(iter(uuids([request.GET.get("after", "")])), None)
    page = bad_people(sight, wanted, after=after)
    share = next(
        one
        for one in report_on(request.actor, request.now, wanted.scope, sight).shares
        if (one.field, one.problem) == (wanted.field.key, wanted.problem)
    )
    is_all = wanted.scope == EVERYTHING
    may_write = policy.may(request.actor, "write", "person") and is_all
    key = key_of(wanted.field.key, wanted.problem, wanted.scope)
    here = request.get_full_path()
    return render(request, "quality/records.html", {
        "wanted": wanted,
        "label": wanted.field.label,
        "problem": PROBLEMS[wanted.problem],
        "scope_name": scope_name(wanted.scope),
        "is_all": is_all,
        "share": share,
        "share_words": share_words(share),
        "good": whole(share.good),
        "of": whole(share.of),
        "dimension": DIMENSIONS[share.dimension],
        "formula": FORMULAS[share.dimension],
        "looked_at": last_look(),
        "rows": [_row(one, wanted, may_write) for one in page.people],
        "may_write": may_write and wanted.field.key in WRITABLE,
        "can_suggest": may_write and wanted.problem is Problem.INVALID
                       and any(one.suggestion and one.suggestion.is_safe for one in page.people),
        "is_record": wanted.field.key == RECORD,
        "can_fill": may_write and wanted.problem in (Problem.MISSING, Problem.INVALID)
                    and wanted.field.key in WRITABLE,
        "people_url": f"{reverse('people')}?{urlencode({'is': key})}",
        "export_url": f"{reverse('people-export')}?{urlencode({'is': key})}",
        "may_export": policy.may(request.actor, "export", "person"),
        "back_url": reverse("quality") + ("" if is_all else f"?{urlencode({'scope': str(wanted.scope)})}"),
        "all_url": f"{reverse('quality-records')}?"
                   + urlencode({"field": wanted.field.key, "problem": wanted.problem.value}),
        "here": here,
        "is_first": after is None,
        "first_url": _address(request, ""),
        "older_url": _address(request, str(page.after)) if page.after else "",
    })  # fmt: skip


def _address(request: ActingRequest, after: str) -> str:
    asked = {key: request.GET[key] for key in ("field", "problem", "scope") if request.GET.get(key)}
    return f"{reverse('quality-records')}?{urlencode(asked | ({'after': after} if after else {}))}"


def _row(one: Bad, wanted: Wanted, may_write: bool) -> dict[str, Any]:
    return {
        "id": one.person_id,
        "name": one.name,
        "value": one.value,
        "shown": fact_value(wanted.field.key, one.value) if one.value else "",
        "reason": REASONS.get(one.reason, one.reason),
        "suggestion": one.suggestion.value if one.suggestion and may_write else "",
        "choices": [(value, fact_value(wanted.field.key, value)) for value in one.values]
        if may_write
        else [],
    }


@require_POST
def person_value(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Say what a field of somebody is."""
    policy.require(request.actor, "write", "person")
    field, value = request.POST.get("field", ""), request.POST.get("value", "")
    try:
        made = put_right(person_id, field, value, actor=request.actor, at=request.now)
    except (Invalid, Conflict) as error:
        say(request, str(error))
        return _back(request)
    say(
        request,
        _("%(value)s is kept") % {"value": value.strip()[:80]},
        reverse("quality-repair-withdrawal", args=[made.pk]),
        {"next": request.POST.get("next", "")},
    )
    return _back(request)


@require_POST
def repairs(request: ActingRequest) -> HttpResponse:
    """Apply every safe suggestion of a figure."""
    policy.require(request.actor, "write", "person")
    wanted = _wanted(request, request.POST)
    done = put_right_all(wanted, actor=request.actor, at=request.now)
    if done.repair is None:
        say(request, _("There is nothing that can be put right safely."))
        return _back(request)
    count = done.repair.people
    text = ngettext("%(count)s value was put right", "%(count)s values were put right", count) % {
        "count": count
    }
    if done.left:
        text += ". " + ngettext("%(n)s is left.", "%(n)s are left.", done.left) % {"n": done.left}
    undo = reverse("quality-repair-withdrawal", args=[done.repair.pk])
    say(request, text, undo, {"next": request.POST.get("next", "")})
    return _back(request)


@require_POST
def repair_withdrawal(request: ActingRequest, repair_id: UUID) -> HttpResponse:
    """Take a repair back as a whole."""
    policy.require(request.actor, "write", "person")
    made: Repair = withdraw(repair_id, actor=request.actor, at=request.now)
    count = {"n": made.people}
    say(request, ngettext("Taken back for %(n)s person", "Taken back for %(n)s people", made.people) % count)
    return _back(request)


def _back(request: ActingRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/quality/")
    return redirect(wanted if is_ours else reverse("quality"))


@require_safe
def flags(request: ActingRequest) -> HttpResponse:
    """What was taken in although it breaks a rule: of one import (`?run=`), or of all."""
    policy.require(request.actor, "read", "person")
    run = next(iter(uuids([request.GET.get("run", "")])), None)
    after = request.GET.get("after", "")
    page = flagged_page(
        request.actor, request.now, run, int(after) if after.isdecimal() and len(after) < 18 else None
    )
    kept = {"run": str(run)} if run else {}
    address = reverse("quality-flags")
    older = kept | {"after": str(page.after)} if page.after else {}
    return render(request, "quality/flags.html", {
        "rows": [(row, words_of(row.field, row.rule)) for row in page.rows],
        "is_of_run": run is not None,
        "is_first": not after,
        "first_url": f"{address}?{urlencode(kept)}",
        "older_url": f"{address}?{urlencode(older)}" if older else "",
    })  # fmt: skip
