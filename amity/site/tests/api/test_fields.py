"""Own fields through the public interface and out of files: told, asked for, refused with a reason."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from amity.channels.models import Item
from amity.channels.tests.web.stories import importing, signed_in, upload, work
from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry
from amity.people.models import CustomField, CustomValue, Person
from amity.people.tests.fields.own import make_field, make_fields
from amity.site.tests.api.calling import program

pytestmark = pytest.mark.django_db
HANNA = {"network": "email", "address": "hanna@web.example"}
CUSTOM = {
    "tier": "Gold",
    "score": 12.5,
    "partner": True,
    "tastes": ["nutty", "Floral"],
    "visit": "2026-03-04",
}
KEPT = {
    "tier": "gold",
    "score": "12.5",
    "partner": True,
    "tastes": ["floral", "nutty"],
    "visit": "2026-03-04",
}


def test_a_field_is_made_changed_hidden_and_put_back_with_a_trace_of_it() -> None:
    owner, agent = program(Role.OWNER), program()
    body = {"label": "Tier", "kind": "choice", "options": ["Gold", "Silver"], "purposes": ["service"]}
    made = owner.post("/fields", body)
    assert made.status_code == 201
    field = made.json()["id"]
    assert agent.post("/fields", body).status_code == 403
    assert [one["key"] for one in agent.get("/fields").json()["items"]] == ["tier"]
    assert program(Role.ANALYST).get("/fields").json()["items"] == []
    assert program(Role.ANALYST).get(f"/fields/{field}").status_code == 404
    stale = owner.patch(f"/fields/{field}", {"label": "Stufe"}, If_Match='"1.xxxx"')
    assert stale.status_code == 412
    changed = owner.patch(
        f"/fields/{field}",
        {"label": "Stufe", "take_out": [{"key": "gold", "gone": "becomes", "becomes": "silver"}]},
        If_Match=made.headers["ETag"],
    )
    assert changed.status_code == 200, changed.content
    assert [(one["key"], one["gone"]) for one in changed.json()["options"]] == [
        ("gold", "becomes"),
        ("silver", ""),
    ]
    assert owner.patch(f"/fields/{field}", {"is_hidden": True}).json()["is_hidden"]
    assert agent.get("/fields").json()["items"] == []
    assert len(owner.get("/fields?with_hidden=true").json()["items"]) == 1
    assert not owner.patch(f"/fields/{field}", {"is_hidden": False}).json()["is_hidden"]
    wrong = owner.patch(
        f"/fields/{field}", {"label": "New", "take_out": [{"key": "silver", "gone": "clear"}]}
    )
    assert wrong.status_code == 422
    assert CustomField.objects.get().label == "Stufe"  # all or nothing
    assert AuditEntry.objects.filter(subject="customfield", subject_id=str(field)).count() >= 4


def test_values_are_told_read_asked_for_and_refused() -> None:
    make_fields()
    shop = program()
    made = shop.post("/people", {"identities": [HANNA], "custom": CUSTOM})
    assert made.status_code == 201, made.content
    person = made.json()["id"]
    whole = shop.get(f"/people/{person}").json()
    assert whole["custom"] == KEPT
    fact = next(one for one in whole["facts"] if one["field"] == "custom:tier")
    assert (fact["shown"]["method"], fact["shown"]["by"], fact["shown"]["confidence"]) == ("api", "", 1.0)
    assert fact["purposes"] == ["analysis", "legal", "marketing", "sales", "service"]
    assert shop.get("/people?where=tier=gold&where=score.from=10&fields=custom").json()["items"] == [
        {"custom": KEPT}
    ]
    assert shop.get("/people?where=tier=silver").json()["items"] == []
    assert len(shop.get("/people?order=-custom:score").json()["items"]) == 1
    for path in ("where=colour=red", "where=tier.from=1", "where=score.from=many", "order=custom:colour"):
        assert shop.get(f"/people?{path}").status_code == 422, path
    for custom in ({"tier": "platinum"}, {"colour": "red"}, {"score": "many"}, {"tier": ""}):
        refused = shop.patch(f"/people/{person}", {"custom": custom})
        assert refused.status_code == 422, custom
        assert list(refused.json()["fields"]) == [f"custom.{next(iter(custom))}"]
    assert shop.patch(f"/people/{person}", {}).status_code == 422
    assert (
        shop.patch(f"/people/{person}", {"custom": {"tier": "silver"}}).json()["custom"]["tier"] == "silver"
    )


def test_a_field_that_is_not_for_a_role_is_not_there_for_its_programs() -> None:
    make_field("Margin", "number", purposes=["sales"])
    shop, other = program(Role.SALES), program(Role.AGENT)
    person = shop.post("/people", {"identities": [HANNA], "custom": {"margin": 3}}).json()["id"]
    assert shop.get(f"/people/{person}").json()["custom"] == {"margin": "3"}
    seen = other.get(f"/people/{person}").json()
    assert seen["custom"] == {}
    assert "margin" not in str(seen)
    assert other.patch(f"/people/{person}", {"custom": {"margin": 4}}).status_code == 422
    assert other.get("/people?where=margin=3").status_code == 422
    assert other.get("/people?order=custom:margin").status_code == 422
    sheet: Any = other.client.generic(
        "GET", "/api/v1/people/export", headers={"Authorization": f"Bearer {other.secret}"}
    )
    assert b"margin" not in b"".join(sheet.streaming_content)


def test_many_at_once_have_an_outcome_each() -> None:
    make_fields()
    rows: list[dict[str, Any]] = [
        {"identities": [HANNA], "custom": {"tier": "gold"}},
        {"identities": [HANNA | {"address": "b@web.example"}], "custom": {"tier": "tin"}},
        {"identities": [HANNA | {"address": "c@web.example"}]},
    ]
    answer = program().post("/people/bulk", rows).json()
    assert [one["status"] for one in answer["rows"]] == ["created", "invalid", "created"]
    assert "no choice" in answer["rows"][1]["reason"]
    assert program().post("/people/bulk", rows[:1]).json()["counts"] == {"unchanged": 1}
    assert CustomValue.objects.count() == 1


def test_a_file_fills_fields_that_are_called_like_its_columns_and_comes_back_from_an_export() -> None:
    make_fields()
    text = (
        "E-Mail;Name;Score;Spent;Visit;Tier;custom:tastes\n"
        "a@web.example;Ada;1.234,5;99,50 €;31.12.2025;Gold;floral, nutty\n"
        "b@web.example;Bela;2;1,00;13.01.2026;Tin;nutty\n"
        "c@web.example;Cleo;many;1,00;13.01.2026;Silver;nutty\n"
    )
    client = signed_in()
    run = importing(client, upload(client, text.encode(), "people.csv"))
    assert (run.rows_new, run.rows_quarantined) == (1, 2)
    reasons = " ".join(
        Item.objects.filter(state="quarantined").order_by("position").values_list("error_reason", flat=True)
    )
    assert "“Tier”: “Tin” is no choice of “Tier”. Known: Gold, Silver, Bronze." in reasons
    assert "“Score”: “many” is no number for “Score”" in reasons
    sheet = b"".join(client.get(reverse("people-export")).streaming_content).decode()  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(sheet, newline=""))
    assert {key: row[f"custom:{key}"] for key in ("score", "spent", "visit", "tier", "tastes")} == {
        "score": "1234.5", "spent": "99.5", "visit": "2025-12-31", "tier": "gold", "tastes": "floral,nutty",
    }  # fmt: skip
    values = set(CustomValue.objects.values_list("field_id", "value"))
    Person.objects.update(name="")
    again = importing(client, upload(client, sheet.encode(), "export.csv"))
    assert again.rows_quarantined == 0
    assert set(CustomValue.objects.values_list("field_id", "value")) == values


def test_undoing_an_import_takes_its_values_back() -> None:
    make_fields()
    client = signed_in()
    run = importing(client, upload(client, b"E-Mail,Name,Tier\na@web.example,Ada,Gold\n", "people.csv"))
    assert CustomValue.objects.count() == 1
    client.post(reverse("import-undo", args=[run.id]))
    work()
    assert not CustomValue.objects.exists()
