"""Exit codes and combined decisions."""

import pytest

from logverdict.cli.exits import BY_DECISION, combined


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["PROCEED"], "PROCEED"),
        (["PROCEED", "ASK", "PROCEED"], "ASK"),
        (["ASK", "STOP", "PROCEED"], "STOP"),
        (["STOP"], "STOP"),
    ],
)
def test_the_worst_decision_counts(given, expected):
    """STOP if any says STOP, else ASK if any says ASK, else PROCEED."""
    assert combined(given) == expected


@pytest.mark.parametrize("given", [[], ["PROCEED", "9"]])
def test_nothing_and_the_unknown_are_no_decision(given):
    """No decision at all, or one that is not known, never becomes PROCEED."""
    with pytest.raises(ValueError, match="known: PROCEED, STOP, ASK"):
        combined(given)


def test_exit_codes_are_those_of_the_documents():
    """0 PROCEED, 1 STOP, 3 ASK; 2 stays for wrong usage."""
    assert BY_DECISION == {"PROCEED": 0, "STOP": 1, "ASK": 3}
