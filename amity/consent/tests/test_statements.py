"""What people say is noted on their accounts: through merges, splits, mistakes, and for whom it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from amity.channels.models import Source
from amity.channels.records import Handle
from amity.consent.disclosing import tell
from amity.consent.domain.answering import Said, Verdict
from amity.consent.models import How, Purpose, Statement
from amity.consent.purposes import add_purpose, change_purpose, hide_purpose, put_back_purpose
from amity.consent.queries.answers import Answered, may_contact
from amity.consent.queries.purposes import all_purposes, wording_of
from amity.consent.stages import note_consent
from amity.consent.statements import Evidence, mark_mistake, say_consent, unmark_mistake
from amity.kernel.acting import acting
from amity.kernel.actor import Actor, Role
from amity.kernel.disclosing import Whose
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.models import AuditEntry, Team
from amity.people.merging import merge, unmerge
from amity.people.models import Identity, Merge
from amity.people.splitting import split
from amity.people.tests.records import (
    AT,
    SHORT,
    days,
    email,
    identities_of,
    listed,
    make_actor,
    make_source,
    person_of,
    take_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("beginning")]
ADA, ADA_HOME, BO = (email(f"{name}@roast.example", name.title()) for name in ("ada", "ada.home", "bo"))
PHONE = Handle("phone", "+4915112345678")


@pytest.fixture
def ines() -> Actor:
    take_in(make_source(), listed(ADA, PHONE), listed(ADA_HOME), listed(BO))
    return make_actor(Role.AGENT)


def note(
    actor: Actor,
    handle: Handle,
    said: Said,
    *,
    purpose: str = "newsletter",
    channel: str = "email",
    at: datetime = AT,
) -> UUID:
    return say_consent(person_of(handle).id, said, purpose=purpose, channel=channel, actor=actor, at=at)


def asked(  # when all of these stories are over
    actor: Actor,
    handle: Handle,
    purpose: str = "newsletter",
    channel: str = "email",
) -> Answered:
    return may_contact(person_of(handle).id, purpose, channel, actor=actor, at=AT + days(9))


def test_a_new_workspace_begins_with_three_purposes() -> None:
    assert [(one.key, one.basis) for one in all_purposes()] == [
        ("support", "contract"),
        ("newsletter", "consent"),
        ("surveys", "legitimate_interests"),
    ]


def test_the_answer_says_why(ines: Actor) -> None:
    assert asked(ines, ADA).reason == "Needs consent, and nobody gave any."
    assert asked(ines, ADA, "support", "phone").reason == "Contract: nobody objected."
    assert asked(ines, BO, "support", "phone").reason == "There is no phone number."
    note(ines, ADA, Said.GIVEN)
    found = asked(ines, ADA)
    assert found.is_allowed
    assert found.reason == "Agreed on 17 Mar."
    note(ines, ADA, Said.WITHDRAWN, at=AT + days(1))
    assert asked(ines, ADA).reason == "Withdrew on 18 Mar."


def test_proof_stays_with_what_was_said(ines: Actor) -> None:
    owner = make_actor(Role.OWNER)
    change_purpose("newsletter", {"wording": "Yes, write to me."}, actor=owner, at=AT)
    with acting(ines, via="page"):
        act = say_consent(
            person_of(ADA).id, Said.GIVEN, purpose="newsletter", channel="email", actor=ines, at=AT,
            evidence=Evidence(How.FORM, "I ticked the box", "https://tamp.example/join", "2001:db8::1"),
        )  # fmt: skip
    change_purpose("newsletter", {"wording": "Yes, write to me weekly."}, actor=owner, at=AT + days(1))
    row = Statement.objects.get(act_id=act)
    assert row.wording is not None
    assert (row.wording.version, row.wording.text) == (1, "Yes, write to me.")
    assert (row.proof, row.url, row.ip) == ("I ticked the box", "https://tamp.example/join", "2001:db8::1")
    newest = wording_of(all_purposes()[1])
    assert newest is not None
    assert newest.version == 2
    assert AuditEntry.objects.filter(subject="statement", subject_id=str(row.pk)).exists()


def test_an_opt_out_outlives_a_merge_and_unmerging_gives_back_what_each_had(ines: Actor) -> None:
    note(ines, ADA, Said.GIVEN)
    note(ines, BO, Said.WITHDRAWN)
    before = (asked(ines, ADA).answer, asked(ines, BO).answer)
    act = merge(person_of(ADA).id, [person_of(BO).id], actor=ines, at=AT + days(2))
    found = asked(ines, ADA)
    assert not found.is_allowed
    assert found.reason == "Withdrew on 17 Mar."
    unmerge([Merge.objects.get(act_id=act).pk], actor=ines, at=AT + days(3))
    assert (asked(ines, ADA).answer, asked(ines, BO).answer) == before


def test_a_later_word_of_the_person_lifts_what_was_said_of_any_account(ines: Actor) -> None:
    note(ines, BO, Said.OBJECTED, purpose="", channel="")
    merge(person_of(ADA).id, [person_of(BO).id], actor=ines, at=AT + days(1))
    assert asked(ines, ADA, "support", "phone").answer.verdict is Verdict.OBJECTED
    note(ines, ADA, Said.GIVEN, purpose="support", channel="phone", at=AT + days(2))
    assert asked(ines, ADA, "support", "phone").is_allowed
    assert not asked(ines, ADA, "surveys").is_allowed


def test_a_split_takes_along_what_was_said_of_the_accounts_that_go(ines: Actor) -> None:
    merge(person_of(ADA).id, [person_of(ADA_HOME).id], actor=ines, at=AT)
    note(ines, ADA, Said.GIVEN)
    home = Identity.objects.get(address=ADA_HOME.address)
    assert len(asked(ines, ADA).answer.usable) == 2
    split(person_of(ADA).id, [home.pk], actor=ines, at=AT + days(1))
    assert asked(ines, ADA_HOME).answer.usable == (home.pk,)
    assert len(asked(ines, ADA).answer.usable) == 1


def test_what_was_noted_by_mistake_counts_no_more_and_stays(ines: Actor) -> None:
    act = note(ines, ADA, Said.OBJECTED)
    with pytest.raises(Invalid):
        mark_mistake(person_of(ADA).id, act, why=" ", actor=ines, at=AT)
    mark_mistake(person_of(ADA).id, act, why="It was Bo", actor=ines, at=AT + days(1))
    assert asked(ines, ADA).answer.verdict is Verdict.NOT_ASKED
    row = Statement.objects.get(act_id=act)
    assert (row.revoked_by_id, row.revoked_why) == (ines.staff_id, "It was Bo")
    with pytest.raises(Conflict):
        mark_mistake(person_of(ADA).id, act, why="Again", actor=ines, at=AT)
    unmark_mistake(person_of(ADA).id, act, actor=ines)
    assert asked(ines, ADA).answer.verdict is Verdict.OBJECTED


def test_what_cannot_be_said_is_refused(ines: Actor) -> None:
    for said, purpose, channel, field in (
        (Said.GIVEN, "", "email", "purpose"),
        (Said.GIVEN, "nothing", "email", "purpose"),
        (Said.GIVEN, "newsletter", "phone", "channel"),
        (Said.PENDING, "newsletter", "", "channel"),
        (Said.OBJECTED, "newsletter", "smoke", "channel"),
    ):
        with pytest.raises(Invalid) as refused:
            note(ines, ADA, said, purpose=purpose, channel=channel)
        assert list(refused.value.fields) == [field]
    with pytest.raises(Invalid):
        note(ines, BO, Said.GIVEN, purpose="support", channel="phone")
    with pytest.raises(Invalid):
        say_consent(
            person_of(ADA).id,
            Said.GIVEN,
            purpose="newsletter",
            channel="email",
            actor=ines,
            at=AT,
            said_at=AT + days(1),
        )
    assert not Statement.objects.exists()


def test_what_was_said_of_one_account_is_said_of_that_alone(ines: Actor) -> None:
    merge(person_of(ADA).id, [person_of(ADA_HOME).id], actor=ines, at=AT)
    home = Identity.objects.get(address=ADA_HOME.address)
    say_consent(
        person_of(ADA).id, Said.GIVEN, purpose="newsletter", channel="email", actor=ines, at=AT, only=home.pk
    )
    assert asked(ines, ADA).answer.usable == (home.pk,)
    with pytest.raises(Invalid):
        say_consent(
            person_of(BO).id,
            Said.GIVEN,
            purpose="newsletter",
            channel="email",
            actor=ines,
            at=AT,
            only=home.pk,
        )


def test_what_a_teams_source_told_is_not_there_for_others() -> None:
    team = Team.objects.create(name="Care")
    take_in(make_source("closed", team=team), listed(ADA))
    inside, outside = make_actor(Role.AGENT, team), make_actor(Role.AGENT)
    note(inside, ADA, Said.OBJECTED)
    with pytest.raises(NotFound):
        asked(outside, ADA)
    take_in(make_source("open"), listed(ADA))
    assert asked(inside, ADA, "surveys").answer.verdict is Verdict.ALLOWED
    assert asked(outside, ADA).answer.verdict is Verdict.NOT_ASKED
    assert asked(inside, ADA).answer.verdict is Verdict.OBJECTED


def test_analysts_read_and_do_not_write(ines: Actor) -> None:
    analyst = make_actor(Role.ANALYST)
    assert asked(analyst, ADA).answer.verdict is Verdict.NOT_ASKED
    with pytest.raises(Forbidden):
        note(analyst, ADA, Said.GIVEN)
    note(make_actor(Role.LEGAL), ADA, Said.WITHDRAWN)
    assert asked(ines, ADA).answer.verdict is Verdict.WITHDRAWN


# -------------------------------------------------------------------------------------------------------- purposes


def test_purposes_are_for_administrators_and_legal() -> None:
    told: dict[str, Any] = {
        "name": "Tastings",
        "basis": "consent",
        "channels": ["email", "text"],
        "months": 24,
        "wording": "Yes.",
    }
    with pytest.raises(Forbidden):
        add_purpose(told, actor=make_actor(Role.MARKETER), at=AT)
    made = add_purpose(told, actor=make_actor(Role.LEGAL), at=AT)
    assert (made.key, made.channels, made.months) == ("tastings", ["email", "text"], 24)
    refused: tuple[dict[str, Any], ...] = (
        {"name": "TASTINGS"},
        {"name": ""},
        {"basis": "whim"},
        {"channels": []},
        {"channels": ["owl"]},
    )
    for wrong in refused:
        with pytest.raises(Invalid):
            add_purpose(told | {"name": "More"} | wrong, actor=make_actor(Role.OWNER), at=AT)


def test_a_hidden_purpose_keeps_what_was_said(ines: Actor) -> None:
    owner = make_actor(Role.OWNER)
    note(ines, ADA, Said.GIVEN)
    hide_purpose("newsletter", actor=owner, at=AT)
    with pytest.raises(Invalid):
        asked(ines, ADA)
    put_back_purpose("newsletter", actor=owner)
    assert asked(ines, ADA).is_allowed


def test_what_amity_begins_with_goes_on_being_said_in_the_readers_language() -> None:
    owner = make_actor(Role.OWNER)
    change_purpose("newsletter", {"name": "Newsletter", "months": 24}, actor=owner, at=AT)
    assert Purpose.objects.get(key="newsletter").name == ""
    change_purpose("newsletter", {"name": "Bean post"}, actor=owner, at=AT)
    assert Purpose.objects.get(key="newsletter").name == "Bean post"


def test_a_program_that_tells_the_same_each_night_gives_a_consent_once_and_lifts_nothing(ines: Actor) -> None:
    shop = Source.objects.get(key="shop")

    def tells(night: int, said: Said, **more: str) -> None:
        extra = {"consent:newsletter:email": said.value, **more}
        record = replace(listed(ADA, at=AT + days(night)), extra=extra)
        take_in(shop, record, stages=(*SHORT, note_consent), at=AT + days(night))

    for night in range(3):
        tells(night, Said.GIVEN)
    assert list(Statement.objects.values_list("said", "said_at", "is_dated")) == [("given", AT, False)]
    note(ines, ADA, Said.WITHDRAWN, at=AT + days(3))
    tells(4, Said.GIVEN)
    assert asked(ines, ADA).answer.verdict is Verdict.WITHDRAWN
    tells(6, Said.GIVEN, **{"consent:at": (AT + days(5)).isoformat()})
    assert asked(ines, ADA).is_allowed
    tells(7, Said.WITHDRAWN)
    assert asked(ines, ADA).answer.verdict is Verdict.WITHDRAWN


def test_nobody_is_told_that_they_agreed_to_words_when_they_refused(ines: Actor) -> None:
    change_purpose("newsletter", {"wording": "Yes, write to me."}, actor=make_actor(Role.OWNER), at=AT)
    note(ines, ADA, Said.GIVEN)
    note(ines, ADA, Said.OBJECTED, at=AT + days(1))
    person = person_of(ADA)
    (section,) = tell(Whose(person.id, identities_of(person), ines, AT + days(2)))
    told = {str(row["what"]): row["wording"] for row in section.rows}
    assert sorted(told.values()) == ["", "Yes, write to me."]
    assert told["Objected"] == ""
