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
from amity.webhooks.services.sending import (
    LEASE,
    MOST_RESPONSE,
    Parcel,
    claim,
    due_endpoints,
    forget_old,
    send_again,
    send_failed_again,
    send_test,
    settle,
)
from amity.webhooks.services.telling import tell, wanted

__all__ = [
    "LEASE",
    "MOST_RESPONSE",
    "Made",
    "Parcel",
    "add_endpoint",
    "change_endpoint",
    "claim",
    "due_endpoints",
    "forget_old",
    "public_key_of",
    "remove_endpoint",
    "rotate_secret",
    "send_again",
    "send_failed_again",
    "send_test",
    "settle",
    "switch",
    "tell",
    "wanted",
]
