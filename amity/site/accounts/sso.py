"""Single sign-on with the company's identity provider (OpenID Connect): set up, come in, linked or not.

django-allauth does the dance (state, PKCE, the exchange of the code); who is let in is decided here, from an ID token
whose signature, issuer, audience, expiry and nonce were checked. Addresses of the provider are reached through
`amity.kernel.http` only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amity.kernel import policy, vault
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from amity.kernel.http import session
from amity.kernel.models import Staff
from amity.kernel.workspace import take_turn
from amity.site.accounts import addresses, trail
from amity.site.accounts.invitations import new_staff
from amity.site.domain.linking import Facts, Verdict, verdict
from amity.site.models import SingleSignOn

SECRET_PURPOSE = "single sign-on"  # noqa: S105  # what the seal is for
RESOURCE = "settings"
NEVER_FOR_NEW = (Role.OWNER, Role.ADMINISTRATOR)
_DOMAIN = re.compile(r"\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class NotLetIn(DomainError):
    """The provider vouched for somebody whom we do not let in."""

    code = "sso.not_let_in"
    status = 403


@dataclass(frozen=True, slots=True)
class Provider:
    """What is set. An empty `secret` keeps the one before."""

    name: str
    issuer: str
    client_id: str
    secret: str
    domains: tuple[str, ...]
    role_for_new: str
    is_on: bool


def kept() -> SingleSignOn | None:
    """What is set up, on or off."""
    return SingleSignOn.objects.first()


def in_force() -> SingleSignOn | None:
    """The provider whose button stands on the sign-in page."""
    return SingleSignOn.objects.filter(is_on=True).first()


def space_of(issuer: str) -> str:
    """Where links of this issuer are kept apart: the same id of a person at another issuer is another person."""
    return "sso:" + hashlib.sha256(issuer.encode()).hexdigest()[:24]


def discovery_url(issuer: str) -> str:
    """OpenID Connect Discovery 1.0, section 4."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def checked_configuration(issuer: str, found: Any) -> dict[str, Any]:
    """What the provider says about itself, if it is about this very issuer. Raises `Invalid`."""
    if not isinstance(found, Mapping) or any(not isinstance(found.get(name), str) for name in _ENDPOINTS):
        raise Invalid(
            _("At this address there is no OpenID Connect provider."), fields={"issuer": _("See above.")}
        )
    if not all(is_safe(found[name]) for name in _ENDPOINTS):
        raise Invalid(
            _("The provider names addresses without TLS (https)."), fields={"issuer": _("See above.")}
        )
    if found.get("issuer") != issuer:
        other = _("The provider calls itself %(issuer)s. Enter exactly that.") % {
            "issuer": found.get("issuer", "?")
        }
        raise Invalid(other, fields={"issuer": other})
    return dict(found)


