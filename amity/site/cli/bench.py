"""`amity bench`: measures on this machine, in a database of its own that is thrown away."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from amity.kernel.errors import NotFound
from amity.site.cli import DONE
from amity.site.cli.words import say, say_json

SECRET = ("AMITY_SECRET_KEY", "AMITY_DATABASE_URL", "AMITY_HOME")


@dataclass(frozen=True, slots=True)
class Bench:
    """`place` is a module with `run(data: Path | None) -> dict[str, float]`.

    It may also have `settings() -> dict[str, Any]`, what the figures depend on. With `database`, Django is set up on
    a server of its own, in which the bench makes a database; else the bench brings what it needs. A `sized` one takes
    `rows`.
    """

    place: str
    meaning: str
    database: bool = False
    data: bool = False
    sized: bool = False


BENCHES: Mapping[str, Bench] = {
    "ingest": Bench(
        "amity.site.bench.ingest", "Messages kept a second, through the whole corridor.", database=True
    ),
    "pages": Bench(
        "amity.site.bench.pages", "Time of the heaviest pages at a million activities.", database=True
    ),
    "search": Bench(
        "amity.site.bench.search",
        "Time and recall of the one box at a million people, mistyped and not.",
        database=True,
    ),
    "import": Bench(
        "amity.site.bench.importing",
        "A million people as CSV: rows a second, stopped, killed, again, taken back.",
        database=True,
        sized=True,
    ),
    "round-trip": Bench(
        "amity.site.bench.round_trip",
        "Odd texts and formulas in every field, out in four forms and in again: what changes.",
        database=True,
        data=True,
    ),
    "fields": Bench(
        "amity.site.bench.fields",
        "Time of lists of a million people by fields that the company made.",
        database=True,
    ),
    "quality": Bench(
        "amity.site.bench.quality",
        "A million people judged, and the screen of data quality.",
        database=True,
    ),
    "api": Bench(
        "amity.site.bench.api",
        "Contacts made and listed a second through the public interface.",
        database=True,
    ),
    "api-fuzz": Bench(
        "amity.site.bench.api_fuzz",
        "Answers of the public interface that its document does not name, in ten minutes.",
        database=True,
    ),
    "crash": Bench(
        "amity.site.bench.crash",
        "Messages lost or doubled by 50 kills in the middle of imports.",
        database=True,
    ),
    "mail-crash": Bench(
        "amity.site.bench.mail_crash",
        "Mails lost, doubled or sent twice by 50 kills, with real mail servers. Needs root.",
        database=True,
    ),
    "backup": Bench(
        "amity.site.bench.backup",
        "A backup while others write, restored elsewhere; damaged ones; a full disk.",
        database=True,
    ),
    "sign-in": Bench(
        "amity.site.bench.sign_in",
        "Guesses that are stopped, and what time tells about accounts.",
        database=True,
    ),
    "non-interference": Bench(
        "amity.site.bench.non_interference",
        "Answers that change with what the one who asks may not see, of 20,000.",
        database=True,
    ),
    "unmerging": Bench(
        "amity.site.bench.unmerging",
        "10,000 histories of merges, splits and undone imports, all taken back: what differs afterwards.",
        database=True,
    ),
    "segments": Bench(
        "amity.site.bench.segments",
        "Counts at once and membership after one event, at a million people.",
        database=True,
    ),
    "memory": Bench("amity.site.bench.memory", "Memory at rest of all that `amity run` starts."),
    "reply-parsing": Bench(
        "amity.channels.mime.bench", "Replies whose quotes and signatures are folded right.", data=True
    ),
    "mail-kinds": Bench(
        "amity.channels.mime.bench_kinds", "People whose mail is taken for an answer of a program.", data=True
    ),
    "xss": Bench(
        "amity.channels.mime.bench_xss", "Hostile HTML that stays inert in a real browser.", data=True
    ),
    "xss-screens": Bench(
        "amity.site.bench.xss_screens",
        "Attack strings in every field that stay words on every screen.",
        database=True,
        data=True,
    ),
    "ssrf": Bench(
        "amity.kernel.http.bench", "Hostile addresses that are refused, and harmless that are not.", data=True
    ),
    "file": Bench(
        "amity.channels.adapters.file.bench",
        "Exports of other systems read as their truth files say.",
        data=True,
    ),
    "identity": Bench(
        "amity.site.bench.identity",
        "Records of one person found: quality, a million records, one against a million.",
        database=True,
        data=True,
    ),
    "identity-quality": Bench(
        "amity.site.bench.identity.quality", "Precision and recall on labelled records of people.", data=True
    ),
    "identity-batch": Bench(
        "amity.site.bench.identity.batch", "Time and memory for a million records of people."
    ),
    "identity-live": Bench(
        "amity.site.bench.identity.live",
        "Time to find who one record is among a million people.",
        database=True,
    ),
    "sentiment": Bench(
        "amity.listening.bench", "Quality and speed of the language and sentiment model.", data=True
    ),
}


@click.command()
@click.argument("name", required=False)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of public data sets, one folder each.",
)
@click.option("--rows", type=click.IntRange(100), help="How many rows, for a bench of rows: import.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One object: name, figures, settings, machine. Progress goes to stderr.",
)
def command(name: str | None, data: Path | None, rows: int | None, as_json: bool) -> int:
    """Measure speed, memory or quality on this machine. Without NAME: list what can be measured.

    Your own data is not touched: a bench that needs a database gets an empty one and throws it away.

    \b
    Examples
      amity bench
      amity bench ingest --json
      amity bench reply-parsing --data ~/datasets
    """
    if name is None:
        longest = max(map(len, BENCHES))
        for known, bench in BENCHES.items():
            say(f"  {known:<{longest + 2}}{bench.meaning}{'  Needs --data.' if bench.data else ''}")
        return DONE
    result = measure(name, data, rows)
    if as_json:
        say_json(result)
        return DONE
    for key, figure in result["figures"].items():
        say(f"  {key:<36}{figure:>14,.4g}")
    return DONE


def measure(name: str, data: Path | None, rows: int | None = None) -> dict[str, Any]:
    """Run one bench and return its figures with what they depend on. Raises `NotFound` for an unknown name."""
    bench = BENCHES.get(name)
    if bench is None:
        raise NotFound(f"There is no bench {name!r}. Known: {', '.join(BENCHES)}.")
    if bench.data and data is None:
        raise click.UsageError(
            f"The bench {name} needs --data, a folder of public data sets. See docs/reference/benches.md."
        )
    if rows is not None and not bench.sized:
        raise click.UsageError(f"The bench {name} has a size of its own: leave out --rows.")
    with _surroundings(bench) as version:
        module = importlib.import_module(bench.place)
        figures: dict[str, float] = module.run(data, rows=rows) if rows else module.run(data)
        own: dict[str, Any] = module.settings() if hasattr(module, "settings") else {}
    chosen = {
        key: value for key, value in os.environ.items() if key.startswith("AMITY_") and key not in SECRET
    }
    return {"name": name, "figures": figures, "settings": {**chosen, **own}, "machine": machine(version)}


@contextmanager
def _surroundings(bench: Bench) -> Iterator[str]:
    """A folder and, where asked for, a database that nobody else uses. Yields the server's version."""
    from amity.kernel.postgres import Cluster
    from amity.kernel.postgres.binaries import wheel_tree
    from amity.site.cli.database import django, own_server

    with tempfile.TemporaryDirectory(prefix="amity-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        os.environ["AMITY_HOME"] = str(home / "home")
        if not bench.database:
            yield wheel_tree().name.removeprefix("pginstall") if not own_server() else ""
            return
        Cluster(home / "home").allow_databases()
        with django():
            from django.db import connection

            version = ".".join(str(part) for part in connection.get_database_version())
            connection.close()
            yield version


def machine(postgres: str) -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "cpu": _cpu_model(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "postgres": postgres,
        "commit": _commit(),
    }


def _cpu_model() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return models[0] if models else platform.processor()


def _commit() -> str:
    """The commit of this tree, with a + when files differ from it; empty for an installed package."""
    place = Path(__file__).parent
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return asked.stdout.strip()
