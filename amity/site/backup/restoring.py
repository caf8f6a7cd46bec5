"""Restoring: everything is verified, unpacked beside what is there, verified again, and only then exchanged for it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from amity.kernel.errors import DomainError
from amity.kernel.postgres import Cluster, databases
from amity.site.backup import switching
from amity.site.backup.archive import Manifest
from amity.site.backup.errors import RestoreRefused, database_in_words
from amity.site.backup.making import Here
from amity.site.backup.place import FORMER, NEW, Place
from amity.site.backup.reading import verify
from amity.site.backup.seal import Secret
from amity.site.backup.unpacking import empty_stage, settle, unpack

_UNPACKED_BYTES_MORE = 50_000_000
_KEYS_MISSING = (
    "The backup holds no keys and this installation's vault key is another one: put the vault_key that belongs to "
    "it into AMITY_HOME, or enter the passwords of mail accounts and the like again."
)


@dataclass(frozen=True, slots=True)
class Restored:
    """`words` say what was done on the way; `former` names the data that were replaced, empty if there were none."""

    manifest: Manifest
    words: list[str]
    former: str = ""


def restore(
    path: Path,
    here: Here,
    place: Place,
    *,
    at: datetime,
    secret: Secret | None = None,
    replace: bool = False,
    told: Callable[[str, int], None] = lambda _step, _done: None,
) -> Restored:
    """Put a backup in the place of what is there. The caller makes sure that nothing else runs in this home.

    Raises `BadBackup`, `WrongKey`, `RestoreRefused` or `NoSpace`; what is there is then as it was.
    """
    switching.finish_interrupted(place)
    manifest = verify(path, secret)
    had_data = place.has_data()
    if had_data and not replace:
        raise RestoreRefused(
            f"There are data in {place.home} already. To put the backup in their place (they are kept aside): "
            "amity restore --replace. Nothing was touched."
        )
    refuse_what_does_not_fit(manifest, place)
    with (
        database_in_words(RestoreRefused, what="the backup was unpacked"),
        _beside(place) as (conninfo, stage),
    ):
        _, keys = unpack(path, secret, conninfo, stage, told=lambda done: told("unpacking", done))
        told("bringing it to this version", 0)
        words = settle(
            conninfo, stage, _keys_in_force(keys, here, stage), place.erasures(),
            saved_at=manifest.made_at, head=_head(manifest), erasure_keys=place.erasure_keys(),
        )  # fmt: skip
        words += _about_keys(manifest, keys, here)
        what = switching.Switch(stamp=switching.stamp_of(at))
        switching.switch(place, what)
    if not had_data:
        switching.forget(place)
    return Restored(manifest, words, what.stamp if had_data else "")


def try_out(
    path: Path,
    here: Here,
    *,
    secret: Secret | None = None,
    told: Callable[[str, int], None] = lambda _step, _done: None,
) -> Restored:
    """Restore into a server of its own that is thrown away: the proof that a backup is one. Touches nothing else."""
    manifest = verify(path, secret)
    with scratch_server(manifest) as (conninfo, stage):
        _, keys = unpack(path, secret, conninfo, stage, told=lambda done: told("unpacking", done))
        told("bringing it to this version", 0)
        words = settle(
            conninfo, stage, _keys_in_force(keys, here, None), [],
            saved_at=manifest.made_at, head=_head(manifest),
        )  # fmt: skip
    return Restored(manifest, words)


def undo(place: Place, here: Here, *, at: datetime) -> tuple[str, list[str]]:
    """Put back what the last restore replaced, and keep what it replaces in turn.

    What waited there to be sent may have been sent since, from the restored copy: it is held until somebody looks, as
    after a restore, and what was erased since is erased there too. Returns the stamp of what was put back, and what was
    done on the way. Raises `RestoreRefused`.
    """
    switching.finish_interrupted(place)
    stamp = switching.newest(place)
    aside = place.home / switching.folder_of(stamp)
    keys = {name: (aside / name).read_text() for name in switching.KEYS if (aside / name).exists()}
    words = settle(
        place.at(FORMER + stamp), aside, _keys_in_force(keys, here, None), place.erasures(),
        saved_at=switching.moment_of(stamp).isoformat(), erasure_keys=place.erasure_keys(),
    )  # fmt: skip
    switching.undo(place, stamp=switching.stamp_of(at))
    return stamp, words


def _head(manifest: Manifest) -> str:
    return str(manifest.audit.get("hash", ""))


def refuse_what_does_not_fit(manifest: Manifest, place: Place) -> None:
    """Raise `RestoreRefused` for a backup of a newer Amity or server, and where there is no room for it."""
    with psycopg.connect(place.conninfo, connect_timeout=10) as session:
        major = session.info.server_version // 10_000
    if major < manifest.postgres_major:
        raise RestoreRefused(
            f"The backup was made with PostgreSQL {manifest.postgres_major}, this server is {major}: upgrade it first. "
            "Nothing was touched."
        )
    unknown = sorted(set(manifest.migrations) - known_migrations())
    if unknown:
        raise RestoreRefused(
            f"The backup was made by a newer Amity ({manifest.version}; it knows {unknown[0]}). Install that version "
            "first. Nothing was touched."
        )
    needed = manifest.database_bytes + manifest.files_bytes + _UNPACKED_BYTES_MORE
    free = shutil.disk_usage(place.home).free
    if place.cluster is not None and free < needed:
        raise RestoreRefused(
            f"The backup needs {needed / 1e9:,.2f} GB in {place.home}, and {free / 1e9:,.2f} GB are free. "
            "Make room and try again. Nothing was touched."
        )


def known_migrations() -> set[str]:
    """All migrations of this version, as `app.name`. Django must be set up."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    replaced = {f"{app}.{name}" for one in loader.replacements.values() for app, name in one.replaces}
    return replaced | {f"{app}.{name}" for app, name in loader.disk_migrations}


