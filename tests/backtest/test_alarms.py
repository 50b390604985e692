"""What good cases say of the false alarms to expect."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fakes.logs import START, every, usual
from logverdict.adapters.cases import read_case
from logverdict.cli.backtest import backtest
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Sensitivity, Verdict
from logverdict.verify.alarms import alarms
from logverdict.verify.backtest import recorded_sides

HIGH, LOW, MEDIUM = Sensitivity.HIGH, Sensitivity.LOW, Sensitivity.MEDIUM
NEW_ERROR = every(60, "shop.KeyException: no key for customer {n}", "ERROR")


def test_alarms_are_counted_by_sensitivity() -> None:
    """Of the cases that were judged; INCONCLUSIVE is no judgement, WARN is no alarm."""
    said = [
        {LOW: Verdict.PASS, HIGH: Verdict.FAIL},
        {LOW: Verdict.WARN, HIGH: Verdict.FAIL},
        {LOW: Verdict.INCONCLUSIVE, HIGH: Verdict.INCONCLUSIVE},
        {LOW: Verdict.PASS, HIGH: Verdict.PASS},
    ]
    low, high = alarms(said)
    assert (low.sensitivity, low.good, low.judged, low.failed, low.warned, low.share) == (LOW, 4, 3, 0, 1, 0.0)
    assert (high.sensitivity, high.judged, high.failed, round(high.share, 3)) == (HIGH, 3, 2, 0.667)


@pytest.mark.parametrize(
    ("failed", "judged", "most"), [(0, 28, 0.1015), (1, 28, 0.1585), (0, 1, 0.95), (2, 2, 1.0), (0, 0, 1.0)]
)
def test_few_cases_say_little(failed: int, judged: int, most: float) -> None:
    """The bound is Clopper and Pearson's: of n cases without an alarm 1 - 0.05 ** (1 / n)."""
    said = [{MEDIUM: Verdict.FAIL}] * failed + [{MEDIUM: Verdict.PASS}] * (judged - failed)
    (row,) = alarms(said or [{MEDIUM: Verdict.INCONCLUSIVE}])
    assert row.most == pytest.approx(most, abs=1e-4)


def lines(start: float, seconds: list[tuple[float, str, str]]) -> str:
    rows = [
        {"timestamp": (START + timedelta(seconds=start + second)).isoformat(), "message": message, "level": level}
        for second, message, level in sorted(seconds)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(folder: Path, candidate: list[tuple[float, str, str]], truth: str, complete: bool = True) -> None:
    folder.mkdir(parents=True)
    (folder / "baseline.jsonl").write_text(lines(0, usual()))
    (folder / "candidate.jsonl").write_text(lines(3600, candidate))
    (folder / "truth.json").write_text(json.dumps({"verdict": truth, "kind": "good against good"}))
    window = [{"start_time": at(second), "end_time": at(second + 1800)} for second in (0, 3600)]
    record = {"baseline_windows": window[:1], "candidate_window": window[1], "complete": complete}
    (folder / "record.json").write_text(json.dumps(record))


def at(second: float) -> str:
    return (START + timedelta(seconds=second)).isoformat()


def run(*words: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(backtest)
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, list(words))
    return result.exit_code, result.output


def test_all_sensitivities_are_compared_on_good_cases(tmp_path: Path) -> None:
    """A row each, of the cases that are known to be good; bad ones do not count, predictions stay one line a case."""
    write(tmp_path / "cases" / "a", usual(), "pass")
    write(tmp_path / "cases" / "b", [*usual(), *NEW_ERROR], "pass", complete=False)
    write(tmp_path / "cases" / "c", [*usual(), *NEW_ERROR], "fail")
    out = tmp_path / "p.jsonl"
    code, said = run(str(tmp_path / "cases"), "--out", str(out), "--jobs", "1", "--sensitivity", "all")
    assert code == 0
    assert [said_row(said, word)[0] for word in ("LOW", "MEDIUM", "HIGH")] == ["2", "2", "2"]
    assert said_row(said, "MEDIUM") == ["2", "2", "0", "1", "50.0%", "97.5%"]
    assert "1 of the cases are incomplete recordings" in said
    assert len(out.read_text().splitlines()) == 3


def said_row(said: str, word: str) -> list[str]:
    (line,) = (line for line in said.splitlines() if line.startswith(f"│ {word} "))
    return [cell.strip() for cell in line.split("│")[2:-1]]


def test_the_recorded_windows_count(tmp_path: Path) -> None:
    """A case that says which windows were read is judged over these, not from its first entry to its last."""
    write(tmp_path / "a", [(900.0, "a single entry", "INFO")], "pass")
    sides = recorded_sides(read_case(tmp_path / "a"))
    assert [sides.candidate.seconds, sides.baselines[0].seconds] == [1800, 1800]


@pytest.mark.parametrize(
    "record", ["{", "[]", "{}", '{"candidate_window": {"start_time": "x", "end_time": "y"}, "baseline_windows": []}']
)
def test_a_broken_record_is_told(tmp_path: Path, record: str) -> None:
    """It names the file, as a wrong window would be a wrong verdict."""
    write(tmp_path / "a", usual(), "pass")
    (tmp_path / "a" / "record.json").write_text(record)
    with pytest.raises(InvalidRequest, match=r"record\.json: is no record"):
        read_case(tmp_path / "a")
