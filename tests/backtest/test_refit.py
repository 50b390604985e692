"""Thresholds fitted to all sources but one, and tried on that one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fakes.logs import START, Line, batch, every, usual
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.cli.backtest import backtest
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.verify.backtest import Case, Truth
from logverdict.verify.refit import GRID, Known, Score, fit, known, refit

LATER = START + timedelta(hours=1)
WARNINGS = [
    *every(60, "answer of partner {n} came late, timeout", "WARN", minutes=20),
    *every(70, "queue {n} is full, message was dropped", "WARN", minutes=20),
]


def case(source: str, lines: list[Line], verdict: str) -> Known:
    frames = batch(usual()), batch(lines, start=LATER)
    made = known(Case(f"{source}-{verdict}", frames[:1], frames[1], Truth(verdict, "run", source), source=source))
    assert made is not None
    return made


def sources(*names: str) -> list[Known]:
    """Of each source a good case, and one with two new warnings that end: too few by default."""
    return [one for name in names for one in (case(name, usual(), "pass"), case(name, [*usual(), *WARNINGS], "fail"))]


@pytest.mark.parametrize("name", sorted(GRID))
def test_a_fit_takes_what_is_best(name: str) -> None:
    """Each threshold can move to each value of its grid, and the others stay."""
    for value in GRID[name]:
        assert fit(lambda limits, best=value: -abs(getattr(limits, name) - best)) == replace(DEFAULT, **{name: value})


def test_a_fit_that_gains_nothing_keeps_the_defaults() -> None:
    """A tie is no reason to move."""
    assert fit(lambda _: 0.5) == DEFAULT


def test_every_threshold_can_be_fitted() -> None:
    """The grid has all of them, and never the default: it is tried anyhow."""
    assert set(GRID) == set(Thresholds.__dataclass_fields__)
    assert all(getattr(DEFAULT, name) not in values for name, values in GRID.items())


def test_a_source_is_judged_by_what_the_others_chose() -> None:
    """Two new warnings are found where other sources taught so; with the defaults they are not."""
    folds = refit(sources("mail", "shop"), Policy())
    assert [fold.source for fold in folds] == ["mail", "shop"]
    for fold in folds:
        assert fold.thresholds == replace(DEFAULT, several=2)
        assert (fold.default, fold.refitted) == (Score(missed=1, quiet=1), Score(found=1, quiet=1))


def test_the_source_under_test_teaches_nothing() -> None:
    """What only one source would teach does not help that source."""
    only_good = case("mail", usual(), "pass")
    folds = {fold.source: fold for fold in refit([only_good, *sources("shop")], Policy())}
    assert folds["shop"].thresholds == DEFAULT and folds["shop"].refitted == folds["shop"].default
    assert folds["mail"].thresholds == replace(DEFAULT, several=2)


def test_one_source_is_not_enough() -> None:
    """There is nothing to fit to when the only source is left out."""
    with pytest.raises(InvalidRequest, match="two sources"):
        refit(sources("shop"), Policy())


def test_a_threshold_is_above_nought() -> None:
    """Nought or less would switch a rule off by accident."""
    with pytest.raises(ValueError, match="tail"):
        Thresholds(tail=0)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_command_tells_both(tmp_path: Path) -> None:
    """F1 and false alarms with the defaults, and refitted without the source under test."""
    for source in ("mail", "shop"):
        for verdict, lines in (("pass", usual()), ("fail", [*usual(), *WARNINGS])):
            folder = tmp_path / "cases" / f"{source}-{verdict}"
            folder.mkdir(parents=True)
            for name, frame in (("baseline", batch(usual())), ("candidate", batch(lines, start=LATER))):
                frame.select(
                    timestamp=frame["time"].dt.to_string("iso:strict"), message="message", level="level"
                ).write_ndjson(folder / f"{name}.jsonl")
            (folder / "truth.json").write_text(f'{{"verdict": "{verdict}", "source": "{source}"}}')
    app = typer.Typer()
    app.command()(backtest)

    given = [str(tmp_path / "cases"), "--out", str(tmp_path / "p.jsonl"), "--refit", "--jobs", "1"]
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, given)
    assert result.exit_code == 0, result.output
    assert "defaults: F1 0.000, false alarms 0.000" in result.output
    assert "refitted: F1 1.000, false alarms 0.000" in result.output
