"""Time for the whole of something, however many small waits it is made of."""

from __future__ import annotations

import time

from django.utils.translation import gettext as _

from amity.kernel.http.errors import TimedOut


class Deadline:
    """`left()` is how many seconds remain; it raises `TimedOut` when none do."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> TimedOut:
        return TimedOut(
            _("The other side did not finish its answer within %(n)g seconds.") % {"n": self.seconds}
        )
