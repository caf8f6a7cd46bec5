"""A value of a row that is none is left out and told; the person comes in."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from amity.channels.models import LEFT_OUT, ImportRun, Item
from amity.channels.outcomes import Fate, every_outcome
from amity.channels.repairs import export_outcomes
from amity.channels.tests.web.stories import form_of, importing, signed_in, upload, work
from amity.consent.domain.answering import Said
from amity.consent.models import Statement
from amity.consent.purposes import begin
from amity.kernel.actor import SYSTEM
from amity.kernel.models import AuditEntry
from amity.people import erasures
from amity.people.models import Fact, Identity, Person

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 17, 12, tzinfo=UTC)
HEAD = ("Name", "E-mail", "Phone", "Birthday", "Newsletter opt-in", "Consent date")
ROWS = (
    ("Anna Vogel", "anna@vogel.example", "+49 431 123456", "1990-02-28", "yes", "2026-03-01"),
    ("Bert Quinn", "bert@quinn.example", "12", "31/02/1990", "maybe", "2026-03-01"),
    ("Cleo Aas", "cleo(at)aas.example", "+49 431 654321", "", "no", ""),
    ("Dora Haddad", "dora@haddad.example", "-", "", "yes", "31/02/2026"),
    ("Emil Meyer", "emil@meyer.example", "", "", "no", "31/02/2026"),
    ("Finn Olsen", "", "7", "", "yes", "2026-03-01"),
)
FILE = "\r\n".join(",".join(row) for row in (HEAD, *ROWS)).encode()


def asked_for(run: ImportRun) -> dict[int, list[tuple[str, str, str]]]:
    return {
        row.position: [(one.code, one.field, one.text) for one in row.outcome.left_out]
        for row in every_outcome(run, SYSTEM)
        if row.outcome.left_out
    }


@pytest.fixture
def run() -> ImportRun:
    begin(AT)
    client = signed_in()
    draft = upload(client, FILE, "friends.csv")
    return importing(client, draft)


def test_a_row_comes_in_without_what_is_no_value_and_says_so(run: ImportRun) -> None:
    assert (run.rows_new, run.rows_quarantined) == (5, 1), "who has no address at all is nobody"
    assert asked_for(run) == {
        2: [
            ("phone", "phone", "12"),
            ("day", "birthday", "31/02/1990"),
            ("consent", "consent:newsletter:email", "maybe"),
        ],
        3: [("email", "email", "cleo(at)aas.example")],
        4: [("consent_day", "consent:at", "31/02/2026")],
        5: [("consent_day", "consent:at", "31/02/2026")],
    }
    assert list(Fact.objects.filter(field="birthday").values_list("value", flat=True)) == ["1990-02-28"]
    assert not Identity.objects.filter(network="phone", address__in=["12", "7"]).exists()


def test_of_a_consent_whose_day_cannot_be_read_only_a_refusal_counts(run: ImportRun) -> None:
    told = {
        Identity.objects.get(pk=one.identity_id).address: (one.said, one.is_dated)
        for one in Statement.objects.filter(run_id=run.id)
    }
    assert told == {
        "anna@vogel.example": (Said.GIVEN, True),
        "+49431654321": (Said.WITHDRAWN, False),
        "emil@meyer.example": (Said.WITHDRAWN, False),
    }


def test_the_page_and_the_download_tell_what_was_left_out_and_filter_by_it(run: ImportRun) -> None:
    page = (
        signed_in(email="tilde@roast.example")
        .get(f"/imports/{run.id}/", {"outcome": "left-out"})
        .content.decode()
    )
    assert "“Phone”: “12” is no phone number, left out" in page
    assert "“Birthday”: there is no day “31/02/1990”, left out" in page
    assert "“Newsletter opt-in”: “maybe” does not say whether they agreed, left out" in page
    assert 'class="rows__line" id="line-' in page
    assert page.count('class="rows__line"') == 4, "the filter shows these rows and no others"
    lines = list(csv.DictReader("".join(export_outcomes(run, actor=SYSTEM, at=AT)).splitlines()))
    assert lines[2]["Left out"] == "“E-mail”: “cleo(at)aas.example” is no e-mail address, left out"
    assert (lines[0]["Left out"], lines[0]["Outcome"]) == ("", "new")


def test_a_trial_tells_it_before() -> None:
    begin(AT)
    client = signed_in()
    draft = upload(client, FILE, "friends.csv")
    client.post(f"/imports/{draft.id}/trial/", form_of(client, draft))
    work()
    draft.refresh_from_db()
    found = {(one["code"], one["count"], one["position"]) for one in draft.options["trial"]["left_out"]}
    assert found == {
        ("phone", 1, 2),
        ("day", 1, 2),
        ("consent", 1, 2),
        ("email", 1, 3),
        ("consent_day", 2, 4),
    }
    page = client.get(f"/imports/{draft.id}/mapping/").content.decode()
    assert "No phone number, left out: Phone" in page
    assert "Row 2: “Phone”: “12” is no phone number, left out" in page
    assert not Person.objects.exists()


@pytest.mark.parametrize("then", ["import", "other mapping", "another trial", "discard"])
def test_the_audit_trail_tells_nothing_of_what_a_trial_quotes(then: str) -> None:
    """Nobody would find it there when they are erased: it is no address of theirs."""
    begin(AT)
    client = signed_in()
    draft = upload(client, FILE, "friends.csv")
    client.post(f"/imports/{draft.id}/trial/", form_of(client, draft))
    work()
    draft.refresh_from_db()
    assert "cleo(at)aas.example" in str(draft.options["trial"])
    if then == "import":
        importing(client, draft)
    elif then == "discard":
        client.post(f"/imports/{draft.id}/removal/")
        assert not ImportRun.objects.filter(pk=draft.pk).exists()
    else:
        change = {"use-3": ""} if then == "other mapping" else {}
        address = "mapping" if then == "other mapping" else "trial"
        client.post(f"/imports/{draft.id}/{address}/", form_of(client, draft) | change)
    told = AuditEntry.objects.filter(subject="importrun")
    assert told.exists()
    assert "cleo(at)" not in str(list(told.values_list("before", "after")))


def test_the_preview_tells_it_before_anything_is_tried() -> None:
    begin(AT)
    client = signed_in()
    page = client.get(f"/imports/{upload(client, FILE, 'friends.csv').id}/mapping/").content.decode()
    assert '<span class="preview__left-out caution">“Phone”: “12” is no phone number, left out</span>' in page


def test_nothing_that_was_left_out_is_kept_beside_the_row(run: ImportRun) -> None:
    """So an erasure that removes the row removes it too."""
    rows = Item.objects.filter(run=run, error_code=LEFT_OUT)
    assert sorted(rows.values_list("position", flat=True)) == [2, 3, 4, 5]
    assert set(rows.values_list("error_reason", flat=True)) == {""}
    bert = Person.objects.get(email="bert@quinn.example")
    assert all(row.outcome.fate is not Fate.OTHER for row in every_outcome(run, SYSTEM))
    assert 2 in asked_for(run)
    asked = erasures.ask(bert.id, ground="request", actor=SYSTEM, at=AT, now=True)
    erasures.work_on(asked.pk, clock=lambda: AT)
    assert 2 not in asked_for(run)


ORDERS = b"""Order,Date,Total,Currency,E-mail,Phone
A-1,2026-03-01,10.00,EUR,anna@vogel.example,+49 431 123456
A-2,2026-03-02,20.00,EUR,bert(at)quinn.example,+49 431 654321
A-3,2026-03-03,30.00,EUR,cleo@aas.example,ask
"""


def test_an_address_of_a_buyer_that_is_none_is_told_too() -> None:
    client = signed_in()
    run = importing(client, upload(client, ORDERS, "orders.csv"))
    assert (run.rows_new, run.rows_quarantined) == (3, 0)
    assert asked_for(run) == {
        2: [("email", "email", "bert(at)quinn.example")],
        3: [("phone", "phone", "ask")],
    }
    assert Item.objects.filter(run=run, error_code=LEFT_OUT).count() == 2
    page = client.get(f"/imports/{run.id}/", {"outcome": "left-out"}).content.decode()
    assert "“E-mail”: “bert(at)quinn.example” is no e-mail address, left out" in page


LINES = b"""Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Lineitem sku,Billing Name,Phone
#1001,ada@lind.example,paid,,EUR,429.90,2026-03-01 09:59:00 +0100,1,Grinder,\
399.90,G-1,Ada Lind,+49 431 123456
#1001,,,,,,,2,Brush,15.00,B-1,,ask
#1002,bob@quinn.example,paid,,EUR,15.00,2026-03-02 09:59:00 +0100,1,Brush,15.00,B-1,Bob Quinn,
"""


def test_a_later_row_of_an_order_tells_what_was_left_out_though_it_leans_on_the_first() -> None:
    client = signed_in()
    run = importing(client, upload(client, LINES, "orders_export.csv"))
    assert (run.rows_new, run.rows_quarantined) == (3, 0)
    page = client.get(f"/imports/{run.id}/", {"outcome": "left-out"}).content.decode()
    assert "“Phone”: “ask” is no phone number, left out" in page
    assert asked_for(run) == {2: [("phone", "phone", "ask")]}
