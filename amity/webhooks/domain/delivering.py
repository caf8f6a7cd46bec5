"""What becomes of a delivery after an attempt: arrived, again later, or given up. Times of the specification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2  # a retry comes up to this share later, so that what failed together does not come back together
DISABLE_AFTER = timedelta(days=5)
LONGEST_REST = timedelta(hours=24)
SHORTEST_REST, USUAL_REST = timedelta(seconds=1), timedelta(minutes=1)
_FIRST_REST, _MOST_OWN_REST = timedelta(seconds=5), timedelta(minutes=5)
THROTTLES = frozenset({429, 502, 503, 504})


class Outcome(StrEnum):
    """How one attempt ended."""

    ARRIVED = "arrived"
    REDIRECTED = "redirected"
    GONE = "gone"
    THROTTLED = "throttled"
    FAILED = "failed"  # another status that is no success
    REFUSED = "refused"  # not an address that we connect to
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"


def outcome_of(status: int) -> Outcome:
    """What a status means: only 2xx is a success, 410 ends it, a redirect is a failure."""
    if 200 <= status < 300:
        return Outcome.ARRIVED
    if status == 410:
        return Outcome.GONE
    if status in THROTTLES:
        return Outcome.THROTTLED
    return Outcome.REDIRECTED if 300 <= status < 400 else Outcome.FAILED


def next_attempt(attempts: int, at: datetime, chance: float) -> datetime | None:
    """When to try again after `attempts` failures; None when it is given up. `chance` is a random share, 0 to 1."""
    if attempts > len(RETRIES):
        return None
    wait: timedelta = RETRIES[max(attempts, 1) - 1]
    return at + wait + timedelta(seconds=wait.total_seconds() * JITTER * chance)


def rest_until(outcome: Outcome, failures: int, retry_after: str, at: datetime) -> datetime | None:
    """Until when an endpoint is left alone altogether after its latest attempt; None when it is well.

    One that throttles is given the time that it asks for (a second to a day). One that fails is given a little more
    with each of its `failures` in a row, so that a thousand waiting deliveries do not each find out for themselves.
    """
    if outcome is Outcome.ARRIVED:
        return None
    own = min(_FIRST_REST * (1 << min(max(failures, 1) - 1, 10)), _MOST_OWN_REST)
    if outcome is not Outcome.THROTTLED:
        return at + own
    asked = _asked_for(retry_after, at) if retry_after else USUAL_REST
    return at + min(max(asked, SHORTEST_REST), LONGEST_REST)


def _asked_for(retry_after: str, at: datetime) -> timedelta:
    """`Retry-After` as seconds or as a date (RFC 9110, 10.2.3)."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:10]), 10**9))
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return USUAL_REST
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) - at


def is_to_be_disabled(failing_since: datetime | None, at: datetime) -> bool:
    """Whether an endpoint failed for so long that nobody seems to be there."""
    return failing_since is not None and at - failing_since >= DISABLE_AFTER


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt as the courier saw it."""

    outcome: Outcome
    duration_ms: int
    status: int | None = None
    error: str = ""
    retry_after: str = ""
    response: str = ""  # the beginning of what came back
