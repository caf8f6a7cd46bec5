"""Which folder is AMITY_HOME."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def default_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of this installation: `AMITY_HOME`, else /var/lib/amity for root, else the user's data folder."""
    if environ.get("AMITY_HOME"):
        return Path(environ["AMITY_HOME"]).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/amity")
    data_home = environ.get("XDG_DATA_HOME", "")
    # the standard says that a relative path there is to be ignored
    return (Path(data_home) if data_home.startswith("/") else Path.home() / ".local" / "share") / "amity"
