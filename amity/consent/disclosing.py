"""What somebody agreed to and refused, for their own eyes."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.consent.queries.answers import statements_of
from amity.consent.queries.ledger import Entry, ledger_of
from amity.kernel.disclosing import Section, Whose, discloses
from amity.people.queries.record import person_record

COLUMNS = {
    "what": gettext_lazy("What was said"),
    "purpose": gettext_lazy("For what"),
    "channel": gettext_lazy("By which channel"),
    "said_at": gettext_lazy("When"),
    "recorded_at": gettext_lazy("Noted"),
    "how": gettext_lazy("How we know"),
    "address": gettext_lazy("Of which address or account"),
    "wording": gettext_lazy("The words that were agreed to"),
    "proof": gettext_lazy("Proof"),
    "mistake": gettext_lazy("Noted by mistake"),
}


@discloses("consent", 15)
def tell(whose: Whose) -> Iterable[Section]:
    """The whole ledger, mistakes included."""
    record = person_record(whose.actor, whose.person_id)
    statements = statements_of(whose.actor, whose.identity_ids, revoked=True)
    rows = [_row(one) for one in ledger_of(whose.actor, record, statements)]
    yield Section("consent", _("What you agreed to and refused"), COLUMNS, rows)


def _row(one: Entry) -> dict[str, object]:
    proof = "\n".join(filter(None, (one.proof, one.url, one.ip)))
    return {
        "what": one.said_words, "purpose": one.purpose_name, "channel": one.channel_name,
        "said_at": one.said_at if one.is_dated else None,
        "recorded_at": one.recorded_at, "how": one.how_words, "address": ", ".join(one.on),
        "wording": "" if one.said.is_refusal else one.wording,
        "proof": proof, "mistake": one.revoked_why,
    }  # fmt: skip
