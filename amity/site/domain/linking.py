"""Whether somebody who comes from an identity provider is let into an account. Pure: no database, no request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is to be done with them."""

    KNOWN = "known"  # came before: the provider's own id of them is linked
    LINK = "link"  # their proven address is the proven address of an account
    CREATE = "create"  # an administrator lets people of this domain in
    UNVERIFIED_THERE = "unverified_there"
    UNVERIFIED_HERE = "unverified_here"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. `is_verified` is the provider's claim, which must be exactly true; `is_proven` is ours."""

    is_linked: bool
    address: str
    is_verified: bool
    has_account: bool
    is_proven: bool
    domains: Collection[str] = ()


def verdict(facts: Facts) -> Verdict:
    """An unproven address on either side links nothing: whoever made such an account may not own the mailbox."""
    if facts.is_linked:
        return Verdict.KNOWN
    if not facts.is_verified or "@" not in facts.address:
        return Verdict.UNVERIFIED_THERE
    if facts.has_account:
        return Verdict.LINK if facts.is_proven else Verdict.UNVERIFIED_HERE
    return Verdict.CREATE if is_of(facts.address, facts.domains) else Verdict.UNKNOWN


def is_of(address: str, domains: Collection[str]) -> bool:
    """Whether the address belongs to one of the domains. `example.org` is that domain alone; `.example.org` is every
    domain below it. Whole labels are compared: `evil-example.org` and `example.org.evil` are neither."""
    local, _at, domain = address.strip().lower().rpartition("@")
    if not local or not domain or "@" in local:
        return False
    labels = domain.split(".")
    for allowed in domains:
        wanted = allowed.strip().lower()
        if wanted.startswith("."):
            below = wanted[1:].split(".")
            if len(labels) > len(below) and labels[-len(below) :] == below:
                return True
        elif wanted and labels == wanted.split("."):
            return True
    return False
