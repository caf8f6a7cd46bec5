"""What is sent to a door that takes something, and which answers are right."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

REFUSED = (403, 404)
FINE = (200, 201, 202, 204, 302, 303, 304)
NOT_NOW = (400, 409, 422)  # let in, and told what is wrong with this very request


def body_for(operation: str, values: dict[str, Any]) -> dict[str, Any]:
    """The body of an operation of the API, with ids of the world."""
    handle = {"network": "email", "address": f"{uuid4().hex}@mail.example"}
    bodies: dict[str, Any] = {
        "create_person": {"external_id": "walk", "identities": [handle]},
        "update_person": {"facts": {"city": "Turku"}},
        "check_duplicate": {"right": True},
        "update_organisation": {"custom": {"colour": "red"}},
        "describe_identity": {"use": "work"},
        "merge_duplicates": {"ids": [str(values["proposal_id"])]},
        "ask_for_erasure": {"ground": "request"},
        "place_hold": {"reason": "A lawsuit"},
        "release_hold": {"reason": "It is over"},
        "create_retention_rule": {"kind": "words", "name": "Words", "reason": "Not needed", "months": 24},
        "update_retention_rule": {"name": "Words of messages"},
        "turn_retention_rule_on": {"told": 0},
        "keep_from_retention": {"reason": "A friend of the house"},
        "change_retention_limits": {"notice_days": 20},
        "choose_values_of_person": {"chosen": {"city": ""}},
        "repair_values": {"field": "country"},
        "put_value_right": {"field": "city", "value": "Turku"},
        "change_quality_settings": {"months": 12},
        "merge_people": {"others": [str(values["other_id"])]},
        "split_person": {"identities": [str(uuid4())]},
        "tell_people_apart": {"other": str(values["other_id"])},
        "withdraw_distinction": {"other": str(values["other_id"])},
        "create_segment": {
            "name": "New",
            "rule": {"all": [{"field": "orders", "op": "at_least", "value": 2}]},
        },
        "preview_segment": {"rule": {"all": [{"field": "orders", "op": "at_least", "value": 2}]}},
        "update_segment": {"name": "New"},
        "put_people_together": {"others": [str(values["other_id"])]},
        "take_people_out": {"member_ids": [str(uuid4())]},
        "put_people_back": {"member_ids": [str(uuid4())]},
        "refuse_household": {"other": str(values["other_id"])},
        "create_purpose": {"name": "Tastings", "basis": "consent", "channels": ["email"]},
        "update_purpose": {"name": "Tastings"},
        "say_consent_of_person": {"said": "withdrawn"},
        "mark_statement_as_mistake": {"act_id": str(values["act_id"]), "why": "It was somebody else"},
        "unmark_statement_as_mistake": {"act_id": str(values["act_id"])},
        "choose_tier_of_person": {"tier": "gold", "reason": "An old friend"},
        "change_tiers_of_company": {"tiers": [{"key": "gold", "bought_from": 5_000}]},
        "change_rules_of_shown_values": {"ways": {"city": "complete"}},
        "preview_rules_of_shown_values": {"ways": {"city": "trusted"}},
        "relate_person": {"kind": "spouse", "person_id": str(values["other_id"])},
        "relate_organisation": {"kind": "part", "organisation": "Beans United"},
        "rename_one_organisation": {"name": "Roasters"},
        "merge_one_organisation": {"other": str(values["organisation_id"])},
        "put_domain_of_organisation": {"is_on": False},
        "reply_to_customer": {"text": "Good morning"},
        "note_about_person": {"text": "Likes it dark"},
        "change_note_about_person": {"text": "Likes it light"},
        "note_in_conversation": {"text": "Good morning"},
        "assign_conversation": {"assignee_id": str(values["staff_id"])},
        "snooze_conversation": {"until": "2030-01-01T09:00:00Z"},
        "bulk_conversations": {"do": "assign", "ids": [str(values["conversation_id"])]},
        "promise_to_customer": {"what": "Ring back", "due_at": "2030-01-01T09:00:00Z"},
        "settle_a_promise": {"state": "kept"},
        "create_field": {"label": "Favourite bean", "kind": "text"},
        "update_field": {"label": "Favourite bean"},
        "create_team": {"name": "New"},
        "switch_webhook": {"state": "off"},
        "replay_webhook": {"since": "2026-01-01T00:00:00Z"},
        "update_team": {"name": "New"},
        "update_workspace": {"name": "New"},
        "update_me": {"language": "de"},
        "update_account": {"role": "agent"},
        "invite_colleague": {"email": f"{uuid4().hex}@tamp.example"},
        "update_sign_in_rules": {"second_factor_roles": []},
        "update_single_sign_on": {"is_on": False},
        "change_backup_schedule": {"keep": 7},
        "connect_mailbox": {"address": "nobody", "password": "a password", "belongs_to": "me"},
        "change_mailbox": {"name": "Support"},
        "change_import": {"open_conversations": "all"},
        "choose_import_reading": {"name": "amity"},
        "choose_import_sheet": {"name": "People"},
        "save_import_mapping": {"name": "Our desk"},
    }
    return bodies.get(operation, {})  # type: ignore[no-any-return]
