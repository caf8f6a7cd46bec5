"""A refusal outlives an erasure: a mark without a name, which says it again when the same account comes back.

The law asks to forget the person and to respect what they refused (GDPR, articles 17 and 21(3)). What is kept is a hash
of account, purpose and channel under the key of the marks of erasures (`amity.kernel.erasing`): nobody reads from it
who refused what, and whoever comes back by themselves is refused again before anybody writes to them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid5

from amity.consent.domain.answering import Said
from amity.consent.domain.channels import Channel
from amity.consent.models import How, Statement
from amity.consent.queries.purposes import all_purposes
from amity.kernel.erasing import keys
from amity.kernel.models import Erasure
from amity.kernel.restored import erases_all

REFUSAL = "refusal"
"""The kind under which refusals stand in the register of erasures."""
ANY = "any"
"""In the place of a channel: the mark that an account refused something. It is looked for first, one of each account:
there may be as many others as purposes by channels."""
T = TypeVar("T")
_NAMESPACE = UUID("5b8f2c7e-5b0a-4c9c-9d52-0f6f1d3f7d11")


def mark(key: bytes, identity_id: UUID, purpose_id: int | None, channel: str) -> UUID:
    """The mark of a refusal under this key; `purpose_id` None: of everything, `channel` "": by every channel."""
    told = f"{purpose_id or 0}:{channel}".encode()
    return UUID(bytes=hashlib.sha256(key + identity_id.bytes + told).digest()[:16])


def note_refusals(identity_ids: Sequence[UUID], *, at: datetime) -> None:
    """Leave a mark of each refusal that stands, in the transaction that erases. The marks of accounts were made first,
    so there is a key."""
    known = keys()
    rows = (
        Statement.objects.filter(identity_id__in=identity_ids, revoked_at__isnull=True)
        .exclude(said=Said.PENDING)
        .order_by("identity_id", "purpose_id", "channel", "-said_at", "-said")  # of one instant a refusal
        .distinct("identity_id", "purpose_id", "channel")
    )
    refused = [one for one in rows if Said(one.said).is_refusal]
    marks = {mark(known[-1], one.identity_id, one.purpose_id, one.channel) for one in refused if known}
    marks |= {mark(known[-1], one.identity_id, None, ANY) for one in refused if known}
    Erasure.objects.bulk_create(
        [Erasure(kind=REFUSAL, subject_id=one, erased_at=at) for one in marks], ignore_conflicts=True
    )


@erases_all(REFUSAL)
def keep(at: datetime) -> int:  # noqa: ARG001  # the shape of the protocol
    """A mark of a refusal erases nobody: after a restore there is nothing to do for it."""
    return 0


def remembered(
    identity_ids: Collection[UUID], *, at: datetime, source_id: UUID, run_id: UUID | None
) -> list[Statement]:
    """What accounts that are new here refused before they were erased, as statements that are not saved yet.

    A look at a small table where nobody who refused something was erased.
    """
    if not identity_ids or not Erasure.objects.filter(kind=REFUSAL).exists():
        return []
    known = keys()
    back = _marked({mark(key, one, None, ANY): one for key in known for one in identity_ids})
    if not back:
        return []
    wanted = {
        mark(key, identity, purpose, channel): (identity, purpose, channel)
        for key in known
        for identity, purpose, channel in _possible({identity for identity, _at in back})
    }
    return [
        _said_again(*one, erased_at, at=at, source_id=source_id, run_id=run_id)
        for one, erased_at in _marked(wanted)
    ]


def _marked(wanted: Mapping[UUID, T]) -> list[tuple[T, datetime]]:
    """Those of which there is a mark, and when it was made."""
    if not wanted:
        return []
    found = Erasure.objects.filter(kind=REFUSAL, subject_id__in=list(wanted))
    return [(wanted[one], at) for one, at in found.values_list("subject_id", "erased_at")]


def _possible(identity_ids: Collection[UUID]) -> Iterable[tuple[UUID, int | None, str]]:
    purposes = [None, *(one.id for one in all_purposes())]
    channels = ["", *(one.value for one in Channel)]
    return (
        (identity, purpose, channel)
        for identity in identity_ids
        for purpose in purposes
        for channel in channels
    )


def _said_again(
    identity: UUID,
    purpose: int | None,
    channel: str,
    erased_at: datetime,
    *,
    at: datetime,
    source_id: UUID,
    run_id: UUID | None,
) -> Statement:
    id = uuid5(_NAMESPACE, f"{identity}:{purpose}:{channel}:{run_id}")
    return Statement(
        id=id, act_id=id, identity_id=identity, purpose_id=purpose, channel=channel, said=Said.OBJECTED,
        said_at=erased_at, recorded_at=at, how=How.BEFORE_ERASURE, source_id=source_id, run_id=run_id,
    )  # fmt: skip
