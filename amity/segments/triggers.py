"""The triggers that put down about whom something changed, in the transaction of the change.

They see every path: the corridor, colleagues, programs, merges, undo, erasure. While no segment is there they ask one
row of one table and end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from amity.segments.domain.parts import BOUGHT, CASES, FIELDS, PROMISES, TALK, WHO

CHANNEL = "amity_segments"
TURN = 4171024
"""The advisory lock of whoever writes traits and memberships."""
_FUNCTION = """
CREATE OR REPLACE FUNCTION segments_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT (SELECT is_kept FROM segments_state WHERE id = 1) THEN RETURN NULL; END IF;
    INSERT INTO segments_touched (part, {whose}, at)
        SELECT DISTINCT {part}, whose, now() FROM ({rows}) AS touched (whose) WHERE whose IS NOT NULL;
    IF FOUND THEN PERFORM pg_notify('{channel}', ''); END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER segments_{name} AFTER {event} ON {table} REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION segments_{name}();
"""
_TABLES = {
    "insert": "NEW TABLE AS came",
    "delete": "OLD TABLE AS went",
    "update": "OLD TABLE AS went NEW TABLE AS came",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A table, the column that says about whom its rows are, and what that is (`identity_id` or `person_id`).

    `key` and `differs` narrow updates to rows of which one of these columns changed. `through` is SQL that finds whose
    a row is where that stands in another table: it selects from `{rows}`.
    """

    table: str
    column: str
    whose: str
    part: int
    key: str = ""
    differs: tuple[str, ...] = ()
    through: str = ""

    def statements(self) -> str:
        return "".join(
            _FUNCTION.format(
                name=f"{self.table}_{event}", table=self.table, whose=self.whose, part=self.part, event=event.upper(),
                rows=self._rows(event), tables=_TABLES[event], channel=CHANNEL,
            )
            for event in _TABLES
        )  # fmt: skip

    def undo(self) -> str:
        return "".join(
            f"DROP FUNCTION IF EXISTS segments_{self.table}_{event}() CASCADE;\n" for event in _TABLES
        )

    def _rows(self, event: str) -> str:
        read = self.through or f"SELECT {self.column} FROM {{rows}}"
        if event != "update":
            return read.format(rows="came" if event == "insert" else "went")
        if self.differs:
            old = ", ".join(f"went.{column}" for column in self.differs)
            new = ", ".join(f"came.{column}" for column in self.differs)
            return (
                f"SELECT came.{self.column} FROM came JOIN went USING ({self.key}) "
                f"WHERE ({old}) IS DISTINCT FROM ({new})"
            )
        return f"{read.format(rows='came')} UNION {read.format(rows='went')}"


_PERSON = "name email city country language job_title organisation_id merged_into_id first_seen_at".split()
WATCHED = (
    Watched("people_person", "id", "person_id", WHO, key="id", differs=tuple(_PERSON)),
    Watched("people_link", "person_id", "person_id", WHO | TALK | BOUGHT | CASES | PROMISES | FIELDS),
    Watched("people_fact", "identity_id", "identity_id", WHO | FIELDS),
    Watched("people_sighting", "identity_id", "identity_id", WHO | FIELDS),
    Watched("people_fieldlock", "person_id", "person_id", WHO | FIELDS),
    Watched("activity_activity", "about_id", "identity_id", TALK),
    Watched("commerce_order", "buyer_id", "identity_id", BOUGHT),
    Watched(
        "commerce_orderline", "order_id", "identity_id", BOUGHT,
        through="SELECT o.buyer_id FROM {rows} AS l JOIN commerce_order o ON o.id = l.order_id",
    ),
    Watched("conversations_conversation", "customer_id", "identity_id", CASES),
    Watched("teamwork_promise", "about_id", "identity_id", PROMISES),
)  # fmt: skip

# Where sources are closed, values follow from facts, choices, sightings and links above; else they stand here.
OWN_VALUES = Watched(
    "people_customvalue", "person_id", "person_id", FIELDS, key="person_id, field_id, place", differs=("value",)
)  # fmt: skip

# What people agreed to and refused.
STATEMENTS = Watched(
    "consent_statement", "identity_id", "identity_id", FIELDS, key="id", differs=("revoked_at",)
)  # fmt: skip

# A purpose that is new or has become another: those who refused everything are read again, and the segments that ask
# for it are counted anew, as for fields.
PURPOSES = f"""
CREATE OR REPLACE FUNCTION segments_purposes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT (SELECT is_kept FROM segments_state WHERE id = 1) THEN RETURN NULL; END IF;
    PERFORM pg_advisory_xact_lock({TURN});
    INSERT INTO segments_touched (part, identity_id, at)
        SELECT DISTINCT {FIELDS}, s.identity_id, now() FROM consent_statement s WHERE s.purpose_id IS NULL;
    WITH RECURSIVE anew (id) AS (
        SELECT s.id FROM segments_segment s
        WHERE s.deleted_at IS NULL AND position('"consent:' || NEW.key || ':' IN s.rule::text) > 0
        UNION
        SELECT s.id FROM segments_segment s JOIN anew a ON position(a.id::text IN s.rule::text) > 0
        WHERE s.deleted_at IS NULL
    )
    UPDATE segments_segment s SET state = 'building' FROM anew a WHERE s.id = a.id;
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER segments_purposes AFTER INSERT OR UPDATE OF basis, channels, months, hidden_at
    ON consent_purpose FOR EACH ROW EXECUTE FUNCTION segments_purposes();
"""
NO_PURPOSES = "DROP FUNCTION IF EXISTS segments_purposes() CASCADE;\n"

