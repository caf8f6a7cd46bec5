"""A person is erased: a scan of every table and file finds nothing of them, and nobody else is touched."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from amity.activity.models import Activity, Attachment, DailyCount
from amity.activity.shaping import identity_id
from amity.channels.inlet import WasErased
from amity.channels.models import ImportRun, OutboundMessage
from amity.channels.records import Handle
from amity.commerce.models import BuyerTotal, Order, TierChoice
from amity.commerce.tiering import choose_tier
from amity.consent.domain.answering import Said
from amity.consent.purposes import begin
from amity.consent.statements import Evidence, say_consent
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel import audit, erasing, sealing
from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import Conflict
from amity.kernel.filestore import path_of
from amity.kernel.models import AuditEntry, Erasure, Staff
from amity.people import by_hand, erasures
from amity.people.domain.relations import Kind
from amity.people.households import put_together, refuse
from amity.people.merging import merge
from amity.people.models import (
    Employer,
    Fact,
    Household,
    HouseholdMember,
    HouseholdRefusal,
    Identity,
    MatchModel,
    Organisation,
    Person,
    PersonErasure,
    Proposal,
    Relation,
    Word,
)
from amity.people.relations import End, Terms, relate
from amity.people.services import record_person
from amity.people.splitting import split
from amity.people.tests.fields.own import make_field
from amity.quality.looking import look_at_all
from amity.quality.models import Verdict
from amity.segments.keeping import catch_up
from amity.segments.models import Member
from amity.segments.services import create_segment
from amity.site import ingest
from amity.site.models import SavedView
from amity.site.scanning import in_database, in_files
from tests.flows.erasing import (
    ANSWERED,
    EVERYTHING,
    FAVOUR,
    FIRM,
    HABIT,
    KINSHIP,
    MAIL,
    NAME,
    NEIGHBOUR,
    NOTED,
    OTHER_MAIL,
    PROMISED,
    SHARER,
    SWORN,
    TITLE,
    address_book,
    broken_rows,
    erased,
    mbox,
    messages,
    orders,
    person_of,
)
from tests.flows.stories import draft, jsonl, message, take_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


@pytest.fixture
def person(tmp_path: Path, at: datetime, owner: Actor) -> Person:
    """Everything that happens to somebody in a year."""
    take_in(jsonl(tmp_path / "mails.jsonl", messages(at)), at)
    take_in(mbox(tmp_path / "letters.mbox", at), at, source="letters")
    take_in(jsonl(tmp_path / "orders.jsonl", orders(at)), at, source="shop")
    take_in(address_book(tmp_path / "book.csv"), at, source="book")
    take_in(broken_rows(tmp_path / "broken.jsonl"), at, source="broken")
    draft(jsonl(tmp_path / "never-begun.jsonl", messages(at)), at, source="drafts")
    ImportRun.objects.filter(source__key="drafts").update(state="draft")
    with acting(owner, via="page"):
        there = person_of(MAIL)
        _worked(there, owner, at + timedelta(hours=3))
    _said_elsewhere(there, owner, at)
    _told_by_machines(there, owner, at + timedelta(hours=4))
    sealing.seal_all()
    return Person.objects.get(pk=there)


def _worked(there: UUID, owner: Actor, later: datetime) -> None:
    """What colleagues did for them and said of them."""
    conversation = Conversation.objects.get(messages=1, source__key="story", subject__startswith="Kerfuffle")
    services.reply(conversation.id, actor=owner, at=later, text=ANSWERED)
    services.note(conversation.id, actor=owner, at=later, text=NOTED)
    services.promise(conversation.id, actor=owner, at=later, what=PROMISED, due_at=later + timedelta(days=2))
    services.attach(
        conversation.id, actor=owner, at=later, filename="gubbins.txt", content=b"a draft for Zubrowka"
    )
    merge(there, [person_of(OTHER_MAIL)], actor=owner, at=later)
    off = split(there, [identity_id(Handle("email", OTHER_MAIL))], actor=owner, at=later)
    merge(there, [off.into_id], actor=owner, at=later, despite=True)
    audit.exported("person", actor=owner, at=later, filters={"q": NAME})
    SavedView.objects.create(
        owner=Staff.objects.get(role=Role.OWNER),
        screen="people",
        name="her",
        query="q=Zubrowka+Quillfeather",
    )


def _told_by_machines(there: UUID, owner: Actor, at: datetime) -> None:
    """A field of one's own with a value of theirs, a segment that looks for them and has them, and quality judged."""
    with acting(owner, via="page"):
        habit = make_field("Habit")
        by_hand.say(there, {habit.fact: HABIT, "job_title": TITLE}, actor=owner, at=at)
        rule = {"all": [{"field": "name", "op": "contains", "value": NAME}]}
        segment = create_segment(name=f"Like {NAME}", rule=rule, actor=owner, at=at)
    theirs = Member.objects.filter(segment=segment, person_id=there)
    until = time.monotonic() + 30
    while not theirs.exists() and time.monotonic() < until:
        catch_up(at)  # the first reading waits for whoever writes now, in any database of the server
    assert theirs.exists()
    _told_of_bonds(there, owner, at)
    look_at_all(at=at)
    assert Verdict.objects.filter(person_id=there).exists()


