"""How clients reach a server, and whether a server of somebody else is new enough."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from amity.kernel.postgres.errors import PostgresError

MINIMUM_MAJOR = 15
_CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Connection:
    """Parameters of a connection. `host` is the folder of the unix socket."""

    host: str
    port: int
    user: str
    dbname: str

    @property
    def url(self) -> str:
        """The same as a libpq address (`postgresql://…`); it holds no password, the socket proves who we are."""
        where = f"host={quote(self.host, safe='')}&port={self.port}"
        return f"postgresql://{quote(self.user, safe='')}@/{quote(self.dbname, safe='')}?{where}"


def check_server_version(conninfo: str) -> str:
    """Connect to a server and return its version (`16.2`) if Amity can use it.

    Raises `PostgresError`: `postgres.address_invalid`, `postgres.server_unreachable` or, below 15,
    `postgres.server_too_old`.
    """
    import psycopg
    from psycopg.conninfo import make_conninfo

    try:
        patient = make_conninfo(conninfo, connect_timeout=_CONNECT_SECONDS)
    except psycopg.ProgrammingError:
        # libpq quotes the address, password included, in what it says: that must not travel on
        message = "AMITY_DATABASE_URL is not an address that PostgreSQL understands: postgresql://user:password@host:5432/name"
        raise PostgresError("postgres.address_invalid", message) from None
    try:
        with psycopg.connect(patient) as connection:
            number = connection.info.server_version
    except psycopg.OperationalError as error:
        message = f"The PostgreSQL server of AMITY_DATABASE_URL does not answer: {error}"
        raise PostgresError("postgres.server_unreachable", message) from None
    require_version(number)
    return version_text(number)


def require_version(number: int) -> None:
    """Raise `PostgresError` (`postgres.server_too_old`) if a `server_version_num` (140011 is 14.11) is below 15."""
    if number // 10_000 < MINIMUM_MAJOR:
        message = (
            f"The PostgreSQL server is version {version_text(number)}; Amity needs {MINIMUM_MAJOR} or newer. "
            "Upgrade it, or unset AMITY_DATABASE_URL to use the server that comes with Amity."
        )
        raise PostgresError("postgres.server_too_old", message)


def version_text(number: int) -> str:
    """`180004` → `18.4`."""
    return f"{number // 10_000}.{number % 10_000}"
