"""`logverdict backtest --checks`, from folders to tables."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fakes.logs import START, Line, every, usual
from logverdict.adapters.cases import read_case
from logverdict.cli.backtest import backtest

NEW_ERROR = every(100, "shop.KeyException: no key for customer {n}", "ERROR", minutes=10)


def lines(hour: int, said: Iterable[Line]) -> str:
    start = START + timedelta(hours=hour)
    rows = [
        {"timestamp": (start + timedelta(seconds=second)).isoformat(), "message": message, "level": level}
        for second, message, level in sorted(said)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(folder: Path, hour: int, candidate: list[Line], **truth: str) -> None:
    folder.mkdir(parents=True)
    (folder / "baseline.jsonl").write_text(lines(hour, usual(minutes=10)))
    (folder / "candidate.jsonl").write_text(lines(hour + 1, candidate))
    if truth:
        (folder / "truth.json").write_text(json.dumps(truth))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    write(tmp_path / "shop" / "a", 0, usual(minutes=10))
    write(tmp_path / "shop" / "b", 10, [*usual(minutes=10), *NEW_ERROR])
    return tmp_path / "shop"


def run(*words: str | Path) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(backtest)
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(word) for word in (*words, "--jobs", "1")])
    return result.exit_code, result.output


def row(said: str, word: str) -> list[str]:
    (line,) = (line for line in said.splitlines() if line.startswith(f"│ {word} "))
    return [cell.strip() for cell in line.split("│")[2:-1]]


def test_checks_need_no_labels(cases: Path, tmp_path: Path) -> None:
    """What was judged FAIL is taken for bad, what PASSed for good; each check is a line of its own file."""
    out, checks = tmp_path / "p.jsonl", tmp_path / "c.jsonl"
    code, said = run(cases, "--out", out, "--checks", checks, "--most", "2")
    assert code == 0, said
    assert row(said, "bad replaced by good") == ["0", "0", "1"]
    assert row(said, "good against good")[::2] == ["0", "2"]
    assert row(said, "new error × 30, one instance, in sequence") == ["1", "0", "1"]
    assert "must not alarm" in said and "must be found" in said and "where it alarms" not in said
    rows = [json.loads(line) for line in checks.read_text().splitlines()]
    assert len(out.read_text().splitlines()) == 2
    assert rows[0] | {"sentence": ""} == {
        "check": "bad replaced by good",
        "source": "shop",
        "candidate": "b/baseline-1",
        "baselines": ["b/candidate"],
        "changed": "",
        "wanted": "pass",
        "verdict": "pass",
        "true_verdict": "PASS",
        "reason": "NO_ANOMALY",
        "sentence": "",
    }


def test_an_alarm_is_told_with_its_source(tmp_path: Path) -> None:
    """A case that is known to be good and looks bad alarms against the other good ones; its kind can be left out."""
    truth = {"verdict": "pass", "source": "till"}
    write(tmp_path / "cases" / "a", 0, usual(minutes=10), **truth, kind="firm")
    write(tmp_path / "cases" / "b", 10, [*usual(minutes=10), *NEW_ERROR], **truth, kind="weak")
    words = (tmp_path / "cases", "--out", tmp_path / "p.jsonl", "--checks", tmp_path / "c.jsonl")
    _, said = run(*words, "--most", "12", "--by-source")
    everything, where = said.split("where it alarms")
    assert row(everything, "good against good")[::2] == ["3", "12"]
    assert row(where, "good against good") == ["till", "3", "12"]
    assert row(said, "till") == ["1", "1", "0", "0"]
    assert "means over sources: false alarms 50.0%, found not known" in said
    _, said = run(*words, "--leave-out", "weak")
    assert "where it alarms" not in said


def test_the_source_is_what_the_case_says(cases: Path) -> None:
    """Truth first, then the record's service and environment, else the folder of all cases."""
    window = {"start_time": "2026-01-05T10:00:00Z", "end_time": "2026-01-05T10:10:00Z"}
    record = {"baseline_windows": [window], "candidate_window": window, "complete": True}
    assert read_case(cases / "a").source == "shop"
    (cases / "a" / "record.json").write_text(json.dumps({**record, "service": "checkout", "environment": "prod"}))
    assert read_case(cases / "a").source == "checkout in prod"
    (cases / "a" / "record.json").write_text(json.dumps({**record, "source": "till", "service": "checkout"}))
    assert read_case(cases / "a").source == "till"
    (cases / "a" / "truth.json").write_text(json.dumps({"verdict": "pass", "source": "desk"}))
    assert read_case(cases / "a").source == "desk"


def test_predictions_and_checks_are_two_files(cases: Path, tmp_path: Path) -> None:
    """One file for both would lose the predictions."""
    code, said = run(cases, "--out", tmp_path / "x", "--checks", tmp_path / "x")
    assert code == 2 and "--checks" in said
