from __future__ import annotations

import json
from pathlib import Path

import pytest

from amity.channels.adapters.file import (
    DirectionRule,
    HandleSource,
    Mapping,
    RecordKind,
    Source,
    compile_reader,
    shipped_mappings,
    sniff,
)
from amity.channels.adapters.file.tests.making import make_file, messages_mapping
from amity.channels.records import Unreadable


@pytest.mark.parametrize("mapping", shipped_mappings(), ids=lambda mapping: mapping.name)
def test_shipped_mappings_survive_json_and_have_no_problems(mapping: Mapping) -> None:
    assert Mapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping
    asks_for_account = {"handles"} if mapping.name == "twitter-archive" else set()
    assert {problem.field for problem in mapping.problems()} == asks_for_account
    assert mapping.title
    assert mapping.description


def test_shipped_mappings_have_names_and_sources_of_their_own() -> None:
    names = [mapping.name for mapping in shipped_mappings()]
    assert len(set(names)) == len(names) >= 20


def test_a_saved_mapping_comes_back_equal() -> None:
    mapping = messages_mapping(
        fields={
            "id": Source(("Id",)),
            "at": Source(("Day", "Time"), join=" "),
            "text": Source(("Body",), transform="html"),
            "language": Source(constant="de"),
            "extra.mood": Source(("Mood",), values={"+": "good"}),
        },
        handles=(HandleSource("email", Source(("From",)), label=Source(("Name",)), separator=";"),),
        direction=DirectionRule(Source(("Kind",)), ours=("agent",), internal=("note",), otherwise="in"),
        own_addresses=("help@shop.example",),
        options={"fold_quotes": True},
    )
    assert Mapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"name": "x"},
        {"name": "x", "title": "X", "record": "poem", "source": "x"},
        {"name": "x", "title": "X", "record": "message", "source": "x", "colour": "red"},
        {"name": "x", "title": "X", "record": "message", "source": "x", "fields": {"text": {"col": "a"}}},
        {"name": "x", "title": "X", "record": "message", "source": "x", "own_addresses": "me"},
        {"name": "x", "title": "X", "record": "message", "source": "x", "fields": []},
    ],
)
def test_what_is_no_mapping_is_refused_in_words(broken: object) -> None:
    with pytest.raises(Unreadable) as caught:
        Mapping.from_json(broken)
    assert caught.value.code == "mapping"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "My Shop"}, "source"),
        ({"date_format": "european"}, "date_format"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"handles": ()}, "handles"),
        ({"handles": (HandleSource("twitter", Source()),)}, "handles"),
        ({"fields": {"text": Source(("text",))}}, "at"),
        ({"fields": {"at": Source(("at",))}}, "text"),
        ({"fields": {"at": Source(("at",)), "text": Source(("text",)), "mood": Source(("m",))}}, "mood"),
        ({"fields": {"at": Source(("at",)), "text": Source(("text",), transform="rot13")}}, "text"),
        ({"direction": DirectionRule(otherwise="sideways")}, "direction"),
        ({"record": RecordKind.ORDER}, "amount"),
        ({"record": RecordKind.ORDER}, "currency"),
        ({"record": RecordKind.ORDER, "currency": "euro"}, "currency"),
    ],
)
def test_each_problem_names_its_field_and_says_what_to_do(changes: dict[str, object], field: str) -> None:
    found = [problem for problem in messages_mapping(**changes).problems() if problem.field == field]
    assert found
    assert found[0].reason.endswith(".")


def test_a_column_that_the_file_lacks_is_named_before_anything_is_read(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, "id,when,text,from\n1,2024-01-06,hello,ada@example.org\n"))
    with pytest.raises(Unreadable, match="no column “at”"):
        compile_reader(messages_mapping(), shape)


def test_spelling_of_column_names_does_not_matter(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, "ID,At,TEXT,From\n1,2024-01-06,hello,ada@example.org\n"))
    assert messages_mapping().problems(shape) == ()
