"""`amity user`: accounts of colleagues, from the machine itself. It needs no login, so guard the machine."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.site.cli import DONE
from amity.site.cli.words import say, say_json

if TYPE_CHECKING:
    from amity.kernel.models import Staff

ROLES = (
    "owner",
    "administrator",
    "agent",
    "sales",
    "marketer",
    "community_manager",
    "pr",
    "legal",
    "analyst",
    "partner",
)


@click.group()
def command() -> None:
    """Add colleagues, list them, set their passwords.

    \b
    Examples
      amity user add                                     asks for what it needs
      amity user add mara@example.org --name "Mara Lind" --role agent
      amity user invite jonas@example.org --role sales
      amity user list
      amity user password mara@example.org
    """


@command.command()
@click.argument("email", required=False)
@click.option("--name", help="How colleagues and customers see them.")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    help="What they are here for; it decides what they may see. The first one is owner.",
)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)
def add(email: str | None, name: str | None, role: str | None, password_stdin: bool) -> int:
    """Give a colleague an account. What is not given is asked for.

    What happens next: they sign in with e-mail and password, and choose language and theme under Settings.
    """
    from amity.site.cli.database import commanded

    with commanded():
        from amity.kernel.models import Staff
        from amity.site.accounts import enforcement, setup

        chosen_role = role or ("agent" if Staff.objects.exists() else "owner")
        address = (email or str(click.prompt("E-mail", err=True))).strip()
        _require_new(address)
        shown = (name or str(click.prompt("Name", err=True))).strip()
        colleague = Staff(email=address, name=shown, role=chosen_role, joined_at=datetime.now(UTC))
        _set_password(colleague, password_stdin)
        _require_sound(colleague)
        colleague.save()
        enforcement.refresh(colleague)
        setup.close(at=colleague.joined_at)
        say(f"{shown} can sign in as {address} ({chosen_role}).")
    return DONE


@command.command()
@click.argument("email")
@click.option(
    "--role", type=click.Choice(ROLES), default="agent", show_default=True, help="What they are here for."
)
def invite(email: str, role: str) -> int:
    """Invite a colleague: they choose name and password behind a link that works once, for a week.

    The link is mailed where AMITY_SMTP_URL is set; else it is printed, for you to hand over.
    """
    from amity.site.cli.database import commanded

    with commanded():
        from amity.kernel.actor import SYSTEM
        from amity.site.accounts.invitations import invite as invited

        link, url = invited(email, role=role, team_ids=[], actor=SYSTEM, by=None, at=datetime.now(UTC))
        mailed = f"The invitation is on its way to {email}."
        say(mailed if link.was_mailed else f"Give this link to {email}:\n{url}")
    return DONE


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def list_(as_json: bool) -> int:
    """Who has an account, and when they were last here."""
    from amity.site.cli.database import filled

    with filled():
        from amity.kernel.models import Staff

        rows = list(
            Staff.objects.order_by("name").values("email", "name", "role", "is_active", "last_seen_at")
        )
    if as_json:
        say_json({"staff": rows})
        return DONE
    for row in rows:
        seen = row["last_seen_at"].strftime("%Y-%m-%d %H:%M UTC") if row["last_seen_at"] else "never here"
        closed = "" if row["is_active"] else "  closed"
        say(f"{row['name']:<28}{row['email']:<36}{row['role']:<18}{seen}{closed}")
    if not rows:
        say("Nobody yet. Add the first one: amity user add")
    return DONE


@command.command()
@click.argument("email")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)
def password(email: str, password_stdin: bool) -> int:
    """Set somebody's password. They are signed out everywhere, and their API tokens end."""
    from amity.site.cli.database import commanded

    with commanded():
        from amity.kernel.api.tokens import revoke_all

        colleague = _find(email)
        _set_password(colleague, password_stdin)
        colleague.save(update_fields=["password"])
        revoke_all(colleague, by=None, at=datetime.now(UTC))
        say(f"The password of {colleague.name} is changed.")
    return DONE


@command.command("reset-factor")
@click.argument("email")
def reset_factor(email: str) -> int:
    """Take every second factor off an account: phone and recovery codes are lost. They are signed out everywhere."""
    from amity.site.cli.database import commanded

    with commanded():
        from amity.kernel.actor import SYSTEM
        from amity.site.accounts import factors, sessions

        colleague = _find(email)
        factors.remove_all(colleague, actor=SYSTEM, at=datetime.now(UTC))
        sessions.end_all(colleague)
        say(f"{colleague.name} signs in with the password alone now.")
    return DONE


def _find(email: str) -> Staff:
    from amity.kernel.models import Staff

    try:
        return Staff.objects.get_by_natural_key(email)
    except Staff.DoesNotExist:
        raise NotFound(f"Nobody has the address {email}. See: amity user list") from None


def _require_new(email: str) -> None:
    from amity.kernel.models import Staff

    if Staff.objects.filter(email__iexact=email).exists():
        raise Conflict(f"{email} has an account already. To change its password: amity user password {email}")


def _set_password(colleague: Staff, from_stdin: bool) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if from_stdin:
        secret = sys.stdin.readline().rstrip("\n")
    else:
        secret = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    try:
        validate_password(secret, colleague)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from None
    colleague.set_password(secret)


def _require_sound(colleague: Staff) -> None:
    from django.core.exceptions import ValidationError

    try:
        colleague.full_clean(exclude=["last_seen_at"], validate_constraints=False)
    except ValidationError as error:
        lines = [f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()]
        raise Invalid("\n".join(lines)) from None
