"""Settings, Retention: the rules, who is next, what went, legal holds; and one rule with what it would do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import policy
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.requests import ActingRequest
from amity.people.queries.held import list_holds
from amity.retention import keeping, limits, outlooks, queries, rules
from amity.retention.examples import EXAMPLES, make_example
from amity.retention.models import Kind, Rule
from amity.retention.standing import GOES, PARTS, Outlook
from amity.retention.words import still_words, verdict_words
from amity.site.lifetimes import lifetimes
from amity.site.toasts import Undo, toast
from amity.site.web.forms import show_errors
from amity.site.web.retention_forms import LimitsForm, ReasonForm, RuleForm, initial_of
from amity.site.web.settings_page import show_part

PART = "settings-retention"
FEW = 10
MOST_TO_SUGGEST_BESIDE = 3
MOST_AT_ONE_CLICK = 25
"""Whoever turns on a rule that lets go of more types how many."""
KIND_ICONS = {Kind.PEOPLE: "users-round", Kind.WORDS: "message-square-text", Kind.ITEMS: "layers"}


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """Everything at a glance."""
    listed = queries.list_rules(request.actor)
    dues = queries.list_dues(request.actor, at=request.now, limit=FEW)
    runs = queries.list_runs(request.actor, limit=FEW)
    shown: dict[str, object] = {
        "rules": [_row(one) for one in listed],
        "dues": [_due(one) for one in dues.dues],
        "more_dues": dues.after is not None,
        "runs": [_run(one) for one in runs],
        "holds": list_holds(request.actor, limit=FEW),
        "limits": limits.limits_in_force(),
        "lifetimes": lifetimes(),
        "examples": _suggested({one.rule.name for one in listed}),
        "kinds": [(kind.value, kind.label, KIND_ICONS[kind]) for kind in Kind],
        "may_rule": policy.may(request.actor, "write", "erasure"),
    }
    return show_part(request, PART, shown)


def _suggested(names: set[str]) -> list[tuple[Any, ...]]:
    """Rules to start with, without those that are there; none where the company has rules enough of its own."""
    if len(names) > MOST_TO_SUGGEST_BESIDE:
        return []
    return [
        (key, one.name, one.description, KIND_ICONS[one.kind])
        for key, one in EXAMPLES.items()
        if str(one.name) not in names
    ]


def _row(one: queries.ListedRule) -> dict[str, Any]:
    return {
        "listed": one,
        "rule": one.rule,
        "icon": KIND_ICONS[Kind(one.rule.kind)],
        "still": still_words(one.still.value) if one.still else "",
    }


def _due(one: queries.ListedDue) -> dict[str, Any]:
    is_asked = one.due.state == "asked"
    return {"due": one.due, "person": one.person, "is_asked": is_asked, "erased_at": one.erased_at}


def _run(one: Any) -> dict[str, Any]:
    return {"run": one, "still": still_words(one.stood_still)}


@require_POST
def example(request: ActingRequest, name: str) -> HttpResponse:
    """Make a rule that is suggested; it is off."""
    made = make_example(name, actor=request.actor, at=request.now)
    toast(request, _("Made. It is off: look at what it would do."), undo=_undo("removal", made))
    return redirect("settings-retention-rule", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActingRequest) -> HttpResponse:
    """A rule of one's own."""
    policy.require(request.actor, "write", "erasure")
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else Kind.PEOPLE.value
    form = RuleForm(kind, request.actor, request.POST or None, initial={"owner": str(request.staff.id)})
    if request.method == "POST" and form.is_valid():
        try:
            made = rules.create_rule(kind, form.draft(), actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            toast(request, _("Made. It is off: look at what it would do."), undo=_undo("removal", made))
            return redirect("settings-retention-rule", made.pk)
    shown = {"form": form, "kind": kind, "label": Kind(kind).label, "has_segments": _has_choices(form)}
    return show_part(request, PART, shown, 422 if form.is_bound else 200, "site/settings_retention_new.html")


def _has_choices(form: RuleForm) -> bool:
    segment = form.fields.get("segment")
    return segment is None or any(value for value, _label in segment.choices)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: ActingRequest, rule_id: UUID) -> HttpResponse:
    """What it says and would do, whom it announced, what it did; a POST changes it."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "erasure")
    listed = queries.get_rule(request.actor, rule_id)
    said = rules.draft_of(listed.rule)
    form = RuleForm(listed.rule.kind, request.actor, request.POST or None, initial=initial_of(said))
    if request.method == "POST" and form.is_valid():
        try:
            changed = rules.change_rule(rule_id, form.draft(), actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            went_off = listed.rule.is_on and not changed.is_on
            words = _("Saved. It is off until you looked at what it would do.") if went_off else _("Saved")
            toast(request, words, undo=_undo("withdrawal", changed) if changed.before else None)
            return redirect("settings-retention-rule", rule_id)
    return _rule_page(request, listed, form, 422 if form.is_bound else 200)


def _rule_page(
    request: ActingRequest, listed: queries.ListedRule, form: RuleForm, status: int = 200, problem: str = ""
) -> HttpResponse:
    one: Rule = listed.rule
    dues = queries.list_dues(request.actor, at=request.now, rule_id=one.pk, limit=FEW)
    looks = not one.is_on or listed.still is not None or "look" in request.GET
    foreseen = outlooks.foresee(one, request.now) if looks else None
    shown = _row(listed) | {
        "form": form,
        "problem": problem,
        "foreseen": foreseen,
        "stays": _stays(foreseen.people) if foreseen and foreseen.people else [],
        "is_typed": foreseen is not None and foreseen.count > MOST_AT_ONE_CLICK,
        "limits": limits.limits_in_force(),
        "dues": [_due(due) for due in dues.dues],
        "more_dues": dues.after is not None,
        "runs": [_run(run) for run in queries.list_runs(request.actor, rule_id=one.pk, limit=FEW)],
        "keeps": queries.list_keeps(request.actor, one.pk),
        "may_rule": policy.may(request.actor, "write", "erasure"),
    }
    return show_part(request, PART, shown, status, "site/settings_retention_rule.html")


def _stays(people: Outlook) -> list[tuple[str, str, int, str]]:
    """What keeps people whom the rule would erase otherwise: which part of them, in words, how many, why."""
    because = limits.limits_in_force().reason_in_words if people.bought else ""
    closed = _("segments do not count those, so rules leave such people alone")
    rows = [
        ("held", _("Kept by a legal hold"), people.held, ""),
        ("kept", _("Kept by a colleague"), people.kept, ""),
        ("asked", _("To be erased already"), people.asked, ""),
        ("bought", _("With an order that has to be kept"), people.bought, because),
        ("closed", _("Known to a source of a team or a colleague"), people.closed, closed),
    ]
    return [row for row in rows if row[2]]


def _number(typed: str) -> int:
    """What somebody typed as a number, with or without separators; -1 for anything else."""
    digits = "".join(one for one in typed if one not in " .,'’\u00a0\u202f")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else -1


@require_POST
def state(request: ActingRequest, rule_id: UUID) -> HttpResponse:
    """On, with the number that was seen and, where it is not small, typed; or off."""
    policy.require(request.actor, "write", "erasure")
    if request.POST.get("on") != "1":
        rules.turn_off(rule_id, actor=request.actor, at=request.now)
        toast(request, _("Off: nobody whom it announced is erased"))
        return redirect("settings-retention-rule", rule_id)
    told = _number(request.POST.get("told", ""))
    try:
        if told > MOST_AT_ONE_CLICK and _number(request.POST.get("typed", "")) != told:
            raise Invalid(_("Type how many it lets go of: that you saw it."))
        rules.turn_on(rule_id, told=told, actor=request.actor, at=request.now)
    except (Conflict, Invalid) as error:
        listed = queries.get_rule(request.actor, rule_id)
        form = RuleForm(listed.rule.kind, request.actor, initial=initial_of(rules.draft_of(listed.rule)))
        return _rule_page(request, listed, form, error.status, error.message)
    off = Undo(reverse("settings-retention-state", args=[rule_id]), {"on": "0"})
    toast(request, _("On: it works from the next night on"), undo=off)
    return redirect("settings-retention-rule", rule_id)


@require_POST
def removal(request: ActingRequest, rule_id: UUID) -> HttpResponse:
    """Put it away, off."""
    gone = rules.remove_rule(rule_id, actor=request.actor, at=request.now)
    toast(request, _("Removed"), undo=_undo("restoration", gone))
    return redirect(PART)


@require_POST
def restoration(request: ActingRequest, rule_id: UUID) -> HttpResponse:
    """Take that back."""
    rules.restore_rule(rule_id, actor=request.actor, at=request.now)
    toast(request, _("Back. It is off."))
    return redirect("settings-retention-rule", rule_id)


@require_POST
def withdrawal(request: ActingRequest, rule_id: UUID) -> HttpResponse:
    """As it was before the last change."""
    rules.take_back_change(rule_id, actor=request.actor, at=request.now)
    toast(request, _("As it was before"))
    return redirect("settings-retention-rule", rule_id)


def _undo(what: str, rule: Rule) -> Undo:
    return Undo(reverse(f"settings-retention-{what}", args=[rule.pk]))


@require_safe
def foreseen(request: ActingRequest, rule_id: UUID) -> HttpResponse:
    """Whom a rule about people would erase, those first of whom it has held longest; with `part` whom that keeps."""
    listed = queries.get_rule(request.actor, rule_id)
    part = request.GET.get("part", GOES)
    if part not in PARTS:
        raise NotFound(_("There is no such part."))
    place = _place(request.GET.get("after", ""), datetime.fromisoformat)
    page = outlooks.who(listed.rule, request.actor, request.now, part=part, after=place)
    shown = _row(listed) | {
        "people": page.people,
        "part": part,
        "why": verdict_words(part) if part != GOES else "",
        "hidden": sum(one.person is None for one in page.people),
        "next": f"{page.after[0].isoformat()}~{page.after[1]}" if page.after else "",
    }
    return show_part(request, PART, shown, template="site/settings_retention_people.html")


@require_safe
def next_ones(request: ActingRequest) -> HttpResponse:
    """Everybody who is to be erased by a rule, in the order of their days."""
    place = _place(request.GET.get("after", ""), date.fromisoformat)
    page = queries.list_dues(request.actor, at=request.now, after=place)
    shown: dict[str, object] = {
        "dues": [_due(one) for one in page.dues],
        "next": f"{page.after[0].isoformat()}~{page.after[1]}" if page.after else "",
        "may_rule": policy.may(request.actor, "write", "erasure"),
    }
    return show_part(request, PART, shown, template="site/settings_retention_next.html")


def _place(written: str, read: Callable[[str], Any]) -> tuple[Any, UUID] | None:
    at, _tilde, id = written.partition("~")
    try:
        return read(at), UUID(id)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: ActingRequest, due_id: UUID) -> HttpResponse:
    """Somebody who is to be erased; a POST keeps them, with the reason."""
    policy.require(request.actor, "write", "erasure")
    found = queries.get_due(request.actor, due_id, at=request.now)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = keeping.keep(
                due_id, reason=form.cleaned_data["reason"], actor=request.actor, at=request.now
            )
        except (Conflict, Invalid) as error:
            show_errors(form, error)
        else:
            back = Undo(reverse("settings-retention-keep-withdrawal", args=[made.pk]))
            toast(request, _("Kept: this rule leaves them alone"), undo=back)
            return redirect("settings-retention-rule", made.rule_id)
    shown = _due(found) | {"form": form, "why": verdict_words(found.due.why)}
    return show_part(request, PART, shown, 422 if form.is_bound else 200, "site/settings_retention_keep.html")


@require_POST
def keep_withdrawal(request: ActingRequest, keep_id: UUID) -> HttpResponse:
    """The rule counts for them again."""
    found = keeping.take_back_keep(keep_id, actor=request.actor, at=request.now)
    toast(request, _("The rule counts for them again"))
    return redirect("settings-retention-rule", found.rule_id)


@require_http_methods(["GET", "HEAD", "POST"])
def limits_page(request: ActingRequest) -> HttpResponse:
    """What holds for all rules; a POST changes it."""
    policy.require(request.actor, "write", "erasure")
    there = limits.limits_in_force()
    initial = {name: getattr(there, name) for name in LimitsForm.base_fields}
    form = LimitsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            before = limits.change_limits(form.limits(), actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            fields = {name: str(getattr(before, name)) for name in LimitsForm.base_fields}
            toast(request, _("Saved"), undo=Undo(reverse("settings-retention-limits"), fields))
            return redirect(PART)
    shown: dict[str, object] = {"form": form, "limits": there}
    return show_part(
        request, PART, shown, 422 if form.is_bound else 200, "site/settings_retention_limits.html"
    )
