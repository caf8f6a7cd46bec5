"""What programs say walks the corridor at once, and who said it waits until it is committed.

A walk through the corridor costs about the same for one item as for twenty. So requests that come at the same time
and say the same kind of thing in the same name share one: the first walks, those who come meanwhile wait together
and walk next (group commit). Everybody gets the outcome of their own item, after the commit that holds it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.channels.adapters import RawItem
from amity.channels.adapters.api.adapter import ADAPTER_NAME, reader_for
from amity.channels.checking import checker
from amity.channels.domain.limits import refuse_impossible
from amity.channels.holding import is_away
from amity.channels.models import Source
from amity.channels.own_fields import reason_for
from amity.channels.records import Unreadable
from amity.channels.stages import IN_TURN, RAW, READER, REFUSED, TURN
from amity.kernel import policy
from amity.kernel.acting import now_acting
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.pipeline import Batch

T = TypeVar("T")
Walk = Callable[[Batch], None]
Around = Callable[[Sequence[RawItem]], AbstractContextManager[None]]
Look = Callable[[Batch, Sequence[RawItem]], Sequence[T]]
MOST_TOGETHER = 200
LONGEST_WAIT_S = 60.0
COMPANY_WAIT_S = 0.01
"""Who leads right after a walk that several shared waits so long for as many to come again."""


class WasErased(Conflict):
    """What is said names somebody who was erased, and is older than that or not their own word."""

    code = "person.erased"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody whom this names was erased from Amity. They come back only when they write or buy again "
                "themselves."
            )
        )


_walk: Walk | None = None


def provide_corridor(walk: Walk) -> None:
    """Called once at start by the site, which alone knows the whole corridor."""
    global _walk
    _walk = walk


def take_in(
    source: Source, raws: Sequence[RawItem], *, at: datetime, look: Look[T], around: Around | None = None
) -> Sequence[T]:
    """Walk items of one source in one transaction. `look` says within it what became of each of them; `around` is
    entered ahead of the walk, takes the turn to write, and is left when `look` has said it."""
    assert _walk is not None, "the site provides the corridor"
    with transaction.atomic():
        batch = Batch(source_id=source.id, at=at)
        batch.put(RAW, raws)
        batch.put(READER, reader_for(source.key))
        if around:
            batch.put(IN_TURN, None)
        with around(raws) if around else nullcontext():
            _walk(batch)
            if batch.has(REFUSED):
                raise WasErased
            found = look(batch, raws)
        if connection.savepoint_ids:  # what would only break the commit, which is not here, breaks here
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        return found


@dataclass(slots=True)
class _Waiting(Generic[T]):
    raw: RawItem
    source: Callable[[], Source]
    at: datetime
    look: Look[T]
    around: Around | None
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    outcome: T | None = None
    error: BaseException | None = None


_lock = threading.Lock()
_waiting: dict[Hashable, list[_Waiting[Any]]] = {}
_led: set[Hashable] = set()
_last_walk: tuple[Hashable, int, float] = (None, 0, 0.0)  # group, how many shared it, when it ended
_awaited: dict[
    Hashable, tuple[int, threading.Event]
] = {}  # for how many a leader waits, and what to set then


def take_turn_now() -> None:
    """Wait for the turn to write, before looking at what must not change until one's own item is in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])


def take_in_together(
    group: Hashable,
    source: Callable[[], Source],
    raw: RawItem,
    *,
    at: datetime,
    look: Look[T],
    around: Around | None = None,
) -> T:
    """The same for one item, which may share its transaction with others of its `group`.

    A group is what may walk together: one source, one kind of item, one actor who came in one way; `source` is asked
    for once a walk.
    An item that breaks the walk breaks it for itself alone. Everything that the walk does must be meant to happen, or
    be undone, together with it.
    """
    mine = _Waiting(raw, source, at, look, around)
    group = (group, now_acting())  # what the trail tells of a walk must be so of each of its items
    with _lock:
        queue = _waiting.setdefault(group, [])
        queue.append(mine)
        mine.leads = group not in _led
        _led.add(group)
        wanted, complete = _awaited.get(group, (0, None))
        if complete is not None and len(queue) >= wanted:
            complete.set()
    if not mine.leads and not mine.woken.wait(LONGEST_WAIT_S) and _gives_up(group, mine):
        raise TimeoutError("waited for a turn in the corridor")
    if mine.leads:
        _lead(group, mine)
    if mine.error is not None:
        raise mine.error
    return mine.outcome  # type: ignore[return-value]  # set with the wake-up


