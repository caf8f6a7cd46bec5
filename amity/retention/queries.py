"""Rules, who is next, what went, whom somebody keeps, and what else is kept for how long: for those who may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.kernel.register import Fate, register
from amity.people.models import Link
from amity.people.queries import ListedPerson
from amity.retention.domain.verdicts import Still
from amity.retention.limits import erased_at
from amity.retention.models import Due, DueState, Keep, Kind, Rule, Run
from amity.retention.outlooks import people_by_id
from amity.retention.records import REACHES
from amity.retention.segments_seen import look, why_still
from amity.retention.words import rule_words
from amity.segments.queries import known_segments

_ERASED = {Fate.REMOVED, Fate.EMPTIED, Fate.NAMELESS}


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A rule as a sentence, how it stands, how many it announced and when the first of them goes."""

    rule: Rule
    words: str
    still: Still | None
    announced: int
    next_on: date | None
    last_run: Run | None


def list_rules(actor: Actor) -> list[ListedRule]:
    """All rules, those that work first. Raises `Forbidden`."""
    policy.require(actor, "read", "erasure")
    rows = Rule.objects.visible_to(actor).filter(deleted_at__isnull=True).select_related("owner")
    return _listed(actor, list(rows.order_by("-is_on", "created_at", "id")))


def rules_by_table(actor: Actor) -> dict[str, list[ListedRule]]:
    """The rules that are on by the table or folder out of which they take something. Raises `Forbidden`."""
    found: dict[str, list[ListedRule]] = {}
    of_people = [one.name for one in register() if one.personal and one.fate in _ERASED]
    for listed in list_rules(actor):
        if listed.rule.is_on:
            for name in REACHES.get(Kind(listed.rule.kind), of_people):
                found.setdefault(name, []).append(listed)
    return found


def get_rule(actor: Actor, rule_id: UUID) -> ListedRule:
    """One of them. Raises `NotFound`."""
    policy.require(actor, "read", "erasure")
    rows = Rule.objects.visible_to(actor).filter(pk=rule_id, deleted_at__isnull=True).select_related("owner")
    found = _listed(actor, list(rows))
    if not found:
        raise NotFound(_("This rule does not exist."))
    return found[0]


