"""What a process does before the first judgement that somebody waits for."""

import subprocess
import sys

JUDGED = """
import sys
from datetime import UTC, datetime, timedelta
from logverdict.analysis.warm import warm
warm()
before = set(sys.modules)
from logverdict.analysis.engine import judge, reduce
from logverdict.analysis.entries import entries
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison
start = datetime(2026, 1, 5, tzinfo=UTC)
def side(word):
    texts = [f"{word} {'a' * (at % 40)} failed {at}" for at in range(600)]
    rows = [(start + timedelta(seconds=at), text, 'ERROR', 'a', '') for at, text in enumerate(texts)]
    counts = reduce([entries(rows)], source="app", start=start, bin_seconds=30, severities={})
    return Stretch(counts, 600, 20)
sides = Sides(side("order"), (side("parcel"),), (), Comparison.BEFORE_AFTER, "")
judge(sides, Policy(), look=1, looks=1)
print(*sorted(set(sys.modules) - before))
"""


def test_a_judgement_after_it_loads_nothing() -> None:
    """Whoever waits for the first judgement of a process does not wait for libraries."""
    done = subprocess.run([sys.executable, "-c", JUDGED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
