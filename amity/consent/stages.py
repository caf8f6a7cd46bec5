"""Consent's part of the corridor: what rows of files say of it, and what came back from before an erasure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from amity.activity.shaping import identity_id
from amity.channels.own_fields import CONSENT
from amity.channels.records import Handle, PersonRecord
from amity.channels.stages import ITEMS, ReadItem
from amity.consent.domain.answering import Basis, Said
from amity.consent.domain.channels import Channel, reaches
from amity.consent.files import EVERYTHING, WHEN, WORDS
from amity.consent.models import How, Purpose, Statement
from amity.consent.queries.purposes import all_purposes
from amity.consent.returning import remembered
from amity.kernel.copying import copy_insert
from amity.kernel.pipeline import Batch
from amity.people.stages import PERSON_OF

_COLUMNS = (
    "id", "act_id", "identity_id", "purpose_id", "channel", "said", "said_at", "is_dated", "recorded_at", "how",
    "proof", "url", "item_id", "source_id", "run_id", "revoked_why",
)  # fmt: skip
_NAMESPACE = UUID("0a4fe7f2-33b7-4c36-9b41-8f4bb0f1a9c3")


def note_consent(batch: Batch) -> Batch:
    """Write down what the rows of a batch say of consent, each for the accounts that it is about."""
    said = list(_said(batch))
    if batch.has(PERSON_OF):
        person_of = batch.get(PERSON_OF)
        said += remembered(person_of, at=batch.at, source_id=batch.source_id, run_id=batch.run_id)
    if said:
        copy_insert(
            "consent_statement",
            list(_COLUMNS),
            {one.pk: [getattr(one, name) for name in _COLUMNS] for one in said}.values(),
            on_conflict="(id) DO NOTHING",
        )
    return batch


def _said(batch: Batch) -> Iterator[Statement]:
    told = [
        (item, record)
        for item in batch.get(ITEMS)
        for record in item.records
        if isinstance(record, PersonRecord) and any(name.startswith(CONSENT) for name in record.extra)
    ]
    purposes = {one.key: one for one in all_purposes()} if told else {}
    for item, record in told:
        yield from _of_record(batch, item, record, purposes)


def _of_record(
    batch: Batch, item: ReadItem, record: PersonRecord, purposes: Mapping[str, Purpose]
) -> Iterator[Statement]:
    dated = _instant(record.extra)
    for name, purpose, channel, said in said_in(record, purposes):
        when = _meant(dated, said) if dated else record.observed_at
        for handle in _bearing(record.handles, channel, said):
            identity = identity_id(handle)
            # A program that tells the same each night says it once: no night gives the consent anew.
            told_once = dated is None and said is Said.GIVEN
            instant = "" if told_once else when.isoformat()
            told = f"{batch.run_id}:{batch.source_id}:{identity}:{name}:{said}:{instant}"
            id = uuid5(_NAMESPACE, told)
            yield Statement(
                id=id, act_id=id, identity_id=identity, purpose_id=purpose.pk if purpose else None,
                channel=channel.value, said=said.value, said_at=min(when, batch.at),
                is_dated=dated is not None, recorded_at=batch.at,
                how=How.IMPORT.value if batch.run_id else How.PROGRAM.value, proof=str(record.extra.get(WORDS) or ""),
                item_id=item.id, source_id=batch.source_id, run_id=batch.run_id,
            )  # fmt: skip


def said_in(
    record: PersonRecord, purposes: Mapping[str, Purpose]
) -> Iterator[tuple[str, Purpose | None, Channel, Said]]:
    """What a record says: the name of its column (`consent:newsletter:email`), and what it stands for.

    Where its day cannot be read nobody knows when it was said: then only what refuses counts.
    """
    no_day = any(one.field == WHEN for one in record.left_out)
    for name, value in record.extra.items():
        key, _colon, channel = name.removeprefix(CONSENT).rpartition(":")
        if not name.startswith(CONSENT) or channel not in set(Channel) or value not in set(Said):
            continue
        purpose = purposes.get(key)
        if purpose is None and key != EVERYTHING:
            continue
        said = _as_meant(Said(value), purpose)
        if said.is_refusal or (purpose is not None and not no_day):
            yield name, purpose, Channel(channel), said


def _as_meant(said: Said, purpose: Purpose | None) -> Said:
    """Consent is withdrawn; where there was none to withdraw, a no is an objection."""
    if said is Said.WITHDRAWN and (purpose is None or purpose.basis != Basis.CONSENT):
        return Said.OBJECTED
    return said


def is_dated(record: PersonRecord) -> bool:
    """Whether a record says when it was said."""
    return _instant(record.extra) is not None


def _instant(extra: Mapping[str, Any]) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(extra.get(WHEN) or ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _meant(told_at: datetime, said: Said) -> datetime:
    """A day without a time is its end for a refusal, so that of one day the stricter counts."""
    return (
        told_at + timedelta(days=1, seconds=-1) if said.is_refusal and told_at.time() == time.min else told_at
    )


def _bearing(handles: tuple[Handle, ...], channel: Channel, said: Said) -> list[Handle]:
    """Those that the channel reaches; where it reaches none, the strongest: nothing that was said is lost. Of several
    addresses consent is for the strongest, a refusal for all."""
    reached = [one for one in handles if one.address and reaches(one.network, channel)] or list(handles[:1])
    return reached if said.is_refusal else reached[:1]
