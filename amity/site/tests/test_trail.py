"""Who is on the record for what is no change of a watched row, and for what comes by a command or a job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from amity.channels.models import ImportRun
from amity.channels.tests.web.stories import importing, signed_in, upload
from amity.kernel import policy
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.audit import looked_at
from amity.kernel.models import AuditEntry
from amity.people.models import Person
from amity.site import ingest
from amity.site.cli import imports, users
from amity.site.cli.preview import Choice
from amity.site.tests.api.calling import program
from amity.site.tests.shell.factories import make_staff
from amity.site.tests.shell.factories import signed_in as signed_in_as

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
LINES = "Datum;E-Mail;Kunde;Nachricht\n13.01.2026 10:00;ada@example.org;Ada Lind;The grinder hums\n"


def entries(**wanted: object) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(**wanted).order_by("id"))


def a_person() -> Person:
    return Person.objects.create(name="Ada Lind", first_seen_at=AT, last_activity_at=AT)


def test_opening_a_personal_file_is_put_down_once_a_day() -> None:
    staff, person = make_staff(), a_person()
    for _ in range(3):
        assert signed_in_as(staff).get(f"/people/{person.id}/").status_code == 200
    (entry,) = entries(action="sensitive.read")
    assert (entry.actor_id, entry.subject, entry.subject_id) == (staff.pk, "person", str(person.id))
    assert (entry.via, entry.after) == ("page", {"fields": ["address", "birthday"]})


def test_programs_that_read_a_personal_file_are_put_down_with_their_token() -> None:
    shop, person = program(Role.OWNER), a_person()
    assert shop.get(f"/people/{person.id}").status_code == 200
    (entry,) = entries(action="sensitive.read")
    assert (entry.via, entry.token_id) == ("api", str(shop.token.id))


def test_another_day_another_record_and_another_colleague_are_entries_of_their_own() -> None:
    ada, ben = (Actor(Role.AGENT, uuid4(), name=name) for name in ("Ada", "Ben"))
    record_id = uuid4()
    for actor, id, at in (
        (ada, record_id, AT),
        (ada, record_id, AT + timedelta(hours=1)),
        (ada, record_id, AT + timedelta(days=1)),
        (ada, uuid4(), AT),
        (ben, record_id, AT),
    ):
        looked_at("person", id, actor=actor, at=at)
    assert len(entries(action="sensitive.read")) == 4


def test_who_is_not_shown_the_fields_reads_nothing_sensitive_nor_does_amity_itself() -> None:
    analyst = Actor(Role.ANALYST, uuid4(), name="Ana")
    assert policy.sensitive_for(analyst, "person") == []
    looked_at("person", uuid4(), actor=analyst, at=AT)
    looked_at("person", uuid4(), actor=SYSTEM, at=AT)
    assert entries(action="sensitive.read") == []


def test_an_export_of_people_is_put_down_with_its_filters() -> None:
    staff = make_staff()
    b"".join(signed_in_as(staff).get("/people/export/?country=DE&q=ada"))
    (entry,) = entries(action="export.made")
    assert (entry.actor_id, entry.subject) == (staff.pk, "person")
    assert entry.after == {"format": "csv", "filters": {"country": ["DE"], "q": ["ada"]}}


def test_who_may_not_export_leaves_no_entry() -> None:
    assert signed_in_as(make_staff(role=Role.PARTNER)).get("/people/export/").status_code == 403
    assert entries(action="export.made") == []


def test_a_command_that_adds_a_colleague_is_on_the_record_without_the_password() -> None:
    CliRunner().invoke(
        users.command, ["add", "mara@example.org", "--name", "Mara Lind", "--password-stdin"],
        input="grinders hum at dawn\n", catch_exceptions=False, standalone_mode=False,
    )  # fmt: skip
    (entry,) = entries(subject="staff", action="added")
    assert (entry.via, entry.actor_id, entry.actor_name) == ("command", None, SYSTEM.name)
    assert entry.after is not None
    assert entry.after["password"] == "(kept out)"  # not one


def test_an_import_of_the_command_line_is_one_entry_with_its_counts(tmp_path: Path) -> None:
    path = tmp_path / "tickets-2026-01.csv"
    path.write_text(LINES, encoding="utf-8")
    imports._imported(path, Choice(here="Europe/Berlin"), 30)
    (entry,) = entries(action="import.worked_on")
    assert (entry.via, entry.after["rows_new"], entry.after["state"]) == ("command", 1, "done")
    assert entries(subject__in=["person", "identity", "conversation"]) == []


def test_a_job_that_takes_an_import_back_names_the_colleague_who_brought_it() -> None:
    client = signed_in()
    run = importing(client, upload(client, LINES.encode(), "tickets-2026-01.csv"))
    asked_by = ImportRun.objects.get(pk=run.id).created_by_id
    assert asked_by is not None
    with ingest.on_the_record(run.id, "import.undone", via="job"):
        ingest.undo(run.id, actor=SYSTEM)
    (entry,) = entries(action="import.undone")
    assert (entry.via, entry.actor_id, entry.on_behalf_of) == ("job", None, asked_by)
    assert entry.subject_id == str(run.id)
