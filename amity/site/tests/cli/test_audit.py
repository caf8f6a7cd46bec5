"""`amity audit verify` says what the chain says."""

from __future__ import annotations

import dataclasses

from amity.kernel.sealing import Head, Verdict
from amity.site.cli.audit import lines

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
