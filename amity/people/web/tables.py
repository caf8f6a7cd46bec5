"""What tables hold, in the words of those who read a certificate."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORDS: dict[str, str | Promise] = {
    "activity_activity": gettext_lazy("Messages, notes and answers"),
    "activity_attachment": gettext_lazy("Files of messages"),
    "activity_upload": gettext_lazy("Files in drafts"),
    "channels_importrun": gettext_lazy("Imports whose sample rows were emptied"),
    "channels_item": gettext_lazy("Raw items"),
    "channels_outboundmessage": gettext_lazy("Messages in the outbox"),
    "commerce_order": gettext_lazy("Orders"),
    "conversations_conversation": gettext_lazy("Conversations"),
    "files/imports": gettext_lazy("Copies of imported files"),
    "kernel_audit_entry": gettext_lazy("Entries of the audit trail whose values were emptied"),
    "kernel_keptanswer": gettext_lazy("Answers kept for programs"),
    "outbox": gettext_lazy("Files in the outbox folder"),
    "people_fact": gettext_lazy("Facts"),
    "people_identity": gettext_lazy("Accounts and addresses"),
    "people_heldaccount": gettext_lazy("Accounts in legal holds that were released"),
    "people_legalhold": gettext_lazy("Legal holds that were released"),
    "people_link": gettext_lazy("Links"),
    "people_merge": gettext_lazy("Merges"),
    "people_organisation": gettext_lazy("Organisations that only they belonged to"),
    "people_person": gettext_lazy("Records of a person"),
    "people_proposal": gettext_lazy("Proposed duplicates"),
    "people_sighting": gettext_lazy("Notes of which source named them"),
    "people_split": gettext_lazy("Splits"),
    "site_savedview": gettext_lazy("Saved views that looked for them"),
    "teamwork_promise": gettext_lazy("Promises"),
    "webhooks_event": gettext_lazy("Events told to webhooks"),
}


def table_words(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Name, words and rows of each table, the known ones first."""
    other = _("Rows that belong to them")
    rows = [(table, str(WORDS.get(table, other)), count) for table, count in counts.items()]
    return sorted(rows, key=lambda row: (row[0] not in WORDS, row[1], row[0]))
