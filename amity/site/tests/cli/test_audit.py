"""`amity audit verify` says what the chain says."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from amity.kernel.actor import SYSTEM
from amity.kernel.audit import record
from amity.kernel.sealing import Head, Verdict
from amity.site.cli import DONE, UNHEALTHY
from amity.site.cli.audit import command, lines

SOUND = Verdict(entries=3, sealed=3, head=Head(3, "5f0c"))


def test_a_whole_trail_says_so_and_names_its_head() -> None:
    assert lines(SOUND) == [
        "3 entries, 3 in the chain, 0 waiting for it.",
        "The trail is whole.",
        "Head: 3:5f0c",
    ]


def test_what_is_wrong_is_counted_and_named() -> None:
    found = Verdict(entries=3, sealed=3)
    found.note("altered", 17)
    told = lines(found)
    assert "1 entries are not what was sealed: 17" in told
    assert "The trail is not whole." in told


def test_a_head_that_is_gone_makes_the_trail_unsound() -> None:
    assert "The trail is not whole." in lines(dataclasses.replace(SOUND, head_found=False))
    assert "The head that you noted is part of the chain." in lines(
        dataclasses.replace(SOUND, head_found=True)
    )


# ---------------------------------------------------------------------------------------------- the command, end to end


def verified(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and what `amity audit verify --json` says."""
    ran = CliRunner().invoke(
        command, ["verify", "--json", *arguments], catch_exceptions=False, standalone_mode=False
    )
    return ran.return_value, json.loads(ran.output)


def _write(count: int = 3) -> None:
    for number in range(count):
        record("test.done", actor=SYSTEM, at=datetime(2026, 3, 17, tzinfo=UTC), after={"n": number})


def _tamper(statement: str) -> None:
    """As whoever owns the database can: the guard switched off for one statement."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_audit_entry DISABLE TRIGGER kernel_audit_append_only")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE kernel_audit_entry ENABLE TRIGGER kernel_audit_append_only")


@pytest.mark.django_db
def test_the_command_ends_well_on_a_whole_trail_and_knows_the_head_it_gave() -> None:
    _write()
    code, told = verified()
    assert (code, told["is_sound"], told["sealed"], told["waiting"]) == (DONE, True, 3, 0)
    _write()
    code, later = verified("--head", told["head"])
    assert (code, later["head_found"], later["sealed"]) == (DONE, True, 6)


@pytest.mark.django_db
def test_the_command_ends_with_three_where_an_entry_was_altered() -> None:
    _write()
    verified()
    _tamper("""UPDATE kernel_audit_entry SET after = '{"n": 99}' WHERE after = '{"n": 1}'""")
    code, told = verified()
    assert (code, told["is_sound"], told["counts"]["altered"]) == (UNHEALTHY, False, 1)


@pytest.mark.django_db
def test_the_command_ends_with_three_where_an_entry_is_missing() -> None:
    _write()
    verified()
    _tamper("""DELETE FROM kernel_audit_entry WHERE after = '{"n": 1}'""")
    code, told = verified()
    assert (code, told["counts"]["missing"], told["missing"]) == (UNHEALTHY, 1, [2])


@pytest.mark.django_db
def test_the_command_ends_with_three_where_the_head_was_never_given() -> None:
    _write()
    code, told = verified("--head", f"1:{'ab' * 32}")
    assert (code, told["head_found"]) == (UNHEALTHY, False)
