"""Retention for programs: rules, what they would do, who is next, what went. No assistant is offered any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from amity.kernel import policy
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import NO_TOOL, ApiRequest, Problem, operation
from amity.kernel.api.paging import page_of, read_cursor
from amity.retention import keeping, limits, outlooks, queries, rules
from amity.retention.api.schemas import (
    RetentionDueOut,
    RetentionDuesPage,
    RetentionDuesQuery,
    RetentionKeepIn,
    RetentionKeepOut,
    RetentionLimitsChange,
    RetentionLimitsOut,
    RetentionPeoplePage,
    RetentionPeopleQuery,
    RetentionPersonOut,
    RetentionPreviewOut,
    RetentionRuleChange,
    RetentionRuleIn,
    RetentionRuleOut,
    RetentionRulesOut,
    RetentionRunOut,
    RetentionRunsPage,
    TurnOnIn,
)
from amity.retention.models import Keep, Kind, Rule
from amity.retention.words import still_words

router = Router(tags=["retention"])
_ONE = "/retention/rules/{uuid:rule_id}"


@operation(
    router, "GET", "/retention/rules", of="erasure", does="read", answer=RetentionRulesOut, extra=NO_TOOL
)
def list_of_retention_rules(request: ApiRequest) -> Mapping[str, Any]:
    """All rules, those that work first."""
    return {"items": [_rule(one) for one in queries.list_rules(request.actor)]}


@operation(
    router, "POST", "/retention/rules", of="erasure", does="write", answer=RetentionRuleOut, status=201, extra=NO_TOOL
)  # fmt: skip
def create_retention_rule(request: ApiRequest, body: RetentionRuleIn) -> Answer:
    """Make a rule. It is off until it is turned on with what its preview said."""
    said = body.model_dump()
    made = rules.create_rule(said.pop("kind"), rules.Draft(**said), actor=request.actor, at=request.now)
    return _answer(request, made.pk, 201)


@operation(
    router, "GET", _ONE, of="erasure", does="read", answer=RetentionRuleOut, also={304: None}, extra=NO_TOOL
)
def get_retention_rule(request: ApiRequest, rule_id: UUID) -> Answer:
    """A rule. The ETag is of what can be changed."""
    return _answer(request, rule_id)


@operation(
    router, "PATCH", _ONE, of="erasure", does="write", answer=RetentionRuleOut, also={412: Problem}, extra=NO_TOOL
)  # fmt: skip
def update_retention_rule(request: ApiRequest, rule_id: UUID, body: RetentionRuleChange) -> Answer:
    """Change a rule. Where it lets go of other things afterwards it is off."""
    changes, header = body.model_dump(exclude_unset=True), request.headers.get("If-Match")
    there = rules.draft_of(queries.get_rule(request.actor, rule_id).rule)

    def unchanged(one: Rule) -> None:
        require_match(header, asdict(rules.draft_of(one)), changes)

    wanted = replace(there, **changes)
    rules.change_rule(rule_id, wanted, unchanged=unchanged, actor=request.actor, at=request.now)
    return _answer(request, rule_id)


@operation(router, "DELETE", _ONE, of="erasure", does="write", answer=None, status=204, extra=NO_TOOL)
def remove_retention_rule(request: ApiRequest, rule_id: UUID) -> Answer:
    """Turn a rule off and put it away. Nobody whom it announced is erased."""
    rules.remove_rule(rule_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(
    router, "POST", f"{_ONE}/restoration", of="erasure", does="write", answer=RetentionRuleOut, extra=NO_TOOL
)
def restore_retention_rule(request: ApiRequest, rule_id: UUID) -> Answer:
    """Bring a removed rule back, off."""
    rules.restore_rule(rule_id, actor=request.actor, at=request.now)
    return _answer(request, rule_id)


@operation(
    router, "POST", f"{_ONE}/withdrawal", of="erasure", does="write", answer=RetentionRuleOut, extra=NO_TOOL
)
def take_back_change_of_rule(request: ApiRequest, rule_id: UUID) -> Answer:
    """As the rule was before its last change."""
    rules.take_back_change(rule_id, actor=request.actor, at=request.now)
    return _answer(request, rule_id)


@operation(
    router, "GET", f"{_ONE}/preview", of="erasure", does="read", answer=RetentionPreviewOut, extra=NO_TOOL
)
def preview_retention_rule(request: ApiRequest, rule_id: UUID) -> Mapping[str, Any]:
    """How many would go now, and what keeps the others."""
    found = outlooks.foresee(queries.get_rule(request.actor, rule_id).rule, request.now)
    parts = ("due", "held", "kept", "asked", "bought", "closed")
    return {
        "count": found.count, "first_on": found.first_on, "nights": found.nights, "first_night": found.first_night,
        **{part: getattr(found.people, part) if found.people else None for part in parts},
    }  # fmt: skip


@operation(
    router, "GET", f"{_ONE}/people", of="erasure", does="read", answer=RetentionPeoplePage, extra=NO_TOOL
)
def people_of_retention_rule(
    request: ApiRequest, rule_id: UUID, wanted: Query[RetentionPeopleQuery]
) -> Mapping[str, Any]:
    """Whom a rule would erase now, or whom something keeps from it, those first of whom it has held longest."""
    rule = queries.get_rule(request.actor, rule_id).rule
    of = f"retention people {request.staff.id} {rule.pk} {wanted.part}"
    place = read_cursor(of, wanted.after)
    at, _tilde, id = (place or "").partition("~")
    after = (datetime.fromisoformat(at), UUID(id)) if place else None
    page = outlooks.who(rule, request.actor, request.now, part=wanted.part, after=after, limit=wanted.limit)
    rows = [
        {
            "person_id": one.person.id if one.person else None, "person": one.person.name if one.person else "",
            "since": one.since,
        }
        for one in page.people
    ]  # fmt: skip
    next_place = f"{page.after[0].isoformat()}~{page.after[1]}" if page.after else None
    return page_of(rows, wanted, list(RetentionPersonOut.model_fields), of, next_place)


@operation(router, "POST", f"{_ONE}/on", of="erasure", does="write", answer=RetentionRuleOut, extra=NO_TOOL)
def turn_retention_rule_on(request: ApiRequest, rule_id: UUID, body: TurnOnIn) -> Answer:
    """From the next night on it works. 409 where it would let go of more than you were told."""
    rules.turn_on(rule_id, told=body.told, actor=request.actor, at=request.now)
    return _answer(request, rule_id)


@operation(router, "POST", f"{_ONE}/off", of="erasure", does="write", answer=RetentionRuleOut, extra=NO_TOOL)
def turn_retention_rule_off(request: ApiRequest, rule_id: UUID) -> Answer:
    """It does nothing any more. Nobody whom it announced is erased, nor whose erasure still waits."""
    rules.turn_off(rule_id, actor=request.actor, at=request.now)
    return _answer(request, rule_id)


@operation(
    router, "GET", "/retention/next", of="erasure", does="read", answer=RetentionDuesPage, extra=NO_TOOL
)
def list_of_people_next(request: ApiRequest, wanted: Query[RetentionDuesQuery]) -> Mapping[str, Any]:
    """Who is to be erased by a rule, in the order of their days."""
    of = f"retention next {request.staff.id} {wanted.rule_id}"
    place = read_cursor(of, wanted.after)
    on, _tilde, id = (place or "").partition("~")
    after = (date.fromisoformat(on), UUID(id)) if place else None
    page = queries.list_dues(
        request.actor, at=request.now, rule_id=wanted.rule_id, after=after, limit=wanted.limit
    )
    rows = [_due(one) for one in page.dues]
    next_place = f"{page.after[0].isoformat()}~{page.after[1]}" if page.after else None
    return page_of(rows, wanted, list(RetentionDueOut.model_fields), of, next_place)


@operation(
    router, "POST", "/retention/next/{uuid:due_id}/keep", of="erasure", does="write", answer=RetentionKeepOut,
    status=201, extra=NO_TOOL,
)  # fmt: skip
def keep_from_retention(request: ApiRequest, due_id: UUID, body: RetentionKeepIn) -> Answer:
    """Have a rule leave somebody alone. 409 once their erasure has begun."""
    made = keeping.keep(due_id, reason=body.reason, actor=request.actor, at=request.now)
    return Answer(_keep(made), 201)


@operation(
    router, "POST", "/retention/keeps/{uuid:keep_id}/withdrawal", of="erasure", does="write", answer=RetentionKeepOut,
    extra=NO_TOOL,
)  # fmt: skip
def keep_no_longer(request: ApiRequest, keep_id: UUID) -> Mapping[str, Any]:
    """The rule counts for them again: they are announced anew, with the whole time of notice."""
    return _keep(keeping.take_back_keep(keep_id, actor=request.actor, at=request.now))


@operation(
    router, "GET", "/retention/runs", of="erasure", does="read", answer=RetentionRunsPage, extra=NO_TOOL
)
def list_of_retention_runs(request: ApiRequest, wanted: Query[RetentionDuesQuery]) -> Mapping[str, Any]:
    """What went, the last night first."""
    of = f"retention runs {request.staff.id} {wanted.rule_id}"
    place = read_cursor(of, wanted.after)
    at, _tilde, id = (place or "").partition("~")
    before = (datetime.fromisoformat(at), UUID(id)) if place else None
    found = queries.list_runs(request.actor, rule_id=wanted.rule_id, before=before, limit=wanted.limit + 1)
    shown = found[: wanted.limit]
    names = list(RetentionRunOut.model_fields)
    rows = [
        {name: getattr(one, name) for name in names} | {"stood_still": still_words(one.stood_still)}
        for one in shown
    ]
    after = f"{shown[-1].started_at.isoformat()}~{shown[-1].pk}" if len(found) > wanted.limit else None
    return page_of(rows, wanted, names, of, after)


@operation(
    router, "GET", "/retention/limits", of="erasure", does="read", answer=RetentionLimitsOut, also={304: None},
    extra=NO_TOOL,
)  # fmt: skip
def get_retention_limits(request: ApiRequest) -> Answer:
    """What holds for all rules."""
    policy.require(request.actor, "read", "erasure")
    return _limits()


@operation(
    router, "PATCH", "/retention/limits", of="erasure", does="write", answer=RetentionLimitsOut, also={412: Problem},
    extra=NO_TOOL,
)  # fmt: skip
def change_retention_limits(request: ApiRequest, body: RetentionLimitsChange) -> Answer:
    """Change what holds for all rules, from the next night on."""
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")

    def unchanged(there: limits.Limits) -> None:
        require_match(header, asdict(there), changes)

    wanted = replace(limits.limits_in_force(), **changes)
    limits.change_limits(wanted, unchanged=unchanged, actor=request.actor, at=request.now)
    return _limits()


def _limits() -> Answer:
    there = asdict(limits.limits_in_force())
    return Answer(there, etag=tag_of(there))


def _answer(request: ApiRequest, rule_id: UUID, status: int = 200) -> Answer:
    listed = queries.get_rule(request.actor, rule_id)
    return Answer(_rule(listed), status, etag=tag_of(asdict(rules.draft_of(listed.rule))))


def _rule(listed: queries.ListedRule) -> dict[str, Any]:
    one = listed.rule
    return {
        "id": one.pk, "kind": Kind(one.kind).value, "name": one.name, "words": listed.words, "reason": one.reason,
        "owner_id": one.owner_id, "segment_id": one.segment_id, "for_days": one.for_days, "months": one.months,
        "source_id": one.source_id, "is_on": one.is_on,
        "stands_still": still_words(listed.still.value) if listed.still else "", "announced": listed.announced,
        "next_on": listed.next_on, "turned_on_at": one.turned_on_at,
    }  # fmt: skip


def _due(one: queries.ListedDue) -> dict[str, Any]:
    return {
        "id": one.due.pk, "person_id": one.person.id if one.person else None,
        "person": one.person.name if one.person else "", "rule_id": one.due.rule_id, "due_on": one.due.due_on,
        "erased_on": timezone.localtime(one.erased_at).date(), "state": one.due.state, "erasure_id": one.due.erasure_id,
    }  # fmt: skip


def _keep(one: Keep) -> dict[str, Any]:
    return {
        "id": one.pk, "rule_id": one.rule_id, "reason": one.reason, "kept_at": one.kept_at,
        "revoked_at": one.revoked_at,
    }  # fmt: skip
