"""What AMITY_POSTGRES_OPTIONS may say."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.postgres import PostgresError
from amity.kernel.postgres.options import option_arguments, parse_options

NAMES = st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True).map(lambda name: f"own.{name}")


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_quoted_pairs_are_read_back_as_they_were(options: dict[str, str]) -> None:
    text = " ".join(shlex.quote(f"{name}={value}") for name, value in options.items())
    assert parse_options(text) == options


def test_the_writing_of_the_server_itself_is_understood() -> None:
    assert parse_options("-c shared-buffers=1GB -c max_wal_size='8 GB'") == {
        "shared_buffers": "1GB",
        "max_wal_size": "8 GB",
    }
    assert parse_options("") == {}


@pytest.mark.parametrize(
    "text",
    ["shared_buffers", "=1", "a b=c", "x='", "listen_addresses=*", "port=1", "HBA_FILE=/tmp/x", "hba-file=x"],
)
def test_what_cannot_be_used_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(PostgresError) as caught:
        parse_options(text)
    assert caught.value.code == "postgres.options_invalid"
    assert "shared_buffers=1GB" in caught.value.message


def test_a_later_layer_wins() -> None:
    assert option_arguments({"a": "1", "b": "2"}, {"a": "3"}) == ["-c", "a=3", "-c", "b=2"]
