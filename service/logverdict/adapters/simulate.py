"""Simulated runs of one recorded case; works in a process of its own."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from logverdict.adapters.cases import read_case
from logverdict.domain.policy import Policy
from logverdict.verify.backtest import recorded_sides
from logverdict.verify.resample import Pool, pool
from logverdict.verify.simulate import Simulated, Simulation, simulate

REMEMBERED = 4
"""Cases that a process keeps: runs of one case follow each other."""


def enough_bins(folder: Path) -> bool:
    return _recording(folder)[0].enough


def simulate_folder(folder: Path, wanted: Sequence[Simulation], policy: Policy) -> list[Simulated]:
    """Those of the runs that can be made."""
    recording, source = _recording(folder)
    made = (simulate(recording, (folder.name, source), one, policy) for one in wanted)
    return [one for one in made if one is not None]


@lru_cache(maxsize=REMEMBERED)
def _recording(folder: Path) -> tuple[Pool, str]:
    case = read_case(folder)
    return pool(recorded_sides(case)), case.source
