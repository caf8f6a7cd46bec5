"""Whether an e-mail address is proven to be its colleague's: they used a link that only was mailed there."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel.errors import Conflict
from amity.kernel.models import Staff
from amity.site.accounts import links, mail, trail
from amity.site.accounts.checks import checked_address, require_free
from amity.site.accounts.links import Purpose


def is_proven(staff: Staff) -> bool:
    """Whether the address that the account has now was proven. Single sign-on links to nothing else."""
    return bool(EmailAddress.objects.filter(user=staff, email__iexact=staff.email, verified=True).exists())


@transaction.atomic
def prove(staff: Staff) -> None:
    """The holder of the mailbox has shown that the present address is theirs."""
    address = staff.email.lower()
    EmailAddress.objects.filter(user=staff).exclude(email=address).delete()
    # Whoever claimed it before no longer has it: addresses of accounts are unique.
    EmailAddress.objects.filter(email=address, verified=True).exclude(user=staff).update(verified=False)
    EmailAddress.objects.update_or_create(
        user=staff, email=address, defaults={"verified": True, "primary": True}
    )


def disprove(staff: Staff) -> None:
    """The address was changed by somebody who did not prove it."""
    EmailAddress.objects.filter(user=staff).delete()


def ask_to_confirm(staff: Staff, wanted: str, *, at: datetime) -> str:
    """Mail a link to `wanted`, which becomes (or is shown to be) the account's address when it is used. Returns the
    address. Raises `Invalid` where it is none or somebody has it, `Conflict` where no mail can be sent."""
    address = checked_address(wanted, "email")
    if address.lower() != staff.email.lower():
        require_free(address, "email")
    if not mail.can_mail():
        raise Conflict(
            _("This Amity cannot send mail yet, so no address can be confirmed. See AMITY_SMTP_URL.")
        )
    with transaction.atomic():
        _link, url = links.make_link(Purpose.ADDRESS, at=at, staff=staff, email=address, was_mailed=True)
        mail.tell(staff, "address", to=address, link=url)
        trail.note("address.asked", actor=staff.actor(), at=at, subject_id=staff.pk)
    return address


@transaction.atomic
def confirm(secret: str, *, at: datetime) -> Staff:
    """Whoever used the link reads mail there: it is the account's address now, and the old one is told.

    Links from before die, for they were made for the old address. Raises `LinkGone`, `Invalid`.
    """
    link = links.use_link(Purpose.ADDRESS, secret, at=at)
    if link.staff is None:
        raise links.LinkGone("")
    staff, before = link.staff, link.staff.email
    if link.email.lower() != before.lower():
        require_free(link.email)
        staff.email = link.email
        staff.save(update_fields=["email"])
        mail.tell(staff, "address_changed", to=before)
    prove(staff)
    trail.note("address.confirmed", actor=staff.actor(), at=at, subject_id=staff.pk)
    return staff
