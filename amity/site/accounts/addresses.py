"""Whether an e-mail address is proven to be its colleague's: they used a link that only was mailed there."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from amity.kernel.models import Staff


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
