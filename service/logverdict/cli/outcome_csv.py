"""Outcomes of a CSV: each line a request, or what is wrong with it."""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from logverdict.cli import times
from logverdict.cli.faults import Fault
from logverdict.cli.request import full_name, stamp
from logverdict.v1 import history_service_pb2 as pb
from logverdict.v1 import outcome_pb2

COLUMNS = ("verification", "service", "environment", "version", "time", "outcome", "link", "note")
WORDS = "good, bad, rolled-back, incident"
HINT = f"The first line names the columns: verification, or service,environment,version[,time]; outcome ({WORDS})"


@dataclass(frozen=True)
class Line:
    """`number` is that of its last line in the file, from 1; `fault` is "" where the request can be sent."""

    number: int
    request: pb.RecordOutcomeRequest
    fault: str = ""


def outcome_of(text: str) -> Any:
    word = text.strip().upper().replace("-", "_")
    if word not in [each.upper().replace("-", "_") for each in WORDS.split(", ")]:
        raise Fault(f"{text!r} is no outcome", f"Write one of: {WORDS}.")
    return outcome_pb2.Outcome.Value(word)


def lines(path: Path, now: datetime) -> Sequence[Line]:
    """All of the file, `-` for stdin. Raises Fault for what is no CSV of outcomes: nothing of it is sent."""
    try:
        with _opened(path) as file:
            return list(_lines(file, now))
    except OSError as fault:
        raise Fault(f"--csv {path}: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise Fault(f"--csv {path}: is not UTF-8 text", "Save it as UTF-8, with or without a mark.") from None
    except csv.Error as fault:
        raise Fault(f"--csv {path}: is no CSV: {fault}", "Nothing was recorded.") from None
    except Fault as fault:
        raise Fault(f"--csv {path}: {fault.message}", *fault.hints) from None


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    if str(path) == "-":
        sys.stdin.reconfigure(encoding="utf-8-sig", newline="")  # type: ignore[union-attr]
        yield sys.stdin
        return
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield file


def _lines(file: IO[str], now: datetime) -> Iterator[Line]:
    rows = csv.reader(file, strict=True)
    columns = [name.strip().lower() for name in next(rows, [])]
    if set(columns) - set(COLUMNS) or "outcome" not in columns or len(set(columns)) < len(columns):
        raise Fault(f"the columns are {', '.join(columns) or 'none'}", HINT)
    for row in rows:
        if any(cell.strip() for cell in row):
            yield _line(rows.line_num, columns, row, now)


def _line(number: int, columns: Sequence[str], row: Sequence[str], now: datetime) -> Line:
    request = pb.RecordOutcomeRequest()
    if len(row) > len(columns):
        return Line(number, request, f"has {len(row)} cells, and there are {len(columns)} columns")
    given = dict(zip(columns, (cell.strip() for cell in row), strict=False))
    try:
        request.outcome = outcome_of(given.pop("outcome", ""))
        if when := given.pop("time", ""):
            request.time.CopyFrom(stamp(times.time(when, "time", now)))
    except Fault as fault:
        return Line(number, request, " ".join((f"{fault.message}.", *fault.hints)))
    if name := given.pop("verification", ""):
        request.verification = full_name(name)
    for field, value in given.items():
        setattr(request, field, value)
    return Line(number, request)
