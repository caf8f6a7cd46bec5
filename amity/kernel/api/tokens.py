"""Tokens: made, shown once, looked up with every request, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.kernel.api_models import ApiToken
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.models import Staff

PREFIX = "amity_"
SECRET_BYTES = 32
LONGEST_NAME = 80
MOST_TOKENS = 50
USED_AGAIN_AFTER = timedelta(minutes=1)


def every_scope() -> tuple[str, ...]:
    """All scopes that there are, as `resource:action`, by the table of the policy."""
    return tuple(
        f"{resource}:{action}"
        for resource, grants in policy.TABLE.items()
        for action in sorted(frozenset().union(*(grant.actions for grant in grants.values())))
    )


def scopes_of(role: Role) -> tuple[str, ...]:
    """The scopes that a colleague of this role can give a token: what the role may do itself."""
    return tuple(
        scope
        for scope in every_scope()
        if scope.partition(":")[2] in policy.grant(role, scope.partition(":")[0]).actions
    )


def digest_of(secret: str) -> bytes:
    """What is kept of a secret. It is random and 256 bits long, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode()).digest()


def make_token(
    name: str, *, actor: Actor, at: datetime, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A token of the actor's own, and its secret, which is known nowhere else from now on."""
    staff = _owner(actor)
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > LONGEST_NAME:
        words = _("Give the token a name of at most 80 letters, such as the program that will use it.")
        raise Invalid(words, fields={"name": words})
    wanted = set(scopes)
    unknown = wanted - set(scopes_of(Role(staff.role)))
    if not wanted or unknown:
        words = _("Choose what the token may do, within what you may do yourself.")
        raise Invalid(words, fields={"scopes": words})
    if expires_at is not None and expires_at <= at:
        words = _("Choose a day in the future.")
        raise Invalid(words, fields={"expires_at": words})
    if ApiToken.objects.filter(staff=staff, revoked_at__isnull=True).count() >= MOST_TOKENS:
        raise Invalid(_("You have 50 tokens already. Revoke one that is not used any more."))
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        staff=staff, name=cleaned, digest=digest_of(secret), ending=secret[-4:], scopes=sorted(wanted),
        created_at=at, expires_at=expires_at,
    )  # fmt: skip
    return token, secret


def _owner(actor: Actor) -> Staff:
    if actor.scopes is not None:
        raise Invalid(_("A token cannot make tokens. Sign in and make it in Settings."))
    found = Staff.objects.filter(pk=actor.staff_id, is_active=True).first() if actor.staff_id else None
    if found is None:
        raise Invalid(_("Tokens belong to colleagues. Sign in first."))
    return found


def tokens_for(actor: Actor) -> QuerySet[ApiToken]:
    """One's own tokens; whoever may change the settings sees those of all colleagues."""
    tokens = ApiToken.objects.select_related("staff").order_by("-created_at")
    if policy.may(actor, "write", "settings"):
        return tokens
    return tokens.filter(staff_id=actor.staff_id) if actor.staff_id else tokens.none()


def revoke_token(token_id: UUID, *, actor: Actor, at: datetime) -> ApiToken:
    """End a token now. Doing it again changes nothing. Raises `NotFound` for a token that is not the actor's to end."""
    token = tokens_for(actor).filter(pk=token_id).first()
    if token is None:
        raise NotFound(_("This token does not exist."))
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by_id = at, actor.staff_id
        token.save(update_fields=["revoked_at", "revoked_by"])
    return token


def revoke_all(staff: Staff, *, by: UUID | None, at: datetime) -> int:
    """End every token of a colleague, as when somebody else had to set their password; returns how many there were."""
    open_ones = ApiToken.objects.filter(staff=staff, revoked_at__isnull=True)
    return open_ones.update(revoked_at=at, revoked_by_id=by)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who came with a token: the colleague, what they may do with it, and which token it was."""

    staff: Staff
    actor: Actor
    token_id: UUID
    token_name: str


_STAFF = [field.attname for field in Staff._meta.concrete_fields]
_LOOK_UP = f"""
    SELECT t.id, t.name, t.scopes, t.last_used_at,
        ARRAY(SELECT team_id FROM kernel_staff_teams WHERE staff_id = s.id),
        {", ".join(f"s.{column}" for column in _STAFF)}
    FROM kernel_apitoken t JOIN kernel_staff s ON s.id = t.staff_id
    WHERE t.digest = %s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %s) AND s.is_active
"""  # one statement, for it stands before every request


def bearer_of(secret: str, *, at: datetime) -> Bearer | None:
    """Whose token this is; None for one that is unknown, over, revoked, or of a colleague who has left.

    Of a colleague who owes a second factor it is told all the same: the edge refuses it, in words.
    """
    if not secret.startswith(PREFIX) or len(secret) > 200 or not secret.isascii():
        return None
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [digest_of(secret), at])
        row = cursor.fetchone()
    if row is None:
        return None
    token_id, name, scopes, last_used_at, teams, *staff_values = row
    staff = Staff.from_db("default", _STAFF, staff_values)
    is_news = last_used_at is None or at - last_used_at > USED_AGAIN_AFTER
    if is_news and not staff.second_factor_due:  # then it is refused, and nothing is noted
        ApiToken.objects.filter(pk=token_id).update(last_used_at=at)
    actor = Actor(role=Role(staff.role), staff_id=staff.id, team_ids=frozenset(teams), name=staff.name)
    return Bearer(staff, replace(actor, scopes=frozenset(scopes)), token_id, name)
