"""Passwords: lost ones are replaced by a link that works once; every change ends the other sessions and is told."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel import vault
from amity.kernel.actor import SYSTEM
from amity.kernel.api.tokens import revoke_all
from amity.kernel.errors import Invalid
from amity.kernel.models import Staff
from amity.site.accounts import addresses, attempts, links, mail, sessions, trail
from amity.site.accounts.links import Purpose
from amity.site.models import AccountLink

ASKED_PURPOSE = "password asked for"


def ask_for_link(email: str, address: str, *, at: datetime) -> None:
    """Somebody at `address` says that they lost the password of `email`. The same work whoever has an account or not:
    the worker finds out. Raises `attempts.TooManyTries`."""
    from amity.site.jobs import send_reset_link

    attempts.begin_attempt(f"reset:{email}", address, at=at, limits=attempts.LINK)
    send_reset_link.defer(sealed=vault.seal(email.strip(), purpose=ASKED_PURPOSE))


def send_link(sealed: str, *, at: datetime) -> None:
    """In the worker: mail a link, if this is the address of an active colleague and mail can be sent."""
    email = vault.unseal(sealed, purpose=ASKED_PURPOSE)
    staff = Staff.objects.of_address(email)
    if staff is None or not staff.is_active or not settings.CAN_SEND_MAIL:
        return
    with transaction.atomic():
        _link, address = links.make_link(Purpose.RESET, at=at, staff=staff, was_mailed=True)
        mail.tell(staff, "reset", link=address)
        trail.note("password.link_sent", actor=SYSTEM, at=at, subject_id=staff.pk)


def checked(new: str, staff: Staff, field: str = "new") -> str:
    """`new`, unless it is too easy to guess: then `Invalid` for the form field `field`."""
    try:
        validate_password(new, staff)
    except ValidationError as error:
        message = " ".join(error.messages)
        raise Invalid(message, fields={field: message}) from error
    return new


def set_by_link(secret: str, *, new: str, at: datetime) -> Staff:
    """Give the account of a reset link its new password; it is not signed in. A link that an administrator made ends
    its API tokens as well as its sessions. Raises `LinkGone`, `Invalid`."""
    found = links.find_link(Purpose.RESET, secret, at=at).staff
    if found is None:
        raise links.LinkGone("")
    checked(new, found)
    with transaction.atomic():
        # Locked first: a role that is given in this moment is either seen by the link, or waits for it.
        staff = Staff.objects.select_for_update().get(pk=found.pk)
        link = links.use_link(Purpose.RESET, secret, at=at)
        _require_maker(link, staff)
        staff.set_password(new)
        staff.save(update_fields=["password"])
        if link.was_mailed:
            addresses.prove(staff)
        sessions.end_all(staff)
        if link.made_by_id is not None:  # somebody else saw a reason: whoever else has a token goes, too
            revoke_all(staff, by=link.made_by_id, at=at)
        mail.tell(staff, "password_changed")
        trail.note("password.reset", actor=staff.actor(), at=at, subject_id=staff.pk)
    return staff


def _require_maker(link: AccountLink, staff: Staff) -> None:
    """A link that a colleague made holds as long as they may still set this account. Raises `LinkGone`."""
    from amity.site.accounts.colleagues import may_change  # it needs links and mail, as this does

    maker = link.made_by
    if maker is not None and not (maker.is_active and may_change(maker.actor(), staff)):
        raise links.LinkGone("")


def change(staff: Staff, *, current: str, new: str, keep: str, at: datetime) -> None:
    """Change one's own password, and end every session but `keep`. Raises `Invalid`."""
    if not staff.check_password(current):
        wrong = _("This is not your current password.")
        raise Invalid(wrong, fields={"current": wrong})
    checked(new, staff)
    with transaction.atomic():
        staff.set_password(new)
        staff.save(update_fields=["password"])
        sessions.end_others(staff, keep=keep)
        mail.tell(staff, "password_changed")
        trail.note("password.changed", actor=staff.actor(), at=at, subject_id=staff.pk)
