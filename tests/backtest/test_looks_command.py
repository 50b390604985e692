"""`logverdict backtest --simulate`, from folders to tables."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fakes.logs import START, usual
from logverdict.cli.backtest import backtest


def write(folder: Path, minutes: int, verdict: str) -> None:
    folder.mkdir(parents=True)
    for name, hour in (("baseline", 0), ("candidate", 1)):
        start = START + timedelta(hours=hour)
        rows = [
            {"timestamp": (start + timedelta(seconds=second)).isoformat(), "message": message, "level": level}
            for second, message, level in sorted(usual(minutes=minutes))
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "truth.json").write_text(json.dumps({"verdict": verdict, "kind": "recorded"}))


def run(*words: str | Path) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(backtest)
    result = CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(word) for word in (*words, "--jobs", "1")])
    return result.exit_code, result.output


@pytest.mark.timeout(240)
def test_runs_are_made_of_good_cases(tmp_path: Path) -> None:
    """As many good runs as bad ones, each a line of the file; the tables tell alarms by level, and what was found."""
    write(tmp_path / "cases" / "good", 8, "pass")
    write(tmp_path / "cases" / "bad", 8, "fail")
    out, rows = tmp_path / "p.jsonl", tmp_path / "r.jsonl"
    code, said = run(tmp_path / "cases", "--out", out, "--simulate", "4", "--looks", "2", "--runs", rows)
    assert code == 0, said
    assert "of 1 of 1 good cases" in said and "any look FAIL" in said and "median share of the window" in said
    made = [json.loads(line) for line in rows.read_text().splitlines()]
    assert {row["case"] for row in made} == {"good"}
    assert sum(row["change"] == "good" for row in made) == 4
    assert {row["way"] for row in made} == {"in sequence", "at the same time"}


def test_recordings_that_are_too_short_are_told(tmp_path: Path) -> None:
    """Of few bins no window can be made: that is an error, not a rate of nought."""
    write(tmp_path / "cases" / "good", 1, "pass")
    code, said = run(tmp_path / "cases", "--out", tmp_path / "p.jsonl", "--simulate", "2")
    assert code == 1 and "no good case has enough bins" in said


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--runs", "r.jsonl"], "needs --simulate"),
        (["--simulate", "2", "--runs", "p.jsonl"], "the file of another option"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    words: list[str], fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before minutes of work."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "cases" / "good", 1, "pass")
    code, said = run("cases", "--out", "p.jsonl", *words)
    assert code == 2 and fault in said
