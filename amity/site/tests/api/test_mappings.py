"""How a file is read, by programs: readings, trial, saved mappings, what was not taken."""

from __future__ import annotations

from typing import Any

import pytest

from amity.channels.api import imports as imports_api
from amity.channels.models import ImportRun, SavedMapping, Source
from amity.channels.queries import run_of
from amity.channels.tests.web.stories import messages_file, work
from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry
from amity.site.tests.api.calling import Program, program

pytestmark = pytest.mark.django_db


def upload(owner: Program, content: bytes, name: str = "tickets.csv") -> Any:
    sent = owner.client.generic(
        "POST", f"/api/v1/imports?filename={name}", content, "application/octet-stream",
        headers={"Authorization": f"Bearer {owner.secret}"},
    )  # fmt: skip
    assert sent.status_code == 201, sent.content
    return sent.json()


def test_a_file_is_read_in_another_way_and_back() -> None:
    owner = program(Role.OWNER)
    place = f"/imports/{upload(owner, messages_file(5))['id']}"
    readings = owner.get(f"{place}/readings").json()["items"]
    (current,) = [one for one in readings if one["is_current"]]
    assert (current["record"], current["fits"]) == ("message", True)
    other = next(one for one in readings if one["record"] == "person")
    chosen = owner.call("PUT", f"{place}/reading", {"name": other["name"]})
    assert chosen.json()["mapping"]["record"] == "person"
    assert ImportRun.objects.get().mapping["name"] == other["name"]
    assert owner.call("PUT", f"{place}/reading", {"name": "nonsense"}).status_code == 422


def test_the_source_is_named_and_what_waits_afterwards_is_chosen() -> None:
    owner = program(Role.OWNER)
    made = upload(owner, messages_file(5))
    place = f"/imports/{made['id']}"
    assert made["open_conversations"] == "30"
    whole = owner.get(place)
    body = {
        "open_conversations": "none", "source_name": "Help desk",
        "mapping": made["mapping"] | {"source": "help-desk"},
    }  # fmt: skip
    changed = owner.patch(place, body, If_Match=whole.headers["ETag"])
    assert (changed.json()["open_conversations"], changed.json()["source_name"]) == ("none", "Help desk")
    stale = owner.patch(place, {"open_conversations": "all"}, If_Match=whole.headers["ETag"]).json()
    assert stale["changed"] == ["mapping", "open_conversations", "source_name"]
    assert stale["conflict"] == {"open_conversations": {"yours": "all", "theirs": "none"}}
    owner.post(f"{place}/start", None)
    work()
    assert Source.objects.get().name == "Help desk"
    assert owner.get("/conversations/boxes").json()["waiting"] == 0


def test_a_trial_counts_the_whole_file_and_takes_nothing_in() -> None:
    owner = program(Role.OWNER)
    place = f"/imports/{upload(owner, messages_file(40, broken=5))['id']}"
    assert owner.get(f"{place}/trial").json()["state"] == "none"
    begun = owner.post(f"{place}/trial", None)
    assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
    assert work() == ["site.try_import"]
    found = owner.get(f"{place}/trial").json()
    assert (found["state"], found["read"], found["new"], found["quarantined"]) == ("done", 40, 35, 5)
    assert found["reasons"][0]["column"] == "created_at"
    assert not Source.objects.exists()
    assert owner.call("DELETE", f"{place}/trial").status_code == 204
    assert owner.get(f"{place}/trial").json()["state"] == "none"
    assert program(Role.AGENT).post(f"{place}/trial", None).status_code == 403


def test_a_mapping_is_saved_read_by_for_the_next_file_and_forgotten() -> None:
    owner = program(Role.OWNER)
    place = f"/imports/{upload(owner, messages_file(5))['id']}"
    saved = owner.post(f"{place}/saved-mapping", {"name": "Our desk"})
    assert saved.status_code == 201
    assert [one["name"] for one in owner.get("/saved-mappings").json()["items"]] == ["Our desk"]
    assert upload(owner, messages_file(6))["mapping"]["title"] == "Our desk"
    gone = owner.call("DELETE", f"/saved-mappings/{saved.json()['id']}")
    assert gone.status_code == 204
    assert not SavedMapping.objects.exists()
    assert owner.call("DELETE", f"/saved-mappings/{saved.json()['id']}").status_code == 404
    assert upload(owner, messages_file(7))["mapping"]["title"] != "Our desk"
    assert AuditEntry.objects.filter(subject="savedmapping", subject_id=saved.json()["id"]).count() == 2
    assert program(Role.AGENT).get("/saved-mappings").status_code == 403


def test_rows_that_were_not_taken_are_taken_away_to_be_repaired() -> None:
    owner = program(Role.OWNER)
    made = upload(owner, messages_file(8, broken=1).replace(b"Hello, my grinder 7", b"=cmd() grinder 7"))
    owner.post(f"/imports/{made['id']}/start", None)
    work()
    answer = owner.get(f"/imports/{made['id']}/not-taken")
    head, *lines = b"".join(answer).decode().splitlines()
    assert head == '"id","created_at","email","name","subject","message","Row","Reason"'
    assert len(lines) == 1
    assert ",\"'=cmd() grinder 7" in lines[0]
    entry = AuditEntry.objects.get(action="export.made")
    assert (entry.subject, entry.subject_id, entry.via) == ("importrun", made["id"], "api")
    assert program(Role.AGENT).get(f"/imports/{made['id']}/not-taken").status_code == 403


def test_what_is_not_sent_stays_as_others_left_it_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = program(Role.OWNER)
    made = upload(owner, messages_file(5))
    theirs = made["mapping"] | {"source": "of-a-colleague"}

    def slowly(*arguments: Any) -> ImportRun:
        """Reads the import, and a colleague is faster than what is made of it."""
        monkeypatch.setattr(imports_api, "run_of", run_of)
        found = run_of(*arguments)
        ImportRun.objects.update(mapping=theirs)
        return found

    monkeypatch.setattr(imports_api, "run_of", slowly)
    changed = owner.patch(f"/imports/{made['id']}", {"source_name": "Help desk"})
    assert changed.status_code == 200
    assert ImportRun.objects.get().mapping == theirs
    assert ImportRun.objects.get().options["source_name"] == "Help desk"
