"""Requests that fit the document, and ones that do not, get answers that the document names."""

from __future__ import annotations

import pytest

from amity.site.bench.api_fuzz import fuzz, secrets_of_every_role
from amity.site.tests.api.calling import program


@pytest.mark.django_db(transaction=True)
def test_no_request_is_answered_with_what_the_document_does_not_name() -> None:
    shop = program()
    for number in range(3):
        who = {"external_id": str(number), "facts": {"name": f"Person {number}", "organisation": "Kern & Co"}}
        message = {"external_id": f"m{number}", "occurred_at": "2026-03-17T09:30:00Z", "text": "Where is it?"}
        assert shop.post("/people", who).status_code == 201
        made = shop.post("/activities", message | {"author": {"external_id": str(number)}})
        assert made.status_code == 201, made.content
    found = fuzz(secrets_of_every_role(), seconds=120, rounds=1, each=2)
    assert found.failures == {}
    assert len(found.asked) == found.operations
    assert not [status for status in found.answers if status >= 500]
