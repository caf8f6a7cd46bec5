"""Databases beside each other on one server: made, exchanged and dropped by whoever may (the launcher's superuser)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amity.kernel.postgres.roles import APPLICATION

if TYPE_CHECKING:
    import psycopg

    Session = psycopg.Connection[tuple[object, ...]]


def create(session: Session, name: str, *, owner: str = APPLICATION) -> None:
    """An empty database for the application; one of that name which is there already goes first."""
    from psycopg import sql

    drop(session, name)
    statement = sql.SQL("create database {} owner {} template template0 encoding 'UTF8'")
    session.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))


def drop(session: Session, name: str) -> None:
    """Remove a database, if it is there, whoever is connected to it."""
    from psycopg import sql

    session.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def exists(session: Session, name: str) -> bool:
    return session.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None


def beginning_with(session: Session, start: str) -> list[str]:
    """Names of the databases that begin with these letters, in order."""
    rows = session.execute(
        "select datname from pg_database where starts_with(datname, %s) order by 1", [start]
    ).fetchall()
    return [str(name) for (name,) in rows]


def connected(session: Session, name: str) -> int:
    """How many others are connected to a database."""
    row = session.execute(
        "select count(*)::int from pg_stat_activity where datname = %s and pid <> pg_backend_pid()", [name]
    ).fetchone()
    return int(str(row[0])) if row else 0


def exchange(session: Session, *, current: str, new: str, former: str) -> None:
    """`current` becomes `former` and `new` becomes `current`: both or neither, whatever happens meanwhile.

    Nobody may be connected to either. `current` may be absent.
    """
    from psycopg import sql

    rename = sql.SQL("alter database {} rename to {}")
    has_current = exists(session, current)
    with session.transaction():
        if has_current:
            session.execute(rename.format(sql.Identifier(current), sql.Identifier(former)))
        session.execute(rename.format(sql.Identifier(new), sql.Identifier(current)))
