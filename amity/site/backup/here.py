"""The installation that this process belongs to. Django must be set up."""

from __future__ import annotations

from django.conf import settings

from amity.kernel.keyfile import kept_secret
from amity.site.backup.making import Here
from amity.site.storage import database_url


def this_amity() -> Here:
    """Its home, its database, and the keys in force."""
    vault_key = settings.VAULT_KEY or kept_secret(settings.HOME / "vault_key")
    return Here(settings.HOME, database_url(settings.HOME), settings.SECRET_KEY, vault_key)
