"""The triggers that put down about whom something changed, in the transaction of the change.

They see every path: the corridor, colleagues, programs, merges, undo, erasure. While no segment is there they ask one
row of one table and end.
"""

from __future__ import annotations

from dataclasses import dataclass

from amity.segments.domain.parts import BOUGHT, CASES, PROMISES, TALK, WHO

CHANNEL = "amity_segments"
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
    Watched("people_link", "person_id", "person_id", WHO | TALK | BOUGHT | CASES | PROMISES),
    Watched("people_fact", "identity_id", "identity_id", WHO),
    Watched("people_sighting", "identity_id", "identity_id", WHO),
    Watched("people_fieldlock", "person_id", "person_id", WHO),
    Watched("activity_activity", "about_id", "identity_id", TALK),
    Watched("commerce_order", "buyer_id", "identity_id", BOUGHT),
    Watched(
        "commerce_orderline", "order_id", "identity_id", BOUGHT,
        through="SELECT o.buyer_id FROM {rows} AS l JOIN commerce_order o ON o.id = l.order_id",
    ),
    Watched("conversations_conversation", "customer_id", "identity_id", CASES),
    Watched("teamwork_promise", "about_id", "identity_id", PROMISES),
)  # fmt: skip

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
