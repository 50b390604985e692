"""Recorded deployments are judged as live ones, and the lines that count are named."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fakes.logs import START, Line, batch, busy, every, usual
from logverdict.adapters.cases import case_folders, read_case
from logverdict.cli.backtest import backtest
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, Verdict
from logverdict.verify.backtest import Case, Truth, predict, recorded_sides, tallies

NEW_ERROR = every(60, "shop.KeyException: no key for customer {n}", "ERROR")
HOUR = timedelta(hours=1)


def write(folder: Path, name: str, lines: list[Line], *, later: timedelta = timedelta(0)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "timestamp": (START + later + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
            "message": message,
            "host": None,
            "level": level or None,
        }
        for second, message, level in sorted(lines)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


def write_case(folder: Path, candidate: list[Line], truth: str | None = None) -> None:
    write(folder, "baseline.jsonl.gz", usual())
    write(folder, "candidate.jsonl.gz", candidate, later=HOUR)
    if truth:
        (folder / "truth.json").write_text(json.dumps({"verdict": truth, "kind": "ab" if truth == "fail" else "aa"}))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    write_case(tmp_path / "cases" / "bad", [*usual(), *NEW_ERROR], "fail")
    write_case(tmp_path / "cases" / "good", usual(), "pass")
    return tmp_path / "cases"


def run(*words: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(backtest)
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def test_a_bad_case_fails_and_names_its_lines(cases: Path) -> None:
    """The predicted lines are those of the new error, numbered from 0 in the order of the file."""
    case = read_case(cases / "bad")
    found = predict(case, Policy())
    expected = tuple(at for at, message in enumerate(case.candidate["message"]) if "KeyException" in message)
    assert (found.verdict, found.lines) == ("fail", expected)


def test_a_stack_belongs_to_its_head() -> None:
    """Frames and indented lines after a named line are named too, known frames included."""
    stack = [
        (900.30, "shop.KeyException: no key", "ERROR"),
        (900.31, "\tat shop.Vault.open(Vault.java:7)", ""),
        (900.32, "\tat shop.Main.run(Main.java:9)", ""),
        (900.33, "   hint: unlock the vault", ""),
        (900.34, "order 5 accepted for customer 6", "INFO"),
    ]
    known = [(10.0, "\tat shop.Main.run(Main.java:9)", "")]
    case = Case("x", (batch([*busy(), *known]),), batch([*busy(), *stack], start=START + HOUR))
    named = [case.candidate["message"][at] for at in predict(case, Policy()).lines]
    assert named == [message for _, message, _ in stack[:4]]


def test_what_was_recorded_together_is_compared_together() -> None:
    """Windows that overlap by more than 80 % are concurrent, others before and after."""
    early, late = batch(usual()), batch(usual(), start=START + HOUR)
    assert recorded_sides(Case("x", (early,), early)).comparison is Comparison.CONCURRENT
    assert recorded_sides(Case("x", (early,), late)).comparison is Comparison.BEFORE_AFTER


def test_further_baselines_are_read(cases: Path) -> None:
    """baseline-2.jsonl.gz is a baseline of its own, and its templates are known."""
    write(cases / "bad", "baseline-2.jsonl", [*usual(), *NEW_ERROR])
    case = read_case(cases / "bad")
    assert len(recorded_sides(case).baselines) == 2
    assert predict(case, Policy()).verdict == "pass"


def test_an_empty_side_is_inconclusive() -> None:
    """A case without candidate entries is no failure."""
    found = predict(Case("x", (batch(usual()),), batch([])), Policy())
    assert (found.verdict, found.judgement.verdict, found.lines) == ("pass", Verdict.INCONCLUSIVE, ())


def test_the_command_writes_one_line_a_case(cases: Path, tmp_path: Path) -> None:
    """Each case has a prediction with verdict, true verdict, reason and lines; the summary compares with the truth."""
    out = tmp_path / "p.jsonl"
    code, said = run(str(cases), "--out", str(out), "--jobs", "1")
    rows = {row["case"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert code == 0 and set(rows) == {"bad", "good"}
    assert (rows["bad"]["verdict"], rows["bad"]["true_verdict"], rows["bad"]["decision"]) == ("fail", "FAIL", "STOP")
    assert rows["good"]["verdict"] == "pass" and rows["good"]["anomalous_messages"] == []
    assert "2 cases: 1 FAIL, 1 PASS" in said and "false alarm" in said


def test_tallies_count_right_and_wrong() -> None:
    """Predictions are counted against their truth by kind."""
    judged = predict(Case("x", (batch(usual()),), batch(usual()), Truth("fail", "ab")), Policy())
    (tally,) = tallies([judged, judged])
    assert (tally.name, tally.missed, tally.right_fail, tally.false_alarm) == ("ab", 2, 0, 0)


def test_only_picks_cases(cases: Path) -> None:
    """A glob picks cases by name, and one that matches none is told."""
    assert [path.name for path in case_folders(cases, "g*")] == ["good"]
    with pytest.raises(InvalidRequest, match="matches 'z\\*'"):
        case_folders(cases, "z*")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("candidate.jsonl.gz", b"no gzip", "cannot be read"),
        ("candidate.jsonl.gz", gzip.compress(b'{"timestamp": "2026-01-05T10:00:00Z", "message": "a"}\n{oops\n'), ":2"),
        ("candidate.jsonl.gz", gzip.compress(b'{"timestamp": "yesterday", "message": "a"}\n'), ":1"),
        ("candidate.jsonl.gz", gzip.compress(b'{"timestamp": "2026-01-05T10:00:00Z"}\n'), ":1"),
        ("candidate.jsonl.gz", gzip.compress(b'{"timestamp": "2026-01-05T10:00:00", "message": "a"}\n'), "time zone"),
        ("truth.json", b'{"verdict": "perhaps"}', "truth.json: .*perhaps"),
        ("truth.json", b'{"kind": "aa"}', "truth.json: has no `verdict`"),
        ("truth.json", b"{", "is no truth"),
    ],
    ids=["no-gzip", "no-json", "no-time", "no-message", "no-zone", "unknown-truth", "no-verdict", "cut-off-truth"],
)
def test_a_broken_case_is_told(cases: Path, tmp_path: Path, name: str, content: bytes, told: str) -> None:
    """A broken file is named, and the line where there is one."""
    (cases / "bad" / name).write_bytes(content)
    with pytest.raises(InvalidRequest, match=told):
        read_case(cases / "bad")


def test_a_broken_case_ends_the_command(cases: Path, tmp_path: Path) -> None:
    """What a worker process could not read is told with its file, and the exit code is 2."""
    (cases / "bad" / "truth.json").write_text("{}")
    code, said = run(str(cases), "--out", str(tmp_path / "p.jsonl"), "--jobs", "2")
    assert code == 2 and "truth.json: has no `verdict`" in said.replace("\n", "")


def test_no_cases_is_wrong_usage(tmp_path: Path) -> None:
    """A folder without cases, and no folder at all, end with 2 and a sentence."""
    for folder in (tmp_path, tmp_path / "missing"):
        code, said = run(str(folder), "--out", str(tmp_path / "p.jsonl"))
        assert code == 2 and "CASES" in said


def test_an_unknown_sensitivity_is_wrong_usage(cases: Path, tmp_path: Path) -> None:
    """A word that is none of LOW, MEDIUM, HIGH ends with 2 and names them."""
    code, said = run(str(cases), "--out", str(tmp_path / "p.jsonl"), "--sensitivity", "PARANOID")
    assert code == 2 and "LOW, MEDIUM, HIGH" in said


def test_of_a_text_that_has_several_levels_the_worse_lines_are_named(tmp_path: Path) -> None:
    """What is harmless at INFO is none of what counts at ERROR."""
    text = "ledger {n} was not written"
    calm, bad = every(10, text, "INFO"), every(40, text, "ERROR", first=7)
    write_case(tmp_path, [*usual(), *calm, *bad], "fail")
    write(tmp_path, "baseline.jsonl.gz", [*usual(), *calm])
    case = read_case(tmp_path)
    named = case.candidate[list(predict(case, Policy()).lines)]
    assert set(named["level"]) == {"ERROR"} and len(named) == len(bad)
