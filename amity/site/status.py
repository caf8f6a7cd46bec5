"""How the machine is doing, in words, each with what to do about it. The Status screen and `/status.json` show it."""

from __future__ import annotations

from datetime import datetime

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.health import Finding, Look, look_at_all


def findings(actor: Actor, at: datetime) -> list[Finding]:
    """Every part, in a fixed order. Raises `Forbidden` for those who may not read it."""
    policy.require(actor, "read", "status")
    return list(look_at_all(Look(actor, at)))
