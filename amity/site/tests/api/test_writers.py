"""Two who write at once: whoever comes second with what they read before is told so, also when both were let in."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from amity.channels import drafts
from amity.channels.models import ImportRun
from amity.kernel.actor import Role
from amity.kernel.workspace import change_workspace, workspace
from amity.site.tests.api.calling import Program, program

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST_S = 20


def second_while(first: Callable[[], None], second: Callable[[], Any]) -> Any:
    """What `second` is answered that began while `first` was done and not yet committed."""

    def ask() -> Any:
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            asked = pool.submit(ask)
            wait_until_held(asked)
        return asked.result(LONGEST_S)


def wait_until_held(asked: Future[Any]) -> None:
    """Until the other one waits for a lock of ours. Fails if it never has to."""
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        assert not asked.done(), "the second writer did not wait for the first"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted "
                "AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
        time.sleep(0.02)
    raise AssertionError("the second writer never came")


def test_settings_are_compared_in_the_turn_of_the_change() -> None:
    owner = program(Role.OWNER)
    tag = owner.get("/workspace").headers["ETag"]
    answer = second_while(
        lambda: _currency("CHF", owner),
        lambda: owner.patch("/workspace", {"currency": "USD"}, If_Match=tag),
    )
    assert answer.status_code == 412, answer.content
    assert answer.json()["conflict"]["currency"] == {"yours": "USD", "theirs": "CHF"}
    assert workspace().currency == "CHF"


def _currency(code: str, owner: Program) -> None:
    change_workspace({"currency": code}, actor=owner.staff.actor(), at=timezone.now())


def test_the_mapping_of_an_import_is_compared_while_its_row_is_locked() -> None:
    owner = program(Role.OWNER)
    sent = owner.client.generic(
        "POST", "/api/v1/imports?filename=people.csv", b"email,name\nhannah@vogel.example,Hannah Vogel\n",
        "application/octet-stream", headers={"Authorization": f"Bearer {owner.secret}"},
    )  # fmt: skip
    run, mapping = sent.json()["id"], sent.json()["mapping"]
    tag = owner.get(f"/imports/{run}").headers["ETag"]
    others = mapping | {"timezone": "Europe/Vienna"}
    answer = second_while(
        lambda: _map(run, others, owner),
        lambda: owner.patch(f"/imports/{run}", {"mapping": mapping}, If_Match=tag),
    )
    assert answer.status_code == 412, answer.content
    assert ImportRun.objects.get().mapping["timezone"] == "Europe/Vienna"


def _map(run: str, mapping: dict[str, Any], owner: Program) -> None:
    drafts.change_mapping(ImportRun.objects.get(pk=run).id, mapping, actor=owner.staff.actor())
