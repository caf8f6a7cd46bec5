"""Which PostgreSQL server Django talks to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from amity.kernel import env
from amity.kernel.postgres import Cluster

# What Django has names of its own for; the rest, such as sslmode, reaches libpq as it stands in the address.
_DJANGO_NAMES = frozenset({"dbname", "user", "password", "host", "port"})


def database(home: Path) -> dict[str, Any]:
    """The Django database of `AMITY_DATABASE_URL`, else of the embedded server in `home`."""
    url = database_url(home)
    parts = conninfo_to_dict(url)
    more = {key: value for key, value in parts.items() if key not in _DJANGO_NAMES}
    return {
        "ENGINE": "amity.kernel.database",
        "NAME": parts.get("dbname", "amity"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10, **more, "application_name": "amity"},
        "TEST": {"NAME": "amity_test"},
    }


def is_embedded() -> bool:
    """Whether Amity runs its own server."""
    return not _chosen()


def database_url(home: Path) -> str:
    return _chosen() or Cluster(home).url()


def _chosen() -> str:
    return env.text("AMITY_DATABASE_URL", "", "postgresql://… of a server of your own, version 15 or newer.")
