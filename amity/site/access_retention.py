"""The doors of legal holds and retention; a part of the table in `amity.site.access`."""

from __future__ import annotations

from amity.site.doors import Door, verb

PAGES: dict[str, Door] = {
    "person-hold": Door("erasure", get="write", post="write", of="person_id"),
    "hold": Door("erasure"),
    "hold-release": verb("erasure"),
    "settings-retention": Door("erasure"),
    "settings-retention-new": Door("erasure", get="write", post="write"),
    "settings-retention-next": Door("erasure"),
    "settings-retention-keep": Door("erasure", get="write", post="write"),
    "settings-retention-keep-withdrawal": verb("erasure"),
    "settings-retention-limits": Door("erasure", get="write", post="write"),
    "settings-retention-example": Door("erasure", get="", post="write", unless=(404,)),
    "settings-retention-rule": Door("erasure", post="write"),
    "settings-retention-people": Door("erasure"),
    "settings-retention-state": verb("erasure"),
    "settings-retention-removal": verb("erasure"),
    "settings-retention-restoration": Door(
        "erasure", get="", post="write", unless=(404,)
    ),  # of a removed one
    "settings-retention-withdrawal": verb("erasure"),
}
OPERATIONS: dict[str, Door] = {
    "list_of_holds": Door("erasure"),
    "get_one_hold": Door("erasure"),
    "place_hold": verb("erasure", "person_id"),
    "release_hold": verb("erasure"),
    "list_of_retention_rules": Door("erasure"),
    "create_retention_rule": verb("erasure"),
    "get_retention_rule": Door("erasure"),
    "update_retention_rule": Door("erasure", get="", patch="write"),
    "remove_retention_rule": Door("erasure", get="", delete="write"),
    "restore_retention_rule": Door("erasure", get="", post="write", unless=(404,)),
    "take_back_change_of_rule": verb("erasure"),
    "preview_retention_rule": Door("erasure"),
    "people_of_retention_rule": Door("erasure"),
    "turn_retention_rule_on": verb("erasure"),
    "turn_retention_rule_off": verb("erasure"),
    "list_of_people_next": Door("erasure"),
    "keep_from_retention": verb("erasure"),
    "keep_no_longer": verb("erasure"),
    "list_of_retention_runs": Door("erasure"),
    "get_retention_limits": Door("erasure"),
    "change_retention_limits": Door("erasure", get="", patch="write"),
}
