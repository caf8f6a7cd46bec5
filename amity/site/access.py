"""The one table of doors: every page, operation and tool, what it is about, and who gets in.

A generated test (`amity/site/tests/access`) walks all of it as every role, as an outsider and without login, and fails
for a door that is not here. A new one gets a line:

    "deals": Door("deal"),                                      a page: GET needs `read` on deals
    "deal": Door("deal", of="deal_id"),                         about one record: what an actor may not see is 404
    "deal-closure": Door("deal", get="", post="write", of="deal_id"),

and, where its address holds a kind of id that no other has, a record for it in `tests/access/world.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from amity.kernel import policy
from amity.kernel.actor import Role

PUBLIC = "(everybody)"
SIGNED_IN = "(every colleague)"


@dataclass(frozen=True, slots=True)
class Door:
    """`resource` is one of the policy's table, `PUBLIC` or `SIGNED_IN`. `get`, `post`, `patch`, `put` and `delete` name
    the action that the method needs, "" where there is no such method. `of` names the argument of the address that is
    the id of a record: whoever may not see that one is told 404. `unless` are answers besides the usual that are right.
    """

    resource: str
    get: str = "read"
    post: str = ""
    patch: str = ""
    put: str = ""
    delete: str = ""
    of: str = ""
    unless: tuple[int, ...] = ()

    def action(self, method: str) -> str:
        """What `method` needs here; "" where it is not offered."""
        found: str = getattr(self, method.lower())
        return found

    def methods(self) -> list[str]:
        return [name for name in ("GET", "POST", "PATCH", "PUT", "DELETE") if self.action(name)]

    def lets_in(self, role: Role, method: str) -> bool:
        """Whether this role gets in with this method, as far as records allow."""
        if self.resource in (PUBLIC, SIGNED_IN):
            return True
        return self.action(method) in policy.grant(role, self.resource).actions


def _verb(resource: str, of: str = "", action: str = "write") -> Door:
    return Door(resource, get="", post=action, of=of)


def _of_pair() -> Door:
    """Pairs who may be one person are there only for who sees all sources."""
    return Door("person", get="", post="write", of="proposal_id", unless=(404,))


PAGES: dict[str, Door] = {
    # open to everybody
    "healthz": Door(PUBLIC),
    "readyz": Door(PUBLIC, unless=(503,)),
    "metrics": Door(PUBLIC, unless=(404,)),
    "login": Door(PUBLIC, post="write"),
    "second-factor": Door(PUBLIC, post="write"),
    "reset": Door(PUBLIC, post="write"),
    "reset-password": Door(PUBLIC, post="write", unless=(404, 410)),
    "setup": Door(PUBLIC, post="write", unless=(404, 410)),
    "invitation": Door(PUBLIC, post="write", unless=(404, 410)),
    "address-confirmation": Door(PUBLIC, post="write", unless=(404, 410)),
    "sso": Door(PUBLIC, get="", post="write", unless=(404,)),
    "sso-callback": Door(PUBLIC, unless=(404,)),
    "passkey-login": Door(PUBLIC, get="", post="write"),
    "passkey-challenge": Door(PUBLIC, get="", post="write"),
    "webhook-inlet": Door(PUBLIC, get="", post="write", unless=(401, 404)),  # the signature is the login
    "api-openapi": Door(PUBLIC),
    "api-root": Door(SIGNED_IN, unless=(404,)),
    # every colleague
    "today": Door(SIGNED_IN),
    "find": Door(SIGNED_IN),
    "navigation-counts": Door(SIGNED_IN),
    "presence": _verb(SIGNED_IN),
    "presence-of": Door(SIGNED_IN, of="subject_id"),
    "saved-views": _verb(SIGNED_IN),
    "saved-view-name": _verb(SIGNED_IN, of="view_id"),
    "saved-view-sharing": _verb(SIGNED_IN, of="view_id"),
    "saved-view-removal": _verb(SIGNED_IN, of="view_id"),
    "saved-view-restoration": _verb(SIGNED_IN),
    "style": Door(SIGNED_IN),
    "logout": _verb(SIGNED_IN),
    "sign-in-as-end": _verb(SIGNED_IN),
    "settings": Door(SIGNED_IN, post="write"),
    "settings-theme": _verb(SIGNED_IN),
    "settings-password": Door(SIGNED_IN, post="write"),
    "settings-security": Door(SIGNED_IN),
    "settings-confirm": Door(SIGNED_IN, post="write"),
    "settings-confirm-challenge": _verb(SIGNED_IN),
    "settings-address": _verb(SIGNED_IN),
    "settings-sso-removal": _verb(SIGNED_IN),
    "settings-security-passkeys": _verb(SIGNED_IN),
    "settings-security-passkey-challenge": _verb(SIGNED_IN),
    "settings-security-passkey-removal": Door(SIGNED_IN, get="", post="write", unless=(404,)),
    "settings-api-tokens": Door(SIGNED_IN),
    "settings-api-token-new": Door(SIGNED_IN, post="write"),
    "settings-api-reference": Door(SIGNED_IN),
    "settings-api-operation": Door(SIGNED_IN),
    "settings-api-token-revocation": Door(SIGNED_IN, get="", post="write", unless=(404,)),
    "settings-security-app": Door(SIGNED_IN, post="write"),
    "settings-security-app-removal": _verb(SIGNED_IN),
    "settings-security-codes": _verb(SIGNED_IN),
    "settings-security-sessions-end": _verb(SIGNED_IN),
    "settings-security-session-end": Door(SIGNED_IN, get="", post="write", unless=(404,)),
    # the workspace
    "status": Door("status"),
    "status-json": Door("status"),
    "settings-workspace": Door("settings", post="write"),
    "settings-tiers": Door("settings", post="write"),
    "settings-teams": Door("settings", post="write"),
    "settings-team-name": _verb("settings"),
    "settings-team-removal": _verb("settings"),
    "settings-roles": Door("role"),
    "settings-sources": Door("source"),
    "settings-sign-in": Door("settings", post="write"),
    "settings-sso": Door("settings", post="write"),
    "settings-colleagues": Door("account"),
    "settings-invite": Door("account", get="write", post="write"),
    "settings-invitation-removal": Door("account", get="", post="write", unless=(404,)),
    "settings-colleague": Door("account", post="write"),
    "settings-colleague-closure": _verb("account"),
    "settings-colleague-opening": _verb("account"),
    "settings-colleague-factors": _verb("account"),
    "settings-colleague-password": _verb("account"),
    "settings-sign-in-as": _verb("account"),
    "settings-webhooks": Door("webhook"),
    "settings-webhook-new": Door("webhook", get="write", post="write"),
    "settings-webhook": Door("webhook", post="write", unless=(404,)),
    "settings-webhook-secret": Door("webhook", get="", post="write", unless=(404,)),
    "settings-webhook-test": Door("webhook", get="", post="write", unless=(404,)),
    "settings-webhook-state": Door("webhook", get="", post="write", unless=(404,)),
    "settings-webhook-removal": Door("webhook", get="", post="write", unless=(404,)),
    "settings-webhook-replay": Door("webhook", get="", post="write", unless=(404,)),
    "settings-webhook-delivery": Door("webhook", unless=(404,)),
    "settings-webhook-delivery-again": Door("webhook", get="", post="write", unless=(404,)),
    "settings-inlet-new": Door("webhook", get="write", post="write"),
    "settings-inlet": Door("webhook", post="write", unless=(404,)),
    "settings-inlet-secret": Door("webhook", get="", post="write", unless=(404,)),
    "settings-inlet-removal": Door("webhook", get="", post="write", unless=(404,)),
    "settings-channels": Door("own_source"),
    "settings-channel-new": Door("own_source", get="write", post="write"),
    "settings-channel": Door("own_source", unless=(404,)),
    "settings-channel-change": Door("own_source", get="write", post="write", unless=(404,)),
    "settings-channel-trial": Door("own_source", get="", post="write", unless=(404,)),
    "settings-channel-pause": Door("own_source", get="", post="write", unless=(404,)),
    "settings-channel-continuation": Door("own_source", get="", post="write", unless=(404,)),
    "settings-channel-reading": Door("own_source", get="", post="write", unless=(404,)),
    "settings-channel-replay": Door("own_source", get="", post="write", unless=(404,)),
    "settings-channel-removal": Door("own_source", get="", post="write", unless=(404,)),
    "settings-backup": Door("settings"),
    "settings-backup-now": _verb("settings"),
    "settings-backup-schedule": Door("settings", get="", post="write", unless=(409, 422)),
    "settings-audit": Door("audit"),
    "settings-audit-export": Door("audit", get="export"),
    "settings-audit-entry": Door("audit", unless=(404,)),
    # conversations
    "inbox": Door("conversation"),
    "inbox-list": Door("conversation"),
    "inbox-rows": Door("conversation"),
    "inbox-new": Door("conversation"),
    "inbox-filters": Door("conversation"),
    "inbox-bulk": _verb("conversation"),
    "inbox-undo": _verb("conversation"),
    "reply-withdrawal": _verb("conversation", "message_id"),
    "reply-retry": _verb("conversation", "message_id"),
    "reply-arrival": _verb("conversation", "message_id"),
    "conversation": Door("conversation", of="conversation_id"),
    "conversation-earlier": Door("conversation", of="conversation_id"),
    "conversation-news": Door("conversation", of="conversation_id"),
    "conversation-message": Door("conversation", of="conversation_id"),
    "conversation-replies": _verb("conversation", "conversation_id"),
    "conversation-uploads": _verb("conversation", "conversation_id"),
    "upload-removal": Door("conversation", get="", post="write", unless=(404,)),  # of one's own draft alone
    "conversation-notes": _verb("conversation", "conversation_id"),
    "conversation-assignment": _verb("conversation", "conversation_id"),
    "conversation-closure": _verb("conversation", "conversation_id"),
    "conversation-reopening": _verb("conversation", "conversation_id"),
    "conversation-snooze": _verb("conversation", "conversation_id"),
    "person-conversations": Door("conversation", of="person_id"),
    "file": Door("activity", of="attachment_id"),
    "file-picture": Door("activity", of="attachment_id", unless=(404,)),  # where it is no picture
    "conversation-written": Door(
        "conversation", of="conversation_id", unless=(404,)
    ),  # where it came as text only
    "conversation-pictures": Door("conversation", get="", post="read", of="conversation_id", unless=(404,)),
    "conversation-picture": Door("conversation", of="conversation_id", unless=(404,)),
    # promises
    "conversation-promises": _verb("promise", "conversation_id"),
    "promise-settlement": _verb("promise", "promise_id"),
    "person-promises": Door("promise", of="person_id"),
    "promise-keeping": _verb("promise", "promise_id"),
    "promise-withdrawal": _verb("promise", "promise_id"),
    "promise-reopening": _verb("promise", "promise_id"),
    # people and what they buy
    "people": Door("person"),
    "people-filters": Door("person"),
    "people-export": Door("person", get="export"),
    "person": Door("person", of="person_id"),
    "person-merging": Door("person", get="write", post="write", of="person_id"),
    "merge-withdrawal": Door("person", get="write", post="write", of="merge_id"),
    "person-splitting": Door("person", get="write", post="write", of="person_id"),
    "split-withdrawal": _verb("person", "split_id"),
    "person-distinctions": _verb("person", "person_id"),
    "distinction-withdrawal": _verb("person", "person_id"),
    "person-choices": _verb("person", "person_id"),
    "person-reach": Door("person", of="person_id"),
    "person-relations": Door("person", get="write", post="write", of="person_id"),
    "relation": _verb("person", "relation_id"),
    "relation-withdrawal": _verb("person", "relation_id"),
    "relation-restoration": _verb("person", "relation_id"),
    "duplicates": Door("person"),
    "duplicates-merging": _verb("person"),
    "duplicates-look": _verb("person"),
    "duplicate-merge": _of_pair(),
    "duplicate-distinction": _of_pair(),
    "duplicate-postponement": _of_pair(),
    "duplicate-reopening": _of_pair(),
    "organisations": Door("organisation"),
    "organisation": Door("organisation", of="organisation_id"),
    "organisation-relations": Door("organisation", get="write", post="write", of="organisation_id"),
    "organisation-name": _verb("organisation", "organisation_id"),
    "organisation-merging": Door("organisation", get="write", post="write", of="organisation_id"),
    "organisation-domains": _verb("organisation", "organisation_id"),
    "organisation-merge-withdrawal": Door("organisation", get="", post="write", unless=(404,)),
    "orders": Door("order"),
    "orders-filters": Door("order"),
    "order": Door("order", of="order_id"),
    "person-orders": Door("order", of="person_id"),
    "person-household": Door("person", post="write", of="person_id"),
    "household-refusal": _verb("person", "person_id"),
    "household-withdrawal": Door("person", get="", post="write", of="household_id"),
    "household-restoration": Door("person", get="", post="write", of="household_id"),
    "person-tier": Door("person", post="write", of="person_id"),
    "tier-choice-withdrawal": Door("person", get="", post="write", unless=(404,)),
    "tier-choice-restoration": Door("person", get="", post="write", unless=(404,)),
    # what was imported
    "imports": Door("import", post="write"),
    "import": Door("import", of="run_id"),
    "import-mapping": Door("import", get="write", post="write", of="run_id"),
    "import-reading": _verb("import", "run_id"),
    "import-saved-mapping": _verb("import", "run_id"),
    "import-trial": _verb("import", "run_id"),
    "import-trial-stop": _verb("import", "run_id"),
    "import-start": _verb("import", "run_id"),
    "import-removal": _verb("import", "run_id"),
    "import-stop": _verb("import", "run_id"),
    "import-continuation": _verb("import", "run_id"),
    "import-replay": _verb("import", "run_id"),
    "import-undo": Door("import", get="delete", post="delete", of="run_id"),
    "import-row": Door("import", get="write", of="run_id"),
    "import-not-taken": Door("import", get="write", of="run_id"),
    # figures
    "figures": Door("figure"),
    "figure": Door("figure"),
}
"""Pages, by the name of their address."""


OPERATIONS: dict[str, Door] = {
    "what_is_up_today": Door("conversation"),
    "list_of_people": Door("person"),
    "export_list_of_people": Door("person", get="export"),
    "create_person": _verb("person"),
    "bulk_people": _verb("person"),
    "get_person": Door("person", of="person_id"),
    "update_person": Door("person", get="", patch="write", of="person_id"),
    "timeline_of_person": Door("activity", of="person_id"),
    "compare_people": Door("person", of="person_id"),
    "decisions_about_person": Door("person", of="person_id"),
    "merge_people": _verb("person", "person_id"),
    "take_back_merge": _verb("person", "merge_id"),
    "split_person": _verb("person", "person_id"),
    "take_back_split": _verb("person", "split_id"),
    "tell_people_apart": _verb("person", "person_id"),
    "withdraw_distinction": _verb("person", "person_id"),
    "choose_values_of_person": Door("person", get="", put="write", of="person_id"),
    "reach_of_person": Door("person", of="person_id"),
    "relations_about_person": Door("person", of="person_id"),
    "relate_person": _verb("person", "person_id"),
    "update_relation": Door("person", get="", patch="write", of="relation_id"),
    "take_back_relation_of_person": _verb("person", "relation_id"),
    "restore_relation": _verb("person", "relation_id"),
    "list_of_duplicates": Door("person"),
    "get_duplicate": Door("person", of="proposal_id", unless=(404,)),
    "merge_duplicate": _of_pair(),
    "tell_duplicate_apart": _of_pair(),
    "put_duplicate_off": _of_pair(),
    "reopen_duplicate": _of_pair(),
    "merge_duplicates": _verb("person"),
    "look_for_duplicates_now": _verb("person"),
    "list_of_identities": Door("person"),
    "list_of_organisations": Door("organisation"),
    "get_organisation": Door("organisation", of="organisation_id"),
    "relations_about_organisation": Door("organisation", of="organisation_id"),
    "relate_organisation": _verb("organisation", "organisation_id"),
    "rename_one_organisation": Door("organisation", get="", patch="write", of="organisation_id"),
    "merge_one_organisation": _verb("organisation", "organisation_id"),
    "take_back_merge_of_organisation": Door("organisation", get="", post="write", unless=(404,)),
    "put_domain_of_organisation": Door("organisation", get="", put="write", of="organisation_id"),
    "households_about_person": Door("person", of="person_id"),
    "put_people_together": _verb("person", "person_id"),
    "take_people_out": _verb("person", "household_id"),
    "put_people_back": _verb("person", "household_id"),
    "refuse_household": _verb("person", "person_id"),
    "tier_of_person": Door("person", of="person_id"),
    "choose_tier_of_person": Door("person", get="", put="write", of="person_id"),
    "drop_tier_of_person": Door("person", get="", delete="write", of="person_id"),
    "list_of_orders": Door("order"),
    "orders_around_instant": Door("order", of="person_id"),
    "put_order": Door("order", get="", put="write"),
    "bulk_orders": _verb("order"),
    "get_order": Door("order", of="order_id"),
    "list_of_products": Door("order"),
    "list_of_activities": Door("activity"),
    "record_activity": _verb("activity"),
    "count_of_boxes": Door("conversation"),
    "list_of_conversations": Door("conversation"),
    "get_conversation": Door("conversation", of="conversation_id"),
    "thread_of_conversation": Door("conversation", of="conversation_id"),
    "reply_to_customer": _verb("conversation", "conversation_id"),
    "list_of_uploads": Door("conversation", of="conversation_id"),
    "upload_file": _verb("conversation", "conversation_id"),
    "remove_upload": Door("conversation", get="", delete="write", unless=(404,)),  # of one's own draft alone
    "withdraw_message": _verb("conversation", "message_id"),
    "send_message_again": _verb("conversation", "message_id"),
    "confirm_message_sent": _verb("conversation", "message_id"),
    "note_in_conversation": _verb("conversation", "conversation_id"),
    "assign_conversation": Door("conversation", get="", put="write", of="conversation_id"),
    "close_conversation": _verb("conversation", "conversation_id"),
    "reopen_conversation": _verb("conversation", "conversation_id"),
    "snooze_conversation": _verb("conversation", "conversation_id"),
    "bulk_conversations": _verb("conversation"),
    "mark_conversation_read": Door("conversation", get="", put="read", of="conversation_id"),
    "promise_to_customer": _verb("promise", "conversation_id"),
    "settle_a_promise": _verb("promise", "promise_id"),
    "list_of_sources": Door("source"),
    "list_of_imports": Door("import"),
    "upload_import": _verb("import"),
    "get_import": Door("import", of="run_id"),
    "change_import": Door("import", get="", patch="write", of="run_id"),
    "discard_import": Door("import", get="", delete="delete", of="run_id"),
    "preview_import": Door("import", get="write", of="run_id"),
    "list_of_readings": Door("import", get="write", of="run_id"),
    "choose_import_reading": Door("import", get="", put="write", of="run_id"),
    "begin_import_trial": _verb("import", "run_id"),
    "get_import_trial": Door("import", get="write", of="run_id"),
    "stop_import_trial": Door("import", get="", delete="write", of="run_id"),
    "export_rows_not_taken": Door("import", get="write", of="run_id"),
    "save_import_mapping": _verb("import", "run_id"),
    "list_of_saved_mappings": Door("import", get="write"),
    "delete_saved_mapping": Door("import", get="", delete="delete", unless=(404,)),
    "start_import": _verb("import", "run_id"),
    "stop_import": _verb("import", "run_id"),
    "replay_import": _verb("import", "run_id"),
    "undo_import": Door("import", get="", post="delete", of="run_id"),
    "list_of_figures": Door("figure"),
    "get_figure": Door("figure"),
    "records_of_figure": Door("figure"),
    "who_am_i": Door(SIGNED_IN),
    "update_me": Door(SIGNED_IN, get="", patch="write"),
    "list_of_colleagues": Door("conversation", get="write"),
    "list_of_accounts": Door("account"),
    "get_account": Door("account"),
    "update_account": Door("account", get="", patch="write"),
    "reset_second_factors": Door("account", get="", delete="write"),
    "make_password_link": _verb("account"),
    "list_of_invitations": Door("account"),
    "invite_colleague": _verb("account"),
    "revoke_invitation": Door("account", get="", delete="write", unless=(404,)),
    "get_sign_in_rules": Door("settings"),
    "update_sign_in_rules": Door("settings", get="", patch="write"),
    "get_single_sign_on": Door("settings"),
    "update_single_sign_on": Door("settings", get="", patch="write", unless=(403,)),  # owners only
    "get_backups": Door("settings"),
    "start_backup": _verb("settings"),
    "get_backup_schedule": Door("settings", unless=(404,)),  # where none is set up on the machine
    "change_backup_schedule": Door("settings", get="", patch="write"),
    "list_of_tiers": Door("settings"),
    "change_tiers_of_company": Door("settings", get="", put="write"),
    "list_of_teams": Door("settings"),
    "create_team": _verb("settings"),
    "get_team": Door("settings"),
    "update_team": Door("settings", get="", patch="write"),
    "delete_team": Door("settings", get="", delete="write"),
    "get_workspace": Door("settings"),
    "update_workspace": Door("settings", get="", patch="write"),
    "list_of_views": Door(SIGNED_IN),
    "create_saved_view": _verb(SIGNED_IN),
    "get_saved_view": Door(SIGNED_IN, of="view_id"),
    "update_saved_view": Door(SIGNED_IN, get="", patch="write", of="view_id"),
    "delete_saved_view": Door(SIGNED_IN, get="", delete="write", of="view_id"),
    "search_everything": Door(SIGNED_IN),
    "get_status": Door("status"),
    "list_of_channels": Door("own_source"),
    "guess_mail_servers": Door("own_source", get="write"),
    "connect_mailbox": _verb("own_source"),
    "get_channel": Door("own_source", unless=(404,)),
    "get_mailbox": Door("own_source", get="write", unless=(404,)),
    "change_mailbox": Door("own_source", get="", patch="write", unless=(404,)),
    "try_mailbox": Door("own_source", get="", post="write", unless=(404,)),
    "ledger_of_channel": Door("own_source", unless=(404,)),
    "pause_channel": Door("own_source", get="", post="write", unless=(404,)),
    "continue_channel": Door("own_source", get="", post="write", unless=(404,)),
    "sync_channel_again": Door("own_source", get="", post="write", unless=(404,)),
    "replay_channel": Door("own_source", get="", post="write", unless=(404,)),
    "disconnect_channel": Door("own_source", get="", delete="write", unless=(404,)),
    "list_of_webhooks": Door("webhook"),
    "list_of_event_types": Door("webhook"),
    "create_webhook": _verb("webhook"),
    "get_webhook": Door("webhook", unless=(404,)),
    "update_webhook": Door("webhook", get="", patch="write", unless=(404,)),
    "rotate_webhook_secret": Door("webhook", get="", post="write", unless=(404,)),
    "switch_webhook": Door("webhook", get="", post="write", unless=(404,)),
    "test_webhook": Door("webhook", get="", post="write", unless=(404,)),
    "replay_webhook": Door("webhook", get="", post="write", unless=(404,)),
    "delete_webhook": Door("webhook", get="", delete="delete", unless=(404,)),
    "list_of_deliveries": Door("webhook", unless=(404,)),
    "get_delivery": Door("webhook", unless=(404,)),
    "send_delivery_again": Door("webhook", get="", post="write", unless=(404,)),
    "list_of_inlets": Door("webhook"),
    "create_inlet": _verb("webhook"),
    "get_inlet": Door("webhook", unless=(404,)),
    "update_inlet": Door("webhook", get="", patch="write", unless=(404,)),
    "change_inlet_secret": Door("webhook", get="", post="write", unless=(404,)),
    "delete_inlet": Door("webhook", get="", delete="delete", unless=(404,)),
    "list_of_audit_entries": Door("audit"),
    "export_audit_trail": Door("audit", get="export"),
}
"""Operations of the API, by operation id. What an operation declares (`of`, `does`) must be what stands here."""


# A file goes in, or comes out; a way into an account is opened or closed; data goes to another place, a secret is told
# or taken, or backups grow fewer. Texts of customers, which assistants read, must not be able to ask for any of it.
NO_TOOLS = frozenset(
    {"upload_import", "upload_file", "export_list_of_people", "export_audit_trail", "export_rows_not_taken"}
    | {
        "invite_colleague",
        "revoke_invitation",
        "make_password_link",
        "reset_second_factors",
        "update_account",
    }
    | {"update_sign_in_rules", "update_single_sign_on", "change_backup_schedule"}
    | {"create_webhook", "update_webhook", "rotate_webhook_secret", "create_inlet", "change_inlet_secret"}
    | {"connect_mailbox", "change_mailbox"}
)
TOOLS: dict[str, Door] = {name: door for name, door in OPERATIONS.items() if name not in NO_TOOLS}
"""Tools for assistants (`amity mcp`), by name: an operation is a tool, and its door is the same one."""
