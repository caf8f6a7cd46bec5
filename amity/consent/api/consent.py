"""What people are contacted for, and what they agreed to and refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.consent import purposes
from amity.consent.domain.answering import Account, Basis, Said, Verdict
from amity.consent.domain.channels import Channel
from amity.consent.models import How, Purpose
from amity.consent.queries.answers import Answered, answers_of, may_contact, statements_of
from amity.consent.queries.ledger import Entry, ledger_of
from amity.consent.queries.purposes import all_purposes, wording_of
from amity.consent.statements import Evidence, mark_mistake, say_consent, unmark_mistake
from amity.consent.words import name_of, words_of
from amity.kernel import audit
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, operation
from amity.kernel.api.types import Instant
from amity.kernel.errors import NotFound
from amity.people.queries import person_record

router = Router(tags=["consent"])
_Name = Annotated[str, StringConstraints(max_length=purposes.LONGEST_NAME)]
_Words = Annotated[str, StringConstraints(max_length=purposes.LONGEST_WORDS)]
_Wording = Annotated[str, StringConstraints(max_length=purposes.LONGEST_WORDING)]
_Months = Annotated[int, Field(ge=1, le=purposes.MOST_MONTHS)]
_Key = Annotated[str, StringConstraints(max_length=40)]
_Way = Literal["form", "mail", "phone", "in_person", "letter", "staff", "program", "list_unsubscribe"]


class PurposeOut(Schema):
    """What people are contacted for, and why that is lawful."""

    key: str = Field(description="The key by which it is known; it stays.")
    name: str = Field(description="What it is called.")
    words: str = Field(description="What it is for, in words for customers.")
    basis: Basis = Field(description="The lawful basis of article 6(1) of the GDPR.")
    channels: list[Channel] = Field(description="By which channels.")
    months: int | None = Field(description="How many months a consent holds; null until it is withdrawn.")
    wording: str = Field(description="The words that people agree to now; empty where nobody wrote any.")
    version: int | None = Field(description="The version of these words.")
    is_hidden: bool = Field(description="Nobody is contacted for it any more; what was said is kept.")


class PurposesOut(Schema):
    items: list[PurposeOut] = Field(description="In their order, those that are hidden included.")


class PurposeIn(In):
    """A purpose."""

    name: _Name = Field(min_length=1, description="What it is called. Its key follows from it.")
    words: _Words = Field("", description="What it is for, in words for customers.")
    basis: Basis = Field(description="The lawful basis of article 6(1) of the GDPR.")
    channels: list[Channel] = Field(min_length=1, max_length=5, description="By which channels.")
    months: _Months | None = Field(None, description="How many months a consent holds; null for always.")
    wording: _Wording = Field("", description="The words that people agree to.")


class PurposeChange(In):
    """What shall be different; another wording is another version."""

    name: _Name = Field("", description="What it is called.")
    words: _Words = Field("", description="What it is for, in words for customers.")
    basis: Basis = Field(Basis.CONSENT, description="The lawful basis of article 6(1) of the GDPR.")
    channels: list[Channel] = Field([], max_length=5, description="By which channels.")
    months: _Months | None = Field(None, description="How many months a consent holds; null for always.")
    wording: _Wording = Field("", description="The words that people agree to.")
    is_hidden: bool = Field(False, description="Whether nobody is contacted for it any more.")
    place: Annotated[int, Field(ge=1, le=purposes.MOST_PURPOSES)] = Field(
        1, description="Where it stands among those in use, from 1."
    )


class ConsentAnswer(Schema):
    """Whether a person may be contacted for a purpose by a channel, and why."""

    purpose: str = Field(description="The key of the purpose.")
    channel: Channel = Field(description="email, phone, text, letter or direct.")
    is_allowed: bool = Field(description="Whether they may be contacted.")
    verdict: Verdict = Field(description="What the answer follows from.")
    reason: str = Field(description="The same in a sentence.")
    usable: list[UUID] = Field(description="The ids of the accounts that may be used.")
    decided_by: list[UUID] = Field(description="The ids of the statements from which it follows.")


class StatementOut(Schema):
    """What was said, and how we know."""

    id: UUID = Field(description="The id of the act: it may stand on several accounts.")
    statements: list[UUID] = Field(description="The ids of its statements, one for each account.")
    said: Said = Field(description="given, pending (not confirmed yet), withdrawn or objected.")
    purpose: str = Field(description="The key of the purpose; empty for everything.")
    channel: str = Field(description="The channel; empty for every channel.")
    identities: list[UUID] = Field(description="The ids of the accounts of which it was said.")
    said_at: datetime = Field(description="When it was said; when it was noted where nobody told.")
    is_dated: bool = Field(description="Whether it was told when; a consent without a date lifts no refusal.")
    recorded_at: datetime = Field(description="When it was noted.")
    how: How = Field(description="How it reached us.")
    proof: str = Field(description="What they said or ticked.")
    url: str = Field(description="The address of the form.")
    ip: str = Field(description="The IP address from which it came.")
    version: int | None = Field(description="The version of the wording to which they agreed.")
    activity_id: UUID | None = Field(description="The entry of the timeline that shows it.")
    source: str = Field(description="The name of the source.")
    run_id: UUID | None = Field(description="The import that told it.")
    by: str = Field(description="The colleague who noted it.")
    mistake_at: datetime | None = Field(
        description="When somebody marked it as a mistake; null where it counts."
    )
    mistake_by: str = Field(description="Who did.")
    mistake_why: str = Field(description="Why.")


class ConsentOut(Schema):
    answers: list[ConsentAnswer] = Field(description="One for each purpose in use and each of its channels.")
    statements: list[StatementOut] = Field(description="All that was said, latest first, mistakes included.")


class StatementIn(In):
    """What a person said. Without `purpose` of everything, without `channel` of every channel: refusals only."""

    said: Said = Field(description="given, pending (not confirmed yet), withdrawn or objected.")
    purpose: _Key = Field("", description="The key of the purpose; empty for everything.")
    channel: Channel | Literal[""] = Field("", description="The channel; empty for every channel.")
    identity_id: UUID | None = Field(
        None, description="Of this account alone; else it is said for the whole person."
    )
    said_at: Instant | None = Field(None, description="When they said so; now where it is left out.")
    how: _Way = Field("program", description="How it reached you.")
    proof: Annotated[str, StringConstraints(max_length=4_000)] = Field(
        "", description="What they said or ticked."
    )
    url: Annotated[str, StringConstraints(max_length=500)] = Field("", description="The address of the form.")
    ip: Annotated[str, StringConstraints(max_length=45)] = Field(
        "", description="The IP address from which it came."
    )
    version: int | None = Field(
        None, ge=1, description="The version of the wording; the newest where left out."
    )
    activity_id: UUID | None = Field(None, description="The entry of their timeline that shows it.")


class StatementRef(Schema):
    id: UUID = Field(description="The act that was noted.")


class MistakeIn(In):
    """Why it was never said."""

    act_id: UUID = Field(description="The act, as the list of statements names it.")
    why: str = Field(min_length=1, max_length=300, description="For those who read it later.")


class MistakeBack(In):
    """That it was said after all."""

    act_id: UUID = Field(description="The act, as the list of statements names it.")


@operation(router, "GET", "/consent/purposes", of="purpose", does="read", answer=PurposesOut)
def list_of_purposes(request: ApiRequest) -> Mapping[str, Any]:
    """What people are contacted for."""
    return {"items": [_purpose(one) for one in all_purposes()]}


@operation(router, "POST", "/consent/purposes", of="purpose", does="write", answer=PurposeOut, status=201)
def create_purpose(request: ApiRequest, body: PurposeIn) -> Answer:
    """Make a purpose."""
    made = purposes.add_purpose(_told(body.model_dump()), actor=request.actor, at=request.now)
    return Answer(_purpose_called(made.key), 201)


@operation(
    router, "GET", "/consent/purposes/{key}", of="purpose", does="read", answer=PurposeOut,
    also={304: None, 404: Problem},
)  # fmt: skip
def get_purpose(request: ApiRequest, key: str) -> Answer:
    """One purpose."""
    told = _purpose_called(key)
    return Answer(told, etag=tag_of(told))


@operation(
    router, "PATCH", "/consent/purposes/{key}", of="purpose", does="write", answer=PurposeOut,
    also={404: Problem, 412: Problem},
)  # fmt: skip
def update_purpose(request: ApiRequest, key: str, body: PurposeChange) -> Answer:
    """Change a purpose, or hide it. With If-Match it is refused where somebody changed it meanwhile."""
    header = request.headers.get("If-Match")
    changes = body.model_dump(exclude_unset=True)

    def unchanged(there: Purpose) -> None:
        require_match(header, _purpose(there), changes)

    hidden, place = changes.pop("is_hidden", None), changes.pop("place", None)
    with purposes.together():
        purposes.change_purpose(
            key, _told(changes), actor=request.actor, at=request.now, unchanged=unchanged if header else None
        )
        if hidden is True:
            purposes.hide_purpose(key, actor=request.actor, at=request.now)
        elif hidden is False:
            purposes.put_back_purpose(key, actor=request.actor)
        if place is not None:
            purposes.place_purpose(key, place, actor=request.actor)
    told = _purpose_called(key)
    return Answer(told, etag=tag_of(told))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Enumerations as their plain values."""
    told = dict(values)
    if "basis" in told:
        told["basis"] = str(told["basis"])
    if "channels" in told:
        told["channels"] = [str(one) for one in told["channels"]]
    return told


