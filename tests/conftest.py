"""The end of a run: nothing is left with others, and skipped tests are told loudly: silence is not health."""

import sys
from collections import Counter

import pytest


def pytest_sessionfinish() -> None:
    """In each worker: what it made on a database server that others keep is dropped."""
    if postgres := sys.modules.get("servers.postgres.fixtures"):
        postgres.tidy()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section(f"{sum(reasons.values())} TESTS WERE SKIPPED", sep="!", yellow=True, bold=True)
        for reason, number in sorted(reasons.items()):
            terminalreporter.line(f"{number:4} × {reason}", yellow=True)
