"""Erasing a person: asked for, waited for, done in steps that a crash repeats, and certified.

`ask` starts the time in which it can be stopped; a timer ends it and a job does the work:

1. *search*: the raw items that name them, read a portion at a time, while everybody goes on.
2. *erase*: all rows, in one transaction in the turn to write, with the raw items that came since the search began.
   Either all of it happened or nothing did.
3. *sweep*: what names them elsewhere (files, values in the audit trail, saved views), a portion at a time.
4. *certify*: what went, counted by table and sealed by a hash; the names that were needed until here go with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from amity.channels.holding import holding
from amity.channels.inlet import take_turn_now
from amity.kernel import audit, erasing, policy
from amity.kernel.acting import bulk
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.erasing import Counts, Subject
from amity.kernel.errors import Conflict, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Transition
from amity.kernel.timers import clear_timer, set_timer
from amity.people import disclosures, raw_items, vocabulary
from amity.people.domain.mentions import mentions_of
from amity.people.holds import refuse_held
from amity.people.keeping_back import held_words, what_keeps
from amity.people.models import ERASURE_LIFE, ErasureState, Fact, Identity, Link, Person, PersonErasure
from amity.people.queries.erased import pending_of
from amity.people.queries.grouped import known_root, roots
from amity.people.queries.held import is_held
from amity.people.sweeping import sweep_all

TIME_TO_STOP = timedelta(hours=24)
LONGEST_BATCH = timedelta(minutes=10)
"""What came in this long before the search began may have been seen by nobody yet when it read."""
TIMER, JOB = "people.erasure", "people.erase"
SEARCH, ERASE, SWEEP = "search", "erase", "sweep"
Clock = Callable[[], datetime]

_DOWN = """
    WITH RECURSIVE down(id) AS (
        SELECT unnest(%s::uuid[]) UNION SELECT p.id FROM down JOIN people_person p ON p.merged_into_id = down.id)
    SELECT id FROM down
"""
# Persons all of whose accounts go.
_WHOLE = """
    SELECT l.person_id FROM people_link l WHERE l.identity_id = ANY(%(ids)s) AND l.revoked_at IS NULL
        AND NOT EXISTS (SELECT FROM people_link o WHERE o.person_id = l.person_id AND o.revoked_at IS NULL
            AND o.identity_id <> ALL(%(ids)s))
"""
# What colleagues took away from these persons by hand, and nobody else has.
_TAKEN_AWAY = """
    SELECT DISTINCT l.identity_id FROM people_link l WHERE l.person_id = ANY(%(people)s) AND NOT EXISTS (
        SELECT FROM people_link o WHERE o.identity_id = l.identity_id
            AND (o.revoked_at IS NULL OR o.person_id <> ALL(%(people)s)))
"""
_NOT_THEIRS_ALONE = """
    SELECT DISTINCT f.value FROM people_fact f WHERE f.field = 'name' AND f.value = ANY(%s)
        AND f.identity_id <> ALL(%s::uuid[])
