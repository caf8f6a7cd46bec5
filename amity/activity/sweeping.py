"""What nobody sent and nobody names goes, a little every hour, so that a crash or a forgotten draft fills no disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.db import connection, transaction

from amity.activity.files import forget_soon, unnamed
from amity.activity.models import Upload
from amity.kernel.filestore import SHELVES, shelf, try_alone

KEPT_FOR = timedelta(days=1)
UNNAMED_FOR = timedelta(hours=2)
"""Bytes this young may belong to a row that is yet to be committed by a process that holds nothing."""
CHUNK = 500
_TURN = 4_171_004


def sweep(at: datetime) -> int:
    """Remove uploads that were never sent, and of a part of the store what nobody names. How much went.

    The parts of a day are the whole store. One process at a time; another one leaves it to the first.
    """
    return _old_uploads(at) + sum(_unnamed_on(number, at) for number in range(at.hour, SHELVES, 24))


def _my_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TURN])
        (mine,) = cursor.fetchone() or (False,)
    return bool(mine)


def _old_uploads(at: datetime) -> int:
    gone = 0
    while True:
        with transaction.atomic():
            if not _my_turn():
                return gone
            rows = Upload.objects.filter(created_at__lt=at - KEPT_FOR).select_for_update(skip_locked=True)
            old = list(rows.in_order().values_list("pk", "digest")[:CHUNK])
            Upload.objects.filter(pk__in=[id for id, _digest in old]).delete()
            forget_soon([digest for _id, digest in old])
        gone += len(old)
        if len(old) < CHUNK:
            return gone


def _unnamed_on(number: int, at: datetime) -> int:
    gone = 0
    aged = _aged(number, at)
    while paths := list(islice(aged, CHUNK)):
        with transaction.atomic():
            if not _my_turn() or not try_alone():
                return gone
            nobodys = unnamed(path.stem for path in paths)
            for path in paths:
                if path.suffix or path.stem in nobodys:  # with a suffix: half written when it was cut short
                    path.unlink(missing_ok=True)
                    gone += 1
    return gone


def _aged(number: int, at: datetime) -> Iterator[Path]:
    before = (at - UNNAMED_FOR).timestamp()
    for path in shelf(number):
        try:
            if path.stat().st_mtime < before:
                yield path
        except FileNotFoundError:  # taken away since it was listed
            continue
