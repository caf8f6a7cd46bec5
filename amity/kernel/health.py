"""How the parts of the machine say how they are: a registry of checks, to which each package brings its own.

A package writes its checks in `<package>/health.py`, which is imported at start:

    @register_check("outbox", order=70)
    def outbox(look: Look) -> Finding | None: ...

The Status screen, `/status.json`, `amity doctor` and `/metrics` show what is registered, and know of no package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amity.kernel import policy
from amity.kernel.actor import Actor

log = structlog.get_logger(__name__)

MOST_COUNTED = 10_001
"""Where checks stop counting; `capped` shows it as 10,000+."""


class Health(StrEnum):
    """From good to bad; `rank` compares."""

    GOOD = "good"
    INFO = "info"
    CAUTION = "caution"
    BAD = "bad"

    @property
    def label(self) -> str:
        return str(_LABELS[self])

    @property
    def icon(self) -> str:
        return _ICONS[self]

    @property
    def rank(self) -> int:
        return tuple(Health).index(self)


_LABELS = {
    Health.GOOD: gettext_lazy("works"),
    Health.INFO: gettext_lazy("at work"),
    Health.CAUTION: gettext_lazy("look at it"),
    Health.BAD: pgettext_lazy("health", "broken"),
}
_ICONS = {
    Health.GOOD: "circle-check",
    Health.INFO: "refresh-cw",
    Health.CAUTION: "triangle-alert",
    Health.BAD: "circle-x",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the machine: how it is, in a sentence, and what to do (empty when nothing). `figures` for machines:
    plain numbers, bytes and seconds with their unit in the key; their names come from code, never from data. `link` is
    a URL name with more about it."""

    key: str
    label: str
    health: Health
    words: str
    remedy: str = ""
    figures: dict[str, int | float | str] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, and when. A check counts only what this actor may see."""

    actor: Actor
    at: datetime


Check = Callable[[Look], Finding | None]


@dataclass(frozen=True, slots=True)
class Registered:
    key: str
    order: int
    needs_running: bool
    of_machine: bool
    check: Check


_registered: dict[str, Registered] = {}


def register_check(
    key: str, *, order: int, needs_running: bool = False, of_machine: bool = False
) -> Callable[[Check], Check]:
    """Register how one part is looked at; it is shown in the place of `order` (10 the database … 90 the disk).

    The check returns None when there is nothing to say, as where no mail account is set up. It is quick: counts are
    capped, nothing outside the database and this machine is asked. With `needs_running`, `amity doctor` leaves it
    out while Amity does not run, as nobody expects it to be well then. One `of_machine` counts work for everybody,
    also what an actor may not know of: its words and figures are for those who run Amity, the others hear how it is.
    """

    def register(check: Check) -> Check:
        _registered[key] = Registered(key, order, needs_running, of_machine, check)
        return check

    return register


def checks() -> list[Registered]:
    """All of them, in their order."""
    return sorted(_registered.values(), key=lambda one: (one.order, one.key))


def look_at_all(look: Look, *, is_running: bool = True) -> Iterator[Finding]:
    """The finding of each part that has one. A check that fails is a finding of its own and spoils no other."""
    runs_amity = policy.may(look.actor, "write", "settings")
    for one in checks():
        if one.needs_running and not is_running:
            continue
        try:
            with transaction.atomic():
                found = one.check(look)
        except Exception as error:  # the boundary: the page that says what is wrong must not be what breaks
            log.exception("a check failed", part=one.key)
            found = Finding(
                one.key,
                one.key.replace("_", " ").capitalize(),
                Health.CAUTION,
                _("This could not be looked at (%(error)s).") % {"error": type(error).__name__},
                _("The log of the server says why."),
            )
        if found is not None:
            yield _in_brief(found) if one.of_machine and not runs_amity else found


def _in_brief(found: Finding) -> Finding:
    """How a part of the machine is, without what it has to do at this moment."""
    health = Health.GOOD if found.health is Health.INFO else found.health
    words = "" if health is Health.GOOD else _("An administrator sees more here.")
    return Finding(found.key, found.label, health, words)


def worst(found: list[Finding]) -> Health:
    """The state of the whole: that of its worst part."""
    return max((finding.health for finding in found), key=lambda health: health.rank, default=Health.GOOD)


def capped(count: int) -> str:
    """A count in words that was cut off at `MOST_COUNTED`."""
    return f"{number_format(MOST_COUNTED - 1)}+" if count >= MOST_COUNTED else str(number_format(count))