def _purpose_called(key: str) -> dict[str, Any]:
    found = next((one for one in all_purposes() if one.key == key), None)
    if found is None:
        raise NotFound(_("This purpose does not exist."))
    return _purpose(found)


def _purpose(one: Purpose) -> dict[str, Any]:
    wording = wording_of(one)
    return {
        "key": one.key, "name": name_of(one), "words": words_of(one), "basis": one.basis,
        "channels": list(one.channels), "months": one.months, "wording": wording.text if wording else "",
        "version": wording.version if wording else None, "is_hidden": one.hidden_at is not None,
    }  # fmt: skip


@operation(router, "GET", "/people/{uuid:person_id}/consent", of="consent", does="read", answer=ConsentOut)
def consent_of_person(request: ApiRequest, person_id: UUID) -> Mapping[str, Any]:
    """Whether a person may be contacted for each purpose by each channel, and all that was said."""
    record = person_record(request.actor, person_id)
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    written = statements_of(request.actor, record.identity_ids, revoked=True)
    standing = [one for one in written if one.revoked_at is None]
    accounts = [Account(one.id, one.network) for one in record.identities]
    answers = answers_of(accounts, standing, request.now)
    return {
        "answers": [_answered(one) for one in answers],
        "statements": [_statement(one) for one in ledger_of(request.actor, record, written)],
    }


