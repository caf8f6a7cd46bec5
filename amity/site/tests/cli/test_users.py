"""Accounts from the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.models import Staff
from amity.site.cli import users

PASSWORD = "grinders hum at dawn"
pytestmark = pytest.mark.django_db


def amity_user(*arguments: str, typed: str = "") -> str:
    return (
        CliRunner()
        .invoke(users.command, arguments, input=typed, catch_exceptions=False, standalone_mode=False)
        .output
    )


def test_the_first_one_is_owner_and_the_next_an_agent() -> None:
    amity_user("add", "mara@example.org", "--name", "Mara Lind", "--password-stdin", typed=f"{PASSWORD}\n")
    amity_user("add", "jonas@example.org", "--name", "Jonas Weber", "--password-stdin", typed=f"{PASSWORD}\n")
    assert list(Staff.objects.order_by("name").values_list("name", "role")) == [
        ("Jonas Weber", "agent"),
        ("Mara Lind", "owner"),
    ]
    assert Staff.objects.get(name="Mara Lind").check_password(PASSWORD)


def test_what_is_not_given_is_asked_for() -> None:
    amity_user("add", typed=f"mara@example.org\nMara Lind\n{PASSWORD}\n{PASSWORD}\n")
    assert Staff.objects.get().email == "mara@example.org"


def test_one_address_has_one_account_whatever_its_case() -> None:
    amity_user("add", "mara@example.org", "--name", "Mara", "--password-stdin", typed=f"{PASSWORD}\n")
    with pytest.raises(Conflict):
        amity_user("add", "MARA@example.org", "--name", "Mara", "--password-stdin", typed=f"{PASSWORD}\n")


@pytest.mark.parametrize(("email", "password"), [("mara@example.org", "short"), ("no address", PASSWORD)])
def test_a_weak_password_or_a_broken_address_is_refused_and_leaves_nothing(email: str, password: str) -> None:
    with pytest.raises(Invalid):
        amity_user("add", email, "--name", "Mara", "--password-stdin", typed=f"{password}\n")
    assert not Staff.objects.exists()


def test_the_list_for_a_machine_holds_no_password() -> None:
    amity_user("add", "mara@example.org", "--name", "Mara", "--password-stdin", typed=f"{PASSWORD}\n")
    (row,) = json.loads(amity_user("list", "--json"))["staff"]
    assert row == {
        "email": "mara@example.org",
        "name": "Mara",
        "role": "owner",
        "is_active": True,
        "last_seen_at": None,
    }


def test_a_new_password_takes_the_place_of_the_old_one() -> None:
    amity_user("add", "mara@example.org", "--name", "Mara", "--password-stdin", typed=f"{PASSWORD}\n")
    amity_user("password", "Mara@example.org", "--password-stdin", typed="another one entirely\n")
    assert Staff.objects.get().check_password("another one entirely")


def test_a_password_for_nobody_is_refused() -> None:
    with pytest.raises(NotFound):
        amity_user("password", "nobody@example.org", "--password-stdin", typed=f"{PASSWORD}\n")


def test_the_roles_of_the_command_line_are_those_of_the_policy() -> None:
    from amity.kernel.actor import Role

    assert set(users.ROLES) == set(Role)
