"""Who may come in by e-mail and password."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from amity.kernel.models import Staff


class StaffBackend:
    """Django authentication backend for `Staff`."""

    def authenticate(
        self,
        _request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **other: object,
    ) -> Staff | None:
        """The active colleague with this e-mail (whatever its case) and password, else None.

        An unknown or inactive account takes as long as a wrong password, so that time tells nothing.
        """
        email = username or other.get("email")
        if not isinstance(email, str) or password is None:
            return None
        staff = Staff.objects.of_address(email)
        if staff is None or not staff.is_active or not staff.has_usable_password():
            make_password(password)
            return None
        return staff if staff.check_password(password) else None

    def get_user(self, user_id: UUID) -> Staff | None:
        """The colleague of a session; None once they are no longer active."""
        return Staff.objects.filter(pk=user_id, is_active=True).first()
