"""What the tables of people hold of them."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "people_identity", Fate.REMOVED, "is_ours created_run_id",
    id=Holds.LINK, network=Holds.ACCOUNT, address=Holds.ACCOUNT, first_seen_at=Holds.TIME,
)  # fmt: skip
table(
    "people_person", Fate.REMOVED, "created_run_id organisation_id",
    id=Holds.LINK, name=Holds.NAME, sort_name=Holds.NAME, search_text=Holds.NAME, email=Holds.ACCOUNT,
    city=Holds.PROFILE, country=Holds.PROFILE, language=Holds.PROFILE, job_title=Holds.PROFILE,
    first_seen_at=Holds.TIME, last_activity_at=Holds.TIME, merged_into_id=Holds.LINK,
)  # fmt: skip
table(
    "people_fact", Fate.REMOVED, "id field source_id run_id",
    value=Holds.PROFILE, identity_id=Holds.LINK, observed_at=Holds.TIME, first_at=Holds.TIME,
    said_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_link", Fate.REMOVED, "id method confidence linked_at revoked_at",
    identity_id=Holds.LINK, person_id=Holds.LINK, home_id=Holds.LINK, evidence=Holds.PROFILE,
    linked_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_sighting", Fate.REMOVED, "source_id run_id",
    identity_id=Holds.LINK, with_id=Holds.LINK, at=Holds.TIME,
)  # fmt: skip
table(
    "people_merge", Fate.REMOVED, "id act_id method confidence merged_at revoked_at",
    person_id=Holds.LINK, into_id=Holds.LINK, evidence=Holds.PROFILE, merged_by_id=Holds.COLLEAGUE,
    revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_split", Fate.REMOVED, "id split_at revoked_at",
    person_id=Holds.LINK, into_id=Holds.LINK, split_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_distinction", Fate.REMOVED, "id said_at revoked_at",
    one_id=Holds.LINK, other_id=Holds.LINK, said_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_fieldlock", Fate.REMOVED, "id field act_id locked_at released_at",
    person_id=Holds.LINK, value=Holds.PROFILE, locked_by_id=Holds.COLLEAGUE, released_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_proposal", Fate.REMOVED, "id bits state found_at decided_at act_id is_by_rule until was_right checked_at",
    one_id=Holds.LINK, other_id=Holds.LINK, evidence=Holds.PROFILE, decided_by_id=Holds.COLLEAGUE,
    checked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_customfield", Fate.KEPT,
    "id resource key label help kind options currency purposes writers position is_listed hidden_at created_at",
    created_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_customvalue", Fate.REMOVED, "field_id place",
    person_id=Holds.LINK, value=Holds.PROFILE, word=Holds.PROFILE, number=Holds.PROFILE, day=Holds.PROFILE,
    words=Holds.PROFILE,
)  # fmt: skip
table(
    "people_organisationfact", Fate.REMOVED, "id field observed_at organisation_id",
    value=Holds.PROFILE, said_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_shownrules", Fate.KEPT, "id rules said_at upto looked_at of_people changed done_at",
    said_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table("people_matchrecord", Fate.REMOVED, "id keyed_at", person_id=Holds.LINK, said=Holds.PROFILE)
table("people_matchkey", Fate.REMOVED, "record_id", key=Holds.PROFILE)
table("people_matchmodel", Fate.EMPTIED, "id figures trained_at", weights=Holds.NAME)
table("people_word", Fate.REMOVED, "records", word=Holds.NAME, keys=Holds.NAME)
table("people_wordchange", Fate.REMOVED, "id sign", record_id=Holds.LINK, words=Holds.NAME)
table(
    "people_organisation", Fate.REMOVED, "id created_run_id created_at domain is_ours merged_into_id",
    name=Holds.PROFILE, key=Holds.PROFILE, told_name=Holds.PROFILE,
)  # fmt: skip
table("people_employer", Fate.REMOVED, identity_id=Holds.LINK, key=Holds.PROFILE)
table(
    "people_relation", Fate.REMOVED, "id said_at revoked_at kind from_on until_on method organisation_id",
    person_id=Holds.LINK, other_id=Holds.LINK, words=Holds.PROFILE, said_by_id=Holds.COLLEAGUE,
    revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_household", Fate.REMOVED, "said_at revoked_at rule",
    id=Holds.LINK, said_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_householdmember", Fate.REMOVED, "id said_at revoked_at household_id",
    person_id=Holds.LINK, said_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_householdrefusal", Fate.REMOVED, "id said_at revoked_at",
    one_id=Holds.LINK, other_id=Holds.LINK, said_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_organisationrelation", Fate.EMPTIED,
    "id said_at revoked_at kind from_on until_on method organisation_id other_id",
    words=Holds.MAYBE, said_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_organisationmerge", Fate.KEPT, "id said_at revoked_at organisation_id into_id",
    said_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_organisationdomain", Fate.REMOVED, "organisation_id is_on said_at",
    domain=Holds.PROFILE, said_by_id=Holds.COLLEAGUE,
)  # fmt: skip
# Of whom it was is emptied when it is done.
table(
    "people_personerasure", Fate.EMPTIED,
    "id state ground asked_at due_at stopped_at begun_at done_at step digest asked_why stopped_why",
    person_id=Holds.LINK, scope=Holds.ACCOUNT, certificate=Holds.MAYBE, asked_by_id=Holds.COLLEAGUE,
    stopped_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_persondisclosure", Fate.EMPTIED,
    "id state language asked_at done_at until sections rows size_bytes digest heartbeat_at",
    person_id=Holds.LINK, asked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "people_legalhold", Fate.REMOVED, "id placed_at released_at",
    reason=Holds.WORDS, released_why=Holds.WORDS, placed_by_id=Holds.COLLEAGUE, released_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table("people_heldaccount", Fate.REMOVED, "hold_id", identity_id=Holds.LINK)
