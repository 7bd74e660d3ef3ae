"""What the service says while it runs: events with ids, one line each, and nothing about a person beyond ids.

Lines are JSON, but for a person at a terminal; uvicorn's and every other library's lines take the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import TextIO, TypeAlias

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

WITHHELD = "[withheld]"
SPOKEN = re.compile(r"[A-Za-z0-9_/{][\w./:{}#*+-]{0,199}", re.ASCII)
"""Ids, codes, topics, routes and counts: one word of ASCII. Names, addresses and sentences are more than that."""
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
OUR_WORDS = {"event", "level", "logger", "at"}

Value: TypeAlias = object


def configure_logging(stream: TextIO = sys.stderr, level: str = "INFO") -> None:
    """Send every line of the process to the stream, in one form. Called once, by the program that starts."""
    rendered = _for_a_person() if stream.isatty() else _for_a_machine()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        withhold,
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, withhold_addresses],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    structlog.configure(
        processors=[*shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=lambda *names: Line(stream, *names),
        cache_logger_on_first_use=True,
    )


class Line(structlog.WriteLogger):
    """Our own lines go straight to the stream: a detour over the records of `logging` costs more than the line."""

    def __init__(self, stream: TextIO, name: str = "relais") -> None:
        super().__init__(stream)
        self.name = name


def _for_a_machine() -> list[Processor]:
    return [structlog.processors.ExceptionRenderer(told_without_values), structlog.processors.JSONRenderer()]


def _for_a_person() -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def withhold(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Keep ids, codes and numbers; put a mark in the place of all else that a caller adds to a line."""
    line.pop("color_message", None)
    for name, value in line.items():
        if name not in OUR_WORDS and not name.startswith("_") and name != "exc_info":
            line[name] = spoken(value)
    return line


def spoken(value: Value) -> Value:
    """A value as a line may hold it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): spoken(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [spoken(inner) for inner in value]
    text = str(value)
    return text if SPOKEN.fullmatch(text) else WITHHELD


def withhold_addresses(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Libraries speak in sentences: those stay, without mail addresses and without the user and password of a URL."""
    line["event"] = ADDRESS.sub(WITHHELD, str(line["event"]))
    return line


_transform = ExceptionDictTransformer(show_locals=False, max_frames=20)


def told_without_values(exc_info: ExcInfo) -> list[dict[str, Value]]:
    """An exception by its type and places. Its text is kept where it is ours: others quote what they were given."""
    told = []
    for raised in _transform(exc_info):
        ours = exc_info[0].__module__.startswith(("service.", "domain.", "projections."))
        words = ADDRESS.sub(WITHHELD, str(raised["exc_value"])) if ours else WITHHELD
        told.append({"type": raised["exc_type"], "words": words, "frames": [_place(at) for at in raised["frames"]]})
    return told


def _place(frame: Mapping[str, Value]) -> str:
    return f"{frame['filename']}:{frame['lineno']} {frame['name']}"
