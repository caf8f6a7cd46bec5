"""The rail, its counts, and the palette."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.urls import path

from amity.conversations.models import Conversation
from amity.conversations.queries import boxes
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.models import Team
from amity.site import counts, navigation, palette, urls
from amity.site.palette import Hit, find, finds
from amity.site.tests.shell.factories import make_conversation, make_source, make_staff, signed_in

OWNER, AGENT, PARTNER = Actor(Role.OWNER), Actor(Role.AGENT), Actor(Role.PARTNER)
SCREENS = (
    *("today", "inbox", "people", "duplicates", "segments", "quality"),
    *("organisations", "orders", "imports"),
)


@pytest.fixture
def all_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_has_page", lambda entry: True)
    monkeypatch.setattr(navigation, "reverse", lambda name, *args: f"/{name}/")


@pytest.fixture
def counters() -> Iterator[None]:
    kept = dict(navigation._counters)
    yield
    navigation._counters.clear()
    navigation._counters.update(kept)


def _keys(actor: Actor) -> list[str]:
    return [entry.key for entry in navigation.entries_for(actor)]


@pytest.mark.usefixtures("all_screens")
def test_only_what_may_be_read_is_offered() -> None:
    assert _keys(OWNER) == [*SCREENS, "status", "settings"]
    assert _keys(PARTNER) == ["today", "inbox", "settings"]
    assert "imports" not in _keys(Actor(Role.ANALYST))


@pytest.mark.usefixtures("all_screens", "counters")
def test_children_stand_under_the_open_screen_only() -> None:
    for key in list(navigation._counters):
        del navigation._counters[key]
    closed = navigation.sections(OWNER, "people")
    opened = navigation.sections(OWNER, "inbox.mine")
    assert [len(item["children"]) for item in closed[0]["items"]] == [0] * len(SCREENS)
    assert [child["key"] for child in opened[0]["items"][1]["children"]] == [
        "inbox.waiting",
        "inbox.mine",
        "inbox.unassigned",
        "inbox.promised",
        "inbox.closed",
    ]
    assert opened[0]["items"][1]["children"][1]["url"] == "/inbox/?view=mine"


@pytest.mark.usefixtures("counters")
def test_counts_stop_at_ten_thousand_and_one() -> None:
    navigation.register_count("orders", lambda actor: 2_000_000, alarm=True)
    assert navigation.counted("orders", OWNER) == 10_001
    assert navigation.counted("status", OWNER) is None


def test_a_page_knows_its_place_in_the_rail() -> None:
    assert navigation.current_key("inbox", "mine") == "inbox.mine"
    assert navigation.current_key("inbox", "nonsense") == "inbox"
    assert navigation.current_key("status", "") == "status"
    assert navigation.current_key("", "") == ""
    assert navigation.key_of_path("/settings/teams/") == "settings"


@pytest.mark.django_db
def test_what_is_hidden_is_not_counted() -> None:
    team = Team.objects.create(name="Legal")
    open_source, closed_source = make_source("shop"), make_source("legal", team=team)
    agent = make_staff(role=Role.AGENT)
    make_conversation(open_source, assignee=agent)
    make_conversation(open_source)
    make_conversation(closed_source)
    make_conversation(open_source, waiting_since=None)
    outsider, insider = agent.actor(), make_staff(role=Role.AGENT)
    insider.teams.add(team)
    assert (boxes.waiting_count(outsider), boxes.unassigned_count(outsider), boxes.mine_count(outsider)) == (
        2,
        1,
        1,
    )
    assert boxes.waiting_count(insider.actor()) == 3
    assert boxes.waiting_count(SYSTEM) == Conversation.objects.waiting().count() == 3
    assert counts.promised_today(outsider) == 0


@pytest.mark.django_db
def test_counts_are_served_for_the_screens_that_one_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def page(request: object) -> HttpResponse:
        return HttpResponse()

    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("inbox/", page, name="inbox")])
    monkeypatch.setattr(navigation, "_has_page", lambda entry: entry.key in {"inbox", "settings"})
    make_conversation(make_source())
    answer = signed_in(make_staff()).get("/navigation/counts/")
    assert answer.json()["inbox.waiting"] == 1


# ------------------------------------------------------------------------------------------------------------ palette


@pytest.fixture
def people_finder() -> Iterator[None]:
    @finds("people")
    def people(actor: Actor, text: str, limit: int) -> list[Hit]:
        names = ["Hannah Vogel", "Hannes <b>Roth</b>", *["Hanna Again"] * 9]
        found = [name for name in names if actor.role is Role.OWNER and text in name.lower()]
        return [Hit(name, "waits for us", "/people/1/", "user", "person") for name in found]

    yield
    palette._finders["people"].remove(people)


@pytest.mark.django_db
@pytest.mark.usefixtures("people_finder")
def test_sections_stand_in_order_and_hold_what_the_actor_may_see() -> None:
    found = find(OWNER, "  hanna ")
    assert [section.key for section in found.sections] == ["people"]
    assert found.typed == "hanna"
    assert found.count == palette.PER_SECTION
    assert found.sections[0].shown[0].hit.initials == "HV"
    assert find(AGENT, "hanna").count == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("people_finder")
def test_one_letter_asks_no_package() -> None:
    assert all(section.key in {"go", "do"} for section in find(OWNER, "h").sections)


@pytest.mark.django_db
def test_screens_and_actions_are_there_before_a_word_is_typed() -> None:
    found = find(OWNER, "")
    assert {section.key for section in found.sections} == {"go", "do"}


@pytest.mark.django_db
def test_nobody_is_offered_to_do_what_they_may_not() -> None:
    labels = {shown.hit.label for section in find(AGENT, "").sections for shown in section.shown}
    assert "Add a team" not in labels
    assert "Change your password" in labels


@pytest.mark.django_db
def test_parts_of_the_settings_are_found_by_who_may_open_them() -> None:
    def labels(actor: Actor) -> set[str]:
        return {shown.hit.label for section in find(actor, "teams").sections for shown in section.shown}

    assert labels(OWNER) == {"Teams"}
    assert labels(AGENT) == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("people_finder")
def test_what_people_are_called_is_shown_as_text() -> None:
    client = signed_in(make_staff())
    for headers in ({}, {"HX-Request": "true", "HX-Request-Type": "partial"}):
        html = client.get("/find/?q=hann", headers=headers).content.decode()
        assert "<mark>Hann</mark>ah Vogel" in html
        assert "&lt;b&gt;Roth&lt;/b&gt;" in html


@pytest.mark.django_db
def test_nothing_found_names_what_was_typed() -> None:
    html = signed_in(make_staff()).get("/find/?q=<i>zzz").content.decode()
    assert "Nothing fits “&lt;i&gt;zzz”" in html
