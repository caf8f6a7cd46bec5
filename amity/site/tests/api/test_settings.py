"""What Settings offers, by programs: oneself, teams, views, signing in, backups."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from amity.kernel.actor import Role
from amity.kernel.errors import Invalid
from amity.kernel.models import Team
from amity.kernel.workspace import take_turn, workspace
from amity.site.accounts import enforcement, sso
from amity.site.backup import now as by_hand
from amity.site.backup import schedule as plans
from amity.site.backup.schedule import Plan
from amity.site.models import SavedView, SingleSignOn
from amity.site.tests.api.calling import V1, program
from amity.site.tests.shell.factories import signed_in, signed_in_lately

pytestmark = pytest.mark.django_db
PROVIDER: dict[str, Any] = {
    "name": "Tamp", "issuer": "https://login.tamp.example", "client_id": "amity", "is_on": False,
    "domains": ["tamp.example"], "role_for_new": "agent",
}  # fmt: skip


def test_one_changes_ones_own_language_and_colours() -> None:
    agent = program()
    me = agent.get("/me")
    changed = agent.patch("/me", {"language": "de", "single_keys": False}, If_Match=me.headers["ETag"])
    assert (changed.json()["language"], changed.json()["single_keys"], changed.json()["theme"]) == (
        "de", False, me.json()["theme"],
    )  # fmt: skip
    agent.staff.refresh_from_db()
    assert agent.staff.language == "de"
    assert agent.patch("/me", {"theme": "dark"}, If_Match=me.headers["ETag"]).status_code == 412
    assert list(agent.patch("/me", {"time_zone": "Mars/Base"}).json()["fields"]) == ["time_zone"]


def test_a_token_for_reading_changes_nothing_of_oneself() -> None:
    reading = program(scopes=["person:read"])
    assert reading.patch("/me", {"language": "de"}).status_code == 403


def test_a_team_that_somebody_renamed_is_told_in_three_ways() -> None:
    owner = program(Role.OWNER)
    made = owner.post("/teams", {"name": "Repairs"})
    place = f"/teams/{made.json()['id']}"
    tag = owner.get(place).headers["ETag"]
    assert tag == made.headers["ETag"]
    assert owner.get(place, If_None_Match=tag).status_code == 304
    assert owner.patch(place, {"name": "Repair shop"}, If_Match=tag).status_code == 200
    answer = owner.patch(place, {"name": "Workshop"}, If_Match=tag)
    assert answer.status_code == 412
    assert answer.json()["conflict"] == {"name": {"yours": "Workshop", "theirs": "Repair shop"}}
    assert Team.objects.get().name == "Repair shop"


def test_a_saved_view_that_was_shared_meanwhile_is_told_in_three_ways() -> None:
    agent = program()
    made = agent.post("/saved-views", {"screen": "inbox", "name": "Late", "query": "box=late"})
    place = f"/saved-views/{made.json()['id']}"
    tag = agent.get(place).headers["ETag"]
    assert agent.patch(place, {"is_shared": True}).status_code == 200
    refused = agent.patch(place, {"name": "Later", "is_shared": False}, If_Match=tag).json()
    assert (refused["changed"], refused["mergeable"]) == (["is_shared"], ["name"])
    assert SavedView.objects.get().name == "Late"
    both = agent.patch(place, {"name": "Later", "is_shared": False}, If_Match=refused["etag"])
    assert (both.json()["name"], both.json()["is_shared"]) == ("Later", False)
    assert program().get(place).status_code == 404  # not shared any more


def test_of_a_view_either_all_is_changed_or_nothing() -> None:
    agent = program()
    agent.post("/saved-views", {"screen": "inbox", "name": "Mine"})
    made = agent.post("/saved-views", {"screen": "inbox", "name": "Late"})
    refused = agent.patch(f"/saved-views/{made.json()['id']}", {"name": "Mine", "is_shared": True})
    assert refused.status_code == 422
    assert not SavedView.objects.filter(is_shared=True).exists()


def test_the_mark_of_the_company_is_one_of_those_on_the_screen() -> None:
    owner = program(Role.OWNER)
    assert owner.patch("/workspace", {"icon": "coffee"}).json()["icon"] == "coffee"
    assert owner.patch("/workspace", {"icon": "skull"}).status_code == 422
    assert workspace().icon == "coffee"


def test_which_roles_need_a_second_factor_is_read_and_changed() -> None:
    owner = program(Role.OWNER)
    rules = owner.get("/sign-in")
    assert rules.json() == {"second_factor_roles": []}
    body = {"second_factor_roles": ["legal", "agent"]}
    assert owner.patch("/sign-in", body, If_Match=rules.headers["ETag"]).status_code == 200
    assert enforcement.roles() == {"agent", "legal"}
    assert (
        owner.patch("/sign-in", {"second_factor_roles": []}, If_Match=rules.headers["ETag"]).status_code
        == 412
    )
    assert owner.patch("/sign-in", {"second_factor_roles": ["king"]}).status_code == 422
    assert enforcement.roles() == {"agent", "legal"}


def test_the_provider_is_set_up_and_its_secret_told_to_nobody() -> None:
    owner = program(Role.OWNER)
    refused = owner.patch("/sign-in/provider", PROVIDER)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["secret"])
    made = owner.patch("/sign-in/provider", PROVIDER | {"secret": "hush-hush"})
    assert (made.status_code, made.json()["has_secret"]) == (200, True)
    assert "hush" not in made.content.decode() + owner.get("/sign-in/provider").content.decode()
    kept = SingleSignOn.objects.get().sealed_secret
    assert owner.patch("/sign-in/provider", {"name": "Login"}).json()["issuer"] == PROVIDER["issuer"]
    assert SingleSignOn.objects.get().sealed_secret == kept
    elsewhere = owner.patch("/sign-in/provider", {"issuer": "https://elsewhere.example"})
    assert list(elsewhere.json()["fields"]) == ["secret"]
    stale = owner.patch("/sign-in/provider", {"name": "Other"}, If_Match=made.headers["ETag"])
    assert stale.json()["conflict"]["name"] == {"yours": "Other", "theirs": "Login"}


def test_who_vouches_for_owners_is_set_by_owners_alone() -> None:
    administrator = program(Role.ADMINISTRATOR)
    assert administrator.get("/sign-in/provider").json()["is_set"] is False
    assert administrator.patch("/sign-in/provider", PROVIDER | {"secret": "s"}).status_code == 403
    assert not SingleSignOn.objects.exists()


def test_a_backup_is_asked_for_once_and_how_it_stands_is_read() -> None:
    owner = program(Role.OWNER)
    found = owner.get("/backups").json()
    assert (found["last"], found["under_way"], found["schedule"], found["files"]) == (None, None, None, [])
    asked = owner.post("/backups", None)
    assert (asked.status_code, asked.json()["under_way"]["step"]) == (202, "")
    assert by_hand.under_way() is not None
    assert owner.post("/backups", None).status_code == 409
    assert program().post("/backups", None).status_code == 403


def test_the_schedule_is_changed_as_far_as_the_screen_offers_it() -> None:
    owner = program(Role.OWNER)
    assert owner.get("/backups/schedule").status_code == 404
    assert owner.patch("/backups/schedule", {"keep": 7}).status_code == 409
    plans.set_plan(Plan(3, 30, str(settings.HOME / "backups"), 14), at=timezone.now())
    there = owner.get("/backups/schedule")
    assert there.json() == {"is_on": True, "time": "03:30", "keep": 14}
    changed = owner.patch("/backups/schedule", {"time": "04:00"}, If_Match=there.headers["ETag"])
    assert changed.json() == {"is_on": True, "time": "04:00", "keep": 14}
    stale = owner.patch("/backups/schedule", {"time": "05:00"}, If_Match=there.headers["ETag"])
    assert stale.json()["conflict"]["time"] == {"yours": "05:00", "theirs": "04:00"}
    assert owner.patch("/backups/schedule", {"folder": "/tmp"}).status_code == 422  # refused
    kept = plans.kept_plan()
    assert kept is not None
    assert (kept.hour, kept.folder) == (4, str(settings.HOME / "backups"))


def test_a_token_does_not_rename_its_colleague() -> None:
    agent = program()
    before = agent.get("/me").json()
    refused = agent.patch("/me", {"name": "Somebody else", "language": "de"})
    assert (refused.status_code, refused.json()["code"]) == (403, "account.only_in_person")
    assert agent.get("/me").json() == before
    page = signed_in(agent.staff)
    body = {"name": "Ines O."}
    changed = page.patch(f"{V1}/me", body, "application/json", headers={"Sec-Fetch-Site": "same-origin"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Ines O.")


def test_a_secret_that_somebody_gave_meanwhile_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = program(Role.OWNER)
    owner.patch("/sign-in/provider", PROVIDER | {"secret": "hush-hush"})

    def late() -> None:
        """Somebody else has their turn first."""
        SingleSignOn.objects.update(**meanwhile)
        take_turn()

    monkeypatch.setattr(sso, "take_turn", late)
    meanwhile: dict[str, Any] = {"sealed_secret": "the new one"}
    assert owner.patch("/sign-in/provider", {"name": "Login"}).status_code == 200
    assert SingleSignOn.objects.get().sealed_secret == "the new one"
    meanwhile |= {"issuer": "https://elsewhere.example"}
    mine = sso.Provider("Login", PROVIDER["issuer"], "amity", "", (), "agent", is_on=False)
    with pytest.raises(Invalid) as refused:  # the page sends all of it, without a tag
        sso.change(mine, actor=owner.staff.actor(), at=timezone.now())
    assert list(refused.value.fields) == ["secret"]


def test_fewer_backups_or_none_are_confirmed_by_whoever_sits_there() -> None:
    owner = program(Role.OWNER)
    folder = str(settings.HOME / "backups")
    plans.set_plan(Plan(3, 30, folder, 14), at=timezone.now())
    place = f"{V1}/backups/schedule"
    more: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
    fewer: tuple[dict[str, Any], ...] = (
        {"keep": 13}, {"is_on": False}, {"is_on": False, "keep": 20}, {"time": "04:00", "keep": 1},
    )  # fmt: skip
    no_fewer: tuple[dict[str, Any], ...] = ({"keep": 15}, {"is_on": True}, {"time": "04:00"})
    left_open, fresh = signed_in(owner.staff), signed_in_lately(owner.staff)
    for body in fewer:
        refused = left_open.patch(place, body, "application/json", **more)
        assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_needed"), body
    assert plans.kept_plan() == Plan(3, 30, folder, 14)
    for body in no_fewer:
        assert left_open.patch(place, body, "application/json", **more).status_code == 200
    assert fresh.patch(place, {"keep": 1, "is_on": False}, "application/json", **more).status_code == 200
    assert plans.kept_plan() == Plan(4, 0, folder, 1, is_on=False)
    assert left_open.patch(place, {"is_on": True}, "application/json", **more).status_code == 200
