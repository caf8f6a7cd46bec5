"""The timeline: order, pages without gap or repeat, lanes, words, and what is hidden leaves no trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.activity import queries
from amity.activity.partitions import ensure_months
from amity.activity.queries import Lane, Wanted
from amity.activity.rows import ActivityRow
from amity.activity.stages import write_rows
from amity.channels.models import Source
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.ids import uuid7_of
from amity.kernel.keyset import Cursor
from amity.kernel.models import Team

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)


def make_source(key: str = "mail", team: Team | None = None) -> Source:
    return Source.objects.create(key=key, adapter="file", name=key.title(), team=team, created_at=AT)


def row(about: UUID = ONE, at: datetime = AT, lane: Lane = Lane.SAID, **more: object) -> ActivityRow:
    kinds = {
        Lane.SAID: ("in", "email", "note"),
        Lane.BOUGHT: ("in", "order", "order"),
        Lane.DID: ("out", "email", "note"),
    }
    direction, channel, kind = kinds[lane]
    name = uuid4().hex
    fields: dict[str, object] = {
        "id": uuid7_of(at, name), "occurred_at": at, "external_id": name, "direction": direction, "channel": channel,
        "verb": "create", "object_type": kind, "about_id": about, "text": "Good morning",
    }  # fmt: skip
    return ActivityRow(**(fields | more))  # type: ignore[arg-type]


def write(source: Source, *rows: ActivityRow) -> None:
    ensure_months([one.occurred_at for one in rows], AT)
    write_rows(list(rows), source_id=source.id, run_id=None, recorded_at=AT)


def walk(
    actor: Actor, ids: list[UUID], wanted: Wanted = queries.EVERYTHING, limit: int = 7
) -> list[queries.Moment]:
    found: list[queries.Moment] = []
    place: Cursor | None = None
    while True:
        page = queries.timeline(actor, ids, wanted=wanted, before=place, limit=limit)
        assert len(page.moments) <= limit
        found += page.moments
        if page.older is None:
            return found
        place = Cursor.read(str(page.older))


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=st.lists(st.tuples(st.integers(0, 4_000), st.sampled_from([ONE, OTHER])), max_size=40),
    limit=st.integers(1, 9),
)
def test_walking_the_pages_gives_every_entry_once_newest_first(
    db: None, hours: list[tuple[int, UUID]], limit: int
) -> None:
    source = Source.objects.create(key=uuid4().hex, adapter="file", name="Mail", created_at=AT)
    ids = {ONE: uuid4(), OTHER: uuid4()}
    rows = [row(ids[who], AT - timedelta(hours=hour // 3)) for hour, who in hours]  # some at the same instant
    write(source, *rows)
    walked = walk(SYSTEM, list(ids.values()), limit=limit)
    expected = sorted(((one.occurred_at, one.id) for one in rows), reverse=True)
    assert [(one.occurred_at, one.id) for one in walked] == expected


@pytest.mark.django_db
def test_lanes_hold_what_was_said_bought_and_done() -> None:
    rows = {lane: row(lane=lane, at=AT - timedelta(minutes=n)) for n, lane in enumerate(Lane)}
    note = row(direction="internal", lane=Lane.DID, at=AT - timedelta(hours=1))
    write(make_source(), *rows.values(), note)
    for lane in Lane:
        found = queries.timeline(SYSTEM, [ONE], wanted=Wanted(lanes=frozenset({lane}))).moments
        assert {one.lane for one in found} == {lane}
    assert queries.lane_counts(SYSTEM, [ONE]) == queries.LaneCounts(said=1, bought=1, did=2)


@pytest.mark.django_db
def test_words_and_days_narrow_the_timeline_and_its_counts() -> None:
    write(
        make_source(),
        row(text="The burrs are 100% blunt", at=AT),
        row(text="The burrs chirp", at=AT - timedelta(days=40)),
        row(text="Thanks", at=AT - timedelta(days=1)),
    )
    assert len(walk(SYSTEM, [ONE], Wanted(words="BURRS"))) == 2
    assert len(walk(SYSTEM, [ONE], Wanted(words="burrs chirp"))) == 1
    assert len(walk(SYSTEM, [ONE], Wanted(words="100%"))) == 1
    assert walk(SYSTEM, [ONE], Wanted(words="%")) == walk(SYSTEM, [ONE], Wanted(words="100%"))
    recent = Wanted(since=AT - timedelta(days=30))
    assert len(walk(SYSTEM, [ONE], recent)) == 2
    assert queries.lane_counts(SYSTEM, [ONE], recent).said == 2
    assert len(walk(SYSTEM, [ONE], Wanted(until=AT))) == 2


@pytest.mark.django_db
def test_a_hidden_source_changes_nothing_in_the_timeline_or_its_counts() -> None:
    team = Team.objects.create(name="Legal")
    actor = Actor(Role.AGENT, uuid4())
    rows = [row(at=AT - timedelta(hours=n), text=f"Burrs {n}") for n in range(9)]
    write(make_source("open"), *rows)
    wanted = Wanted(words="burrs")
    day = (AT - timedelta(days=1), AT + timedelta(days=1))

    def seen(who: Actor) -> tuple[object, ...]:
        return (
            walk(who, [ONE], limit=2),
            queries.lane_counts(who, [ONE]),
            queries.lane_counts(who, [ONE], wanted),
            queries.between(who, [ONE], *day),
            queries.last_said(who, [ONE], day[0]),
        )

    before = seen(actor)
    secret = row(at=AT - timedelta(minutes=90), text="Secret burrs")
    write(make_source("hidden", team), secret)
    assert seen(actor) == before
    assert queries.moment(actor, [ONE], secret.id) is None
    member = Actor(Role.AGENT, uuid4(), frozenset({team.id}))
    assert len(walk(member, [ONE])) == 10
    assert queries.moment(member, [ONE], secret.id) is not None
    assert len(walk(Actor(Role.OWNER, uuid4()), [ONE])) == 10


@pytest.mark.django_db
def test_a_partner_sees_no_timeline() -> None:
    write(make_source(), row(), row(lane=Lane.BOUGHT))
    partner = Actor(Role.PARTNER, uuid4())
    assert queries.timeline(partner, [ONE]).moments == ()
    assert queries.lane_counts(partner, [ONE]) == queries.LaneCounts()


@pytest.mark.django_db
def test_one_entry_is_found_by_its_id_only_on_its_own_timeline() -> None:
    mine, theirs = row(), row(OTHER)
    write(make_source(), mine, theirs)
    found = queries.moment(SYSTEM, [ONE], mine.id)
    assert found is not None
    assert found.id == mine.id
    assert queries.moment(SYSTEM, [ONE], theirs.id) is None
    assert queries.moment(SYSTEM, [ONE], UUID(int=2**128 - 1)) is None


@pytest.mark.parametrize(
    "text", ["", "~", "yesterday~1", "2026-03-17T09:30:00~" + str(ONE), "2026-03-17T09:30:00+00:00~x"]
)
def test_a_broken_place_is_no_place(text: str) -> None:
    assert Cursor.read(text) is None
