"""A small world in which every kind of record is there twice: once for everybody, once behind a team's source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from amity.activity.models import Activity, Attachment
from amity.channels.models import ImportRun, Item, Source
from amity.commerce.models import Order
from amity.consent.domain.answering import Said
from amity.consent.statements import say_consent
from amity.conversations import services as talk
from amity.conversations.models import Conversation
from amity.kernel.actor import Role
from amity.kernel.models import Staff, Team
from amity.people.domain.relations import Kind
from amity.people.households import put_together
from amity.people.merging import merge
from amity.people.models import Identity, LegalHold, Link, Merge, Organisation, PersonErasure, Proposal
from amity.people.noting import write_note
from amity.people.relations import End, Terms, relate
from amity.people.splitting import split
from amity.people.tests.fields.own import make_field
from amity.retention.models import Due, Keep, Rule
from amity.segments.keeping import catch_up
from amity.segments.services import create_segment
from amity.site.models import SavedView
from tests.flows import stories

BACKEND = "amity.site.signin.StaffBackend"


@dataclass(frozen=True, slots=True)
class World:
    """`open` and `hidden` give a value for each argument of an address; `hidden` only where there is such a thing."""

    open: dict[str, Any]
    hidden: dict[str, Any]
    hidden_team: Team
    owner: Staff


def make_world(folder: Path, at: datetime) -> World:
    """Make it, through the corridor and the services."""
    owner = make_colleague(Role.OWNER)
    team = Team.objects.create(name="Works council")
    other = Team.objects.create(name="Nobody's")
    seen = _records(folder, "open", at, owner)
    Source.objects.create(key="closed", name="Closed", adapter="file", team=team, created_at=at)
    hidden = _records(folder, "closed", at, owner)
    view = SavedView.objects.create(owner=owner, screen="inbox", name="Shared", query="", is_shared=True)
    mine = SavedView.objects.create(owner=owner, screen="inbox", name="Not yours", query="")
    bought = {"all": [{"field": "orders", "op": "at_least", "value": 1}]}
    segment = create_segment(name="Buyers", rule=bought, actor=owner.actor(), at=at)
    catch_up(at)
    plain: dict[str, Any] = {
        "segment_id": segment.id,
        "name": "dark",
        "field": "city",
        "field_id": make_field("Bean").id,
        "key": "late_now",
        "secret": "no-such-secret",
        "place_id": 1,
        "entry_id": 1,
        "key_id": 1,
        "token_id": uuid4(),
        "source_id": uuid4(),
        "endpoint_id": uuid4(),
        "delivery_id": uuid4(),
        "number": 0,
        "operation": "get_person",
        "inlet_id": uuid4(),
        "invitation_id": uuid4(),
        "disclosure_id": uuid4(),
        "erasure_id": _erasure(at),
        **_retention(at, segment.id, seen["pair_id"]),
        "mapping_id": uuid4(),
        "repair_id": uuid4(),
        "staff_id": make_colleague(Role.AGENT).id,
        "team_id": other.id,
        "upload_id": uuid4(),
        "domain": "nobody.example",
        "choice_id": uuid4(),
        "view_id": view.id,
    }
    return World(plain | seen, hidden | {"view_id": mine.id}, team, owner)


def _erasure(at: datetime) -> UUID:
    """One that waits, of somebody who is in nobody's way."""
    made = PersonErasure.objects.create(
        person_id=uuid4(), ground="request", asked_at=at, due_at=at + timedelta(days=9_999)
    )
    return made.pk


def _retention(at: datetime, segment_id: UUID, person_id: UUID) -> dict[str, UUID]:
    """A rule that is off, somebody whom it announced, somebody whom it leaves alone, and a hold on nobody."""
    rule = Rule.objects.create(
        kind="people", name="Silent", reason="Not needed", segment_id=segment_id, for_days=30, created_at=at,
        updated_at=at, before={"name": "Silent", "reason": "Not needed", "segment_id": str(segment_id),
        "for_days": 60, "months": None, "source_id": None, "owner_id": None, "is_on": False, "seen": None},
    )  # fmt: skip
    due = Due.objects.create(rule=rule, person_id=person_id, announced_at=at, due_on=at.date())
    return {
        "rule_id": rule.pk, "due_id": due.pk,
        "keep_id": Keep.objects.create(rule=rule, reason="A friend", kept_at=at).pk,
        "hold_id": LegalHold.objects.create(reason="A lawsuit", placed_at=at).pk,
    }  # fmt: skip


def make_colleague(role: Role, *teams: Team) -> Staff:
    """Somebody of this role, in these teams."""
    colleague = Staff(
        name=f"{role.label} {uuid4().hex[:4]}",
        role=role,
        email=f"{uuid4().hex}@tamp.example",
        joined_at=datetime(2026, 1, 1).astimezone(),
        last_seen_at=datetime(
            2100, 1, 1
        ).astimezone(),  # it is noted once a minute; the walk looks at other writes
    )
    colleague.set_password(stories.PASSWORD)
    colleague.save()
    colleague.teams.set(teams)
    return colleague


