"""Where a colleague is signed in, and how each of those ends: pages at once, the live stream with the announcement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel.errors import NotFound
from amity.kernel.live import announce
from amity.kernel.models import Staff


@dataclass(frozen=True, slots=True)
class Place:
    """One browser or phone. `device` is what it says of itself, shortened to words."""

    id: int
    device: str
    address: str
    since: datetime
    last_seen_at: datetime
    is_here: bool


def places(staff: Staff, here: str) -> list[Place]:
    """Where the colleague is signed in now, this session (`here`) first, then the latest."""
    rows = UserSession.objects.filter(user=staff, session_key__in=_living(staff)).order_by("-last_seen_at")
    found = [
        Place(
            row.pk,
            device_in_words(row.user_agent),
            "" if row.ip == "0.0.0.0" else row.ip,  # noqa: S104  # what stands there where none is known
            row.created_at,
            row.last_seen_at,
            row.session_key == here,
        )
        for row in rows
    ]
    return sorted(found, key=lambda place: not place.is_here)


def end_one(staff: Staff, place_id: int, *, here: str) -> None:
    """Sign one other place out. Raises `NotFound` for one that is not theirs, or over already."""
    row = UserSession.objects.filter(user=staff, pk=place_id).exclude(session_key=here).first()
    if row is None:
        raise NotFound(_("This session is over already."))
    _end(staff, [row.session_key])


def end_others(staff: Staff, *, keep: str) -> int:
    """Sign every place out but the session `keep`; returns how many there were."""
    keys = (
        UserSession.objects.filter(user=staff).exclude(session_key=keep).values_list("session_key", flat=True)
    )
    return _end(staff, list(keys))


def end_all(staff: Staff) -> int:
    """Sign out everywhere."""
    return end_others(staff, keep="")


def seen(session_key: str, *, at: datetime, address: str) -> None:
    """This session is in use. Written at most once a minute (see the middleware)."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=at, ip=address)


def _living(staff: Staff) -> list[str]:
    keys = UserSession.objects.filter(user=staff).values_list("session_key", flat=True)
    return list(Session.objects.filter(session_key__in=list(keys)).values_list("session_key", flat=True))


@transaction.atomic
def _end(staff: Staff, keys: list[str]) -> int:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    announce("staff", staff.pk)  # the live stream asks again who may listen
    return len(keys)


_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip


def device_in_words(user_agent: str) -> str:
    """ "Firefox on Linux" of a User-Agent header; it is what the browser claims, no more."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A program")


def renamed(before: str, after: str) -> None:
    """The session goes on under another key (Django changes it with the password)."""
    UserSession.objects.filter(session_key=before).update(session_key=after)


def forget(session_key: str) -> None:
    """Its colleague has signed out."""
    UserSession.objects.filter(session_key=session_key).delete()