def _listed(actor: Actor, rules: Sequence[Rule]) -> list[ListedRule]:
    segments = {one.id: one.name for one in known_segments(actor)}
    sources = dict(policy.visible(Source.objects.all(), actor).values_list("id", "name"))
    waiting = Due.objects.filter(rule__in=rules, state=DueState.ANNOUNCED).values("rule_id")
    next_of = {
        row["rule_id"]: (row["n"], row["first"])
        for row in waiting.annotate(n=Count("id"), first=Min("due_on"))
    }
    nights = Run.objects.filter(rule__in=rules, finished_at__isnull=False)
    last = {one.rule_id: one for one in nights.order_by("rule_id", "-started_at").distinct("rule_id")}
    now, found = look(), []
    for rule in rules:
        segment = segments.get(rule.segment_id, _("a segment that you do not see")) if rule.segment_id else ""
        source = sources.get(rule.source_id, _("a source that you do not see")) if rule.source_id else ""
        still = why_still(rule, now) if rule.kind == Kind.PEOPLE and rule.is_on else None
        announced, next_on = next_of.get(rule.pk, (0, None))
        found.append(
            ListedRule(rule, rule_words(rule, segment, source), still, announced, next_on,
                       last.get(rule.pk))
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class ListedDue:
    """Somebody who is to be erased, or was; `person` is None where the reader does not know them."""

    due: Due
    person: ListedPerson | None
    erased_at: datetime  # when they are gone, if nothing keeps them


@dataclass(frozen=True, slots=True)
class DuesPage:
    """Some of them, in the order of their days; `after` is where the next page starts."""

    dues: tuple[ListedDue, ...]
    after: tuple[date, UUID] | None


def list_dues(
    actor: Actor,
    *,
    at: datetime,
    rule_id: UUID | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> DuesPage:
    """Who is to be erased, those first whose day comes first. Raises `Forbidden`."""
    policy.require(actor, "read", "erasure")
    rows = Due.objects.visible_to(actor).filter(state__in=[DueState.ANNOUNCED, DueState.ASKED])
    rows = rows.exclude(pk__in=_over()).select_related("rule")
    if rule_id is not None:
        rows = rows.filter(rule_id=rule_id)
    if after is not None:
        rows = rows.filter(Q(due_on__gt=after[0]) | Q(due_on=after[0], pk__gt=after[1]))
    found = list(rows.order_by("due_on", "id")[: limit + 1])
    shown = found[:limit]
    people = people_by_id(actor, [one.person_id for one in shown])
    place = (shown[-1].due_on, shown[-1].pk) if len(found) > limit else None
    gone = _gone_at(shown, at)
    return DuesPage(tuple(ListedDue(one, people.get(one.person_id), gone[one.pk]) for one in shown), place)


def _gone_at(dues: Sequence[Due], at: datetime) -> dict[UUID, datetime]:
    """When each is gone: of whom the erasure was asked for, when that is due."""
    from amity.people.models import PersonErasure

    asked = [one.erasure_id for one in dues if one.state == DueState.ASKED and one.erasure_id]
    due_at = dict(PersonErasure.objects.filter(pk__in=asked).values_list("pk", "due_at")) if asked else {}
    return {
        one.pk: (due_at.get(one.erasure_id) if one.erasure_id else None) or erased_at(one.due_on, at)
        for one in dues
    }


def _over() -> Iterable[UUID]:
    """Those whose erasure somebody stopped by hand: they are announced anew, or not."""
    from amity.people.models import ErasureState, PersonErasure

    stopped = PersonErasure.objects.filter(state=ErasureState.STOPPED).values("pk")
    return Due.objects.filter(state=DueState.ASKED, erasure_id__in=stopped).values_list("pk", flat=True)


def get_due(actor: Actor, due_id: UUID, *, at: datetime) -> ListedDue:
    """One of them, of somebody whom this actor knows. Raises `NotFound`."""
    policy.require(actor, "read", "erasure")
    found = Due.objects.visible_to(actor).select_related("rule").filter(pk=due_id).first()
    people = people_by_id(actor, [found.person_id]) if found else {}
    if found is None or found.person_id not in people:
        raise NotFound(_("Nobody is to be erased under this."))
    return ListedDue(found, people[found.person_id], _gone_at([found], at)[found.pk])


def list_runs(
    actor: Actor, *, rule_id: UUID | None = None, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Run]:
    """What went, the last night first; of nights in which a rule did nothing only those in which it stood still."""
    policy.require(actor, "read", "erasure")
    rows = Run.objects.visible_to(actor).select_related("rule")
    did = Q(finished_at__isnull=True) | ~Q(stood_still="")
    for field in ("announced", "asked", "dropped", "emptied", "removed"):
        did |= Q(**{f"{field}__gt": 0})
    rows = rows.filter(did)
    if rule_id is not None:
        rows = rows.filter(rule_id=rule_id)
    if before is not None:  # all runs of a night begin at one instant
        rows = rows.filter(Q(started_at__lt=before[0]) | Q(started_at=before[0], pk__lt=before[1]))
    return list(rows.order_by("-started_at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class ListedKeep:
    """That a rule leaves somebody alone; `person` is None where the reader does not know them."""

    keep: Keep
    person: ListedPerson | None


def list_keeps(actor: Actor, rule_id: UUID) -> list[ListedKeep]:
    """Whom colleagues keep from a rule, the last first."""
    policy.require(actor, "read", "erasure")
    rows = Keep.objects.visible_to(actor).filter(rule_id=rule_id, revoked_at__isnull=True)
    keeps = list(rows.select_related("kept_by").prefetch_related("accounts").order_by("-kept_at")[:200])
    first = {one.pk: account.identity_id for one in keeps for account in one.accounts.all()[:1]}
    whose = dict(
        Link.objects.filter(identity_id__in=first.values(), revoked_at__isnull=True).values_list(
            "identity_id", "person_id"
        )
    )
    people = people_by_id(actor, list(whose.values()))
    persons = {id: whose[account] for id, account in first.items() if account in whose}
    return [ListedKeep(one, people.get(persons[one.pk]) if one.pk in persons else None) for one in keeps]
