"""What segments hold of people."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

_TIMES = "wrote replied active bad sent orders bought broken".split()

table(
    "segments_segment", Fate.EMPTIED,
    "id version state members created_at updated_at built_at deleted_at",
    owner_id=Holds.COLLEAGUE, name=Holds.MAYBE, description=Holds.MAYBE, rule=Holds.MAYBE,
)  # fmt: skip
table(
    "segments_version",
    Fate.EMPTIED,
    "id segment_id number made_at",
    made_by_id=Holds.COLLEAGUE,
    rule=Holds.MAYBE,
)
table(
    "segments_member", Fate.REMOVED, "segment_id since until version_in version_out",
    person_id=Holds.LINK, why_in=Holds.PROFILE, why_out=Holds.PROFILE,
)  # fmt: skip
table(
    "segments_trait", Fate.REMOVED,
    "wrote_via wrote_from wrote_verb sent_via paid_in currency open_count waiting first_seen",
    person_id=Holds.LINK, name=Holds.NAME, email=Holds.ACCOUNT, domains=Holds.ACCOUNT, networks=Holds.ACCOUNT,
    city=Holds.PROFILE, country=Holds.PROFILE, language=Holds.PROFILE, job_title=Holds.PROFILE,
    organisation=Holds.PROFILE, fields=Holds.PROFILE, mood=Holds.JUDGED, mood_sum=Holds.JUDGED,
    paid=Holds.PURCHASE, paid_each=Holds.PURCHASE, bought_what=Holds.PURCHASE,
    **dict.fromkeys(_TIMES, Holds.TIME),
)  # fmt: skip
table("segments_code", Fate.KEPT, "kind number word")
table("segments_touched", Fate.EXPIRES, "id part source_id at", identity_id=Holds.LINK, person_id=Holds.LINK)
table("segments_state", Fate.KEPT, "id is_kept kept_since reading_from read to_read started_at minute")
