"""The time zone of this machine."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from amity.kernel.errors import Invalid

LOCALTIME = Path("/etc/localtime")


def system_zone(localtime: Path = LOCALTIME) -> str:
    """The zone that `TZ` or the link /etc/localtime names, else UTC. Ask before Django starts: it sets `TZ`."""
    linked = str(localtime.resolve()).partition("zoneinfo/")[2].removeprefix("posix/")
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked):
        if name and _is_zone(name):
            return name
    return "UTC"


def require_zone(name: str) -> str:
    """The name itself where it is one of a zone; refuses any other with `Invalid`."""
    if not _is_zone(name):
        raise Invalid(f"There is no time zone “{name}”. Write it like Europe/Berlin.")
    return name


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
