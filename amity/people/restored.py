"""Whoever was erased since a backup was made is erased in what it brought, also where they count for others there."""

from __future__ import annotations

from datetime import datetime

from amity.kernel.erasing import IDENTITY
from amity.kernel.restored import erases_all


@erases_all(IDENTITY)
def erase_accounts(at: datetime) -> int:
    """Erase them again, with their files."""
    from amity.people.erasures import erase_again

    return erase_again(at)
