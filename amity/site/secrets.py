"""The key that signs sessions: made once, kept in the home folder, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from amity.kernel import env


def secret_key(home: Path) -> str:
    """`AMITY_SECRET_KEY`, else the key in `home/secret_key`, which the first call makes."""
    chosen = env.text(
        "AMITY_SECRET_KEY", "", "Key that signs sessions, at least 50 characters. Made on first start."
    )
    if chosen:
        return chosen
    path = home / "secret_key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()
