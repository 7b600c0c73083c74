"""How web writes its log: one line on standard error for each event, in UTC, with who asked. No rule lives here."""

import logging
import re
import time
from types import TracebackType
from typing import TextIO, cast

from flask import g, has_request_context, request
from flask.logging import wsgi_errors_stream

_FORMAT = "%(asctime)sZ %(levelname)s %(name)s[%(process)d] %(whose)s%(message)s"
_TIME = "%Y-%m-%dT%H:%M:%S"
# PostgreSQL repeats the row or the statement there, an activation code with it.
_WITH_VALUES = re.compile(r"^(DETAIL|CONTEXT|LINE \d+):.*", re.MULTILINE)
_Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def _whose() -> str:
    """Address and user of the request that is served; a dash for nobody."""
    if not has_request_context():
        return ""
    user = getattr(g.get("_login_user"), "user", None)
    return f"{request.remote_addr} user={getattr(user, 'id', '-')} "


class OneLine(logging.Formatter):
    """Nobody can write a line of their own: what cannot be seen is escaped, and a trace is set off by a margin."""

    def __init__(self) -> None:
        super().__init__(_FORMAT, _TIME)
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """The line, control characters as their escapes."""
        record.whose = _whose()
        return "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode()
            for letter in super().formatMessage(record)
        )

    def formatException(self, ei: _Failure) -> str:  # noqa: N802 - the library's name
        """The trace without the values of a row, no line of which can be taken for a line of the log."""
        trace = _WITH_VALUES.sub(r"\1: …", super().formatException(ei))
        return "\n".join(f"  | {line}" for line in trace.splitlines())


def write_to_standard_error(*names: str) -> None:
    """Let these loggers and all below them write from INFO on; does nothing the second time."""
    for name in names:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        if not any(isinstance(handler.formatter, OneLine) for handler in logger.handlers):
            handler = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
            handler.setFormatter(OneLine())
            logger.addHandler(handler)
