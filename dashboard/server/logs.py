"""The log: a line an event on the standard error stream, as text, or where COMPUTE_FORECAST_LOG is
“json” as JSON. No addresses, no queries, nothing of a visitor's own.
"""

from __future__ import annotations

import datetime as dt
import json
import logging

from dashboard.server.settings import server_settings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
#: Facts beside the message that a line of JSON has by name.
FACTS = ("error_id", "method", "route", "status", "milliseconds")
LOGGERS = ("dashboard", "forecasting")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, process, message, facts, and the traceback of an
    error.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logs() -> None:
    """Write what our loggers say from now on; once a process."""
    handler = logging.StreamHandler()
    is_json = server_settings().log == "json"
    handler.setFormatter(JsonLines() if is_json else logging.Formatter(TEXT))
    for name in LOGGERS:
        log = logging.getLogger(name)
        if not log.handlers:
            log.addHandler(handler)
            log.setLevel(logging.INFO)
            log.propagate = False
