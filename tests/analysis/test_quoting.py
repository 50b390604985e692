"""What sentences quote of messages."""

import pytest

from fakes.verifications import an_event
from logverdict.analysis.quoting import MAX_QUOTED, informs, quoted, says

LOGGER = "[IPC Server handler <num>] com.example.shop.orders.internal.processing.TaskListener: "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cannot  read\n\torder “a”", 'cannot read order "a"'),
        ("peer <num>.<num>.<num>.<num>:<num> left at <num>-<num>-<num>", "peer <num> left at <num>"),
        (
            f"{LOGGER}Task a_<num> - exited : com.example.disk.DiskException: There is not enough space on the disk",
            "…orders.internal.processing.TaskListener: Task a_<num> - exited : com.example.disk.DiskException: "
            "There is not enough space on the disk",
        ),
        (
            f"ERROR {'folder/' * 20}Order.java:<num> cannot find symbol",
            "…folder/folder/folder/folder/folder/folder/folder/folder/folder/folder/folder/folder/folder/folder/"
            "Order.java:<num> cannot find symbol",
        ),
        (
            f"{LOGGER}{'order ' * 12}went from RUNNING to KILLED",
            f"…internal.processing.TaskListener: {'order ' * 12}went from RUNNING to KILLED",
        ),
        (f"order cannot be read {'x' * 300}", f"order cannot be read {'x' * (MAX_QUOTED - 22)}…"),
        ("x" * 300, "x" * (MAX_QUOTED - 1) + "…"),
    ],
)  # fmt: skip
def test_a_quotation_is_one_line_around_the_words_that_tell(text: str, told: str) -> None:
    """Numbers that are joined are one; a level, and who speaks, go first where there is no room for all."""
    assert quoted(text) == told
    assert len(told) <= MAX_QUOTED


def test_a_sample_is_quoted_as_it_has_the_words_that_a_template_leaves_open() -> None:
    """Where nothing was kept of it, or where it is a stack trace, the template."""
    event = an_event(template="<val> connect to <*>", samples=("Retrying connect to db",))
    assert says(event) == "Retrying connect to db"
    assert says(an_event(template="<val> connect to <*>", samples=())) == "<val> connect to <*>"
    assert says(an_event(template="a | b", samples=("a\nat x\nat y\nb",))) == "a | b"


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("[ERROR]", False),
        ("* What went wrong:", False),
        ("<num> errors", False),
        ("ERROR: no space left on device", True),
        ("java.io.IOException: disk full", True),
    ],
)
def test_a_message_informs_when_it_says_more_than_that_something_is_wrong(text: str, does: bool) -> None:
    """Of those that are as bad, such a one is named."""
    assert informs(an_event(template=text, samples=())) is does
