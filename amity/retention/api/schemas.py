"""What the interface says of retention."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from amity.kernel.api.operations import In, Sparse
from amity.kernel.api.paging import PageQuery
from amity.people.holds import LONGEST

_REASON = "Why, and by which law."
_DAYS = "Of people: for so many days it must have held of them. Null for other rules."
_MONTHS = "Of words and raw items: what is older goes. Null for rules about people."
RuleKind = Literal["people", "words", "items"]
RuleName = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class RetentionRuleOut(Schema):
    """What goes after how long, and why."""

    id: UUID
    kind: RuleKind = Field(description="What it lets go of.")
    name: str
    words: str = Field(description="The rule as a sentence.")
    reason: str = Field(description=_REASON)
    owner_id: UUID | None = Field(description="The colleague whose concern it is.")
    segment_id: UUID | None = Field(description="Of people: those in this segment.")
    for_days: int | None = Field(description=_DAYS)
    months: int | None = Field(description=_MONTHS)
    source_id: UUID | None = Field(description="Of words and raw items: those from here; null for all.")
    is_on: bool
    stands_still: str = Field(description="Why it does nothing although it is on; empty where it works.")
    announced: int = Field(description="How many people stand in the list of those who are to be erased.")
    next_on: date | None = Field(
        description="The day on which the erasure of the first of them is asked for."
    )
    turned_on_at: datetime | None = Field(description="When it was turned on last.")


class RetentionRulesOut(Schema):
    """All rules."""

    items: list[RetentionRuleOut]


class RetentionRuleIn(In):
    """A new rule. It is off."""

    kind: RuleKind = Field(description="What it lets go of.")
    name: RuleName
    reason: str = Field(description=_REASON, min_length=1, max_length=500)
    segment_id: UUID | None = Field(None, description="Of people: those in this segment.")
    for_days: int | None = Field(None, description=_DAYS)
    months: int | None = Field(None, description=_MONTHS)
    source_id: UUID | None = Field(None, description="Of words and raw items: those from here; null for all.")
    owner_id: UUID | None = Field(None, description="The colleague whose concern it is; null for yourself.")


class RetentionRuleChange(In):
    """What shall be different. What is left out stays. A rule that lets go of other things is off after it."""

    name: RuleName | None = None
    reason: str | None = Field(None, description=_REASON, min_length=1, max_length=500)
    segment_id: UUID | None = Field(None, description="Of people: those in this segment.")
    for_days: int | None = Field(None, description=_DAYS)
    months: int | None = Field(None, description=_MONTHS)
    source_id: UUID | None = Field(None, description="Of words and raw items: those from here; null for all.")
    owner_id: UUID | None = Field(None, description="The colleague whose concern it is.")


class TurnOnIn(In):
    """That somebody saw what it would do."""

    told: int = Field(description="`count` of the preview. 409 where it is more by now.", ge=0)


class RetentionPreviewOut(Schema):
    """What a rule would do now, counted over everything."""

    count: int = Field(description="How many people, messages or raw items would go.")
    due: int | None = Field(description="People: how many the segment has held of for long enough.")
    held: int | None = Field(description="Of these: kept by a legal hold.")
    kept: int | None = Field(description="Of these: kept by a colleague.")
    asked: int | None = Field(description="Of these: to be erased already.")
    bought: int | None = Field(description="Of these: with an order that has to be kept.")
    closed: int | None = Field(description="Of these: known to a source that segments do not count.")
    first_on: date = Field(description="The day on which the first would be gone if it were turned on now.")
    nights: int = Field(description="Over how many nights.")
    first_night: int = Field(
        description="How many of them in the first: announced, or of words and raw items gone."
    )


class RetentionPeopleQuery(PageQuery):
    """Which of those of whom the segment has held for long enough."""

    part: Literal["goes", "held", "kept", "asked", "bought", "closed"] = Field(
        "goes", description="Those who would go, or whom that keeps: the counts of the preview."
    )


class RetentionPersonOut(Sparse):
    """Somebody whom a rule would erase, or whom something keeps."""

    person_id: UUID | None = Field(description="Null for somebody whom you do not see.")
    person: str = Field(description="Their name.")
    since: datetime = Field(description="Since when they are in the segment.")


class RetentionPeoplePage(Schema):
    """A page of them."""

    items: list[RetentionPersonOut]
    after: str = Field("", description="Where the next page starts; not there on the last one.")


class RetentionDueOut(Sparse):
    """Somebody who is to be erased by a rule."""

    id: UUID
    person_id: UUID | None = Field(description="Null for somebody whom you do not see.")
    person: str = Field(description="Their name.")
    rule_id: UUID = Field(description="The rule.")
    due_on: date = Field(description="The day on which their erasure is asked for, if nothing keeps them.")
    erased_on: date = Field(description="The day on which they are gone, if nothing keeps them.")
    state: Literal["announced", "asked"] = Field(description="asked: it begins within a day.")
    erasure_id: UUID | None = Field(description="The erasure, once it is asked for.")


class RetentionDuesPage(Schema):
    """A page of them, in the order of their days."""

    items: list[RetentionDueOut]
    after: str = Field("", description="Where the next page starts; not there on the last one.")


class RetentionDuesQuery(PageQuery):
    """Of which rule."""

    rule_id: UUID | None = Field(None, description="Only those of this rule.")


class RetentionKeepIn(In):
    """Why somebody is kept."""

    reason: str = Field(description="Why the rule shall leave them alone.", min_length=1, max_length=LONGEST)


class RetentionKeepOut(Schema):
    """That a rule leaves somebody alone."""

    id: UUID
    rule_id: UUID = Field(description="The rule.")
    reason: str = Field(description="Why.")
    kept_at: datetime = Field(description="Since when.")
    revoked_at: datetime | None = Field(description="When it was taken back; null while it holds.")


class RetentionRunOut(Sparse):
    """What a rule did in one night."""

    id: UUID
    rule_id: UUID = Field(description="The rule.")
    on: date = Field(description="The night.")
    finished_at: datetime | None = Field(description="When it was done; null while it is not.")
    announced: int = Field(description="People who were put on the list.")
    asked: int = Field(description="People whose erasure was asked for.")
    dropped: int = Field(description="People who stayed after all.")
    emptied: int = Field(description="Messages that lost their words.")
    removed: int = Field(description="Raw items that were removed.")
    files: int = Field(description="Files that were removed with messages.")
    stood_still: str = Field(description="Why it did nothing; empty where it worked.")


class RetentionRunsPage(Schema):
    """A page of nights, the last one first."""

    items: list[RetentionRunOut]
    after: str = Field("", description="Where the next page starts; not there on the last one.")


class RetentionLimitsOut(Schema):
    """What holds for all rules."""

    most_a_night: int = Field(description="So many people are announced in one night, and so many erased.")
    notice_days: int = Field(description="How long they stand in the list before.")
    orders_years: int = Field(description="No rule erases somebody with an order that is younger.")
    orders_reason: str = Field(description="Why orders are kept for so long.")


class RetentionLimitsChange(In):
    """What shall be different. What is left out stays."""

    most_a_night: int | None = Field(None, ge=1, le=10_000, description="People in one night at most.")
    notice_days: int | None = Field(None, ge=1, le=180, description="How long they stand in the list before.")
    orders_years: int | None = Field(None, ge=0, le=50, description="Younger orders keep their buyer.")
    orders_reason: str | None = Field(None, max_length=300, description="Why orders are kept for so long.")
