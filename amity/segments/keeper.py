"""The keeper: a thread of the worker that brings memberships up to date as soon as something is committed.

It listens where the triggers tell that somebody was touched, and looks every few seconds for time that has passed.
While no segment is there it looks every few seconds whether there is one, and holds no connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM
from amity.segments.building import end_keeping, is_idle, is_kept
from amity.segments.keeping import one_round, take_turn
from amity.segments.triggers import CHANNEL

log = structlog.get_logger(__name__)

LOOK_S = 5.0
"""How often it looks by itself: for time that passed, and for a first segment."""


class SegmentKeeper:
    """`run(stopping)` until the event is set."""

    def __init__(self, *, clock: Callable[[], datetime], look_s: float = LOOK_S) -> None:
        self._clock, self._look_s, self._listens = clock, look_s, False

    def run(self, stopping: threading.Event) -> None:
        """Keep until told to stop. A database that is away for a moment is asked again."""
        while not stopping.is_set():
            try:
                if self.keep():
                    self._wait(stopping)
                else:
                    self._let_go()
                    stopping.wait(self._look_s)
            except (OperationalError, InterfaceError):
                log.warning("segments wait for the database")
                self._let_go()
                stopping.wait(self._look_s)
            except Exception:  # the boundary: one odd record must not stop the others for ever
                log.exception("segments stumbled")
                self._let_go()
                stopping.wait(self._look_s)
        self._let_go()

    def keep(self) -> bool:
        """Catch up with all that is committed. False while nothing is kept."""
        if not is_kept():
            return False
        self._listen()
        more = True
        while more:
            with acting(SYSTEM, via="job"):
                more, _people = one_round(self._clock())
        if is_idle(self._clock()):
            with transaction.atomic():
                take_turn()
                end_keeping()
            return False
        return True

    def _listen(self) -> None:
        """Before it looks, so that nothing is missed in between."""
        if self._listens and connection.connection is not None:
            return
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        self._listens = True

    def _wait(self, stopping: threading.Event) -> None:
        """Until something was touched, or it is time to look; in short steps, so that a stop is heard."""
        waited, step = 0.0, 1.0
        while waited < self._look_s and not stopping.is_set():
            heard = list(connection.connection.notifies(timeout=step, stop_after=1))
            if heard:
                return
            waited += step

    def _let_go(self) -> None:
        self._listens = False
        connection.close()
