"""The one table of doors: every page, operation and tool, what it is about, and who gets in.

A generated test (`amity/site/tests/access`) walks all of it as every role, as an outsider and without login, and fails
for a door that is not here. A new one gets a line:

    "deals": Door("deal"),                                      a page: GET needs `read` on deals
    "deal": Door("deal", of="deal_id"),                         about one record: what an actor may not see is 404
    "deal-closure": Door("deal", get="", post="write", of="deal_id"),

and, where its address holds a kind of id that no other has, a record for it in `tests/access/world.py`.
"""

from __future__ import annotations

from amity.site import access_operations, access_pages, access_relations, access_retention
from amity.site.doors import PUBLIC, SIGNED_IN, Door

__all__ = ["NO_TOOLS", "OPERATIONS", "PAGES", "PUBLIC", "SIGNED_IN", "TOOLS", "Door"]

PAGES: dict[str, Door] = {**access_pages.PAGES, **access_relations.PAGES, **access_retention.PAGES}
"""Pages, by the name of their address."""

OPERATIONS: dict[str, Door] = {
    **access_operations.OPERATIONS,
    **access_relations.OPERATIONS,
    **access_retention.OPERATIONS,
}
"""Operations of the API, by operation id. What an operation declares (`of`, `does`) must be what stands here."""


# A file goes in, or comes out; a way into an account is opened or closed; data goes to another place, a secret is told
# or taken, or backups grow fewer. Texts of customers, which assistants read, must not be able to ask for any of it.
NO_TOOLS = frozenset(
    {"upload_import", "upload_file", "export_list_of_people", "export_audit_trail", "export_rows_not_taken"}
    | {"export_list_of_orders", "export_list_of_organisations"}
    | {"export_import_outcomes"}
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
    | {"foretell_erasure", "ask_for_erasure", "list_of_erasures", "get_erasure_of_person", "stop_erasure"}
    | {
        "begin_erasure",
        "certificate_of_erasure",
        "ask_for_disclosure",
        "get_disclosure",
        "file_of_disclosure",
    }
    | access_retention.OPERATIONS.keys()  # what is let go cannot be brought back
)
TOOLS: dict[str, Door] = {name: door for name, door in OPERATIONS.items() if name not in NO_TOOLS}
"""Tools for assistants (`amity mcp`), by name: an operation is a tool, and its door is the same one."""
