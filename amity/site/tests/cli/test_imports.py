"""The command line reads a file as the screen does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from amity.channels.models import ImportRun, SavedMapping, Source
from amity.channels.reading import look_at_file
from amity.channels.tests.web.stories import importing, signed_in, upload
from amity.commerce.models import Order
from amity.kernel.errors import Conflict, Invalid
from amity.site.cli import imports
from amity.site.cli.preview import Choice, preview, require_currency, told
from amity.site.cli.zone import require_zone, system_zone

BERLIN = Choice(here="Europe/Berlin")
LINES = "".join(
    f"{day:02}.01.2026 10:00;ada{day}@example.org;Ada Lind;The grinder hums louder every single day, what can I do\n"
    for day in range(13, 20)
)


def a_file(folder: Path, name: str = "tickets-2026-01.csv") -> Path:
    path = folder / name
    path.write_text(f"Datum;E-Mail;Kunde;Nachricht\n{LINES}", encoding="utf-8")
    return path


def taken_in(path: Path, choice: Choice) -> dict[str, Any]:
    return imports._imported(path, choice, 30)


@pytest.mark.django_db
def test_a_guessed_file_gets_a_source_named_after_it_and_the_same_file_again_changes_nothing(
    tmp_path: Path,
) -> None:
    first = taken_in(a_file(tmp_path), BERLIN)
    again = taken_in(a_file(tmp_path), BERLIN)
    assert (first["new"], first["quarantined"]) == (7, 0)
    assert (again["new"], again["same"]) == (0, 7)
    assert [(source.key, source.name) for source in Source.objects.filter(adapter="file")] == [
        ("tickets", "Tickets")
    ]
    assert ImportRun.objects.get(pk=first["run"]).mapping["timezone"] == "Europe/Berlin"


@pytest.mark.django_db
def test_a_file_that_came_in_on_the_screen_changes_nothing_on_the_command_line(tmp_path: Path) -> None:
    client, path = signed_in(), a_file(tmp_path)
    on_screen = importing(client, upload(client, path.read_bytes(), path.name))
    assert (on_screen.rows_new, on_screen.mapping["timezone"]) == (7, "Europe/Berlin")
    again = taken_in(path, BERLIN)
    assert (again["new"], again["same"]) == (0, 7)
    mapped = ImportRun.objects.get(pk=again["run"])
    assert (mapped.source, mapped.mapping) == (on_screen.source, on_screen.mapping)


@pytest.mark.django_db
def test_undoing_twice_says_that_it_was_undone(tmp_path: Path) -> None:
    run = ImportRun.objects.get(pk=taken_in(a_file(tmp_path), BERLIN)["run"])
    assert imports._undone(run.id)["state"] == "undone"
    with pytest.raises(Conflict, match="This import was undone already"):
        imports._undone(run.id)


@pytest.mark.django_db
def test_a_dry_run_names_the_columns_of_who_wrote_and_the_time_zone(tmp_path: Path) -> None:
    lines = "\n".join(told(preview(a_file(tmp_path), BERLIN)))
    assert "who (email)             E-Mail" in lines
    assert "times without a zone    Europe/Berlin" in lines
    assert "source tickets" in lines
    assert "2026-01-13 09:00  Ada Lind: The grinder hums" in lines
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_uses_a_saved_mapping_as_it_was_saved(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    found = look_at_file(path, time_zone="UTC")
    kept = {
        **found.mapping,
        "name": "saved-shop",
        "title": "Shop",
        "source": "shop",
        "recognise": found.shape["columns"],
    }
    SavedMapping.objects.create(
        name="Shop", columns=found.shape["columns"], mapping=kept, created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    look = preview(path, BERLIN)
    assert (look["understood_as"], look["source"], look["time_zone"]) == ("Shop", "shop", "UTC")


def test_what_is_said_on_the_command_line_wins() -> None:
    chosen = Choice("shop", None, "Asia/Tokyo").of({"source": "tickets", "timezone": "UTC"})
    assert chosen == {"source": "shop", "timezone": "Asia/Tokyo"}
    assert Choice("shop").of({}) == {}


def test_the_zone_of_the_machine_is_that_of_its_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Lisbon")
    monkeypatch.delenv("TZ", raising=False)
    assert system_zone(link) == "Europe/Lisbon"
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert system_zone(link) == "Asia/Tokyo"
    monkeypatch.setenv("TZ", "Moon/Base")
    assert system_zone(tmp_path / "missing") == "UTC"


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Invalid, match="Europe/Berlin"):
        require_zone("Moon/Base")


def orders_file(folder: Path) -> Path:
    path = folder / "orders.csv"
    path.write_text("Order,Mail,When,Total\n17,ada@roast.example,2026-03-01,9.00\n", encoding="utf-8")
    return path


@pytest.mark.django_db
def test_orders_without_a_currency_are_of_the_workspace_and_it_is_said(tmp_path: Path) -> None:
    assert "--currency USD" in "\n".join(told(preview(orders_file(tmp_path), BERLIN)))
    done = taken_in(orders_file(tmp_path), BERLIN)
    assert (done["new"], done["quarantined"]) == (1, 0)
    assert "EUR, that of the workspace, is taken" in "\n".join(imports._told(done))
    assert Order.objects.get().currency == "EUR"


@pytest.mark.django_db
def test_the_currency_of_orders_can_be_said(tmp_path: Path) -> None:
    choice = Choice(here="UTC", currency=require_currency("usd"))
    done = taken_in(orders_file(tmp_path), choice)
    assert (done["new"], done["note"]) == (1, "")
    assert Order.objects.get().currency == "USD"
    with pytest.raises(Invalid, match="Write it like EUR"):
        require_currency("€")


@pytest.mark.django_db
def test_a_dry_run_counts_the_values_that_would_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "friends.csv"
    path.write_text(
        "Name,E-mail,Phone\n"
        + "".join(f"Ada {n},ada{n}@lind.example,+49 431 12345{n}\n" for n in range(8))
        + "Bob,bob@lind.example,ask\nCleo,cleo@lind.example,none given\n"
    )
    assert "       2 times: No phone number, left out: Phone" in told(preview(path, BERLIN))