def _keys_in_force(keys: dict[str, str], here: Here, stage: Path | None) -> dict[str, str]:
    """The keys of the backup, which also go into the stage; where it has none, those of this installation."""
    for name, value in keys.items():
        if stage is not None:
            (stage / name).touch(mode=0o600)
            (stage / name).write_text(value)
    return {"secret_key": here.secret_key, "vault_key": here.vault_key} | keys


def _about_keys(manifest: Manifest, keys: dict[str, str], here: Here) -> list[str]:
    if keys or manifest.vault_key_mark == here.vault_key_mark:
        return []
    return [_KEYS_MISSING]


@contextmanager
def _beside(place: Place) -> Iterator[tuple[str, Path]]:
    """An empty database and folder beside those in use; whatever goes wrong, they go and nothing else changes."""
    switching.refuse_mounts(place.home)
    with place.administration() as session:
        databases.create(session, NEW, owner=place.owner(session))
    try:
        with empty_stage(place.home / switching.STAGE) as stage:
            yield place.at(NEW), stage
    finally:
        if not (place.home / switching.NOTE).exists():
            _drop(place)


def _drop(place: Place) -> None:
    """A server that fell over for want of room is started again for it; the next restore would clear up as well."""
    with suppress(DomainError, psycopg.Error):
        if place.cluster is not None:
            place.cluster.ensure_running()
        with place.administration() as session:
            databases.drop(session, NEW)


@contextmanager
def scratch_server(manifest: Manifest) -> Iterator[tuple[str, Path]]:
    """A PostgreSQL server in a temporary folder, with an empty database."""
    needed = manifest.database_bytes + manifest.files_bytes + _UNPACKED_BYTES_MORE
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < needed:
        raise RestoreRefused(
            f"The trial needs {needed / 1e9:,.2f} GB in {tempfile.gettempdir()} (TMPDIR), "
            f"and {free / 1e9:,.2f} GB are free."
        )
    with tempfile.TemporaryDirectory(prefix="amity-trial-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)  # as root, the server's own account must be able to pass
        cluster = Cluster(home, {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"})
        with cluster.held() as connection, empty_stage(home / switching.STAGE) as stage:
            yield connection.url, stage