class AnswerWanted(Schema):
    person_id: UUID = Field(description="The id of the person.")
    purpose: str = Field(max_length=40, description="The key of the purpose.")
    channel: Channel = Field(description="email, phone, text, letter or direct.")


@operation(
    router, "GET", "/consent/answers", of="consent", does="read", answer=ConsentAnswer, also={404: Problem}
)
def answer_about_person(request: ApiRequest, wanted: Query[AnswerWanted]) -> Mapping[str, Any]:
    """May this person be contacted for this purpose by this channel? Ask before each message."""
    found = may_contact(
        wanted.person_id, wanted.purpose, wanted.channel.value, actor=request.actor, at=request.now
    )
    return _answered(found)


@operation(
    router, "POST", "/people/{uuid:person_id}/consent", of="consent", does="write", answer=StatementRef,
    status=201,
)  # fmt: skip
def say_consent_of_person(request: ApiRequest, person_id: UUID, body: StatementIn) -> Answer:
    """Note what a person said. It stands on each of their accounts that it is about, or on one."""
    act = say_consent(
        person_id, body.said, purpose=body.purpose, channel=str(body.channel), actor=request.actor,
        at=request.now, said_at=body.said_at, only=body.identity_id,
        evidence=Evidence(How(body.how), body.proof, body.url, body.ip, body.activity_id, body.version),
    )  # fmt: skip
    return Answer({"id": act}, 201)


@operation(
    router, "POST", "/people/{uuid:person_id}/consent/mistake", of="consent", does="write", answer=None,
    status=204,
)  # fmt: skip
def mark_statement_as_mistake(request: ApiRequest, person_id: UUID, body: MistakeIn) -> Answer:
    """Say that it was never said. It stays in the ledger with who, when and why, and counts no more."""
    mark_mistake(person_id, body.act_id, why=body.why, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(
    router, "POST", "/people/{uuid:person_id}/consent/restoration", of="consent", does="write", answer=None,
    status=204,
)  # fmt: skip
def unmark_statement_as_mistake(request: ApiRequest, person_id: UUID, body: MistakeBack) -> Answer:
    """Say that it was said after all; it counts again."""
    unmark_mistake(person_id, body.act_id, actor=request.actor)
    return Answer(None, 204)


def _answered(one: Answered) -> dict[str, Any]:
    return {
        "purpose": one.purpose.key, "channel": one.channel.value, "is_allowed": one.is_allowed,
        "verdict": one.answer.verdict.value, "reason": one.reason, "usable": list(one.answer.usable),
        "decided_by": [each.id for each in one.answer.decided_by],
    }  # fmt: skip


def _statement(one: Entry) -> dict[str, Any]:
    names = (
        "said", "purpose", "channel", "said_at", "is_dated", "recorded_at", "how", "proof", "url", "ip", "version",
        "activity_id", "source", "run_id", "by",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names} | {
        "id": one.act_id, "statements": list(one.ids), "identities": list(one.identity_ids),
        "mistake_at": one.revoked_at, "mistake_by": one.revoked_by, "mistake_why": one.revoked_why,
    }  # fmt: skip
