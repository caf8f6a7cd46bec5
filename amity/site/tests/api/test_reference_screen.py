"""The reference inside the product: every operation stands there, readable, from the document alone."""

from __future__ import annotations

import html
import json
import re
import shlex
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest

from amity.kernel.actor import Role
from amity.kernel.api.answers import to_json
from amity.site.access import OPERATIONS
from amity.site.api import description
from amity.site.domain.interface import kind_of, operations_of
from amity.site.tests.api.calling import colleague, program
from amity.site.tests.shell.factories import signed_in
from amity.site.web.api_reference import TITLES

PLACE = "/settings/api-tokens/reference/"


@pytest.mark.django_db
def test_every_operation_stands_in_the_list_and_opens() -> None:
    client = signed_in(colleague(Role.OWNER))
    page = client.get(PLACE).content.decode()
    assert set(re.findall(rf'href="{PLACE}(\w+)/"', page)) == set(OPERATIONS)
    assert "not for your role" not in page
    for name in OPERATIONS:
        answer = client.get(f"{PLACE}{name}/")
        assert answer.status_code == 200, name
    assert client.get(f"{PLACE}no_such/").status_code == 404


@pytest.mark.django_db
def test_an_operation_says_what_it_takes_and_what_a_token_needs() -> None:
    page = signed_in(colleague()).get(f"{PLACE}create_webhook/").content.decode()
    assert "webhook:write" in page
    assert "Your role does not have it." in page
    assert "curl -sS -X POST" in page
    assert "/api/v1/webhooks" in page


@pytest.mark.django_db
def test_what_is_not_for_a_role_is_marked() -> None:
    assert "not for your role" in signed_in(colleague()).get(PLACE).content.decode()


def test_fields_of_fields_are_told_too() -> None:
    found = {one.name: one for one in operations_of(description())}
    person = [(field.name, field.kind, field.depth) for field in found["create_person"].body]
    assert ("identities", "list of objects", 0) in person
    assert ("network", "text", 1) in person
    assert ("observed_at", "instant or null", 0) in person
    rows = found["bulk_people"].body
    assert [field.depth for field in rows if field.name == "address"] == [1]
    limit = next(field for field in found["list_of_people"].parameters if field.name == "limit")
    assert limit.kind == "whole number, 1 to 200"
    assert {one.tag for one in found.values()} == set(TITLES)


def test_a_type_that_holds_itself_ends() -> None:
    node = {"$ref": "#/components/schemas/Node"}
    properties = {"name": {"type": "string"}, "next": node}
    schemas: dict[str, Any] = {"Node": {"type": "object", "properties": properties}}
    operation = {
        "operationId": "nodes", "summary": "", "description": "", "tags": ["nodes"], "x-resource": "anybody",
        "x-action": "read", "responses": {"200": {"content": {"application/json": {"schema": node}}}},
    }  # fmt: skip
    document = {"components": {"schemas": schemas}, "paths": {"/nodes": {"get": operation}}}
    (one,) = operations_of(document)
    assert [(field.name, field.depth) for field in one.answers[0].fields] == [("name", 0), ("next", 0)]
    assert one.scope == ""
    assert kind_of({"enum": ["a", "b"]}, schemas) == "one of: a, b"


def test_every_parameter_and_every_field_of_a_body_says_what_it_means() -> None:
    for one in operations_of(description()):
        for field in (*one.parameters, *one.body):
            assert field.words, (
                f"{one.name}: {field.name} (say it there, or in amity/site/domain/meanings.py)"
            )


def test_every_field_of_an_answer_and_of_a_problem_says_what_it_means() -> None:
    for name, schema in description()["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert described.get("description"), f"{name}: {field} (say it there)"


def test_an_example_fits_the_body_that_it_is_of() -> None:
    document = json.loads(to_json(description()))
    shown = 0
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            body = described.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            (one,) = [one for one in operations_of(document) if one.name == described["operationId"]]
            schema = body["schema"] | {"components": document["components"]}
            jsonschema.validate(one.example, schema)
            assert one.example, f"{method} {path}"
            shown += 1
    assert shown > 30


@pytest.mark.django_db
def test_the_example_of_a_page_does_what_it_says() -> None:
    page = signed_in(colleague(Role.OWNER)).get(f"{PLACE}create_person/").content.decode()
    line = html.unescape(page[page.index('id="api-line"') :].partition(">")[2].partition("</pre>")[0])
    assert 'data-copies="api-line"' in page
    words = shlex.split(line.replace("\\\n", " "))
    assert words[:5] == ["curl", "-sS", "-X", "POST", "http://testserver/api/v1/people"]
    assert program(Role.OWNER).post("/people", json.loads(words[words.index("-d") + 1])).status_code == 201


@pytest.mark.django_db
def test_answers_and_problems_stand_there_with_what_they_mean() -> None:
    client = signed_in(colleague(Role.OWNER))
    page = client.get(f"{PLACE}update_team/").content.decode()
    assert "It takes If-Match" in page
    assert "Somebody changed it since it was read" in page
    assert "Answer 200" in page
    assert "<code>plain</code> is for servers" in client.get(f"{PLACE}connect_mailbox/").content.decode()
    table = client.get(f"{PLACE}export_list_of_people/").content.decode()
    assert "A table as CSV" in table
    assert "-o table.csv" in table
