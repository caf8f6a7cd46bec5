"""Who may do what with imports, and what ugly files and names can do: nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amity.channels import imports
from amity.channels.models import ImportRun, Item, RunState, SavedMapping, Source
from amity.channels.queries import reasons_of, trial_progress
from amity.channels.tests.web.stories import form_of, importing, messages_file, signed_in, table, upload, work
from amity.channels.web import uploads
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.models import Team, Transition
from tests.flows.stories import fingerprint

pytestmark = pytest.mark.django_db

WORKING = (Role.AGENT, Role.SALES, Role.MARKETER, Role.COMMUNITY_MANAGER, Role.PR)
OUTSIDE = (Role.LEGAL, Role.ANALYST, Role.PARTNER)


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads of tests that run beside this one are not looked at."""
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")


def state_of_everything() -> tuple[object, ...]:
    return (
        fingerprint(),
        list(ImportRun.objects.order_by("id").values()),
        SavedMapping.objects.count(),
        Source.objects.count(),
        Transition.objects.count(),
        sorted(path.name for path in Path(settings.MEDIA_ROOT).glob("uploads/*")),
    )


def attempts(client: Client, run: ImportRun) -> list[int]:
    """Statuses of everything that changes an import."""
    nouns = (
        "mapping reading saved-mapping trial trial/stop start removal stop continuation replay undo".split()
    )
    answers = [client.post(f"/imports/{run.id}/{noun}/", {"reading": "mail"}).status_code for noun in nouns]
    upload = client.post("/imports/", {"file": SimpleUploadedFile("x.csv", messages_file(2))}).status_code
    return [*answers, upload]


@pytest.mark.parametrize("role", WORKING)
def test_working_roles_look_and_change_nothing(role: Role) -> None:
    run = importing(signed_in(), upload(signed_in(email="b@roast.example"), messages_file(10, broken=2)))
    draft = upload(signed_in(email="c@roast.example"), messages_file(4), "draft.csv")
    client = signed_in(role)
    before = state_of_everything()
    assert set(attempts(client, run)) == {403}
    assert set(attempts(client, draft)) == {403}
    assert state_of_everything() == before
    page = client.get(f"/imports/{run.id}/").content.decode()
    assert "8" in page
    assert "some day" not in page
    assert "my grinder" not in page
    assert 'type="file"' not in client.get("/imports/").content.decode()
    item = Item.objects.filter(run=run).first()
    assert item is not None
    assert client.get(f"/imports/{run.id}/rows/{item.id}/").status_code == 404
    assert client.get(f"/imports/{run.id}/not-taken.csv").status_code == 404
    assert client.get(f"/imports/{draft.id}/mapping/").status_code == 403


@pytest.mark.parametrize("role", OUTSIDE)
def test_for_other_roles_there_are_no_imports(role: Role) -> None:
    run = importing(signed_in(), upload(signed_in(email="b@roast.example"), messages_file(5)))
    client = signed_in(role)
    before = state_of_everything()
    assert client.get("/imports/").status_code == 404
    assert client.get(f"/imports/{run.id}/").status_code == 404
    assert set(attempts(client, run)) == {404}
    assert state_of_everything() == before


def test_an_import_of_a_team_is_not_there_for_others() -> None:
    owner = signed_in()
    run = importing(owner, upload(owner, messages_file(5), "secret-plans.csv"))
    Source.objects.filter(runs=run).update(team=Team.objects.create(name="Legal"), name="Secret plans")
    client = signed_in(Role.AGENT)
    page = client.get("/imports/").content.decode()
    assert "secret" not in page.lower()
    assert client.get(f"/imports/{run.id}/").status_code == 404
    assert client.post(f"/imports/{run.id}/stop/").status_code == 404


def test_a_source_of_another_kind_cannot_be_taken_over() -> None:
    client = signed_in()
    Source.objects.create(key="desk", name="Mailbox", adapter="imap", created_at=timezone.now())
    run = upload(client, messages_file(3))
    assert "Mailbox" not in client.get(f"/imports/{run.id}/mapping/").content.decode()
    answer = client.post(f"/imports/{run.id}/start/", form_of(client, run) | {"source": "desk"})
    assert answer.status_code == 422
    assert "This key is taken" in answer.content.decode()
    run.refresh_from_db()
    assert (run.state, run.source_id) == (RunState.DRAFT, None)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..",
        "a" * 300 + ".csv",
        "ü" * 200 + ".csv",
        "x\u202evsc.exe",
        "'; drop.csv",
        "con.csv",
        "<b>.csv",
    ],
)
def test_ugly_names_stay_names(name: str) -> None:
    client = signed_in()
    client.post("/imports/", {"file": SimpleUploadedFile("plain.csv", messages_file(3))})
    run = imports.store_file(
        imports.stored_file(ImportRun.objects.get()), actor=SYSTEM, at=timezone.now(), filename=name
    )
    stored = imports.stored_file(run)
    assert stored.resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve() / "imports" / str(run.id))
    assert stored.is_file()
    assert len(run.filename) <= 255
    assert "/" not in run.filename
    page = client.get("/imports/").content.decode()
    assert "<b>.csv" not in page


