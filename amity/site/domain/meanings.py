"""What names mean that many operations share. A field that says it itself is left alone."""

from __future__ import annotations

from typing import Any

OF_NAME: dict[str, str] = {
    # records in an address
    "person_id": "The id of a person.",
    "merge_id": "The id of a merge, or of the act of which it is a part.",
    "split_id": "The id of a split.",
    "erasure_id": "The id of an erasure.",
    "note_id": "The id of a note about a person.",
    "hold_id": "The id of a legal hold.",
    "rule_id": "The id of a retention rule.",
    "due_id": "The id under which somebody stands in the list of those who are to be erased.",
    "keep_id": "The id of what keeps somebody from a retention rule.",
    "identity_id": "The id of an account or address.",
    "field_id": "The id of a field of the company's own.",
    "disclosure_id": "The id of a file of all that is known of a person.",
    "repair_id": "The id of a repair.",
    "household_id": "The id of a household.",
    "choice_id": "The id of a tier that was given by hand.",
    "relation_id": "The id of a relation.",
    "act_id": "The id of what was noted in one act.",
    "domain": "What stands behind the @ of addresses, such as roast.example.",
    "proposal_id": "The id of a pair of people who may be one.",
    "organisation_id": "The id of an organisation.",
    "segment_id": "The id of a segment.",
    "order_id": "The id of an order.",
    "product_id": "The id of a product.",
    "conversation_id": "The id of a conversation.",
    "message_id": "The id of a message.",
    "promise_id": "The id of a promise.",
    "upload_id": "The id of a file that waits for a reply.",
    "run_id": "The id of an import.",
    "source_id": "The id of a source.",
    "mapping_id": "The id of a saved mapping.",
    "endpoint_id": "The id of a webhook.",
    "delivery_id": "The id of a delivery.",
    "inlet_id": "The id of an inlet.",
    "staff_id": "The id of a colleague.",
    "assignee_id": "The id of a colleague; null for nobody.",
    "invitation_id": "The id of an invitation.",
    "team_id": "The id of a team.",
    "view_id": "The id of a saved view.",
    "about_id": "The id of the person that it is about.",
    "key": "The key by which it is known.",
    # which part of a list
    "q": "Words to look for.",
    "since": "From this instant on.",
    "until": "Up to this instant.",
    "order": "In which order.",
    "country": "As the list shows it.",
    "language": "A code of ISO 639, such as en or de.",
    "network": "Such as email, phone or mastodon.",
    "channel": "Such as email, chat, public or message.",
    "lane": "Which kind of event: what was said, bought or done.",
    "direction": "in (from customers), out (from us) or internal.",
    "status": "As the shop calls it, such as paid or refunded.",
    "state": "What it is, or shall be.",
    "least": "Only sums from this on.",
    "most": "Only sums up to this.",
    "box": "Which box of the inbox.",
    "assignee": "Whose they are: me, nobody or the id of a colleague.",
    "mood": "How the customer sounds.",
    "late": "Only those who wait for longer than was promised.",
    "filename": "What the file is called. Its content decides how it is read.",
    # what is said
    "id": "The id by which it is asked for.",
    "ids": "The ids of the records.",
    "name": "What it, or somebody, is called.",
    "address": "An address, account or number.",
    "external_id": "Your own id of it: told again, it is the same one.",
    "identities": "The accounts, addresses or numbers by which somebody is known.",
    "facts": "What is known, by name of the fact.",
    "number": "The number that people know it by.",
    "ordered_at": "When it was bought.",
    "buyer": "Who bought it.",
    "amount": "A sum in major units, best as text: 12.30.",
    "currency": "Three letters of ISO 4217.",
    "lines": "What was bought, a line each.",
    "sku": "The number of the product in your shop.",
    "quantity": "How many.",
    "occurred_at": "When it happened.",
    "author": "Who said it.",
    "subject": "What it is about, as the writer put it.",
    "text": "The words.",
    "is_public": "Everybody could read it.",
    "close": "Close the conversation with it.",
    "do": "What shall be done with each.",
    "what": "What it is, in a few words.",
    "due_at": "By when.",
    "url": "An address that begins with https://.",
    "description": "What it is for, in your words.",
    "types": "The events that it is told of.",
    "signing": "v1 signs with a shared secret, v1a with a private key of ours.",
    "mapping": "Which column, or part, means what.",
    "is_on": "Whether it works now.",
    "reply_target_minutes": "A conversation that waits for longer is late.",
    "public_reply_target_minutes": "The same for public posts.",
    "vip_reply_target_minutes": "The same for gold customers.",
    "silver_from": "Bought in all, in the currency: from here a customer is silver.",
    "gold_from": "Bought in all, in the currency: from here a customer is gold.",
    # what is told
    "items": "The records of this page.",
    "after": "Where the next page starts; not there on the last one.",
    "created_at": "When it was made.",
    "is_new": "Whether it was not there before.",
    "reasons": "Why.",
    "error": "What went wrong, in words.",
}


def explain(document: dict[str, Any]) -> None:
    """Put the usual meaning into an OpenAPI document wherever a parameter or field says nothing of itself."""
    for methods in document["paths"].values():
        for described in methods.values():
            for parameter in described.get("parameters", ()):
                _explain(parameter["name"], parameter)
    for schema in document["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            _explain(name, field)


def _explain(name: str, described: dict[str, Any]) -> None:
    if name in OF_NAME and not described.get("description"):
        described["description"] = OF_NAME[name]
