"""Settings: oneself, the company, teams, sources; and saved views."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.models import Staff, Team
from amity.kernel.workspace import workspace
from amity.site.models import SavedView
from amity.site.services import saved_views, teams
from amity.site.services.profile import Profile, change_profile, uses_single_keys
from amity.site.templatetags.marks import icon_names
from amity.site.tests.shell.factories import PASSWORD, make_source, make_staff, signed_in
from amity.site.toasts import read_toasts
from amity.site.web.forms import WorkspaceForm

pytestmark = pytest.mark.django_db

PROFILE = {
    "name": "Ines O.",
    "language": "de",
    "time_zone": "Europe/Lisbon",
    "theme": "dark",
    "single_keys": "on",
}


def undo_last(client: Client, answer: object) -> object:
    """Press Undo in the toast that the answer leaves behind."""
    shown = read_toasts(get_messages(answer.wsgi_request))[-1]  # type: ignore[attr-defined]
    assert shown.undo_url
    return client.post(shown.undo_url, dict(shown.undo_fields))


def test_a_profile_is_saved_and_taken_back() -> None:
    staff = make_staff(language="en", time_zone="Europe/Berlin", theme="system")
    client = signed_in(staff)
    before = Profile.of(staff)
    answer = client.post("/settings/", PROFILE)
    staff.refresh_from_db()
    assert answer["Location"] == "/settings/"
    assert (staff.name, staff.language, staff.theme) == ("Ines O.", "de", "dark")
    undo_last(client, answer)
    staff.refresh_from_db()
    assert Profile.of(staff) == before


def test_single_keys_can_be_switched_off() -> None:
    staff = make_staff()
    assert uses_single_keys(staff)
    signed_in(staff).post(
        "/settings/", {key: value for key, value in PROFILE.items() if key != "single_keys"}
    )
    assert not uses_single_keys(staff)


@pytest.mark.parametrize(
    ("field", "value"), [("name", "  "), ("language", "tlh"), ("time_zone", "Moon/Base"), ("theme", "sepia")]
)
def test_a_wrong_field_is_named_and_nothing_is_saved(field: str, value: str) -> None:
    staff = make_staff()
    with pytest.raises(Invalid) as refused:
        change_profile(staff, profile=Profile(**({**PROFILE, "single_keys": True} | {field: value})))  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert Staff.objects.get(pk=staff.pk).name == "Ines Okafor"


def test_a_mistake_comes_back_beside_its_field() -> None:
    answer = signed_in(make_staff()).post("/settings/", PROFILE | {"time_zone": "Moon/Base"})
    assert answer.status_code == 422
    assert "Choose a place from the list" in answer.content.decode()


def test_colours_change_from_the_palette_and_back() -> None:
    staff = make_staff(theme="system")
    client = signed_in(staff)
    answer = client.post("/settings/theme/dark/")
    assert Staff.objects.get(pk=staff.pk).theme == "dark"
    undo_last(client, answer)
    assert Staff.objects.get(pk=staff.pk).theme == "system"
    assert client.post("/settings/theme/light/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 204
    assert client.post("/settings/theme/sepia/").status_code == 422


def test_a_new_password_needs_the_old_one_and_signs_others_out() -> None:
    staff = make_staff()
    here, elsewhere = signed_in(staff), signed_in(staff)
    wrong = here.post("/settings/password/", {"current": "no", "new": "another long sentence"})
    assert "not your current password" in wrong.content.decode()
    easy = here.post("/settings/password/", {"current": PASSWORD, "new": "password12"})
    assert easy.status_code in {302, 422}
    short = here.post("/settings/password/", {"current": PASSWORD, "new": "short"})
    assert short.status_code == 422
    staff.refresh_from_db()
    current = PASSWORD if easy.status_code == 422 else "password12"
    assert (
        here.post("/settings/password/", {"current": current, "new": "another long sentence"}).status_code
        == 302
    )
    assert here.get("/find/").status_code == 200
    assert elsewhere.get("/find/").status_code == 302


def test_the_current_password_is_not_guessed_in_a_session_that_was_left_open() -> None:
    left_open = signed_in(make_staff())
    guesses = [
        left_open.post("/settings/password/", {"current": f"guess {n}", "new": "another long sentence"})
        for n in range(6)
    ]
    assert [guess.status_code for guess in guesses] == [422] * 5 + [429]
    right = {"current": PASSWORD, "new": "another long sentence"}
    assert left_open.post("/settings/password/", right).status_code == 429


def test_a_password_is_never_sent_back() -> None:
    answer = signed_in(make_staff()).post("/settings/password/", {"current": "my old one", "new": "x"})
    assert "my old one" not in answer.content.decode()


def _company(**changes: object) -> dict[str, object]:
    now = workspace()
    return {name: getattr(now, name) for name in now.__dataclass_fields__} | changes


def test_the_company_is_changed_by_who_may_and_taken_back() -> None:
    client = signed_in(make_staff())
    answer = client.post("/settings/workspace/", _company(name="Tamp & Co", reply_target_minutes=90))
    assert answer.status_code == 302
    assert (workspace().name, workspace().reply_target_minutes) == ("Tamp & Co", 90)
    undo_last(client, answer)
    assert (workspace().name, workspace().reply_target_minutes) == ("Amity", 240)


def test_every_setting_of_the_company_has_a_field() -> None:
    html = signed_in(make_staff()).get("/settings/workspace/").content.decode()
    assert {name for name in _company() if f'name="{name}"' not in html} == set()


def test_others_neither_see_nor_change_the_company() -> None:
    client = signed_in(make_staff(role=Role.AGENT))
    assert client.get("/settings/workspace/").status_code == 403
    assert client.post("/settings/workspace/", _company(name="Mine")).status_code == 403
    assert workspace().name == "Amity"
    assert "/settings/workspace/" not in client.get("/settings/password/").content.decode()


def test_teams_are_added_renamed_and_taken_back() -> None:
    client = signed_in(make_staff())
    added = client.post("/settings/teams/", {"name": "  Service  desk "})
    team = Team.objects.get()
    assert team.name == "Service desk"
    renamed = client.post(f"/settings/teams/{team.id}/name/", {"name": "Care"})
    assert Team.objects.get().name == "Care"
    undo_last(client, renamed)
    assert Team.objects.get().name == "Service desk"
    undo_last(client, added)
    assert not Team.objects.exists()


def test_a_team_in_use_stays() -> None:
    actor = make_staff().actor()
    team = teams.add_team("Legal", actor=actor)
    make_source(team=team)
    with pytest.raises(Exception, match="stays"):
        teams.remove_team(team.id, actor=actor)
    assert Team.objects.filter(pk=team.pk).exists()


def test_a_team_name_is_taken_once() -> None:
    client = signed_in(make_staff())
    client.post("/settings/teams/", {"name": "Care"})
    again = client.post("/settings/teams/", {"name": "Care"})
    assert again.status_code == 422
    assert "already" in again.content.decode()


def test_an_agent_adds_no_team() -> None:
    assert signed_in(make_staff(role=Role.AGENT)).post("/settings/teams/", {"name": "X"}).status_code == 403
    assert not Team.objects.exists()


def test_sources_of_other_teams_are_not_listed() -> None:
    make_source("shop")
    make_source("legal", team=Team.objects.create(name="Legal"))
    html = signed_in(make_staff(role=Role.AGENT)).get("/settings/sources/").content.decode()
    assert "Shop" in html
    assert "Legal" not in re.sub(r"<nav.*?</nav>", "", html, flags=re.DOTALL)


# -------------------------------------------------------------------------------------------------------- saved views


def test_a_view_keeps_the_filters_and_not_the_place_in_the_list() -> None:
    actor = make_staff().actor()
    view = saved_views.create_view(
        "people", actor=actor, name=" Gold,  late ", query="?tier=gold&after=abc&q=&late=1"
    )
    assert (view.name, view.query, view.position) == ("Gold, late", "tier=gold&late=1", 0)
    assert saved_views.create_view("people", actor=actor, name="B", query="").position == 1


def test_views_of_others_are_seen_when_shared_and_never_changed() -> None:
    ines, jonas = make_staff().actor(), make_staff("Jonas Brandt", role=Role.AGENT).actor()
    private = saved_views.create_view("people", actor=ines, name="Mine", query="a=1")
    shared = saved_views.create_view("people", actor=ines, name="Ours", query="a=1", is_shared=True)
    assert set(SavedView.objects.visible_to(jonas)) == {shared}
    with pytest.raises(NotFound):
        saved_views.rename_view(private.id, actor=jonas, name="Taken")
    with pytest.raises(Forbidden):
        saved_views.delete_view(shared.id, actor=jonas)


def test_a_name_is_used_once_per_list() -> None:
    actor = make_staff().actor()
    saved_views.create_view("people", actor=actor, name="Late", query="")
    saved_views.create_view("orders", actor=actor, name="Late", query="")
    with pytest.raises(Invalid):
        saved_views.create_view("people", actor=actor, name="LATE", query="")


def test_a_removed_view_comes_back_as_it_was() -> None:
    client = signed_in(make_staff())
    client.post("/views/", {"screen": "settings", "name": "Late <now>", "query": "late=1", "is_shared": "on"})
    view = SavedView.objects.get()
    before = SavedView.objects.values().get()
    answer = client.post(f"/views/{view.id}/removal/")
    assert not SavedView.objects.exists()
    undo_last(client, answer)
    assert SavedView.objects.values().get() == before


def test_restoring_takes_only_what_we_signed() -> None:
    client = signed_in(make_staff())
    assert client.post("/views/restoration/", {"view": json.dumps({"name": "X"})}).status_code == 422


def test_a_view_of_no_list_is_refused() -> None:
    assert signed_in(make_staff()).post("/views/", {"screen": "nowhere", "name": "X"}).status_code == 422


def test_renaming_and_sharing_go_back_to_the_list() -> None:
    client = signed_in(make_staff())
    client.post("/views/", {"screen": "settings", "name": "A", "query": "b=2"})
    view = SavedView.objects.get()
    assert client.post(f"/views/{view.id}/name/", {"name": "B"})["Location"] == "/settings/?b=2"
    client.post(f"/views/{view.id}/sharing/", {"is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("B", True)
    assert "b=2" in unescape(client.get("/settings/?b=2").request["QUERY_STRING"])


def test_every_mark_that_can_be_chosen_is_in_the_sprite() -> None:
    chosen = [value for value, _label in WorkspaceForm.base_fields["icon"].choices if value]  # type: ignore[attr-defined]
    assert set(chosen) <= icon_names()
