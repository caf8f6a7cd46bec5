"""Logs tell what happened to which record, and nothing about anybody."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel import logs


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    before = logging.getLogger().handlers, logging.getLogger().level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure({"level": "INFO"})
    yield written
    logging.getLogger().handlers, logging.getLogger().level = before
    structlog.reset_defaults()


def last_line(written: io.StringIO) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(written.getvalue().splitlines()[-1])
    return line


def test_a_line_is_json_with_a_constant_message_and_fields(stderr: io.StringIO) -> None:
    structlog.get_logger("amity.test").info("message sent", message_id=7, took_ms=12)
    line = last_line(stderr)
    assert line["event"] == "message sent"
    assert line["message_id"] == 7
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "key",
    ["text", "subject", "name", "email", "address", "token", "password", "customer_email", "Display-Name"],
)
def test_personal_fields_are_dropped_at_any_depth(stderr: io.StringIO, key: str) -> None:
    structlog.get_logger("amity.test").info(
        "seen", **{key: "Hannah"}, inner=[{"deep": {key: "Hannah"}, "id": 1}]
    )
    assert "Hannah" not in stderr.getvalue()
    assert last_line(stderr)["inner"] == [{"deep": {}, "id": 1}]


def test_ids_and_counts_stay_whatever_they_are_of(stderr: io.StringIO) -> None:
    structlog.get_logger("amity.test").info("seen", email_id=3, token_count=9)
    assert (last_line(stderr)["email_id"], last_line(stderr)["token_count"]) == (3, 9)


def test_an_exception_tells_where_it_was_raised_and_not_what_it_said(stderr: io.StringIO) -> None:
    try:
        raise ValueError("Key (email)=(hannah@roast.example) already exists")
    except ValueError:
        structlog.get_logger("amity.test").exception("import failed", run_id=4)
    line = last_line(stderr)
    assert "hannah" not in stderr.getvalue()
    assert line["error"] == "builtins.ValueError"
    assert "test_logs.py" in line["frames"][-1]


def test_lines_of_libraries_keep_their_template_and_their_figures(stderr: io.StringIO) -> None:
    logging.getLogger("library").warning(
        "mail %s of %s has %d bytes", "Re: grinder", "hannah@roast.example", 512
    )
    line = last_line(stderr)
    assert line["event"] == "mail %s of %s has %d bytes"
    assert line["values"] == ["512"]


def test_a_job_that_fails_is_named_without_its_arguments(stderr: io.StringIO) -> None:
    extra = {
        "action": "job_error",
        "job": {"id": 5, "task_name": "channels.send", "task_kwargs": {"to": "hannah"}},
    }
    logging.getLogger("procrastinate.worker").error("Job channels.send(to='hannah') failed", extra=extra)
    line = last_line(stderr)
    assert (line["event"], line["job_id"], line["task"]) == ("procrastinate job_error", 5, "channels.send")
    assert "hannah" not in stderr.getvalue()


def test_a_wrong_level_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown level"):
        logs.configure({"level": "chatty"})


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.sampled_from(["email", "id", "x"]), inner)))
def test_no_field_called_email_survives_in_any_shape(value: object) -> None:
    cleaned = logs.drop_personal(None, "info", {"event": "seen", "x": value})
    assert '"email"' not in json.dumps(cleaned)
