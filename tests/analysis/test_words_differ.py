"""In which words a template differs from the nearest known one."""

import pytest

from logverdict.analysis.words_differ import differences, other_outcome, words_differ


@pytest.mark.parametrize(
    ("now", "known", "told"),
    [
        ("order <num> refused", "order <num> accepted", "“refused” instead of “accepted”"),
        ("order <num> accepted twice", "order <num> accepted", "“twice” added"),
        ("order <num> accepted", "order <num> accepted at once", "“at once” missing"),
        (
            "payment <num> refused by bank",
            "order <num> accepted by bank",
            "“payment” instead of “order”, “refused” instead of “accepted”",
        ),
        ("a <num> b <num> c", "x <num> y <num> z", "“a” instead of “x”, “b” instead of “y”, and more"),
        ("order <num> accepted", "order <num> accepted", ""),
        ("", "", ""),
    ],
)
def test_words_that_differ_are_told_in_the_order_of_the_text(now: str, known: str, told: str) -> None:
    """Words in a row are one change, and what two places do not show is only mentioned."""
    assert differences(words_differ(now, known)) == told


def test_of_traces_the_first_lines_that_differ_are_compared() -> None:
    """The rest of a trace follows from them."""
    now = 'KeyError: \'a\'\n  File "cart.py", in pay\n  File "main.py", in run'
    known = 'KeyError: \'a\'\n  File "cart.py", in show\n  File "main.py", in walk'
    assert differences(words_differ(now, known)) == "“pay” instead of “show”"


def test_a_trace_that_goes_on_longer_differs_by_what_follows() -> None:
    """No line is unlike, and yet they are not the same."""
    assert differences(words_differ("KeyError\n  in pay", "KeyError")) == "“in pay” added"


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("payment DECLINED for card <num>", "payment APPROVED for card <num>", True),
        ("state=stopped took=<num>", "state=running took=<num>", True),
        ('call with code Internal","grpc.code":"Internal"}', 'call with code OK","grpc.code":"OK"}', True),
        ("worker <num> is stopped", "worker <num> is running", True),
        ("worker <num> is running", "worker <num> is stopped", False),
        ("check of db: SUCCESS", "check of db: PASSED", False),
        ("the leader is beta", "the leader is alpha", False),
        ("INSERT of order <num>", "UPSERT of order <num>", False),
        ("Starting server on port <num>", "Started server on port <num>", False),
        ("DEBUG order <num> served", "INFO order <num> served", False),
        ('{"logger":"shop","msg":"served"}', '{"logger":"orders","msg":"served"}', False),
        ("worker <num> is running", "worker <num> of shop is stopped", False),
        ("state=running of shop", "state=stopped of cart", False),
        ("state=<num>", "state=<str>", False),
    ],
)
def test_another_outcome_is_told_from_other_words(one: str, other: str, outcome: bool) -> None:
    """One word for how it ended, in capitals or behind *is*, or any behind a name such as state, and nothing else."""
    assert other_outcome(one, other) is outcome