def signed_in(colleague: Staff) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(colleague, backend=BACKEND)
    session = client.session
    session["confirmed_at"] = (
        datetime.now().astimezone().isoformat()
    )  # else doors ask who is there before all else
    session.save()
    return client


def _proposal(one: UUID, other: UUID, at: datetime) -> UUID:
    first, second = sorted((one, other))
    return Proposal.objects.create(one_id=first, other_id=second, bits=9.5, found_at=at).pk


def _person(address: str) -> UUID:
    link = Link.objects.get(identity__network="email", identity__address=address, revoked_at__isnull=True)
    return link.person_id


def _records(folder: Path, key: str, at: datetime, owner: Staff) -> dict[str, Any]:
    handle = {"network": "email", "address": f"hanna@{key}.example"}
    rows = [
        stories.message(f"{key}-1", at, f"hanna@{key}.example", subject="A grinder"),
        stories.message(f"{key}-2", at + timedelta(minutes=1), f"hanna@{key}.example", in_reply_to=[f"{key}-1"]),
        stories.order(f"{key}-o", at, [("email", f"hanna@{key}.example")], "24.80", number=f"No {key}"),
        {
            "type": "person", "id": f"{key}-p", "at": at.isoformat(), "handles": [handle],
            "facts": {"name": f"Hanna {key}", "organisation": f"Roastery {key}"},
        },
        *(
            {"type": "person", "id": f"{key}-{name}", "at": at.isoformat(), "handles": [
                {"network": network, "address": f"{name}@{key}.example"} for network in ("email", "chat")
            ], "facts": {"name": name.title()}}
            for name in ("twin", "pair", "other")
        ),
        {
            "type": "person", "id": f"{key}-chat", "at": at.isoformat(), "facts": {"name": "Pair"},
            "handles": [{"network": "chat", "address": f"pair@{key}.example"}],
        },
        {"type": "message", "id": "", "text": "not to be read"},
    ]  # fmt: skip
    run = stories.take_in(stories.jsonl(folder / f"{key}.jsonl", rows), at, source=key)
    conversation = Conversation.objects.get(source=run.source)
    assert run.source_id is not None
    assert conversation.customer_id is not None
    actor = owner.actor()
    later = at + timedelta(minutes=5)
    message = talk.reply(conversation.id, actor=actor, at=later, text="We will look at it").message
    promised = talk.promise(
        conversation.id, actor=actor, at=later, what="Ring back", due_at=at + timedelta(days=9_999)
    )
    said = Activity.objects.get(external_id=f"{key}-1")
    file = Attachment.objects.create(
        id=uuid4(), activity_id=said.id, source_id=run.source_id, filename="bill.pdf", content_type="application/pdf",
        size_bytes=4, digest=_stored_file(key),
    )  # fmt: skip
    person = Link.objects.get(identity_id=conversation.customer_id, revoked_at__isnull=True).person_id
    twin, pair, other = (_person(f"{name}@{key}.example") for name in ("twin", "pair", "other"))
    act = merge(person, [twin], actor=actor, at=later)
    made = split(
        pair, [Identity.objects.get(network="chat", address=f"pair@{key}.example").pk], actor=actor, at=later
    )
    relation = relate(
        End("person", other),
        End("organisation", name=f"Roastery {key}"),
        Kind.CONTACT,
        Terms(),
        actor=actor,
        at=later,
    )
    said_no = say_consent(person, Said.OBJECTED, purpose="", channel="email", actor=actor, at=later)
    noted = write_note(person, "Likes it dark", actor=actor, at=later)
    household = put_together(pair, [other], actor=actor, at=later)
    return {
        "act_id": said_no, "note_id": noted.note_id, "relation_id": relation, "household_id": household.household_id,
        "proposal_id": _proposal(pair, other, later),
        "merge_id": Merge.objects.get(act_id=act).pk, "split_id": made.pk, "other_id": other, "pair_id": pair,
        "conversation_id": conversation.id, "activity_id": said.id, "message_id": message.id,
        "promise_id": promised.id, "person_id": person, "subject_id": conversation.id,
        "identity_id": conversation.customer_id,
        "organisation_id": Organisation.objects.get(name=f"Roastery {key}").id,
        "order_id": Order.objects.get(source=run.source).id, "run_id": run.id, "item_id": _item(run),
        "attachment_id": file.id,
    }  # fmt: skip


def _item(run: ImportRun) -> UUID:
    return Item.objects.filter(run=run).order_by("position")[0].pk


def _stored_file(key: str) -> str:
    from hashlib import sha256

    from amity.activity.files import path_of

    digest = sha256(key.encode()).hexdigest()
    path = path_of(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(key.encode())
    return digest


def assigned_to(colleague: Staff, world: World) -> None:
    """Give a colleague the open conversation: what a partner may work on."""
    Conversation.objects.filter(pk=world.open["conversation_id"]).update(assignee=colleague)
