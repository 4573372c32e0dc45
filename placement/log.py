"""Logs as JSON lines. They carry references, codes and numbers: an object or a long text in a log call is refused."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

PLAIN = (str, int, float, bool, type(None))
LONGEST = 200


def only_plain(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Refuse what could carry a person into the log: rows, forms, exceptions with text."""
    for key, value in event.items():
        short = [value] if isinstance(value, PLAIN) else value
        if not isinstance(short, list | tuple) or not all(isinstance(part, PLAIN) for part in short):
            raise TypeError(f"log field {key!r} is no plain value; log a reference instead")
        event[key] = value[:LONGEST] if isinstance(value, str) else value
    return event


def set_up() -> None:
    """Log to standard error, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_plain,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=_stderr()),
        cache_logger_on_first_use=False,
    )


def _stderr() -> Any:
    import sys

    return sys.stderr
