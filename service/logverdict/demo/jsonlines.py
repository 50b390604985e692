"""The example's log format: one JSON object a line, a stack trace inside the message."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}


class JsonLines(logging.Formatter):
    def __init__(self, instance: str, version: str) -> None:
        super().__init__()
        self._same = {"service": "checkout", "version": version, "instance": instance}

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {
            "@timestamp": time.replace("+00:00", "Z"),
            "level": _LEVELS.get(record.levelname, record.levelname),
            "logger": record.name,
            "message": message,
        }
        return json.dumps(entry | self._same)


def open_log(folder: Path, instance: str, version: str) -> logging.Logger:
    """The instance's logger, which writes each line at once to FOLDER/INSTANCE.jsonl."""
    handler = logging.FileHandler(folder / f"{instance}.jsonl", encoding="utf-8")
    handler.setFormatter(JsonLines(instance, version))
    log = logging.getLogger("checkout")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    return log
