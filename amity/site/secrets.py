"""The key that signs sessions: made once, kept in the home folder, readable by its owner only."""

from __future__ import annotations

from pathlib import Path

from amity.kernel import env
from amity.kernel.keyfile import kept_secret


def secret_key(home: Path) -> str:
    """`AMITY_SECRET_KEY`, else the key in `home/secret_key`, which the first call makes."""
    chosen = env.text(
        "AMITY_SECRET_KEY", "", "Key that signs sessions, at least 50 characters. Made on first start."
    )
    return chosen or kept_secret(home / "secret_key")
