"""Make `.venv` and install the locked packages into it. Does nothing when both are as the lock says.

    python3 tools/install.py            what a running Amity needs
    python3 tools/install.py test       and what its tests need
    python3 tools/install.py train      and what training the language models needs

Only the standard library is used: this runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
GROUPS = {"run": ["run"], "test": ["run", "test"], "train": ["run", "train"]}
OLDEST = (3, 11)


def main(arguments: Sequence[str]) -> int:
    """Install one group and say what was done; returns the exit code."""
    group = arguments[0] if arguments else "run"
    if group not in GROUPS:
        return fail(f"There is no group {group!r}: choose one of {', '.join(GROUPS)}.")
    if sys.version_info < OLDEST:
        return fail(f"Amity needs Python 3.11 or newer; this is {platform.python_version()}.")
    with only_one():
        stamp = VENV / f"installed-{group}"
        wanted = fingerprint(group)
        if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
            return 0
        started = time.monotonic()
        try:
            pip = environment()
            install(pip, group)
        except subprocess.CalledProcessError as error:
            return fail(f"Installing stopped (exit code {error.returncode}); what pip said stands above.")
        except NoEnvironment as error:
            return fail(str(error))
        stamp.write_text(wanted)
        say(f"Installed into .venv in {time.monotonic() - started:.0f} s.")
    return 0


def fingerprint(group: str) -> str:
    """What the environment depends on: the locks, this interpreter and the place of the tree."""
    digest = hashlib.sha256()
    for path in [*(lock(name) for name in GROUPS[group]), ROOT / "pyproject.toml"]:
        digest.update(path.read_bytes())
    digest.update(f"{ROOT} {platform.python_version()} {platform.machine()}".encode())
    return digest.hexdigest()


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


class NoEnvironment(Exception):
    """No way of making an environment works here; the message says what to install."""


def environment() -> list[str]:
    """Make `.venv` if it is absent or broken and return the command that is its pip."""
    if not works([str(PYTHON), "-c", "pass"]):
        say(f"Making .venv with Python {platform.python_version()}.")
        shutil.rmtree(VENV, ignore_errors=True)
        make_environment()
    own = [str(PYTHON), "-m", "pip"]
    if works([*own, "--version"]):
        return own
    if works([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    raise NoEnvironment(f"{VENV} has no pip. Remove that folder, then:\n  {remedy()}")


def make_environment() -> None:
    """Try the ways of making an environment, the usual one first."""
    plain = [sys.executable, "-m", "venv", str(VENV)]
    ways = [plain] if importlib.util.find_spec("ensurepip") else []
    if works([sys.executable, "-m", "pip", "--version"]):
        ways.append([*plain, "--without-pip"])
    ways.append([sys.executable, "-m", "virtualenv", str(VENV)])
    if uv := shutil.which("uv"):
        ways.append([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV)])
    for way in ways:
        if works(way) and works([str(PYTHON), "-c", "pass"]):
            return
        shutil.rmtree(VENV, ignore_errors=True)
    raise NoEnvironment(
        f"Python {platform.python_version()} ({sys.executable}) cannot make a virtual environment, "
        f"because its venv and pip modules are packaged apart. Install them, then try again:\n  {remedy()}"
    )


def remedy() -> str:
    """The one command that gives this machine the missing modules."""
    root = "" if os.geteuid() == 0 else "sudo "
    if shutil.which("apt-get"):
        return f"{root}apt-get install -y python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("dnf"):
        return f"{root}dnf install -y python3-pip"
    return f"{sys.executable} -m ensurepip --user"


def install(pip: Sequence[str], group: str) -> None:
    """Install what the locks name, each file checked against its hash, and Amity itself as a link to this tree."""
    locks = [argument for name in GROUPS[group] for argument in ("-r", str(lock(name)))]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    say(f"Installing the packages of requirements/{' and '.join(GROUPS[group])}.txt.")
    pinned = ["--no-deps", "--require-hashes"]
    if not installed_by_uv([*pip, "install", *quiet, *pinned], [*pinned, *locks]):
        run([*pip, "install", *quiet, *pinned, *locks])
    link = ["--no-deps", "--no-build-isolation", "--no-index", "--config-settings", "editable_mode=compat"]
    run([*pip, "install", *quiet, *link, "--editable", str(ROOT)])


def installed_by_uv(pip: Sequence[str], wanted: Sequence[str]) -> bool:
    """Install with uv, which takes a tenth of the time. Where it cannot (a registry that only pip knows), pip may."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(block_of("uv"))
        file.flush()
        if not works([*pip, "-r", file.name]):
            return False
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "--quiet", "--system-certs", "--python", str(PYTHON)]
    return works([*uv, *wanted])


def block_of(package: str) -> str:
    """The lines of one package in the lock of the tests: its version and its hashes."""
    lines = lock("test").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next(number for number in range(start, len(lines)) if not lines[number].endswith("\\"))
    return "\n".join(lines[start : end + 1]) + "\n"


def run(command: Sequence[str]) -> None:
    environ = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    subprocess.run(command, check=True, cwd=ROOT, env=environ)


def works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, cwd=ROOT).returncode == 0
    except OSError:
        return False


@contextmanager
def only_one() -> Iterator[None]:
    """Two `make` at once wait for each other."""
    folder = os.open(ROOT / "requirements", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def say(text: str) -> None:
    print(text, flush=True)


def fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
