"""Secrets at rest."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from amity.kernel.keyfile import kept_secret
from amity.kernel.vault import Unsealable, seal, unseal


@given(st.text())
def test_what_is_sealed_opens_again_and_does_not_show(plain: str) -> None:
    sealed = seal(plain, purpose="mailbox")
    assert unseal(sealed, purpose="mailbox") == plain
    assert sealed != seal(plain, purpose="mailbox")
    assert len(plain) < 4 or plain not in sealed


@pytest.mark.parametrize(
    "harm", [lambda s: s[:-6] + "AAAAAA", lambda s: s[3:], lambda _s: "v1.", lambda _s: ""]
)
def test_what_was_altered_does_not_open(harm: Callable[[str], str]) -> None:
    with pytest.raises(Unsealable):
        unseal(harm(seal("secret of a mailbox", purpose="mailbox")), purpose="mailbox")


def test_a_seal_is_good_for_its_purpose_only(settings: Settings) -> None:
    sealed = seal("secret", purpose="mailbox")
    with pytest.raises(Unsealable):
        unseal(sealed, purpose="webhook")
    settings.VAULT_KEY = "another installation's key"
    with pytest.raises(Unsealable):
        unseal(sealed, purpose="mailbox")


def test_first_calls_at_once_agree_on_one_key_that_nobody_else_reads(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _i: kept_secret(path), range(32)))
    assert len(found) == 1
    assert len(found.pop()) > 80
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