def is_safe(url: str) -> bool:
    """Whether what is said there stays between us: over TLS, or to one of our own servers (`AMITY_PEERS`)."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.netloc in settings.PEERS)


def may_set(actor: Actor) -> bool:
    """Whether the actor says who vouches for everybody. An administrator who did could be vouched for as an owner."""
    return actor.role in (None, Role.OWNER) and policy.may(actor, "write", RESOURCE)


Unchanged = Callable[[SingleSignOn | None], None]


def change(wanted: Provider, *, actor: Actor, at: datetime, unchanged: Unchanged | None = None) -> None:
    """Set the provider up, after asking it who it is. Raises `Forbidden`, `Invalid`, and what `kernel.http` raises.

    `unchanged` may refuse: it sees what is set up before the provider is asked, and again while it is locked.
    """
    for resource in (RESOURCE, "account"):  # a token needs both scopes
        policy.require(actor, "write", resource)
    if not may_set(actor):
        raise Forbidden(
            _("Whom the provider vouches for comes in, also as an owner. Ask an owner to set it up.")
        )
    before = kept()
    if unchanged is not None:
        unchanged(before)
    _check(wanted, before)
    if wanted.is_on:
        _ask(wanted.issuer)
    with transaction.atomic():
        take_turn()
        there = kept()
        if unchanged is not None:
            unchanged(there)
        _check(
            wanted, there
        )  # a secret that somebody gave meanwhile for another provider does not go to this one
        if wanted.secret:
            sealed = vault.seal(wanted.secret, purpose=SECRET_PURPOSE)
        else:
            sealed = there.sealed_secret if there else ""
        SingleSignOn.objects.update_or_create(
            id=1,
            defaults={
                "name": wanted.name.strip(),
                "issuer": wanted.issuer,
                "client_id": wanted.client_id.strip(),
                "sealed_secret": sealed,
                "domains": list(wanted.domains),
                "role_for_new": wanted.role_for_new,
                "is_on": wanted.is_on,
                "changed_at": at,
            },
        )
        trail.note(
            "security.single_sign_on",
            actor=actor,
            at=at,
            after={"issuer": wanted.issuer, "is_on": wanted.is_on},
        )


def _ask(issuer: str) -> None:
    """Have the provider say who it is. Raises `Invalid`."""
    try:
        with session() as web:
            answer = web.get(discovery_url(issuer))
            answer.raise_for_status()
            checked_configuration(issuer, answer.json())
    except (OSError, ValueError) as error:  # requests raises kinds of both
        away = _("The provider did not answer at this address. Check it, and that this server may reach it.")
        raise Invalid(away, fields={"issuer": away}) from error


def _check(wanted: Provider, before: SingleSignOn | None) -> None:
    wrong: dict[str, str] = {}
    if not is_safe(wanted.issuer):
        wrong["issuer"] = _("Enter its address with https://, for example https://login.example.org.")
    if not wanted.secret and (before is None or before.issuer != wanted.issuer):
        wrong["secret"] = _("Enter the secret that the provider gave you for Amity.")
    strange = [domain for domain in wanted.domains if not _DOMAIN.fullmatch(domain)]
    if strange:
        wrong["domains"] = _(
            "%(domain)s is no domain. Write example.org, or .example.org for all below it."
        ) % {"domain": strange[0]}
    if wanted.role_for_new not in {role.value for role in Role if role not in NEVER_FOR_NEW}:
        wrong["role_for_new"] = _("Owners and administrators are made by hand. Choose another role.")
    if wrong:
        raise Invalid(_("Some of this cannot be saved yet."), fields=wrong)


def read_domains(text: str) -> tuple[str, ...]:
    """Domains as typed: separated by commas, spaces or lines, without `@`."""
    return tuple(dict.fromkeys(part.lower().lstrip("@") for part in re.split(r"[\s,;]+", text) if part))


def let_in_by(claims: Mapping[str, Any], provider: SingleSignOn, *, at: datetime) -> Staff:
    """The colleague whom these checked claims stand for; links or makes the account where that is allowed.

    Raises `NotLetIn` with what to do.
    """
    space, subject = space_of(provider.issuer), str(claims.get("sub") or "")
    if not subject:
        raise NotLetIn(_("The provider did not say who you are."))
    address = str(claims.get("email") or "").strip()
    linked = SocialAccount.objects.filter(provider=space, uid=subject).select_related("user").first()
    account = Staff.objects.of_address(address) if address else None
    decided = verdict(
        Facts(
            is_linked=linked is not None,
            address=address,
            is_verified=claims.get("email_verified") is True,  # the word "true" is not enough
            has_account=account is not None,
            is_proven=account is not None and addresses.is_proven(account),
            domains=provider.domains,
        )
    )
    with transaction.atomic():
        staff = _staff_for(decided, linked, account, claims, provider, at)
        if not staff.is_active:
            raise NotLetIn(_("This account is closed. An administrator can open it again."))
        if decided in (Verdict.LINK, Verdict.CREATE):
            _link(staff, space, subject, at)
    return staff


def _staff_for(
    decided: Verdict,
    linked: SocialAccount | None,
    account: Staff | None,
    claims: Mapping[str, Any],
    provider: SingleSignOn,
    at: datetime,
) -> Staff:
    if decided is Verdict.KNOWN and linked is not None:
        known: Staff = linked.user
        return known
    if decided is Verdict.LINK and account is not None:
        return account
    if decided is Verdict.CREATE:
        name = str(claims.get("name") or claims["email"]).strip()[:120]
        try:
            made = new_staff(
                email=str(claims["email"]).strip(),
                name=name,
                role=Role(provider.role_for_new),
                password=None,
                at=at,
            )
        except (Conflict, Invalid) as error:
            raise NotLetIn(error.message) from error
        addresses.prove(made)
        trail.note(
            "account.made",
            actor=SYSTEM,
            at=at,
            subject_id=made.pk,
            after={"role": made.role},
            why="single sign-on",
        )
        return made
    raise NotLetIn(_why_not(decided))


def _why_not(decided: Verdict) -> str:
    return {
        Verdict.UNVERIFIED_THERE: _(
            "Your provider does not vouch for your e-mail address, so it opens no account here. Ask whoever runs it."
        ),
        Verdict.UNVERIFIED_HERE: _(
            "There is an account with your address, but nobody has confirmed the address yet. Sign in with the "
            "password, confirm it under Settings, Security, then come back."
        ),
    }.get(decided, _("You have no account here. Ask an administrator of your company to invite you."))


def _link(staff: Staff, space: str, subject: str, at: datetime) -> None:
    if SocialAccount.objects.filter(user=staff, provider=space).exists():
        raise NotLetIn(
            _("This account belongs to somebody else at your provider. They can end that under Settings.")
        )
    try:
        with transaction.atomic():
            SocialAccount.objects.create(user=staff, provider=space, uid=subject, extra_data={})
    except IntegrityError as error:
        raise NotLetIn(_("Somebody came in with this just now. Try it again.")) from error
    trail.note("sso.linked", actor=staff.actor(), at=at, subject_id=staff.pk)


def is_linked(staff: Staff) -> bool:
    """Whether the colleague comes in by single sign-on."""
    return bool(SocialAccount.objects.filter(user=staff).exists())


@transaction.atomic
def unlink(staff: Staff, *, at: datetime) -> None:
    """End the link. Raises `Forbidden` where it is the only way in."""
    if not staff.has_usable_password():
        raise Forbidden(_("It is your only way in. Choose a password first, by the link for a lost one."))
    SocialAccount.objects.filter(user=staff).delete()
    trail.note("sso.unlinked", actor=staff.actor(), at=at, subject_id=staff.pk)


def roles_for_new() -> Iterable[Role]:
    """What people of an allowed domain may become by themselves."""
    return [role for role in Role if role not in NEVER_FOR_NEW]
