"""One-time links: made, looked at without harm (a mail scanner opens them too), used once by a POST."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from amity.kernel.errors import NotFound
from amity.kernel.models import Staff
from amity.site.models import AccountLink, AccountLinkQuerySet

Purpose = AccountLink.Purpose

LIFETIMES = {
    Purpose.SETUP: timedelta(days=30),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.ADDRESS: timedelta(hours=24),
}
PAGES = {
    Purpose.SETUP: "setup",
    Purpose.INVITATION: "invitation",
    Purpose.RESET: "reset-password",
    Purpose.ADDRESS: "address-confirmation",
}
_SECRET_BYTES = 32


class LinkGone(NotFound):
    """The link was used, has expired, was taken back or never was. All look the same."""

    code = "link.gone"


def make_link(
    purpose: AccountLink.Purpose,
    *,
    at: datetime,
    staff: Staff | None = None,
    email: str = "",
    made_by: Staff | None = None,
    was_mailed: bool = False,
    details: dict[str, Any] | None = None,
) -> tuple[AccountLink, str]:
    """A new link and its address, which is not known again. Earlier ones for the same thing are taken back."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        take_back(purpose, staff=staff, email=email, at=at)
        link = AccountLink.objects.create(
            purpose=purpose,
            secret_hash=_hashed(secret),
            bound_to=_state_of(staff),
            staff=staff,
            email=email,
            details=details or {},
            was_mailed=was_mailed,
            made_by=made_by,
            made_at=at,
            expires_at=at + LIFETIMES[purpose],
        )
    return link, settings.BASE_URL + reverse(PAGES[purpose], args=[secret])


def take_back(
    purpose: AccountLink.Purpose, *, at: datetime, staff: Staff | None = None, email: str = ""
) -> None:
    """Make open links of this purpose for the same colleague (or, before they are one, address) lead nowhere."""
    links = AccountLink.objects.open(at).filter(purpose=purpose)
    if staff is not None:
        links = links.filter(staff=staff)
    elif email:
        links = links.filter(email__iexact=email)
    links.update(expires_at=at)


def find_link(purpose: AccountLink.Purpose, secret: str, *, at: datetime) -> AccountLink:
    """The open link with this secret. Changes nothing. Raises `LinkGone`."""
    link = _open(purpose, secret, at).select_related("staff", "made_by").first()
    if link is None or not _still_holds(link):
        raise LinkGone("")
    return link


def use_link(purpose: AccountLink.Purpose, secret: str, *, at: datetime) -> AccountLink:
    """Take the link, for good. Call it inside the transaction of what it is for. Raises `LinkGone`."""
    link = _open(purpose, secret, at).select_for_update(of=("self",)).first()
    if link is None or not _still_holds(link):
        raise LinkGone("")
    link.used_at = at
    link.save(update_fields=["used_at"])
    return link


def _open(purpose: AccountLink.Purpose, secret: str, at: datetime) -> AccountLinkQuerySet:
    return AccountLink.objects.open(at).filter(purpose=purpose, secret_hash=_hashed(secret))


def _still_holds(link: AccountLink) -> bool:
    if link.staff is not None and not link.staff.is_active:
        return False
    return secrets.compare_digest(bytes(link.bound_to), _state_of(link.staff))


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _state_of(staff: Staff | None) -> bytes:
    """Changes with the password, the e-mail address and the role of the account that the link is for."""
    if staff is None:
        return hashlib.sha256(b"").digest()
    said = f"{staff.pk}\n{staff.password}\n{staff.email.lower()}\n{staff.role}"
    return hashlib.sha256(said.encode()).digest()
