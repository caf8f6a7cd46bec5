"""Rules refuse or flag people who come in; without rules nothing changes."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.channels import imports
from amity.channels.checking import flagged_of
from amity.channels.models import Item, ItemState
from amity.channels.reading import describe_run
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.downloads import Form
from amity.kernel.errors import Forbidden, Invalid
from amity.people.addresses import add_address
from amity.people.exporting import export_people
from amity.people.models import Person
from amity.people.queries import PeopleWanted
from amity.people.tests.fields.own import make_field
from amity.people.tests.records import make_actor, make_staff
from amity.quality.models import Flag
from amity.quality.rules import change_settings
from amity.site import ingest
from amity.site.tests.api.calling import program
from tests.flows import stories

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def rules(**of_field: dict[str, str]) -> None:
    change_settings(actor=SYSTEM, at=timezone.now(), rules=of_field)


def file(folder: Path) -> Path:
    rows = [
        {"type": "person", "id": "1", "at": AT.isoformat(), "facts": {"name": "Anna", "country": "DE"},
         "handles": [{"network": "email", "address": "anna@tamp.example"}]},
        {"type": "person", "id": "2", "at": AT.isoformat(), "facts": {"name": "Bo", "country": "Atlantis"},
         "handles": [{"network": "email", "address": "bo@gmial.com"}]},
        {"type": "person", "id": "3", "at": AT.isoformat(), "facts": {},
         "handles": [{"network": "email", "address": "cleo@tamp.example"}]},
    ]  # fmt: skip
    return stories.jsonl(folder / "people.jsonl", rows)


def test_without_rules_everything_is_taken_in(tmp_path: Path) -> None:
    run = stories.take_in(file(tmp_path), AT)
    assert (run.rows_new, run.rows_quarantined) == (3, 0)
    assert not Flag.objects.exists()


def test_a_row_is_refused_with_the_reason_and_read_again_when_the_rule_is_gone(tmp_path: Path) -> None:
    rules(name={"required": "refuse"}, country={"valid": "refuse"})
    run = stories.take_in(file(tmp_path), AT)
    assert (run.rows_new, run.rows_quarantined) == (1, 2)
    reasons = Item.objects.filter(state=ItemState.QUARANTINED).order_by("position")
    assert [one.error_code for one in reasons] == ["rule", "rule"]
    assert "“Country” is not valid: “Atlantis”" in reasons[0].error_reason
    assert "“Name” is required" in reasons[1].error_reason
    rules()
    assert ingest.replay(run.pk, actor=SYSTEM)["new"] == 2
    assert Person.objects.count() == 3


def test_a_marked_row_is_taken_in_listed_and_goes_with_its_import(tmp_path: Path) -> None:
    rules(name={"required": "flag"}, email={"valid": "flag"})
    run = stories.take_in(file(tmp_path), AT)
    assert (run.rows_new, run.rows_quarantined) == (3, 0)
    assert set(Flag.objects.values_list("field", "rule")) == {("name", "required"), ("email", "valid")}
    owner = Client()
    owner.force_login(make_staff(Role.OWNER), backend="amity.site.signin.StaffBackend")
    shown = owner.get(reverse("import", args=[run.pk])).content.decode()
    assert "Taken in and marked" in shown
    assert "E-mail must be valid" in shown
    listed = owner.get(reverse("quality-flags") + f"?run={run.pk}").content.decode()
    assert "Name is required" in listed
    ingest.undo(run.pk, actor=SYSTEM)
    assert not Flag.objects.exists()
    assert not Person.objects.exists()


def test_what_was_marked_in_a_field_is_told_to_whom_the_field_is_shown(tmp_path: Path) -> None:
    make_field("Salary", "number", purposes=["legal"])
    rules(**{"custom:salary": {"required": "flag"}})
    run = stories.take_in(file(tmp_path), AT)
    told = {role: dict(flagged_of(run.pk, make_actor(role))) for role in (Role.OWNER, Role.MARKETER)}
    assert told == {Role.OWNER: {"Salary is required": 3}, Role.MARKETER: {}}
    settings = program(Role.MARKETER).get("/quality/settings").json()
    assert "custom:salary" not in {*settings["fields"], *settings["rules"]}


def test_the_trial_counts_what_rules_would_do(tmp_path: Path) -> None:
    rules(name={"required": "refuse"}, email={"valid": "flag"})
    run = imports.describe(imports.store_file(file(tmp_path), actor=SYSTEM, at=AT))
    run.mapping["source"] = "story"
    run.options["trial"] = {"state": "waiting"}
    run.save(update_fields=["options", "mapping"])
    found = ingest.try_out(run.pk)
    assert found["quarantined"] == 1
    assert found["flags"] == [{"field": "email", "rule": "valid", "count": 1}]
    assert not Flag.objects.exists()


def test_programs_are_told_at_once_and_marked_by_the_same_rules() -> None:
    rules(country={"valid": "refuse"}, name={"required": "flag"})
    shop = program()
    refused = shop.post("/people", {"external_id": "1", "facts": {"country": "Atlantis"}})
    assert refused.status_code == 422
    assert "Atlantis" in refused.json()["detail"]
    bulk = shop.post("/people/bulk", [
        {"external_id": "2", "facts": {"country": "Atlantis"}},
        {"external_id": "3", "facts": {"country": "DE"}},
    ])  # fmt: skip
    assert [row["status"] for row in bulk.json()["rows"]] == ["invalid", "created"]
    assert bulk.json()["rows"][0]["code"] == "rule"
    assert Person.objects.count() == 1
    assert [(one.field, one.rule, one.run_id) for one in Flag.objects.all()] == [("name", "required", None)]
    told = shop.get("/quality/flags").json()["items"]
    assert [(one["field"], one["person_id"]) for one in told] == [("name", str(Person.objects.get().pk))]


def test_only_rules_that_there_are_can_be_set_and_by_administrators() -> None:
    with pytest.raises(Forbidden):
        change_settings(actor=make_actor(Role.AGENT), at=timezone.now(), months=3)
    for wrong in ({"shoe": {"valid": "refuse"}}, {"name": {"pretty": "flag"}}, {"name": {"valid": "burn"}}):
        with pytest.raises(Invalid):
            rules(**wrong)
    with pytest.raises(Invalid):
        change_settings(actor=SYSTEM, at=timezone.now(), fields={"name": 11})


def test_the_api_tells_figures_and_puts_them_right() -> None:
    owner = program(Role.OWNER)
    owner.post("/people", {"external_id": "1", "facts": {"name": "Anna", "country": "Germany"}})
    assert owner.get("/quality").json()["score"] is None
    from amity.quality.looking import look_at_all

    look_at_all(at=timezone.now())
    told = owner.get("/quality").json()
    country = next(one for one in told["fields"] if one["field"] == "country")
    assert {one["dimension"]: one["bad"] for one in country["shares"]}["validity"] == 1
    records = owner.get("/quality/records?field=country&problem=invalid").json()["items"]
    assert [(one["value"], one["suggestion"]) for one in records] == [("Germany", "DE")]
    made = owner.post("/quality/repairs", {"field": "country"}).json()
    assert (made["people"], made["left"]) == (1, 0)
    assert owner.get(f"/people/{records[0]['id']}").json()["country"] == "DE"
    assert owner.get("/quality/records?field=country&problem=invalid").json()["items"] == []
    assert owner.post(f"/quality/repairs/{made['id']}/withdrawal", None).status_code == 204
    assert owner.get(f"/people/{records[0]['id']}").json()["country"] == "Germany"
    (day,) = owner.get("/quality/trend").json()["items"]
    assert day["people"] == 1
    changed = owner.patch("/quality/settings", {"months": 6, "rules": {"name": {"required": "flag"}}}).json()
    assert (changed["months"], changed["rules"]) == (6, {"name": {"required": "flag"}})
    assert owner.patch("/quality/settings", {"fields": {"shoe": 1}}).status_code == 422


def test_who_only_looks_at_imports_learns_of_no_field_that_is_closed_to_them(tmp_path: Path) -> None:
    closed = make_field("Margin", "number", purposes=["sales"])
    rules(**{closed.fact: {"required": "refuse"}})
    rows = [[f"p{n}@tamp.example", f"P{n}", ""] for n in range(3)]
    path = table(tmp_path / "people.csv", ["E-mail", "Name", "Margin"], rows)
    draft = imports.store_file(path, actor=SYSTEM, at=AT)
    describe_run(draft, time_zone="UTC")
    source = imports.ensure_source("list", name="List", adapter="file", at=AT)
    imports.queue_run(draft.id, source=source, mapping=draft.mapping, options={}, actor=SYSTEM, at=AT)
    run = ingest.work_on(draft.id)
    assert run.rows_quarantined == 3
    assert closed.fact in str(run.mapping)
    for role, sees in ((Role.OWNER, True), (Role.AGENT, False), (Role.SALES, True)):
        client = Client()
        client.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
        page = client.get(reverse("import", args=[run.pk])).content.decode()
        assert ("Margin" in page) == sees
        assert (closed.fact in program(role).get(f"/imports/{run.pk}").content.decode()) == sees
    of_it = client.get(reverse("import", args=[run.pk]) + "?outcome=not-taken&code=rule&column=Margin")
    assert "Margin" in of_it.content.decode()


def table(path: Path, columns: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def test_what_we_wrote_ourselves_comes_in_again_by_the_rules(tmp_path: Path) -> None:
    """Each value goes out with its time: the newest of each field are what rules look at."""
    for hour, facts in enumerate(
        ({"name": "Anna", "country": "Atlantis"}, {"country": "DE"}, {"city": "Kiel"})
    ):
        row = {
            "type": "person", "id": "1", "at": AT.replace(hour=hour).isoformat(), "facts": facts,
            "handles": [{"network": "email", "address": "anna@tamp.example"}],
        }  # fmt: skip
        stories.take_in(stories.jsonl(tmp_path / f"{hour}.jsonl", [row]), AT)
    rules(name={"required": "refuse"}, country={"valid": "refuse"}, city={"required": "flag"})
    out = tmp_path / "out.jsonl"
    pieces = export_people(PeopleWanted(), form=Form.JSONL, filters={}, actor=SYSTEM, at=AT)
    out.write_bytes(b"".join(pieces))
    run = stories.take_in(out, AT, source="again")
    assert (run.rows_new, run.rows_quarantined) == (1, 0)
    assert not Flag.objects.exists()


def test_what_is_added_to_somebody_who_is_there_need_not_say_all_again() -> None:
    owner = program(Role.OWNER)
    made = owner.post("/people", {"external_id": "1", "facts": {"name": "Anna"}}).json()
    rules(name={"required": "refuse"}, city={"required": "flag"}, country={"valid": "refuse"})
    assert owner.patch(f"/people/{made['id']}", {"facts": {"city": "Kiel"}}).status_code == 200
    assert owner.patch(f"/people/{made['id']}", {"facts": {"country": "Atlantis"}}).status_code == 422
    who = UUID(made["id"])
    add_address(who, "phone", "+49 341 123456", use="", verified="", actor=make_actor(Role.OWNER), at=AT)
    assert not Flag.objects.exists()


def test_a_refusal_names_no_field_that_is_closed_to_whoever_is_refused() -> None:
    closed = make_field("Margin", "number", purposes=["sales"])
    rules(**{closed.fact: {"required": "refuse"}})
    for role, told in ((Role.AGENT, False), (Role.SALES, True)):
        shop = program(role)
        refused = shop.post("/people", {"external_id": "1", "facts": {"name": "Anna"}})
        assert refused.status_code == 422
        assert ("Margin" in refused.content.decode()) == told
        bulk = shop.post("/people/bulk", [{"external_id": "2", "facts": {"name": "Bo"}}])
        assert ("Margin" in bulk.content.decode()) == told