def test_an_upload_with_a_path_in_its_name_is_stored_under_its_last_part() -> None:
    client = signed_in()
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../evil/../tickets.csv"\r\n'
        b"Content-Type: application/x-msdownload\r\n\r\n" + messages_file(3) + b"\r\n--x--\r\n"
    )
    assert client.post("/imports/", body, content_type="multipart/form-data; boundary=x").status_code == 302
    assert ImportRun.objects.get().filename == "tickets.csv"


def test_a_file_that_is_too_large_is_refused_with_words_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 1_000)
    client = signed_in()
    before = state_of_everything()
    answer = client.post("/imports/", {"file": SimpleUploadedFile("big.csv", messages_file(100))})
    assert answer.status_code == 422
    assert "amity import FILE" in answer.content.decode()
    assert state_of_everything() == before


def test_uploads_leave_no_parts_behind() -> None:
    upload(signed_in(), messages_file(50))
    assert not list(Path(settings.MEDIA_ROOT).glob("uploads/*"))


def test_a_disk_that_is_full_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "ROOM_BYTES", 1 << 60)
    answer = signed_in().post("/imports/", {"file": SimpleUploadedFile("a.csv", messages_file(2))})
    assert answer.status_code == 413
    assert not ImportRun.objects.exists()


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    owner = signed_in()
    client.cookies = owner.cookies
    answer = client.post("/imports/", {"file": SimpleUploadedFile("a.csv", messages_file(2))})
    assert answer.status_code == 403
    assert not ImportRun.objects.exists()


def test_markup_and_formulas_in_a_file_stay_text() -> None:
    client = signed_in()
    rows = [
        (n, "2026-03-01", f"c{n}@roast.example", f"<script>alert({n})</script> and a few more words")
        for n in range(5)
    ]
    run = upload(client, table("id date email text", *rows), "x<script>.csv")
    for address in (f"/imports/{run.id}/mapping/", "/imports/"):
        assert "<script>alert" not in client.get(address).content.decode()
    importing(client, run)
    assert "<script>alert" not in client.get(f"/imports/{run.id}/").content.decode()


def test_pages_ask_a_bounded_number_of_questions() -> None:
    client = signed_in()
    run = importing(client, upload(client, messages_file(200, broken=60)))
    few = _queries(client, "/imports/")
    for n in range(8):
        upload(client, messages_file(3), f"f{n}.csv")
    assert _queries(client, "/imports/") == few
    assert _queries(client, f"/imports/{run.id}/") <= 22
    draft = ImportRun.objects.filter(state=RunState.DRAFT).latest("created_at")
    assert _queries(client, f"/imports/{draft.id}/mapping/") <= 20


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_rows_are_paged_by_position_without_gaps() -> None:
    client = signed_in()
    run = importing(client, upload(client, messages_file(130)))
    seen: list[str] = []
    address = f"/imports/{run.id}/"
    for _page in range(3):
        page = client.get(address).content.decode()
        seen += page.split('id="line-')[1:]
        rest = page.split('rel="next"')[0].rsplit('href="', 1)[-1] if 'rel="next"' in page else ""
        address = rest.split("#")[0].replace("&amp;", "&")
    assert len(seen) == 130
    assert address == ""


def test_reasons_are_grouped_by_cause_and_column_whatever_the_cell_says() -> None:
    client = signed_in()
    rows = [
        (n, "2026-03-01" if n < 60 else f"day {n}", f"c{n}@roast.example", "A few words of a customer")
        for n in range(70)
    ]
    run = importing(client, upload(client, table("id date email text", *rows)))
    (reason,) = reasons_of(run)
    assert (reason.code, reason.column, reason.count, reason.position) == ("date", "date", 10, 61)


def test_what_is_under_way_cannot_be_changed() -> None:
    client = signed_in()
    run = upload(client, messages_file(5))
    client.post(f"/imports/{run.id}/start/", form_of(client, run))
    kept = ImportRun.objects.values().get(pk=run.pk)
    assert client.post(f"/imports/{run.id}/mapping/", {"date_format": "epoch"}).status_code == 409
    assert client.post(f"/imports/{run.id}/undo/").status_code == 409
    assert client.post(f"/imports/{run.id}/removal/").status_code == 409
    assert ImportRun.objects.values().get(pk=run.pk) == kept
    work()


def test_the_time_left_of_a_trial_follows_its_pace() -> None:
    now = timezone.now()
    trial = {
        "state": "running",
        "read": 1_000,
        "started_at": (now - timedelta(seconds=10)).isoformat(),
    }
    left = trial_progress(trial, 4_000, now).left
    assert left is not None
    assert round(left.total_seconds()) == 30
