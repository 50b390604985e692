"""Skipped tests are told loudly at the end of a run: silence is not health."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section(f"{sum(reasons.values())} TESTS WERE SKIPPED", sep="!", yellow=True, bold=True)
        for reason, number in sorted(reasons.items()):
            terminalreporter.line(f"{number:4} × {reason}", yellow=True)
