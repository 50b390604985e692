"""Case folders on disk: recorded baseline and candidate entries, and what is known to be true of them."""

import gzip
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from logverdict.analysis.entries import SCHEMA
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.window import Window
from logverdict.verify.backtest import Case, Prediction, Truth, predict
from logverdict.verify.refit import Known, known

_BASELINE = re.compile(r"baseline(?:-([0-9]+))?\.jsonl(\.gz)?")
_LINES = pl.Schema({"timestamp": pl.String, "message": pl.String, "host": pl.String, "level": pl.String})
RECORD = "record.json"
_TIME = "%Y-%m-%dT%H:%M:%S%.f%#z"


def case_folders(root: Path, only: str) -> list[Path]:
    """The case folders under `root` whose names match the glob `only`, by name. Raises InvalidRequest for none."""
    if not root.is_dir():
        raise InvalidRequest("CASES", f"{root} is not a folder; give one that holds a folder per case")
    found = sorted(path.parent for path in root.glob("*/candidate.jsonl*") if path.parent.match(only))
    if not found:
        raise InvalidRequest(
            "CASES", f"no folder in {root} matches {only!r} and holds candidate.jsonl or candidate.jsonl.gz"
        )
    return sorted(set(found))


def predict_folder(folder: Path, policies: Sequence[Policy]) -> list[Prediction]:
    """Reads one case and judges it by each policy, those after the first only where it is known to be good; runs in a
    process of its own."""
    case = read_case(folder)
    good = case.truth is not None and case.truth.verdict == "pass"
    return [predict(case, policy) for policy in (policies if good else policies[:1])]


def known_folder(folder: Path) -> Known | None:
    """Reads one case and compares its sides; runs in a process of its own. None where its truth is not known."""
    return known(read_case(folder))


def read_case(folder: Path) -> Case:
    """Raises InvalidRequest that names the file, and the line where there is one."""
    baselines = sorted(
        (int(found[1] or 1), path) for path in folder.iterdir() if (found := _BASELINE.fullmatch(path.name))
    )
    if not baselines:
        raise InvalidRequest(str(folder), "holds no baseline.jsonl or baseline.jsonl.gz")
    candidates = [path for name in ("candidate.jsonl.gz", "candidate.jsonl") if (path := folder / name).is_file()]
    if not candidates:
        raise InvalidRequest(str(folder), "holds no candidate.jsonl or candidate.jsonl.gz")
    truth = folder / "truth.json"
    known = _read_truth(truth) if truth.is_file() else None
    windows, complete, source = _read_record(folder / RECORD, len(baselines))
    return Case(
        name=folder.name,
        baselines=tuple(_read_lines(path) for _, path in baselines),
        candidate=_read_lines(candidates[0]),
        truth=known,
        windows=windows,
        complete=complete,
        source=(known.source if known else "") or source or folder.resolve().parent.name,
    )


def _read_record(path: Path, baselines: int) -> tuple[tuple[Window, ...], bool, str]:
    """What `logverdict record` says of a case: its windows, the candidate's first, whether all of it came, and of
    which service in which environment, "" where it does not say."""
    if not path.is_file():
        return (), True, ""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        windows = tuple(_window(window) for window in (record["candidate_window"], *record["baseline_windows"]))
        if len(windows) != baselines + 1:
            raise ValueError(f"{len(windows) - 1} baseline windows for {baselines} baselines")
        named = [str(record[word]) for word in ("service", "environment") if record.get(word)]
        return windows, bool(record["complete"]), str(record.get("source") or " in ".join(named))
    except (OSError, ValueError, KeyError, TypeError, InvalidRequest) as fault:
        raise InvalidRequest(str(path), f"is no record of a case: {fault}") from None


def _window(window: Mapping[str, str]) -> Window:
    return Window(datetime.fromisoformat(window["start_time"]), datetime.fromisoformat(window["end_time"]))


def _read_truth(path: Path) -> Truth:
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
        return Truth(str(truth["verdict"]), str(truth.get("kind", "case")), str(truth.get("source", "")))
    except KeyError:
        raise InvalidRequest(str(path), "has no `verdict`, pass or fail") from None
    except (OSError, ValueError, TypeError, InvalidRequest) as fault:
        raise InvalidRequest(str(path), f"is no truth of a case: {fault}") from None


def _read_lines(path: Path) -> pl.DataFrame:
    """Entries in the order of the file, so a row's number is its line's."""
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, ValueError) as fault:
        raise InvalidRequest(str(path), f"cannot be read: {fault}") from None
    if not data.strip():
        return pl.DataFrame(schema=SCHEMA)
    try:
        lines = pl.read_ndjson(io.BytesIO(data), schema=_LINES)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as fault:
        raise InvalidRequest(*_broken_line(path, data.split(b"\n"), str(fault))) from None
    return _entries(path, lines)


def _entries(path: Path, lines: pl.DataFrame) -> pl.DataFrame:
    time = pl.col("timestamp").str.to_datetime(_TIME, time_unit="us", time_zone="UTC", strict=False)
    frame = lines.select(
        time=time,
        message=pl.col("message"),
        level=pl.col("level").fill_null(""),
        instance=pl.col("host").fill_null(""),
        version=pl.lit(""),
    )
    bad = frame["time"].is_null() | frame["message"].is_null()
    if bad.any():
        line = int(bad.arg_true()[0])
        raise InvalidRequest(f"{path}:{line + 1}", "has no `message`, or no `timestamp` in ISO 8601 with a time zone")
    return frame.cast(SCHEMA)


def _broken_line(path: Path, lines: Sequence[bytes], fault: str) -> tuple[str, str]:
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip() and not isinstance(json.loads(line), dict):
                return f"{path}:{number}", "is JSON, but no object"
        except ValueError as found:
            return f"{path}:{number}", f"is not JSON: {found}"
    return str(path), f"cannot be read as JSON lines: {fault}"
