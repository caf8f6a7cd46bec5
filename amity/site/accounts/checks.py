"""What an e-mail address of an account must be."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from amity.kernel.errors import Invalid
from amity.kernel.models import Staff


def checked_address(email: str, field: str = "email") -> str:
    """The address, if it is one. Raises `Invalid`."""
    address = email.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        wrong = _("Enter an e-mail address, for example mara@example.org.")
        raise Invalid(wrong, fields={field: wrong}) from error
    return address


def require_free(address: str, field: str = "email") -> None:
    """Raises `Invalid` where somebody has this address already."""
    if Staff.objects.filter(email__iexact=address).exists():
        taken = _("Somebody has an account with this address already.")
        raise Invalid(taken, fields={field: taken})
