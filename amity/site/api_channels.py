"""Channels for programs: the accounts behind live sources, how they are, what happened to them, what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from amity.channels import accounts
from amity.channels.adapters import live_adapter
from amity.channels.models import Account, AccountState, Feed, Item, ItemState, LedgerEntry
from amity.kernel import policy
from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.operations import ApiRequest, In, Sparse, operation
from amity.kernel.api.paging import FieldsQuery, PageQuery, page_of, read_cursor
from amity.kernel.errors import Invalid, NotFound
from amity.site import ingest
from amity.site.web.channel_words import entry_words, health_of

router = Router(tags=["channels"])
_ONE = "/channels/{uuid:source_id}"


class ChannelRow(Sparse):
    """An account at a server. `problem` is the code of what is wrong now, `health` says it in words."""

    id: UUID = Field(description="Also the id of the source that it feeds.")
    address: str
    name: str
    adapter: str = Field(description="What kind of channel it is, such as email.")
    state: str = Field(description="active, paused or removed.")
    team_id: UUID | None
    is_own: bool = Field(description="Your own mailbox, which nobody else sees.")
    health: str = Field(description="How it is, in words.")
    remedy: str = Field(description="What to do about it; empty where nothing is to be done.")
    problem: str = Field(description="The code of what is wrong now; empty where nothing is.")
    detail: str = Field(description="What the server said of it.")
    problem_since: datetime | None = Field(description="Since when that is so.")
    looked_at: datetime | None = Field(description="When all folders were last up to date.")
    heard_at: datetime | None = Field(description="When something new last came.")
    is_watched: bool = Field(description="The server tells of new mail by itself.")
    came: int = Field(description="How many messages it brought.")
    waiting: int = Field(description="Known to be there and not read yet.")
    created_at: datetime


class ChannelsOut(Schema):
    items: list[ChannelRow]


class FolderOut(Schema):
    """One folder: how far it was read, and the sums of what came."""

    name: str
    came: int = Field(description="How many messages came.")
    same: int = Field(description="How many of them were here already.")
    quarantined: int = Field(description="How many could not be read.")
    gaps: int = Field(description="How many were found missing.")
    refilled: int = Field(description="How many of those came after all.")
    waiting: int = Field(description="Known to be there and not read yet.")
    looked_at: datetime | None = Field(description="When it was last up to date.")


class ChannelOut(ChannelRow):
    folders: list[FolderOut] = Field(description="How far each folder was read.")
    quarantined: int = Field(description="What could not be read and waits to be read again.")
    may_change: bool = Field(description="Whether it is yours to steer.")


class LedgerRow(Sparse):
    """Something that happened to an account."""

    id: int
    at: datetime = Field(description="When it happened.")
    kind: str = Field(description="What happened, for programs, such as connected or gap.")
    words: str = Field(description="The same in words.")
    folder: str = Field(description="In which folder; empty for all of it.")
    figures: dict[str, int] = Field(description="The counts that belong to it, by name.")
    problem: str = Field(description="The code of what was wrong; empty where nothing was.")
    detail: str = Field(description="What the server said of it.")
    staff_id: UUID | None


class LedgerPage(Schema):
    items: list[LedgerRow]
    after: str | None = None


class ReadIn(In):
    days: int | None = Field(None, ge=1, lt=100_000, description="How far back; without it everything.")


class ReplayOut(Schema):
    read: int = Field(description="How many were read once more.")
    new: int = Field(description="How many of them are new now.")


def _accounts(request: ApiRequest) -> Any:
    """Those that the actor may know of. A token needs `source:read` beside `own_source:read` to see any."""
    return Account.objects.visible_to(request.actor).select_related("source")


def channel_of(request: ApiRequest, source_id: UUID) -> Account:
    """One that the actor may know of. Raises `NotFound`."""
    found: Account | None = _accounts(request).filter(pk=source_id).first()
    if found is None:
        raise NotFound(_("There is no such account."))
    return found


def may_change(request: ApiRequest, account: Account) -> bool:
    """Whether it is the actor's to steer."""
    return policy.may(request.actor, "write", "own_source" if account.source.owner_id else "source")


def _row(request: ApiRequest, one: Account, came: int, waiting: int) -> dict[str, Any]:
    plain = ("address", "state", "problem", "detail", "problem_since", "looked_at", "heard_at", "created_at")
    health = health_of(one, waiting, request.now)
    return {name: getattr(one, name) for name in plain} | {
        "id": one.pk, "name": one.source.name, "adapter": one.source.adapter, "team_id": one.source.team_id,
        "is_own": one.source.owner_id is not None, "health": health.text, "remedy": health.remedy,
        "is_watched": one.watching, "came": came, "waiting": waiting,
    }  # fmt: skip


