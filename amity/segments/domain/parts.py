"""The parts of which traits are made, as bits: a change touches some of them, a condition depends on some."""

from __future__ import annotations

WHO, TALK, BOUGHT, CASES, PROMISES, FIELDS, TIME = (1 << place for place in range(7))
READ = WHO | TALK | BOUGHT | CASES | PROMISES | FIELDS
"""All that is read from records; time passes without anything being read."""

COLUMNS: dict[int, tuple[str, ...]] = {
    WHO: (
        "name", "email", "domains", "city", "country", "language", "job_title", "organisation", "networks",
        "first_seen",
    ),
    TALK: (
        "wrote", "wrote_via", "wrote_from", "wrote_verb", "replied", "active", "bad", "mood", "mood_sum", "sent",
        "sent_via",
    ),
    BOUGHT: ("orders", "currency", "paid", "paid_each", "paid_in", "bought", "bought_what"),
    CASES: ("open_count", "waiting"),
    PROMISES: ("broken",),
    FIELDS: ("fields",),
}  # fmt: skip
