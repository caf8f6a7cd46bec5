"""A command that needs the database gets it here, whether `amity run` is up or not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from amity.kernel.errors import DomainError

SUPERVISED = "AMITY_SUPERVISED"
"""Set for the children of `amity run`, which holds the embedded server for them."""


class NoDatabase(DomainError):
    """PostgreSQL cannot be used; the message is that of the launcher."""

    code = "database.unusable"


@contextmanager
def server() -> Iterator[str]:
    """The address of a PostgreSQL server that runs for the time of the block. Django is not needed.

    The embedded one is started if it is not up, and stopped at the end if nobody else uses it. Raises `NoDatabase`.
    """
    from amity.kernel.postgres import Cluster, PostgresError, check_server_version
    from amity.site.cli.home import amity_home

    try:
        chosen = own_server()
        if chosen:
            check_server_version(chosen)
            yield chosen
            return
        cluster = Cluster(amity_home())
        if os.environ.get(SUPERVISED):
            yield cluster.url()
            return
        with cluster.held() as connection:
            yield connection.url
    except PostgresError as error:
        raise NoDatabase(error.message, reason=error.code) from error


def own_server() -> str:
    """`AMITY_DATABASE_URL`, empty for the embedded server."""
    return os.environ.get("AMITY_DATABASE_URL", "").strip()


@contextmanager
def django() -> Iterator[None]:
    """Django, set up, with its database running for the time of the block. Inside another such block: nothing more."""
    if "django.apps" in sys.modules and sys.modules["django.apps"].apps.ready:
        yield
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.site.settings")
    # somebody waits at a terminal: what libraries register at start is not for them
    os.environ.setdefault("AMITY_LOG_LEVEL", "WARNING")
    _name_its_address()
    import django as package
    from django.conf import settings

    _ = settings.DATABASES  # reads all: a wrong one is named before anything is started
    with server():
        package.setup()
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()


def _name_its_address() -> None:
    """Links that a command makes lead to the Amity that runs here, unless AMITY_URL says where people reach it."""
    from amity.site.cli.home import amity_home, running

    here = running(amity_home())
    if here is not None and here.url:
        os.environ.setdefault("AMITY_URL", here.url)


class OldTables(DomainError):
    """The tables are those of another version."""

    code = "database.old_tables"

    def __init__(self) -> None:
        super().__init__(
            "The tables are of an older Amity. Bring them to this version first: amity migrate (or start amity run). "
            "Nothing was changed."
        )


@contextmanager
def filled() -> Iterator[None]:
    """As `django()`, with the tables: an empty database gets them now. Raises `OldTables` where they are older ones."""
    with django():
        from amity.site.cli.preparation import bring_tables_up_to_date
        from amity.site.cli.words import phase
        from amity.site.upgrading import missing_steps

        if missing_steps():
            if not _is_empty():
                raise OldTables
            with phase("Tables", to=sys.stderr) as notes:
                notes.extend(bring_tables_up_to_date())
        yield


@contextmanager
def commanded() -> Iterator[None]:
    """As `filled()`, for a command that changes something: the audit trail names Amity, by way of a command."""
    with filled():
        from amity.kernel.acting import acting
        from amity.kernel.actor import SYSTEM

        with acting(SYSTEM, via="command"):
            yield


def _is_empty() -> bool:
    from django.db import connection

    return not connection.introspection.table_names()
