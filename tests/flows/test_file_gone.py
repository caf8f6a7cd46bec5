"""An import whose file an erasure removed, and one that a legal hold keeps: its pages say so, and none breaks."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from amity.channels import imports
from amity.channels.models import ImportRun
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Staff
from amity.people import erasures
from amity.people.holds import place
from amity.site.tests.api.calling import program
from amity.site.tests.shell.factories import signed_in
from tests.flows.erasing import person_of
from tests.flows.stories import take_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]
ADA, BO = "ada@roast.example", "bo@roast.example"


@pytest.fixture
def brought(tmp_path: Path, at: datetime) -> ImportRun:
    with (tmp_path / "people.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("E-mail", "Name"), (ADA, "Ada Lund"), (BO, "Bo Berg")])
    return take_in(tmp_path / "people.csv", at)


def test_the_pages_of_an_import_whose_file_was_removed_say_what_to_do(
    brought: ImportRun, owner: Actor, at: datetime
) -> None:
    asked = erasures.ask(person_of(ADA), ground="request", actor=owner, at=at, now=True)
    erasures.work_on(asked.pk, clock=lambda: at)
    assert not imports.stored_file(brought).exists()
    client = signed_in(Staff.objects.get(email="tilde@tamp.example"))
    mapping = client.get(f"/imports/{brought.pk}/mapping/")
    assert (mapping.status_code, "names somebody who was erased" in mapping.content.decode()) == (200, True)
    undo = client.get(f"/imports/{brought.pk}/undo/").content.decode()
    assert "The copy of the file is gone already" in undo
    assert "The file stays too" not in undo
    assert program(Role.OWNER).get(f"/imports/{brought.pk}/preview").status_code == 422


def test_a_hold_is_told_before_anybody_clicks_undo(brought: ImportRun, owner: Actor, at: datetime) -> None:
    client, address = signed_in(Staff.objects.get(email="tilde@tamp.example")), f"/imports/{brought.pk}/undo/"
    assert "It cannot be undone now" not in client.get(address).content.decode()
    place(person_of(BO), reason="Lawsuit 4 O 17/26", actor=owner, at=at)
    page = client.get(address).content.decode()
    assert "It cannot be undone now" in page
    assert "legal hold" in page
    assert "disabled" in page
