"""The ledger of one person: everything that was said, with its proof, mistakes included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from amity.channels.models import ImportRun
from amity.consent.domain.answering import Said
from amity.consent.domain.channels import Channel
from amity.consent.models import How, Statement
from amity.consent.words import CHANNELS, EVERYTHING, HOWS, SAID, name_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.queries import PersonRecord
from amity.people.queries.record import source_names
from amity.people.queries.visibility import sees_addresses
from amity.people.web.words import address_words


@dataclass(frozen=True, slots=True)
class Entry:
    """What was noted in one act. `on`: of which accounts, in words; empty fields were not told."""

    act_id: UUID
    ids: tuple[UUID, ...]
    said: Said
    said_words: str
    purpose: str  # its key; "" for everything
    purpose_name: str
    channel: str
    channel_name: str
    said_at: datetime
    is_dated: bool
    recorded_at: datetime
    how: How
    how_words: str
    version: int | None
    wording: str
    proof: str
    url: str
    ip: str
    activity_id: UUID | None
    source: str
    run_id: UUID | None
    run: str  # what the file was called
    by: str
    on: tuple[str, ...]
    identity_ids: tuple[UUID, ...]
    revoked_at: datetime | None
    revoked_by: str
    revoked_why: str

    @property
    def is_mistake(self) -> bool:
        return self.revoked_at is not None


def ledger_of(actor: Actor, record: PersonRecord, statements: Sequence[Statement]) -> list[Entry]:
    """These statements (latest first) as acts. One that stands on several accounts is one entry."""
    acts: dict[tuple[UUID, bool], list[Statement]] = {}
    for one in statements:
        acts.setdefault((one.act_id, one.revoked_at is not None), []).append(one)
    words = {one.id: address_words(one) for one in record.identities}
    sources = source_names(actor)
    runs = _runs(statements) if policy.may(actor, "read", "import") else {}
    entries = [_entry(rows, words, sources.get(rows[0].source_id, ""), runs) for rows in acts.values()]
    return entries if sees_addresses(actor) else [replace(one, ip="") for one in entries]


def _runs(statements: Iterable[Statement]) -> dict[UUID, str]:
    ids = {one.run_id for one in statements if one.run_id}
    return dict(ImportRun.objects.filter(pk__in=ids).values_list("pk", "filename")) if ids else {}


def _entry(rows: Sequence[Statement], words: dict[UUID, str], source: str, runs: dict[UUID, str]) -> Entry:
    first = rows[0]
    told = tuple(dict.fromkeys(words[one.identity_id] for one in rows if one.identity_id in words))
    return Entry(
        act_id=first.act_id, ids=tuple(one.id for one in rows),
        said=Said(first.said), said_words=str(SAID[Said(first.said)]),
        purpose=first.purpose.key if first.purpose else "",
        purpose_name=name_of(first.purpose) if first.purpose else str(EVERYTHING),
        channel=first.channel,
        channel_name=str(CHANNELS[Channel(first.channel)]) if first.channel else _("every channel"),
        said_at=first.said_at, is_dated=first.is_dated, recorded_at=first.recorded_at,
        how=How(first.how), how_words=str(HOWS[How(first.how)]),
        version=first.wording.version if first.wording else None,
        wording=first.wording.text if first.wording else "",
        proof=first.proof, url=first.url, ip=first.ip or "", activity_id=first.activity_id, source=source,
        run_id=first.run_id, run=runs.get(first.run_id, "") if first.run_id else "",
        by=first.said_by.name if first.said_by else "", on=told,
        identity_ids=tuple(one.identity_id for one in rows),
        revoked_at=first.revoked_at, revoked_by=first.revoked_by.name if first.revoked_by else "",
        revoked_why=first.revoked_why,
    )  # fmt: skip