"""


def ask(
    person_id: UUID, *, ground: str, actor: Actor, at: datetime, now: bool = False, why: str = ""
) -> PersonErasure:
    """Have a person erased when `TIME_TO_STOP` is over, or at once. There is no way back from it.

    `why` names the rule that asks for it. Raises `NotFound`, `Forbidden`, `Held` under a legal hold, and `Conflict`
    where it was asked for already.
    """
    policy.require(actor, "delete" if now else "write", "erasure")
    root = known_root(actor, person_id)
    refuse_held(root)
    due_at = at if now else at + TIME_TO_STOP
    if pending_of([root]).exists():
        raise Conflict(_("This person is to be erased already."))
    with transaction.atomic():  # one that waits without a timer would wait for ever
        try:
            with transaction.atomic():
                made = PersonErasure.objects.create(
                    person_id=root, ground=ground, asked_by_id=actor.staff_id, asked_at=at, due_at=due_at,
                    asked_why=why[:200],
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(_("This person is to be erased already.")) from error
        set_timer(TIMER, made.pk, due_at)
        if now:
            begin(made.pk, actor=actor, at=at)
    return PersonErasure.objects.get(pk=made.pk)


def stop(erasure_id: UUID, *, actor: Actor, at: datetime) -> PersonErasure:
    """The person stays. Raises `Conflict` once it has begun."""
    policy.require(actor, "write", "erasure")
    with transaction.atomic():
        found = _locked(erasure_id, actor)
        if found.state == ErasureState.RUNNING:  # a hold may still stop it, as long as nothing has gone
            raise Conflict(_("Their erasure has begun. It cannot be stopped."))
        _move(found, ErasureState.STOPPED, actor, at)
        found.stopped_by_id, found.stopped_at = actor.staff_id, at
        found.save(update_fields=["stopped_by", "stopped_at"])
        clear_timer(TIMER, found.pk)
    return found


def begin(erasure_id: UUID, *, actor: Actor, at: datetime) -> PersonErasure:
    """Do not wait any longer. From here on it cannot be stopped. Raises `Held` under a legal hold."""
    policy.require(actor, "delete", "erasure")
    with transaction.atomic():
        found = _locked(erasure_id, actor)
        if found.person_id is not None:
            refuse_held(found.person_id)
        _move(found, ErasureState.RUNNING, actor, at)
        found.begun_at, found.step = at, SEARCH
        found.save(update_fields=["begun_at", "step"])
        clear_timer(TIMER, found.pk)
        app.configure_task(JOB, queue="maintenance", lock="people.erase").defer(erasure_id=str(found.pk))
    return found


def time_is_over(erasure_id: UUID, at: datetime) -> None:
    """The timer woke: begin, unless somebody stopped it meanwhile, or something keeps the person now."""
    with transaction.atomic():
        found = (
            PersonErasure.objects.select_for_update()
            .filter(pk=erasure_id, state=ErasureState.WAITING)
            .first()
        )
        if found is None:
            return
        if why := what_keeps(found, at):
            _stop_by_itself(found, why, at)
        else:
            begin(erasure_id, actor=SYSTEM, at=at)


def _stop_by_itself(found: PersonErasure, why: str, at: datetime) -> None:
    _move(found, ErasureState.STOPPED, SYSTEM, at, why)
    found.stopped_at, found.stopped_why, found.step, found.scope = at, why[:200], "", None
    found.save(update_fields=["stopped_at", "stopped_why", "step", "scope"])


def _locked(erasure_id: UUID, actor: Actor) -> PersonErasure:
    found = policy.visible(PersonErasure.objects.select_for_update(), actor).filter(pk=erasure_id).first()
    if found is None:
        raise NotFound(_("This erasure does not exist."))
    return found


def _move(found: PersonErasure, to: ErasureState, actor: Actor, at: datetime, why: str = "") -> None:
    ERASURE_LIFE.check(found.state, to)
    Transition.objects.create(
        subject="person_erasure", subject_id=found.pk, before=found.state, after=to, staff_id=actor.staff_id, at=at,
        why=why,
    )  # fmt: skip
    found.state = to
    found.save(update_fields=["state"])
    announce("erasure", found.pk)


# ---------------------------------------------------------------------------------------------------------- doing it


def work_on(erasure_id: UUID, *, clock: Clock) -> PersonErasure:
    """Do what is left of it: called by a job, also again after a crash. One process at a time.

    Raises `Conflict` where it has to wait for something else; then it is tried again.
    """
    with holding(erasure_id) as held:
        if not held:
            raise Conflict(_("Another process is already working on this erasure."))
        found = PersonErasure.objects.get(pk=erasure_id)
        while found.state == ErasureState.RUNNING:
            _STEPS[found.step](found, clock())
            found.refresh_from_db()
        return found


def _search(found: PersonErasure, at: datetime) -> None:
    subject = subject_of(identities_of(found), at=at)
    items = _naming(subject)
    _keep(found, ERASE, {"items": [str(one) for one in items], "at": at.isoformat()})


def _erase(found: PersonErasure, at: datetime) -> None:
    assert found.scope is not None
    with transaction.atomic(), bulk():
        take_turn_now()
        identities = identities_of(found)
        subject = subject_of(identities, at=at)
        if is_held(subject.identity_ids):  # placed since it began; nothing has gone yet
            _stop_by_itself(found, held_words(), at)
            return
        since = datetime.fromisoformat(found.scope["at"]) - LONGEST_BATCH
        subject.item_ids = [*map(UUID, found.scope["items"]), *_naming(subject, since=since)]
        erasing.note_identities(identities, at=at)
        counts = erasing.erase_all(subject)
        PersonErasure.objects.filter(person_id__in=subject.person_ids).exclude(pk=found.pk).update(
            person_id=None
        )
        disclosures.remove_of(subject.person_ids, at)
        found.person_id = None
        found.save(update_fields=["person_id"])
        _keep(found, SWEEP, scope_of(subject, counts))


def _sweep(found: PersonErasure, at: datetime) -> None:
    scope = found.scope or {}
    for key, sweep in sweep_all():
        if key in scope["swept"]:
            continue
        scope["swept"][key] = sweep(scope)
        _keep(found, SWEEP, scope)
    with transaction.atomic():
        _certify(found, scope, at)
    _vacuum(PersonErasure._meta.db_table)


def _keep(found: PersonErasure, step: str, scope: dict[str, Any]) -> None:
    found.step, found.scope = step, scope
    found.save(update_fields=["step", "scope"])
    announce("erasure", found.pk)


_STEPS: dict[str, Callable[[PersonErasure, datetime], None]] = {SEARCH: _search, ERASE: _erase, SWEEP: _sweep}


def scope_of(subject: Subject, counts: Counts) -> dict[str, Any]:
    """What sweeping has to know of who was erased; it is forgotten when that is done."""
    return {
        "at": subject.at.isoformat(),
        "ids": subject.every_id(),
        "addresses": subject.addresses,
        "names": subject.names,
        "messages": subject.of("message"),
        "counts": counts,
        "swept": {},
    }


def identities_of(found: PersonErasure) -> list[UUID]:
    """The accounts of whom it was asked for, as colleagues know them now: they may have been merged since.

    There are none where somebody else's erasure took them with it.
    """
    people = roots([found.person_id]).values() if found.person_id else ()
    links = Link.objects.filter(person_id__in=people, revoked_at__isnull=True)
    return sorted(links.values_list("identity_id", flat=True), key=str)


def subject_of(identity_ids: Sequence[UUID], *, at: datetime) -> Subject:
    """Who these accounts are: the persons of whom nothing else is left, and what they are called."""
    ids = list(identity_ids)
    with connection.cursor() as cursor:
        cursor.execute(_WHOLE, {"ids": ids})
        whole = [id for (id,) in cursor.fetchall()]
        cursor.execute(_DOWN, [whole])
        people = [id for (id,) in cursor.fetchall()]
        cursor.execute(_TAKEN_AWAY, {"people": people})
        ids += [id for (id,) in cursor.fetchall()]
        names = set(Fact.objects.filter(identity_id__in=ids, field="name").values_list("value", flat=True))
        names |= set(Person.objects.filter(pk__in=people).values_list("name", flat=True))
        cursor.execute(_NOT_THEIRS_ALONE, [list(names), ids])
        shared = {value for (value,) in cursor.fetchall()}
    addresses = Identity.objects.filter(pk__in=ids).values_list("address", flat=True)
    own = sorted(name for name in names - shared if " " in name.strip())  # a given name alone is anybody's
    return Subject(ids, people, at, uuid4(), addresses=sorted(addresses), names=own)


def _naming(subject: Subject, *, since: datetime | None = None) -> list[UUID]:
    mentions = mentions_of(subject.addresses, subject.names)
    who = raw_items.wanted(subject.identity_ids, subject.addresses, mentions)
    return raw_items.naming(who, since=since)


# --------------------------------------------------------------------------------------------------- after a restore


def erase_again(at: datetime) -> int:
    """Erase whom a restored backup brought back; how many accounts that were."""
    there = erasing.there_again()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id, identity_id FROM people_link WHERE identity_id = ANY(%s) AND revoked_at IS NULL",
            [list(there)],
        )
        by_person: dict[UUID, list[UUID]] = {}
        for person, identity in cursor.fetchall():
            by_person.setdefault(person, []).append(identity)
    linked = {one for ids in by_person.values() for one in ids}
    groups = [*by_person.values(), *([one] for one in there if one not in linked)]
    for identities in groups:
        _erase_now(identities, at)
    return len(there)


def _erase_now(identities: Sequence[UUID], at: datetime) -> None:
    subject = subject_of(identities, at=at)
    subject.item_ids = _naming(subject)
    with transaction.atomic(), bulk():
        take_turn_now()
        counts = erasing.erase_all(subject)
    scope = scope_of(subject, counts)
    for _key, sweep in sweep_all():
        sweep(scope)


# -------------------------------------------------------------------------------------------------------- certificate


def _certify(found: PersonErasure, scope: dict[str, Any], at: datetime) -> None:
    """Write down what was done, without a word of who it was."""
    locked = PersonErasure.objects.select_for_update().get(pk=found.pk)
    counts: Counts = dict(scope["counts"])
    for swept in scope["swept"].values():
        for table, count in swept.items():
            counts[table] = counts.get(table, 0) + count
    certificate = {
        "format": 1,
        "erasure": str(locked.pk),
        "ground": locked.ground,
        "asked_at": locked.asked_at.isoformat(),
        "erased_at": scope["at"],
        "done_at": at.isoformat(),
        "removed": {table: n for table, n in sorted(counts.items()) if n and ":" not in table},
        "kept_without_name": {
            table.removesuffix(":kept"): n for table, n in sorted(counts.items()) if n and ":kept" in table
        },
    }
    locked.certificate, locked.digest = certificate, digest_of(certificate)
    locked.scope, locked.step, locked.done_at = None, "", at
    locked.save(update_fields=["certificate", "digest", "scope", "step", "done_at"])
    _move(locked, ErasureState.DONE, SYSTEM, at)
    audit.record(
        "person.erased", actor=SYSTEM, at=at, subject="personerasure", subject_id=locked.pk,
        after={"certificate": locked.digest, **certificate["removed"]},
    )  # fmt: skip


def digest_of(certificate: dict[str, Any]) -> str:
    """The hash by which a certificate is known: SHA-256 over its JSON with sorted keys and no blanks."""
    told = json.dumps(certificate, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def _vacuum(table: str) -> None:
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {table}")
            vocabulary.settle()
