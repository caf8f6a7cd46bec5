"""Who may listen: the Django session of the browser, read without the rest of Django's request handling."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import Staff
from amity.site.accounts import standing_in
from amity.site.stream.hub import Listener

READ_BY: dict[str, tuple[str, ...]] = {
    "inbox": ("conversation",),
    "conversation": ("conversation",),
    "outbox": ("conversation",),
    "import": ("import",),
    "account": ("account", "own_source"),
    "promise": ("promise",),
    "objective": ("objective",),
    "webhook": ("webhook",),
    "erasure": ("erasure",),
    "duplicates": ("person",),
    "presence": ("conversation",),
    "staff": (),
}
"""By topic: what one must be allowed to read, any of it, to hear that it changed. Nothing named: everybody hears."""


NOTHING_WITHOUT_ID = frozenset({"presence"})
"""Topics that are dropped where their ids may not be told. Pages ask by themselves who else is here."""


def unheard(actor: Actor) -> frozenset[str]:
    """The topics that say nothing to this actor, because none of their pages would."""
    silent = {topic for topic, resources in READ_BY.items() if resources and not _reach(actor, resources)}
    return frozenset(silent) | unnamed(actor) & NOTHING_WITHOUT_ID


def unnamed(actor: Actor) -> frozenset[str]:
    """The topics of which the actor sees only what is assigned to them. The stream asks nobody whose a record is, so it
    tells no ids of them."""
    return frozenset(
        topic for topic, resources in READ_BY.items() if _reach(actor, resources) == {policy.Scope.OWN}
    )


def _reach(actor: Actor, resources: tuple[str, ...]) -> set[policy.Scope]:
    """How far the actor reads these resources, without those that they do not read at all."""
    readable = [resource for resource in resources if policy.may(actor, "read", resource)]
    return {
        policy.grant(actor.role, resource).scope if actor.role else policy.Scope.ALL for resource in readable
    }


def session_key_of(cookie_header: str) -> str:
    """The session key in a Cookie header, "" when there is none."""
    try:
        cookies = SimpleCookie(cookie_header)
    except CookieError:
        return ""
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def admit(session_key: str) -> Listener | None:
    """The listener of a session; None when it ended, its password changed, its owner is no longer active, or has to
    set up a second factor first."""
    if not session_key:
        return None
    session = SessionStore(session_key).load()
    if SESSION_KEY not in session:
        return None
    staff = Staff.objects.filter(pk=UUID(session[SESSION_KEY]), is_active=True).first()
    if staff is None or not constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), staff.get_session_auth_hash()
    ):
        return None
    if staff.second_factor_due:
        return None
    other = standing_in.stood_in(session, staff, at=timezone.now())
    seen_by = standing_in.visitor(other) if other else staff.actor()
    hidden = frozenset(str(source_id) for source_id in policy.hidden_source_ids(seen_by))
    return Listener(session_key, (other or staff).id, hidden, unheard(seen_by), unnamed(seen_by))


def admit_one(session_key: str) -> Listener | None:
    """`admit` for a thread of its own: drops a connection that the server has closed."""
    close_old_connections()
    return admit(session_key)


def admit_again(session_keys: Iterable[str]) -> list[Listener]:
    """Those of the sessions that still may listen, with their access of now."""
    close_old_connections()
    return [listener for key in session_keys if (listener := admit(key)) is not None]


def is_own_origin(origin: str, host: str) -> bool:
    """Whether a page of `origin` may read the stream served at `host`: the same host name, one of `ALLOWED_HOSTS`.

    The port differs by design (pages and stream are two processes); cookies know no ports, so neither does this.
    """
    parts = urlsplit(origin)
    name, _port = split_domain_port(parts.netloc)
    own, _port = split_domain_port(host)
    allowed = list(settings.ALLOWED_HOSTS)
    if parts.scheme not in {"http", "https"} or not name or not validate_host(name, allowed):
        return False
    return name == own or bool(settings.LIVE_ORIGIN)
