"""The web process that `amity run` starts, on the database of a bench, and a way in."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from amity.kernel.actor import Role
from amity.kernel.models import Staff
from amity.site.bench.processes import free_port, wait_until_healthy
from amity.site.cli.run import web_command


def collect_static() -> None:
    """Have the styles and scripts that pages name, under the names they have when Amity runs."""
    call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def web_server() -> Iterator[int]:
    """Serve the database that Django is on; yields the port of the loopback."""
    collect_static()
    port = free_port()
    known = connection.get_connection_params()
    url = make_conninfo(
        **{key: known[key] for key in ("host", "port", "user", "password", "dbname") if known.get(key)}
    )
    environ = {**os.environ, "AMITY_DATABASE_URL": url, "AMITY_LOG_LEVEL": "WARNING", "MALLOC_ARENA_MAX": "2"}
    server = subprocess.Popen(web_command("127.0.0.1", port), env=environ, start_new_session=True)
    try:
        wait_until_healthy(port)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def a_colleague(role: Role) -> Staff:
    """Somebody who works in the Amity of the bench, and has no password."""
    member = Staff(email="bench@amity.example", name="Bench", role=role, joined_at=timezone.now())
    member.set_unusable_password()
    member.save()
    return member


def session_of(member: Staff) -> tuple[str, str]:
    """Name and value of a cookie with which this colleague is signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    return settings.SESSION_COOKIE_NAME, session.session_key
