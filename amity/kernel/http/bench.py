"""`amity bench ssrf`: addresses that must be refused, and those that must not, from public collections.

No name is looked up and nothing is sent: every name resolves to one public address, so that what is refused is refused
for its writing; that names of private addresses are refused is measured with each special range.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import django
import structlog

from amity.kernel.errors import NotFound
from amity.kernel.http import resolving
from amity.kernel.http.errors import Refused
from amity.kernel.http.fetching import check

log = structlog.get_logger(__name__)
PUBLIC = "93.184.215.14"


class DataMissing(NotFound):
    code = "bench.data_missing"


def run(data: Path | None) -> dict[str, float]:
    """Shares refused of hostile addresses (must be 1), and of public ones (must be 0)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.site.settings")
    django.setup()  # for the list of peers and the words of refusals; no database is asked
    folder = (data or Path()) / "ssrf"
    if not folder.is_dir():
        raise DataMissing(f"There is no folder {folder}. See docs/reference/benches.md.")
    hostile = _column(folder / "urls_to_refuse.csv", "url")
    harmless = _column(folder / "urls_public.csv", "url")
    special = [
        url for cidr in _column(folder / "special_purpose_ranges.csv", "cidr") for url in _some_of(cidr)
    ]
    own = _column(Path(__file__).with_name("corpus.csv"), "url")
    with names_resolve_to(lambda _host: [PUBLIC]):
        figures = {
            "hostile": len(hostile),
            "hostile_refused_share": _refused("hostile", hostile, True),
            "own_hostile": len(own),
            "own_hostile_refused_share": _refused("own", own, True),
            "special_addresses": len(special),
            "special_refused_share": _refused("special", special, True),
            "public": len(harmless),
            "public_refused_share": _refused("public", harmless, False),
        }
    figures["names_of_special_refused_share"] = _names_refused(special)
    return figures


def _column(path: Path, name: str) -> list[str]:
    with path.open(newline="", encoding="utf-8") as lines:
        return [row[name] for row in csv.DictReader(lines)]


def _some_of(cidr: str) -> list[str]:
    network = ip_network(cidr)
    some = {network[0], network[network.num_addresses // 2], network[-1]}
    return [f"http://[{one}]/" if one.version == 6 else f"http://{one}/" for one in sorted(some)]


def _refused(kind: str, urls: list[str], expected: bool) -> float:
    count = 0
    for url in urls:
        refused = is_refused(url)
        count += refused
        if refused is not expected:
            log.warning("an address was judged wrongly", kind=kind, url=url, refused=refused)
    return count / len(urls)


def _names_refused(urls: list[str]) -> float:
    """A harmless name whose second address is a special one."""
    count = 0
    for url in urls:
        address = url.removeprefix("http://").strip("/[]")
        with names_resolve_to(lambda _host, address=address: [PUBLIC, address]):  # type: ignore[misc]
            count += is_refused("https://shop.example/")
    return count / len(urls)


def is_refused(url: str) -> bool:
    """Whether the address is refused before anything would be sent."""
    try:
        check(url)
    except Refused:
        return True
    return False


@contextmanager
def names_resolve_to(answer: Callable[[str], list[str]]) -> Iterator[None]:
    """Within it, this answers instead of DNS."""
    before = resolving.resolver
    resolving.resolver = answer
    try:
        yield
    finally:
        resolving.resolver = before