@operation(router, "GET", "/channels", of="own_source", does="read", answer=ChannelsOut)
def list_of_channels(request: ApiRequest) -> Mapping[str, Any]:
    """List the accounts that you may know of, with how they are. Needs `source:read` too."""
    found = _accounts(request).exclude(state=AccountState.REMOVED)
    summed = found.annotate(came=Sum("feeds__came"), waiting=Sum("feeds__waiting"))
    return {"items": [_row(request, one, one.came or 0, one.waiting or 0) for one in summed]}


def whole_channel(request: ApiRequest, account: Account) -> dict[str, Any]:
    """An account with its folders, as `ChannelOut` has it."""
    feeds = list(Feed.objects.filter(account=account))
    row = _row(request, account, sum(one.came for one in feeds), sum(one.waiting for one in feeds))
    stuck = Item.objects.filter(source_id=account.pk, state=ItemState.QUARANTINED).count()
    folders = [{name: getattr(one, name) for name in FolderOut.model_fields} for one in feeds]
    return row | {"folders": folders, "quarantined": stuck, "may_change": may_change(request, account)}


@operation(router, "GET", _ONE, of="own_source", does="read", answer=ChannelOut)
def get_channel(request: ApiRequest, source_id: UUID, wanted: Query[FieldsQuery]) -> Mapping[str, Any]:
    """An account with its folders. Needs `source:read` too."""
    whole = whole_channel(request, channel_of(request, source_id))
    return chosen(wanted.fields, whole, list(whole))


@operation(router, "GET", f"{_ONE}/ledger", of="own_source", does="read", answer=LedgerPage)
def ledger_of_channel(request: ApiRequest, source_id: UUID, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """What happened to an account, newest first: readings, trouble and its end, gaps, what people asked for."""
    account = channel_of(request, source_id)
    of = f"ledger {request.staff.id} {source_id}"
    place = read_cursor(of, wanted.after)
    rows = LedgerEntry.objects.filter(account=account).order_by("-at", "-id")
    if place is not None:
        at, _mark, id = place.partition("~")
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=int(id)))
    found = list(rows[: wanted.limit + 1])
    listed = found[: wanted.limit]
    after = f"{listed[-1].at.isoformat()}~{listed[-1].pk}" if len(found) > wanted.limit else None
    return page_of([_entry(one) for one in listed], wanted, list(LedgerRow.model_fields), of, after)


def _entry(one: LedgerEntry) -> dict[str, Any]:
    return {
        "id": one.pk, "at": one.at, "kind": one.kind, "words": entry_words(one), "folder": one.feed,
        "figures": one.figures, "problem": one.problem, "detail": one.detail, "staff_id": one.staff_id,
    }  # fmt: skip


@operation(router, "POST", f"{_ONE}/pause", of="own_source", does="write", answer=ChannelOut)
def pause_channel(request: ApiRequest, source_id: UUID) -> Mapping[str, Any]:
    """Neither read nor send until it goes on. An account of everybody or of a team needs `source:write`."""
    accounts.pause(source_id, actor=request.actor, at=request.now)
    return whole_channel(request, channel_of(request, source_id))


@operation(router, "POST", f"{_ONE}/continuation", of="own_source", does="write", answer=ChannelOut)
def continue_channel(request: ApiRequest, source_id: UUID) -> Mapping[str, Any]:
    """Go on where it was."""
    accounts.go_on(source_id, actor=request.actor, at=request.now)
    return whole_channel(request, channel_of(request, source_id))


@operation(router, "POST", f"{_ONE}/reading", of="own_source", does="write", answer=ChannelOut, status=202)
def sync_channel_again(request: ApiRequest, source_id: UUID, body: ReadIn) -> Answer:
    """Compare all that lies on the server with what came. What is here already stays as it is."""
    accounts.read_again(source_id, actor=request.actor, at=request.now, days=body.days)
    return Answer(whole_channel(request, channel_of(request, source_id)), 202)


@operation(router, "POST", f"{_ONE}/replay", of="own_source", does="write", answer=ReplayOut)
def replay_channel(request: ApiRequest, source_id: UUID) -> Mapping[str, Any]:
    """Read once more what could not be read."""
    account = channel_of(request, source_id)
    policy.require(request.actor, "write", "own_source" if account.source.owner_id else "source")
    adapter = live_adapter(account.source.adapter)
    if adapter is None:
        raise Invalid(_("There is no such channel."))
    counts = ingest.replay_mailbox(account.pk, adapter=adapter, actor=request.actor, at=request.now)
    return {"read": counts["read"], "new": counts["new"]}


@operation(router, "DELETE", _ONE, of="own_source", does="write", answer=None, status=204)
def disconnect_channel(request: ApiRequest, source_id: UUID) -> Answer:
    """Disconnect an account and forget its password. What it brought stays."""
    accounts.remove(source_id, actor=request.actor, at=request.now)
    return Answer(None, 204)
