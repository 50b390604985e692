"""Runs all benchmarks of speed and memory, each several times, and prints a table of medians.

.venv/bin/python benchmarks/run.py [--runs N] [--corpus RECORDING] [--only SCRIPT]
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from operator import ge, le, lt
from os import cpu_count, getloadavg
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = {"mask_count": True, "from_files": True, "judge_speed": False, "floods": False}
"""In this order; whether they take a recording."""
SIGNS = {">=": ge, "<=": le, "<": lt}


def figures(script: str, corpus: Path | None) -> Iterator[dict[str, object]]:
    command = [sys.executable, HERE / f"{script}.py", *([corpus] if corpus and SCRIPTS[script] else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    yield from map(json.loads, done.stdout.splitlines())


def said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")


def verdict(value: float, target: str) -> str:
    if not target:
        return ""
    sign, bound = target.split()
    return "yes" if SIGNS[sign](value, float(bound)) else "NO"


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the benchmarks of speed and memory.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--only", choices=SCRIPTS)
    given = parser.parse_args()
    values: dict[str, list[float]] = {}
    about: dict[str, dict[str, object]] = {}
    for run in range(given.runs):
        for script in [given.only] if given.only else SCRIPTS:
            print(f"run {run + 1} of {given.runs}: {script}", file=sys.stderr, flush=True)
            for figure in figures(script, given.corpus):
                question = str(figure["question"])
                values.setdefault(question, []).append(float(str(figure["value"])))
                about[question] = figure
    machine = f"{cpu_count()} cores, load {getloadavg()[0]:.1f}, Python {platform.python_version()}"
    print(f"\nmedians of {given.runs} runs; {machine}\n")
    print("| | median | from | to | unit | target | reached |\n|---|---|---|---|---|---|---|")
    for question, found in values.items():
        middle, target = statistics.median(found), str(about[question]["target"])
        row = (question, said(middle), said(min(found)), said(max(found)), str(about[question]["unit"]), target)
        print(f"| {' | '.join(row)} | {verdict(middle, target)} |")


if __name__ == "__main__":
    main()
