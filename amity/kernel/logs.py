"""Structured logs: one JSON object a line on stderr, a constant message with fields, and nothing personal in them.

Amity's own code logs with `structlog.get_logger()` and passes ids and figures as fields. Keys that could hold what
people wrote or who they are get dropped, whoever passes them. Of the log lines of libraries only the message template
and its figures and ids are kept, because their arguments are not ours to judge.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor

PERSONAL = frozenset(
    {
        "address", "birthday", "body", "content", "cookie", "cookies", "display_name", "email", "first_name", "from",
        "full_name", "handle", "headers", "html", "last_name", "message", "name", "password", "payload", "phone",
        "query", "recipient", "secret", "sender", "session", "session_key", "subject", "text", "title", "to", "token",
        "url", "user", "username",
    }
)  # fmt: skip
DEEPEST = 6
MOST_FRAMES = 12


def drop_personal(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A structlog processor that removes every field, at any depth, whose key could hold something personal."""
    return {key: _cleaned(value, DEEPEST) for key, value in event.items() if not is_personal(key)}


def is_personal(key: object) -> bool:
    """Whether a field of this name is left out of the logs: `email`, `customer_email`, `Password`."""
    word = str(key).lower().replace("-", "_")
    if word.endswith(("_id", "_ids", "_count", "_bytes")):
        return False
    return word in PERSONAL or word.rpartition("_")[2] in {
        "email",
        "name",
        "password",
        "phone",
        "text",
        "token",
    }


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        if not depth:
            return "…"
        return {key: _cleaned(inner, depth - 1) for key, inner in value.items() if not is_personal(key)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(inner, depth - 1) for inner in value] if depth else "…"
    return value


def describe_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the error's type and where it was raised.

    Its message is left out: databases and parsers like to quote the row that they choke on.
    """
    error = _exception(event.pop("exc_info", None))
    if error is None:
        return event
    event["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
    code = getattr(error, "code", None) or getattr(error, "sqlstate", None)
    if isinstance(code, str):
        event["error_code"] = code
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    event["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    if error.__cause__ is not None:
        event["caused_by"] = f"{type(error.__cause__).__module__}.{type(error.__cause__).__qualname__}"
    return event


def _exception(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        found = exc_info[1]
        return found if isinstance(found, BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def keep_template(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """For lines of libraries: the message as it stands in their source, and only the figures and ids put into it."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = _job_event(record, event) or str(record.msg)
        kept = [
            str(arg)
            for arg in _arguments(event.pop("positional_args", ()))
            if isinstance(arg, int | float | UUID)
        ]
        if kept:
            event["values"] = kept
        if record.exc_info:
            event["exc_info"] = record.exc_info
    return event


def _job_event(record: logging.LogRecord, event: EventDict) -> str:
    # procrastinate puts a job's arguments into its messages; what happened also stands in `action`.
    action = getattr(record, "action", "")
    if not action or not record.name.startswith("procrastinate"):
        return ""
    job = getattr(record, "job", None)
    if isinstance(job, Mapping):
        event["job_id"], event["task"] = job.get("id"), job.get("task_name")
    return f"procrastinate {action}"


def _arguments(args: Any) -> list[Any]:
    if isinstance(args, Mapping):
        return list(args.values())
    return list(args or ())


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_LAST: tuple[Processor, ...] = (
    describe_exception,
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    drop_personal,
    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
)


def configure(config: MutableMapping[str, Any]) -> None:
    """Send every log line of this process to stderr as JSON. `config` is `{"level": "INFO"}`.

    Raises ValueError for a level that `logging` does not know.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=_LAST, foreign_pre_chain=[keep_template, *_SHARED], pass_foreign_args=True
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(str(config.get("level", "INFO")).upper())
    # Amity answers for its own errors (amity.site.errors gives each an id); Django would log them a second time.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    logging.getLogger("procrastinate").setLevel(max(root.level, logging.WARNING))  # it tells of every job
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
