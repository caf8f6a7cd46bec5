"""Imports are taken back while merges hold, and merges while imports come: each takes back its own alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.conversations.jobs import customers_regrouped
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM
from amity.kernel.workspace import workspace
from amity.people.events import PeopleRegrouped
from amity.people.matching import keep_in_step
from amity.people.merging import merge, unmerge
from amity.people.models import FieldLock, MatchRecord, Merge, Person, Proposal, ProposalState, Split
from amity.people.queries.visibility import people_of
from amity.people.splitting import split, unsplit
from amity.site import ingest
from tests.flows import stories

pytestmark = pytest.mark.django_db


def _person(id: str, at: datetime, *addresses: str, **facts: str) -> dict[str, Any]:
    handles = [{"network": "email", "address": address} for address in addresses]
    return {"type": "person", "id": id, "at": at.isoformat(), "handles": handles, "facts": facts}


def _of(address: str) -> Any:
    identity = identity_id(Handle("email", address))
    return people_of([identity]).get(identity)


def _takes(folder: Path, name: str, at: datetime, *records: dict[str, Any]) -> Any:
    return stories.take_in(stories.jsonl(folder / f"{name}.jsonl", records), at, source=name)


def test_undoing_the_import_that_brought_one_side_leaves_the_other_as_it_was(
    at: datetime, tmp_path: Path
) -> None:
    _takes(tmp_path, "shop", at, _person("1", at, "ada@roast.example", name="Ada Roth", city="Halle"))
    before = stories.fingerprint()
    run = _takes(tmp_path, "desk", at, _person("9", at, "a.roth@mail.example", name="A. Roth", city="Kiel"))
    pair = sorted((_of("ada@roast.example"), _of("a.roth@mail.example")))
    Proposal.objects.create(one_id=pair[0], other_id=pair[1], bits=9.0, found_at=at)
    keep_in_step(pair, at=at)
    merge(_of("ada@roast.example"), [_of("a.roth@mail.example")], actor=SYSTEM, at=at)
    assert Proposal.objects.get().state == ProposalState.GONE
    ingest.undo(run.id, actor=SYSTEM)
    assert stories.fingerprint() == before
    assert not Proposal.objects.exists()
    assert MatchRecord.objects.count() == 1
    assert not Merge.objects.exists()


def test_undoing_the_import_of_the_one_who_stays_leaves_the_merged_one_with_the_merge(
    at: datetime, tmp_path: Path
) -> None:
    run = _takes(tmp_path, "shop", at, _person("1", at, "ada@roast.example", name="Ada Roth"))
    _takes(tmp_path, "desk", at, _person("9", at, "a.roth@mail.example", name="A. Roth", city="Kiel"))
    roth = _of("a.roth@mail.example")
    act = merge(_of("ada@roast.example"), [roth], actor=SYSTEM, at=at)
    ingest.undo(run.id, actor=SYSTEM)
    assert _of("ada@roast.example") is None
    left = Person.objects.get(merged_into__isnull=True)
    assert (_of("a.roth@mail.example"), left.name, left.city) == (left.id, "A. Roth", "Kiel")
    assert Merge.objects.get(act_id=act).into_id == left.id


def test_an_import_that_joined_two_addresses_of_a_merged_person_comes_apart_in_them_alone(
    at: datetime, tmp_path: Path
) -> None:
    _takes(tmp_path, "shop", at, _person("1", at, "ada@roast.example"), _person("2", at, "bo@lind.example"))
    bo = _of("bo@lind.example")
    act = merge(_of("ada@roast.example"), [bo], actor=SYSTEM, at=at)
    run = _takes(tmp_path, "desk", at, _person("9", at, "bo@lind.example", "bo@home.example"))
    assert _of("bo@home.example") == _of("ada@roast.example")
    ingest.undo(run.id, actor=SYSTEM)
    assert _of("bo@home.example") is None
    unmerge([act], actor=SYSTEM, at=at + timedelta(days=1))
    assert _of("bo@lind.example") == bo


def test_undoing_the_import_of_one_in_the_middle_leaves_the_others_their_ways_back(
    at: datetime, tmp_path: Path
) -> None:
    _takes(tmp_path, "shop", at, _person("1", at, "ada@roast.example", name="Ada Roth"))
    run = _takes(tmp_path, "desk", at, _person("9", at, "a.roth@mail.example", name="A. Roth"))
    _takes(tmp_path, "third", at, _person("7", at, "roth@third.example", name="A Roth"))
    ada, roth, third = (
        _of(one) for one in ("ada@roast.example", "a.roth@mail.example", "roth@third.example")
    )
    first = merge(roth, [ada], actor=SYSTEM, at=at)
    second = merge(third, [roth], actor=SYSTEM, at=at + timedelta(hours=1))
    ingest.undo(run.id, actor=SYSTEM)
    assert _of("ada@roast.example") == third
    unmerge([first], actor=SYSTEM, at=at + timedelta(days=1))
    unmerge([second], actor=SYSTEM, at=at + timedelta(days=1))
    assert (_of("ada@roast.example"), _of("roth@third.example")) == (ada, third)


def test_the_clock_of_a_waiting_customer_follows_what_the_merged_one_bought(
    at: datetime, tmp_path: Path
) -> None:
    gold = str(workspace().gold_from + 1)
    _takes(tmp_path, "shop", at, stories.order("o1", at, [("email", "hanna@home.example")], gold))
    _takes(tmp_path, "desk", at, stories.message("m1", at, "hanna@roast.example"))
    talk = Conversation.objects.get()
    before = talk.due_at
    asks, buys = _of("hanna@roast.example"), _of("hanna@home.example")
    act = merge(asks, [buys], actor=SYSTEM, at=at)
    customers_regrouped(PeopleRegrouped(person_ids=(asks, buys), at=at))
    talk.refresh_from_db()
    assert talk.due_at is not None
    assert before is not None
    assert talk.due_at < before
    unmerge([act], actor=SYSTEM, at=at)
    customers_regrouped(PeopleRegrouped(person_ids=(asks, buys), at=at))
    talk.refresh_from_db()
    assert talk.due_at == before


def test_who_was_split_off_stays_apart_where_only_the_import_had_joined_them(
    at: datetime, tmp_path: Path
) -> None:
    _takes(tmp_path, "shop", at, _person("1", at, "eve@sand.example"), _person("2", at, "bo@lind.example"))
    run = _takes(tmp_path, "desk", at, _person("9", at, "ada@roast.example", "cleo@roast.example"))
    _takes(
        tmp_path, "list", at, _person("3", at, "cleo@roast.example"), _person("4", at, "ada@roast.example")
    )
    both = _of("ada@roast.example")
    made = split(both, [identity_id(Handle("email", "cleo@roast.example"))], actor=SYSTEM, at=at)
    ingest.undo(run.id, actor=SYSTEM)
    assert not Split.objects.exists()  # there is nothing left that it takes apart
    assert (_of("ada@roast.example"), _of("cleo@roast.example")) == (both, made.into_id)


def test_who_was_merged_after_an_account_was_split_off_them_keeps_since_when_we_know_them(
    at: datetime, tmp_path: Path
) -> None:
    early, late = at - timedelta(days=9), at - timedelta(days=5)
    _takes(tmp_path, "shop", early, _person("1", early, "ada@roast.example"))
    _takes(tmp_path, "list", late, _person("2", late, "ada@roast.example", "finn@roast.example"))
    _takes(tmp_path, "other", at, _person("3", at, "bo@lind.example"))
    ada, bo = _of("ada@roast.example"), _of("bo@lind.example")
    run = _takes(tmp_path, "desk", at, _person("4", at, "finn@roast.example"))
    made = split(ada, [identity_id(Handle("email", "finn@roast.example"))], actor=SYSTEM, at=at)
    act = merge(bo, [ada], actor=SYSTEM, at=at)
    known = Person.objects.get(pk=ada).first_seen_at
    ingest.undo(run.id, actor=SYSTEM)
    assert Person.objects.get(pk=ada).first_seen_at == known
    unsplit(made.pk, actor=SYSTEM, at=at)
    unmerge([Merge.objects.get(act_id=act).pk], actor=SYSTEM, at=at)
    assert _of("finn@roast.example") == _of("ada@roast.example") == ada
    assert Person.objects.get(pk=ada).first_seen_at == known


def test_a_merge_ends_also_where_the_one_who_stays_has_lost_all_accounts_to_splits_that_an_undo_ended(
    at: datetime, tmp_path: Path
) -> None:
    a, b, cleo = "a@roast.example", "b@roast.example", "cleo@sand.example"
    _takes(tmp_path, "cleo", at, _person("1", at, cleo))
    _takes(tmp_path, "shop", at, _person("2", at, a, b))
    stays = _of(a)
    first = split(stays, [identity_id(Handle("email", b))], actor=SYSTEM, at=at)
    merge(stays, [first.into_id], actor=SYSTEM, at=at, despite=True)
    second = split(stays, [identity_id(Handle("email", a))], actor=SYSTEM, at=at)
    _takes(tmp_path, "list", at, _person("3", at, cleo, a))
    run = _takes(tmp_path, "desk", at, _person("4", at, cleo, "ada@roast.example"))
    merge(stays, [_of(cleo)], actor=SYSTEM, at=at, despite=True)
    merge(stays, [second.into_id], actor=SYSTEM, at=at, despite=True)
    ingest.undo(run.id, actor=SYSTEM)
    unsplit(first.pk, actor=SYSTEM, at=at)
    for one in Merge.objects.order_by("merged_at", "pk"):
        unmerge([one.pk], actor=SYSTEM, at=at)
    assert not Merge.objects.filter(revoked_at__isnull=True).exists()
    assert _of(a) == _of(b) != _of(cleo)
    assert all(person.links.exists() for person in Person.objects.filter(merged_into__isnull=True))


def test_what_was_chosen_with_a_merge_goes_with_the_import_that_brought_the_other_one(
    at: datetime, tmp_path: Path
) -> None:
    _takes(tmp_path, "shop", at, _person("1", at, "bo@lind.example", name="Bo Lind"))
    _takes(tmp_path, "list", at, _person("2", at, "bo@lind.example", name="Bo"))
    run = _takes(tmp_path, "desk", at, _person("3", at, "ada@roast.example", name="Ada"))
    bo = Person.objects.get(pk=_of("bo@lind.example"))
    chosen = {"name": "Bo" if bo.name == "Bo Lind" else "Bo Lind"}
    merge(bo.pk, [_of("ada@roast.example")], actor=SYSTEM, at=at, chosen=chosen)
    assert Person.objects.get(pk=bo.pk).name == chosen["name"]
    ingest.undo(run.id, actor=SYSTEM)
    assert Person.objects.get(pk=bo.pk).name == bo.name
    assert not FieldLock.objects.exists()


def test_a_split_outlives_the_one_from_whom_it_was_made_and_gives_back_to_whom_the_account_belongs(
    at: datetime, tmp_path: Path
) -> None:
    finn, fay = "finn@roast.example", "fay@roast.example"
    _takes(tmp_path, "shop", at, _person("1", at, fay, finn))
    run = _takes(tmp_path, "desk", at, _person("2", at, "eve@sand.example"))
    theirs, eve = _of(fay), _of("eve@sand.example")
    act = merge(eve, [theirs], actor=SYSTEM, at=at)
    made = split(eve, [identity_id(Handle("email", finn))], actor=SYSTEM, at=at)
    unmerge([act], actor=SYSTEM, at=at)
    ingest.undo(run.id, actor=SYSTEM)
    assert not Person.objects.filter(pk=eve).exists()
    assert _of(finn) == made.into_id != theirs
    unsplit(made.pk, actor=SYSTEM, at=at)
    assert _of(finn) == _of(fay) == theirs


def test_two_merged_people_whom_only_one_import_named_go_together(at: datetime, tmp_path: Path) -> None:
    run = _takes(
        tmp_path, "desk", at, _person("1", at, "ada@roast.example"), _person("2", at, "bo@lind.example")
    )
    merge(_of("ada@roast.example"), [_of("bo@lind.example")], actor=SYSTEM, at=at)
    ingest.undo(run.id, actor=SYSTEM)
    assert not Person.objects.exists()
    assert not Merge.objects.exists()
