"""The role of the application: it owns one database, and nothing that it is tricked into leaves that database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    Session = psycopg.Connection[tuple[object, ...]]

APPLICATION = "amity"
_NO_POWERS = "nosuperuser nocreaterole noreplication nobypassrls"
_OTHER_DATABASES = ("postgres", "template1")


def _(words: str) -> str:
    """Marks words for the catalogues of translations, without Django: the command line starts before it."""
    return words


# what lets a statement read files, run programs or make itself more; each with the words for it
_ATTRIBUTES = {
    "rolsuper": _("is a superuser"),
    "rolcreaterole": _("may make roles"),
    "rolcreatedb": _("may make databases"),
    "rolreplication": _("may read the whole server as a replica does"),
    "rolbypassrls": _("passes by row level security"),
}
_MEMBERSHIPS = {
    "pg_read_server_files": _("may read files of the server"),
    "pg_write_server_files": _("may write files of the server"),
    "pg_execute_server_program": _("may run programs on the server"),
}

_ATTRIBUTES_OF = """
    select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls from pg_roles where rolname = %s"""


def settle(connection: Session, *, may_create_databases: bool = False) -> None:
    """Make the role and its database unless they are there, and take from the role what it does not need.

    For a superuser's connection. A role of an older Amity, which could make databases and watch the whole server,
    becomes like a new one; nothing that it owns is touched.
    """
    from psycopg import sql

    role = sql.Identifier(APPLICATION)
    if not _finds(connection, "select from pg_roles where rolname = %s"):
        connection.execute(sql.SQL("create role {} login").format(role))
    wanted = (False, may_create_databases, False, False, False)
    found = connection.execute(_ATTRIBUTES_OF.encode(), [APPLICATION]).fetchone()
    if found != wanted:
        creates = sql.SQL("createdb" if may_create_databases else "nocreatedb")
        connection.execute(sql.SQL("alter role {} {} {}").format(role, sql.SQL(_NO_POWERS), creates))
    for (granted,) in connection.execute(
        "select roleid::regrole::text from pg_auth_members where member = %s::regrole", [APPLICATION]
    ).fetchall():
        connection.execute(sql.SQL("revoke {} from {}").format(sql.Identifier(str(granted)), role))
    if not _finds(connection, "select from pg_database where datname = %s"):
        connection.execute(sql.SQL("create database {} owner {}").format(role, role))
    _close_other_databases(connection, may_create_databases=may_create_databases)


def _close_other_databases(connection: Session, *, may_create_databases: bool) -> None:
    """Without a place to stand in, the role cannot look at what the server keeps for itself."""
    from psycopg import sql

    role = sql.Identifier(APPLICATION)
    for name in _OTHER_DATABASES:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("revoke all on database {} from public, {}").format(database, role))
        if may_create_databases:  # CREATE DATABASE is said in another database than the new one
            connection.execute(sql.SQL("grant connect on database {} to {}").format(database, role))


def _finds(connection: Session, query: str) -> bool:
    return connection.execute(query.encode(), [APPLICATION]).fetchone() is not None


def powers(conninfo: str) -> list[str]:
    """What the role of this address may do beyond its own database, in words; empty when it is as it should be."""
    import psycopg

    with psycopg.connect(conninfo, connect_timeout=5) as connection:
        return powers_in_words(connection.execute(powers_query().encode()).fetchone() or ())


def powers_query() -> str:
    """What to ask, in a session of the role, for `powers_in_words`."""
    columns = ", ".join(_ATTRIBUTES)
    members = ", ".join(f"pg_has_role(current_user, '{name}', 'USAGE')" for name in _MEMBERSHIPS)
    return f"select {columns}, {members} from pg_roles where rolname = current_user"  # our own words


def powers_in_words(row: Sequence[object]) -> list[str]:
    """The answer to `powers_query`."""
    words = [*_ATTRIBUTES.values(), *_MEMBERSHIPS.values()]
    found = [word for word, has in zip(words, row, strict=False) if has]
    return found[:1] if "is a superuser" in found else found