def _told_of_bonds(there: UUID, owner: Actor, at: datetime) -> None:
    """Whom they belong with, in each direction, an organisation of theirs alone, a household, a tier by hand."""
    near = person_of(NEIGHBOUR)
    with acting(owner, via="page"):
        of_others = Terms(words=KINSHIP)
        relate(End("person", near), End("person", there), Kind.CHILD, of_others, actor=owner, at=at)
        relate(End("person", there), End("organisation", name=FIRM), Kind.OWNER, Terms(), actor=owner, at=at)
        by_hand.say(there, {"organisation": FIRM}, actor=owner, at=at)
        put_together(there, [near], actor=owner, at=at)
        refuse(there, person_of(SHARER), actor=owner, at=at)
        begin(at)
        evidence = Evidence(proof=SWORN, url=f"https://roast.example/{MAIL}", ip="2001:db8::7a")
        say_consent(
            there, Said.OBJECTED, purpose="surveys", channel="email", actor=owner, at=at, evidence=evidence
        )
        choose_tier(there, "gold", reason=FAVOUR, until_on=None, actor=owner, at=at)
    assert Employer.objects.filter(key="snoutfizz tannery").exists()


def _said_elsewhere(there: UUID, owner: Actor, at: datetime) -> None:
    """Where words of theirs stand besides their records."""
    Proposal.objects.create(
        one_id=min(there, person_of(NEIGHBOUR)), other_id=max(there, person_of(NEIGHBOUR)),
        bits=9.0, evidence=[["name", NAME, "Hanna", 3.0]], found_at=at,
    )  # fmt: skip
    MatchModel.objects.create(
        weights={"comparisons": {"name": {"shares": {"quillfeather": 0.1, "roast": 0.2}}}}, trained_at=at
    )
    session = SessionStore()
    session["_messages"] = f"Merged {NAME}"
    session.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_keptanswer (holder, key, request_digest, status, headers, body, created_at) "
            "VALUES (%s, 'k', '', 201, '{}', %s, %s)",
            [uuid4(), json.dumps({"email": MAIL}).encode(), at],
        )
        cursor.execute(
            "INSERT INTO webhooks_event (id, type, subject_id, happened_at, data, told_at) "
            "VALUES (%s, 'person.created', %s, %s, %s, %s)",
            [uuid4(), there, at, json.dumps({"name": NAME, "email": MAIL}), at],
        )


