"""Whatever a page changes or hands out, programs can do too; or it is said here why not."""

from __future__ import annotations

from amity.site.access import OPERATIONS, PAGES

BY_PROGRAMS = {
    "saved-views": "create_saved_view",
    "saved-view-name": "update_saved_view",
    "saved-view-sharing": "update_saved_view",
    "saved-view-removal": "delete_saved_view",
    "saved-view-restoration": "create_saved_view",
    "settings": "update_me",
    "settings-theme": "update_me",
    "settings-workspace": "update_workspace",
    "settings-tiers": "change_tiers_of_company",
    "person-tier": "choose_tier_of_person",
    "tier-choice-withdrawal": "drop_tier_of_person",
    "tier-choice-restoration": "choose_tier_of_person",
    "settings-teams": "create_team",
    "settings-team-name": "update_team",
    "settings-team-removal": "delete_team",
    "settings-sign-in": "update_sign_in_rules",
    "settings-sso": "update_single_sign_on",
    "settings-invite": "invite_colleague",
    "settings-invitation-removal": "revoke_invitation",
    "settings-colleague": "update_account",
    "settings-colleague-closure": "update_account",
    "settings-colleague-opening": "update_account",
    "settings-colleague-factors": "reset_second_factors",
    "settings-colleague-password": "make_password_link",
    "settings-webhook-new": "create_webhook",
    "settings-webhook": "update_webhook",
    "settings-webhook-secret": "rotate_webhook_secret",
    "settings-webhook-test": "test_webhook",
    "settings-webhook-state": "switch_webhook",
    "settings-webhook-removal": "delete_webhook",
    "settings-webhook-replay": "replay_webhook",
    "settings-webhook-delivery-again": "send_delivery_again",
    "settings-inlet-new": "create_inlet",
    "settings-inlet": "update_inlet",
    "settings-inlet-secret": "change_inlet_secret",
    "settings-inlet-removal": "delete_inlet",
    "settings-channel-new": "connect_mailbox",
    "settings-channel-change": "change_mailbox",
    "settings-channel-trial": "try_mailbox",
    "settings-channel-pause": "pause_channel",
    "settings-channel-continuation": "continue_channel",
    "settings-channel-reading": "sync_channel_again",
    "settings-channel-replay": "replay_channel",
    "settings-channel-removal": "disconnect_channel",
    "settings-backup-now": "start_backup",
    "settings-backup-schedule": "change_backup_schedule",
    "settings-audit-export": "export_audit_trail",
    "inbox-bulk": "bulk_conversations",
    "reply-withdrawal": "withdraw_message",
    "reply-retry": "send_message_again",
    "reply-arrival": "confirm_message_sent",
    "conversation-replies": "reply_to_customer",
    "conversation-uploads": "upload_file",
    "upload-removal": "remove_upload",
    "conversation-notes": "note_in_conversation",
    "conversation-assignment": "assign_conversation",
    "conversation-closure": "close_conversation",
    "conversation-reopening": "reopen_conversation",
    "conversation-snooze": "snooze_conversation",
    "conversation-promises": "promise_to_customer",
    "promise-settlement": "settle_a_promise",
    "promise-keeping": "settle_a_promise",
    "promise-withdrawal": "settle_a_promise",
    "promise-reopening": "settle_a_promise",
    "people-export": "export_list_of_people",
    "person-merging": "merge_people",
    "merge-withdrawal": "take_back_merge",
    "duplicate-merge": "merge_duplicate",
    "duplicate-distinction": "tell_duplicate_apart",
    "duplicate-postponement": "put_duplicate_off",
    "duplicate-reopening": "reopen_duplicate",
    "duplicates-merging": "merge_duplicates",
    "duplicates-look": "look_for_duplicates_now",
    "person-splitting": "split_person",
    "split-withdrawal": "take_back_split",
    "person-distinctions": "tell_people_apart",
    "distinction-withdrawal": "withdraw_distinction",
    "person-choices": "choose_values_of_person",
    "person-relations": "relate_person",
    "relation": "update_relation",
    "relation-withdrawal": "take_back_relation_of_person",
    "relation-restoration": "restore_relation",
    "organisation-relations": "relate_organisation",
    "organisation-name": "rename_one_organisation",
    "organisation-merging": "merge_one_organisation",
    "organisation-merge-withdrawal": "take_back_merge_of_organisation",
    "organisation-domains": "put_domain_of_organisation",
    "imports": "upload_import",
    "import-mapping": "change_import",
    "import-reading": "choose_import_reading",
    "import-saved-mapping": "save_import_mapping",
    "import-trial": "begin_import_trial",
    "import-trial-stop": "stop_import_trial",
    "import-start": "start_import",
    "import-removal": "discard_import",
    "import-stop": "stop_import",
    "import-continuation": "start_import",
    "import-replay": "replay_import",
    "import-undo": "undo_import",
}
"""By page: the operation that does it."""

_COMING_IN = "who comes in shows who they are, in person"
_OWN_LOCK = "what opens one's own account is changed by whoever sits there, not by a key that may have leaked"
_TOKEN = "a token makes no tokens, and tokens end where they were made"
_SCREEN = "it is about what a screen shows, or takes back what it has just done"

ONLY_IN_PERSON = {
    "login": _COMING_IN,
    "second-factor": _COMING_IN,
    "reset": _COMING_IN,
    "reset-password": _COMING_IN,
    "setup": _COMING_IN,
    "invitation": _COMING_IN,
    "address-confirmation": _COMING_IN,
    "sso": _COMING_IN,
    "passkey-login": _COMING_IN,
    "passkey-challenge": _COMING_IN,
    "logout": _COMING_IN,
    "settings-sign-in-as": _COMING_IN,
    "sign-in-as-end": _COMING_IN,
    "settings-password": _OWN_LOCK,
    "settings-confirm": _OWN_LOCK,
    "settings-confirm-challenge": _OWN_LOCK,
    "settings-address": _OWN_LOCK,
    "settings-sso-removal": _OWN_LOCK,
    "settings-security-passkeys": _OWN_LOCK,
    "settings-security-passkey-challenge": _OWN_LOCK,
    "settings-security-passkey-removal": _OWN_LOCK,
    "settings-security-app": _OWN_LOCK,
    "settings-security-app-removal": _OWN_LOCK,
    "settings-security-codes": _OWN_LOCK,
    "settings-security-sessions-end": _OWN_LOCK,
    "settings-security-session-end": _OWN_LOCK,
    "settings-api-token-new": _TOKEN,
    "settings-api-token-revocation": _TOKEN,
    "presence": _SCREEN,
    "inbox-undo": _SCREEN,
    "conversation-pictures": _SCREEN,
    "webhook-inlet": "it is for programs already",
}
"""By page: why there is no operation. docs/how-to/use-the-api.md says it too."""


def test_what_a_page_changes_or_hands_out_programs_can_do_or_it_is_said_why_not() -> None:
    changing = {name for name, door in PAGES.items() if door.post or door.get == "export"}
    told = set(BY_PROGRAMS) | set(ONLY_IN_PERSON)
    assert changing == told, "give it an operation, or say here and in the how-to why it has none"
    assert not set(BY_PROGRAMS) & set(ONLY_IN_PERSON)
    assert set(BY_PROGRAMS.values()) <= set(OPERATIONS)


def test_an_operation_asks_for_no_less_than_its_page() -> None:
    for page, name in BY_PROGRAMS.items():
        resource, operation = PAGES[page].resource, OPERATIONS[name]
        assert operation.resource == resource, (page, name)
