"""The conversations with somebody, for their own eyes; their words stand with the messages."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.disclosing import Section, Whose, discloses


@discloses("conversations", 25)
def tell(whose: Whose) -> Iterable[Section]:
    """Each with its state and times, oldest first."""
    found = policy.visible(Conversation.objects.filter(customer_id__in=whose.identity_ids), whose.actor)
    fields = ("subject", "channel", "state", "opened_at", "last_activity_at", "closed_at", "messages")
    yield Section(
        "conversations", _("Conversations"),
        {"subject": _("Subject"), "channel": _("Channel"), "state": _("State"), "opened_at": _("Opened"),
         "last_activity_at": _("Last message"), "closed_at": _("Closed"), "messages": _("Messages")},
        found.order_by("opened_at").values(*fields),
    )  # fmt: skip
