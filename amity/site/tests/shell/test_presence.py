"""Who else is here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from amity.kernel.actor import Role
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.models import Team
from amity.site import presence
from amity.site.models import Presence
from amity.site.tests.shell.factories import AT, make_conversation, make_source, make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    told: list[tuple[str, str, str]] = []

    def record(topic: str, subject_id: object = "", *, source_id: object = "") -> None:
        told.append((topic, str(subject_id), str(source_id)))

    monkeypatch.setattr(presence, "announce", record)
    return told


def test_others_see_who_is_here_writers_first() -> None:
    conversation = make_conversation(make_source())
    ines, jonas, maite = make_staff(), make_staff("Jonas Brandt"), make_staff("Maite Ruiz")
    presence.tell(conversation.id, actor=jonas.actor(), state="viewing", at=AT)
    presence.tell(conversation.id, actor=maite.actor(), state="noting", at=AT)
    presence.tell(conversation.id, actor=ines.actor(), state="viewing", at=AT)
    words = [present.words for present in presence.who_else(conversation.id, actor=ines.actor(), at=AT)]
    assert words == ["Maite is writing a note", "Jonas is looking at this"]


def test_who_says_nothing_for_long_is_gone() -> None:
    conversation = make_conversation(make_source())
    ines, jonas = make_staff().actor(), make_staff("Jonas Brandt").actor()
    presence.tell(conversation.id, actor=jonas, state="viewing", at=AT)
    assert presence.who_else(conversation.id, actor=ines, at=AT + presence.GONE_AFTER)
    later = AT + presence.GONE_AFTER + timedelta(seconds=1)
    assert not presence.who_else(conversation.id, actor=ines, at=later)
    presence.tell(conversation.id, actor=ines, state="viewing", at=AT + timedelta(minutes=11))
    assert Presence.objects.count() == 1


def test_only_news_is_announced_and_only_to_those_who_may_know(announced: list[tuple[str, str, str]]) -> None:
    source = make_source()
    conversation = make_conversation(source)
    jonas = make_staff("Jonas Brandt").actor()
    for seconds in (0, 20, 40):
        presence.tell(conversation.id, actor=jonas, state="viewing", at=AT + timedelta(seconds=seconds))
    presence.tell(conversation.id, actor=jonas, state="writing", at=AT + timedelta(seconds=50))
    presence.leave(conversation.id, actor=jonas)
    presence.leave(conversation.id, actor=jonas)
    assert announced == [("presence", str(conversation.id), str(source.id))] * 3


def test_what_one_may_not_see_has_nobody_in_it() -> None:
    hidden = make_conversation(make_source(team=Team.objects.create(name="Legal")))
    outsider = make_staff(role=Role.AGENT).actor()
    with pytest.raises(NotFound):
        presence.tell(hidden.id, actor=outsider, state="viewing", at=AT)
    with pytest.raises(NotFound):
        presence.who_else(hidden.id, actor=outsider, at=AT)
    assert not Presence.objects.exists()


def test_a_state_that_we_do_not_know_is_refused() -> None:
    conversation = make_conversation(make_source())
    with pytest.raises(Invalid):
        presence.tell(conversation.id, actor=make_staff().actor(), state="dancing", at=AT)


def test_a_page_tells_and_is_told() -> None:
    conversation = make_conversation(make_source())
    ines, jonas = signed_in(make_staff()), signed_in(make_staff("Jonas <i>Brandt"))
    jonas.post("/presence/", {"subject": str(conversation.id), "state": "noting"})
    html = ines.post("/presence/", {"subject": str(conversation.id), "state": "viewing"}).content.decode()
    assert "Jonas is writing a note" in html
    jonas.post("/presence/", {"subject": str(conversation.id), "state": "gone"})
    assert "Jonas" not in ines.get(f"/presence/{conversation.id}/").content.decode()
    assert ines.post("/presence/", {"subject": "x", "state": "viewing"}).status_code == 422


def test_presence_spares_the_write_ahead_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'site_presence'")
        assert cursor.fetchone() == ("u",)