def _gives_up(group: Hashable, mine: _Waiting[Any]) -> bool:
    """Leave the queue, so that nobody hands the lead to one who is gone. False where it was taken up meanwhile: then
    it is being walked, or leads."""
    with _lock:
        queue = _waiting.get(group, [])
        place = next((n for n, one in enumerate(queue) if one is mine), None)
        if place is not None and not mine.woken.is_set():
            del queue[place]
            return True
    mine.woken.wait()
    return False


def _lead(group: Hashable, mine: _Waiting[Any]) -> None:
    """Walk what waits until one's own is done, then hand the lead to the next who waits."""
    global _last_walk
    try:
        _wait_for_company(group)
        while not (mine.outcome is not None or mine.error is not None):
            with _lock:
                together = _waiting[group][:MOST_TOGETHER]
                del _waiting[group][:MOST_TOGETHER]
            try:
                _settle(together)
            finally:  # whatever happened, nobody waits for ever
                _last_walk = (group, len(together), time.monotonic())
                for one in together:
                    if one.outcome is None and one.error is None:
                        one.error = RuntimeError("the walk was broken off")
                    if one is not mine:
                        one.woken.set()
    finally:
        with _lock:
            rest = _waiting.get(group)
            if rest:
                rest[0].leads = True
                rest[0].woken.set()
            else:
                _waiting.pop(group, None)
                _led.discard(group)


def _wait_for_company(group: Hashable) -> None:
    """Those who shared the last walk have their answers now, and most ask again at once: a walk for one of them alone
    would cost as much as one for all. Whoever asks one after the other never waits."""
    last, shared, ended = _last_walk
    if last != group or shared < 2 or time.monotonic() - ended > COMPANY_WAIT_S:
        return
    complete = threading.Event()
    with _lock:
        if len(_waiting[group]) >= shared:
            return
        _awaited[group] = shared, complete
    complete.wait(COMPANY_WAIT_S)
    with _lock:
        del _awaited[group]


def _settle(together: list[_Waiting[Any]]) -> None:
    """Outcome or error for each of them."""
    first = together[0]
    try:
        raws = [one.raw for one in together]
        outcomes = take_in(first.source(), raws, at=first.at, look=first.look, around=first.around)
        for one, outcome in zip(together, outcomes, strict=True):
            one.outcome = outcome
    except Exception as error:  # noqa: BLE001  # the boundary: each hears of their own item
        if len(together) == 1 or is_away(error):
            for one in together:
                one.error = error
            return
        for one in together:
            _settle([one])


_SOURCE = "SELECT * FROM channels_source WHERE key = %s AND adapter = %s"


def key_of_program(name: str) -> str:
    """The key of the source of the programs that go by this name."""
    from amity.channels.reading import source_key

    return f"api-{source_key(name)}"[:60] if name else "api"


def source_of_program(name: str, *, at: datetime) -> Source:
    """The source of the programs that go by this name, made if it is new."""
    from amity.channels.imports import ensure_source

    key = key_of_program(name)
    found = next(
        iter(Source.objects.raw(_SOURCE, [key, ADAPTER_NAME])), None
    )  # compiled once: each walk asks
    return found or ensure_source(key, name=name or "API", adapter=ADAPTER_NAME, at=at)


def source_for_writing(program: str, *, actor: Actor, at: datetime) -> Source:
    """The source of a program, as far as the actor may write into it."""
    source = source_of_program(program, at=at)
    if source.id in policy.hidden_source_ids(actor):
        raise Invalid(_("What goes by this name belongs to another team. Make a token with another name."))
    return source


def require_readable(raw: RawItem, source_key: str, actor: Actor = SYSTEM) -> None:
    """Refuse with `Invalid` what would wait in quarantine: whoever says it hears it at once."""
    rules = checker()
    try:
        for record in reader_for(source_key)(raw):
            refuse_impossible(record)
            rules.refuse(record)
    except Unreadable as error:
        words = reason_for(actor, error)
        raise Invalid(words, fields={error.code: words}) from error