def of_others() -> dict[str, object]:
    """What must not change: everything of the neighbours, and sums over all."""
    theirs = [identity_id(Handle("email", one)) for one in (NEIGHBOUR, SHARER)]
    return {
        "people": list(Person.objects.filter(links__identity_id__in=theirs).order_by("pk").values()),
        "facts": list(Fact.objects.filter(identity_id__in=theirs).order_by("pk").values()),
        "said": list(Activity.objects.filter(about_id__in=theirs).order_by("id").values()),
        "talk": list(
            Conversation.objects.filter(customer_id__in=theirs)
            .order_by("pk")
            .values("pk", "subject", "state")
        ),
        "days": list(DailyCount.objects.order_by("pk").values()),
        "sums": sorted(Order.objects.values_list("ordered_at", "amount", "currency", "status", "items")),
        "totals": sorted(
            BuyerTotal.objects.values_list("currency", "orders", "amount", "first_at", "last_at")
        ),
    }


def test_a_scan_finds_all_of_it_before_and_nothing_after(
    person: Person, owner: Actor, at: datetime, home: Path
) -> None:
    """The scan can fail: it finds each value while they are there."""
    proof = Evidence(proof=f"{NAME} stood by")
    near = person_of(NEIGHBOUR)
    say_consent(near, Said.GIVEN, purpose="newsletter", channel="email", actor=owner, at=at, evidence=proof)
    found = {one.value for one in in_database(EVERYTHING)} | {one.value for one in in_files(home, EVERYTHING)}
    assert found == set(EVERYTHING)
    others = of_others()
    done = erased(person.pk, owner, at + timedelta(days=1))
    assert done.state == "done"
    assert in_database(EVERYTHING) == []
    assert in_files(home, EVERYTHING) == []
    assert of_others() == others
    assert done.certificate is not None
    assert done.digest == erasures.digest_of(done.certificate)
    for bond in (Relation, HouseholdMember, HouseholdRefusal, Household, Employer, TierChoice, Organisation):
        assert not bond.objects.exists(), bond
    assert done.certificate["kept_without_name"] == {"commerce_order": 1}
    assert done.certificate["removed"]["people_identity"] == 3
    assert done.certificate["removed"]["activity_activity"] == 7
    assert (done.scope, done.person_id) == (None, None)


def test_the_chain_of_the_audit_trail_holds_without_the_values(
    person: Person, owner: Actor, at: datetime
) -> None:
    before = sealing.head()
    told = AuditEntry.objects.exclude(before=None, after=None).count()
    erased(person.pk, owner, at + timedelta(days=1))
    sealing.seal_all()
    verdict = sealing.verify(str(before))
    assert verdict.is_sound
    assert verdict.head_found
    assert 0 < verdict.emptied <= told
    with connection.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute("UPDATE kernel_audit_entry SET before = NULL, after = NULL WHERE actor_name = 'Tilde'")


def test_an_old_file_brings_nobody_back_and_says_how_many_rows_it_refused(
    person: Person, owner: Actor, at: datetime, tmp_path: Path, home: Path
) -> None:
    erased(person.pk, owner, at + timedelta(days=1))
    again = take_in(jsonl(tmp_path / "mails2.jsonl", messages(at)), at + timedelta(days=2))
    assert (again.rows_refused, again.rows_same, again.rows_new) == (3, 2, 0)
    book = take_in(address_book(tmp_path / "book2.csv"), at + timedelta(days=2), source="another")
    assert (book.rows_refused, book.rows_new) == (1, 1)
    shop = take_in(jsonl(tmp_path / "orders2.jsonl", orders(at)), at + timedelta(days=2), source="shop")
    assert (shop.rows_refused, shop.rows_same) == (1, 1)
    assert Order.objects.count() == 2
    assert in_database(EVERYTHING) == []
    assert in_files(home, EVERYTHING) == []  # the copies go when the import is over
    with acting(owner, via="api"), pytest.raises(WasErased):
        record_person(
            {"external_id": "", "identities": [{"network": "email", "address": MAIL}]},
            actor=owner, at=at + timedelta(days=3), program="crm",
        )  # fmt: skip


