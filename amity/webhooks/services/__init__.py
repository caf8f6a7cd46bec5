"""The verbs of webhooks: the only writer of their tables."""

from __future__ import annotations

from amity.webhooks.services.endpoints import (
    Made,
    add_endpoint,
    change_endpoint,
    public_key_of,
    remove_endpoint,
    rotate_secret,
    switch,
)
from amity.webhooks.services.inlets import (
    LetIn,
    NotLetIn,
    Opened,
    add_inlet,
    change_inlet,
    change_key,
    forget_received,
    is_first,
    let_in,
    remove_inlet,
)
from amity.webhooks.services.sending import (
    LEASE,
    MOST_RESPONSE,
    Parcel,
    claim,
    due_endpoints,
    forget_old,
    hold_waiting,
    send_again,
    send_failed_again,
    send_test,
    settle,
)
from amity.webhooks.services.telling import tell, wanted

__all__ = [
    "LEASE",
    "MOST_RESPONSE",
    "LetIn",
    "Made",
    "NotLetIn",
    "Opened",
    "Parcel",
    "add_endpoint",
    "add_inlet",
    "change_endpoint",
    "change_inlet",
    "change_key",
    "claim",
    "due_endpoints",
    "forget_old",
    "forget_received",
    "hold_waiting",
    "is_first",
    "let_in",
    "public_key_of",
    "remove_endpoint",
    "remove_inlet",
    "rotate_secret",
    "send_again",
    "send_failed_again",
    "send_test",
    "settle",
    "switch",
    "tell",
    "wanted",
]
