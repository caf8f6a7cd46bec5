"""`amity audit`: whether the audit trail is what it was."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from amity.site.cli import DONE, UNHEALTHY
from amity.site.cli.words import say, say_json

if TYPE_CHECKING:
    from amity.kernel.sealing import Verdict

WHAT = {
    "altered": "entries are not what was sealed",
    "missing": "positions of the chain are empty",
    "lost": "entries stand in no chain and wait for none",
}


@click.group()
def command() -> None:
    """Prove that the record of who did what is whole.

    \b
    Examples
      amity audit verify
      amity audit verify --head 1204:5f0c… --json
    """


@command.command()
@click.option("--head", default="", help="A head noted earlier: is it still part of the chain?")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def verify(head: str, as_json: bool) -> int:
    """Recompute the chain of hashes over all entries, and print its head.

    Note the head down where nobody with access to this machine can change it. With `--head` a chain that was written
    anew, or cut off at its end, is found out. Exit code 0 when all is whole, 3 when not.

    \b
    Examples
      amity audit verify
      amity audit verify --head 1204:5f0c…
      amity audit verify --json | jq .is_sound
    """
    from amity.site.cli.database import django

    with django():
        from amity.kernel import sealing

        sealing.seal_all()
        found = sealing.verify(head)
    if as_json:
        say_json(dataclasses.asdict(found) | {"head": str(found.head), "is_sound": found.is_sound})
    else:
        for line in lines(found):
            say(line)
    return DONE if found.is_sound else UNHEALTHY


def lines(found: Verdict) -> list[str]:
    """The same for a person."""
    shown = [f"{found.entries:,} entries, {found.sealed:,} in the chain, {found.waiting:,} waiting for it."]
    for fault, words in WHAT.items():
        if found.counts[fault]:
            places = ", ".join(str(place) for place in getattr(found, fault)[:10])
            shown.append(f"{found.counts[fault]:,} {words}: {places}")
    if found.emptied:
        shown.append(f"Of {found.emptied:,} entries the values were taken out, because somebody was erased.")
    if found.head_found is not None:
        shown.append(
            "The head that you noted is part of the chain."
            if found.head_found
            else "The head that you noted is not part of the chain: it was written anew or cut off."
        )
    shown.append("The trail is whole." if found.is_sound else "The trail is not whole.")
    shown.append(f"Head: {found.head}")
    return shown