# A field that is hidden, put back, or of which an option became another: the segments that ask for it are counted anew,
# and those that ask for these. Whoever counts now comes to an end first, or it would be by what was before.
OWN_FIELDS = f"""
CREATE OR REPLACE FUNCTION segments_own_fields() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT (SELECT is_kept FROM segments_state WHERE id = 1) THEN RETURN NULL; END IF;
    PERFORM pg_advisory_xact_lock({TURN});
    WITH RECURSIVE anew (id) AS (
        SELECT s.id FROM segments_segment s
        WHERE s.deleted_at IS NULL AND position('"own:' || NEW.key || '"' IN s.rule::text) > 0
        UNION
        SELECT s.id FROM segments_segment s JOIN anew a ON position(a.id::text IN s.rule::text) > 0
        WHERE s.deleted_at IS NULL
    )
    UPDATE segments_segment s SET state = 'building' FROM anew a WHERE s.id = a.id;
    IF FOUND THEN PERFORM pg_notify('{CHANNEL}', ''); END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER segments_own_fields AFTER UPDATE OF options, hidden_at ON people_customfield FOR EACH ROW
    WHEN (NEW.resource = 'person'
        AND (OLD.options, OLD.hidden_at IS NULL) IS DISTINCT FROM (NEW.options, NEW.hidden_at IS NULL))
    EXECUTE FUNCTION segments_own_fields();
"""
NO_OWN_FIELDS = "DROP FUNCTION IF EXISTS segments_own_fields() CASCADE;\n"

# By another rule another birthday is shown of those of whom sources tell several.
SHOWN_RULES = f"""
CREATE OR REPLACE FUNCTION segments_shown_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT (SELECT is_kept FROM segments_state WHERE id = 1) THEN RETURN NULL; END IF;
    INSERT INTO segments_touched (part, identity_id, at)
        SELECT DISTINCT {FIELDS}, f.identity_id, now() FROM people_fact f WHERE f.field = 'birthday';
    IF FOUND THEN PERFORM pg_notify('{CHANNEL}', ''); END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER segments_shown_rules AFTER INSERT ON people_shownrules
    FOR EACH STATEMENT EXECUTE FUNCTION segments_shown_rules();
"""
NO_SHOWN_RULES = "DROP FUNCTION IF EXISTS segments_shown_rules() CASCADE;\n"

# A source that is opened to everybody, or is no longer: all that it told counts, or does not.
SOURCES = f"""
CREATE OR REPLACE FUNCTION segments_source_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO segments_touched (part, source_id, at) SELECT 0, NEW.id, now()
        WHERE (SELECT is_kept FROM segments_state WHERE id = 1);
    IF FOUND THEN PERFORM pg_notify('{CHANNEL}', ''); END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER segments_source_moved AFTER UPDATE OF team_id, owner_id ON channels_source FOR EACH ROW
    WHEN ((OLD.team_id, OLD.owner_id) IS DISTINCT FROM (NEW.team_id, NEW.owner_id))
    EXECUTE FUNCTION segments_source_moved();
"""
# What somebody who paid in several currencies paid in one. No subquery, so that counts use several processors.
PAID = """
CREATE OR REPLACE FUNCTION segments_paid(paid bigint[], codes smallint[], code integer, behind integer) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ DECLARE total bigint := 0; BEGIN
    FOR place IN behind + 1 .. cardinality(paid) LOOP
        IF codes[place] = code THEN total := total + paid[place]; END IF;
    END LOOP;
    RETURN total;
END $$;
"""
NO_PAID = "DROP FUNCTION IF EXISTS segments_paid(bigint[], smallint[], integer, integer);\n"
NO_SOURCES = "DROP FUNCTION IF EXISTS segments_source_moved() CASCADE;\n"


def watching() -> str:
    """The SQL that makes all of them, and the one function that conditions need."""
    return "".join(watched.statements() for watched in WATCHED) + SOURCES + PAID


def not_watching() -> str:
    """The SQL that takes them away."""
    return "".join(watched.undo() for watched in WATCHED) + NO_SOURCES + NO_PAID


def watching_own_fields() -> str:
    """The SQL for the company's own fields: what was watched before now touches them too."""
    return "".join(one.statements() for one in (*_also_own(), OWN_VALUES)) + OWN_FIELDS


def not_watching_own_fields() -> str:
    """The SQL that takes it away again."""
    before = "".join(replace(one, part=one.part & ~FIELDS).statements() for one in _also_own())
    return before + OWN_VALUES.undo() + NO_OWN_FIELDS


def watching_consent() -> str:
    """The SQL for what people agreed to."""
    return STATEMENTS.statements() + PURPOSES


def not_watching_consent() -> str:
    """The SQL that takes it away again."""
    return STATEMENTS.undo() + NO_PURPOSES


def _also_own() -> list[Watched]:
    return [one for one in WATCHED if one.part & FIELDS]