def test_a_new_message_of_theirs_makes_somebody_new(
    person: Person, owner: Actor, at: datetime, tmp_path: Path
) -> None:
    erased(person.pk, owner, at + timedelta(days=1))
    later = at + timedelta(days=5)
    take_in(jsonl(tmp_path / "new.jsonl", [message("<new@vexmail.example>", later, MAIL)]), later)
    back = Person.objects.get(pk=person_of(MAIL))
    assert back.first_seen_at == later
    assert Activity.objects.filter(about_id=identity_id(Handle("email", MAIL))).count() == 1
    old = take_in(jsonl(tmp_path / "old.jsonl", messages(at)[:2]), later, source="archive")
    assert (old.rows_refused, old.rows_new) == (2, 0)
    assert erasing.there_again() == {}  # who came back by themselves is not erased again after a restore
    erased(back.pk, owner, later + timedelta(days=1))
    assert not Identity.objects.filter(address=MAIL).exists()


def test_imports_that_named_them_are_undone_as_before(person: Person, owner: Actor, at: datetime) -> None:
    erased(person.pk, owner, at + timedelta(days=1))
    for run in ImportRun.objects.filter(state="done").order_by("created_at"):
        ingest.undo(run.pk, actor=SYSTEM)
    assert not Activity.objects.filter(run_id__isnull=False).exists()
    assert not Order.objects.exists()
    assert not Person.objects.exists()


def test_what_waits_to_be_sent_is_withdrawn_and_what_is_leaving_is_waited_for(
    person: Person, owner: Actor, at: datetime
) -> None:
    sending = OutboundMessage.objects.get(text=ANSWERED)
    OutboundMessage.objects.filter(pk=sending.pk).update(state="sending")
    with pytest.raises(Conflict):
        erased(person.pk, owner, at + timedelta(days=1))
    assert Identity.objects.filter(address=MAIL).exists()
    assert not Erasure.objects.exists()
    OutboundMessage.objects.filter(pk=sending.pk).update(state="queued")
    waiting = PersonErasure.objects.get(state="running")
    assert erasures.work_on(waiting.pk, clock=lambda: at + timedelta(days=1)).state == "done"
    assert not OutboundMessage.objects.exists()


def test_words_that_others_use_too_stay_in_the_search(person: Person, owner: Actor, at: datetime) -> None:
    erased(person.pk, owner, at + timedelta(days=1))
    assert Word.objects.filter(word="hanna").exists()
    assert not Word.objects.filter(word__in=["quillfeather", "zubrowka"]).exists()
    shares = MatchModel.objects.get().weights["comparisons"]["name"]["shares"]
    assert shares == {"roast": 0.2}


def test_a_file_that_somebody_else_sent_too_stays(person: Person, owner: Actor, at: datetime) -> None:
    theirs = Attachment.objects.exclude(digest="").get(filename__startswith="Vexgasse")
    said = Activity.objects.filter(about_id=identity_id(Handle("email", NEIGHBOUR))).first()
    assert said is not None
    Attachment.objects.create(
        id=uuid4(), activity_id=said.id, source_id=said.source_id, filename="mine.txt", content_type="text/plain",
        size_bytes=theirs.size_bytes, digest=theirs.digest,
    )  # fmt: skip
    erased(person.pk, owner, at + timedelta(days=1))
    assert Attachment.objects.filter(digest=theirs.digest).count() == 1
    assert path_of(theirs.digest).exists()


def test_in_an_older_backup_an_account_may_count_for_somebody_who_stays(
    person: Person, owner: Actor, at: datetime
) -> None:
    """The other accounts were split off before the erasure; the backup is from before that."""
    gone = identity_id(Handle("email", MAIL))
    later = at + timedelta(days=1)
    erasing.note_identities([gone], at=later)
    assert erasures.erase_again(later) == 1
    left = Person.objects.get(pk=person_of(OTHER_MAIL))
    assert left.email == OTHER_MAIL
    assert not Identity.objects.filter(pk=gone).exists()
    assert not Activity.objects.filter(about_id=gone).exists()
    assert [one.value for one in in_database([MAIL])] == []
    assert erasures.erase_again(later) == 0
