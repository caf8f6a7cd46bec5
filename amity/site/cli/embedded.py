"""The database server for `amity run`, in a process of its own: psycopg weighs more than the whole supervisor.

python -m amity.site.cli.embedded start    start and hold; one line of JSON; let go when stdin ends
python -m amity.site.cli.embedded leave    stop the server unless somebody else uses it
"""

from __future__ import annotations

import json
import sys

from amity.kernel.postgres import Cluster, PostgresError, check_server_version
from amity.kernel.postgres.layout import Layout
from amity.site.cli import DONE, REFUSED
from amity.site.cli.database import own_server
from amity.site.cli.home import amity_home


def start() -> None:
    """Bring the server up and say where it is. The hold is kept until the parent has taken one of its own."""
    url = own_server()
    if url:
        tell({"version": check_server_version(url), "embedded": False, "socket": "", "users_lock": ""})
        return
    cluster, layout = Cluster(amity_home()), Layout(amity_home())
    hold = cluster.hold()
    tell(
        {
            "version": cluster.status().version,
            "embedded": True,
            "socket": str(layout.socket_files[0]),
            "users_lock": str(layout.users_lock),
        }
    )
    sys.stdin.read()
    hold.release()


def leave() -> None:
    """Stop the embedded server if this was its last user."""
    if not own_server():
        Cluster(amity_home()).stop_if_unused()


def tell(fields: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def main(verb: str) -> int:
    """Exit code 1 and one line on stderr when PostgreSQL cannot be used."""
    try:
        {"start": start, "leave": leave}[verb]()
    except PostgresError as error:
        sys.stderr.write(f"{error.message}\n")
        return REFUSED
    return DONE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
