"""The planner hears of rows that came in, before autovacuum has looked."""

from __future__ import annotations

import pytest
from django.db import connection

from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM
from amity.kernel.models import Team
from amity.kernel.statistics import LEAST_ROWS, look_again


def known_rows() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'kernel_team'::regclass")
        (rows,) = cursor.fetchone() or (0,)
        return float(rows)


@pytest.mark.django_db(transaction=True)
def test_a_table_that_grew_is_sampled_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE kernel_team")
    look_again()  # what other tests left
    count = LEAST_ROWS + 100
    Team.objects.bulk_create([Team(name=f"Team {number}") for number in range(count)])
    assert known_rows() < count
    with acting(SYSTEM, via="job"):  # as an import has it
        assert "kernel_team" in look_again()
    assert known_rows() == count
    assert "kernel_team" not in look_again()
