"""What came after a verdict: an override, and how the deployment turned out."""

from collections.abc import Iterator

from rich.text import Text

from logverdict.cli import words
from logverdict.cli.layout import wrapped
from logverdict.cli.plain import plain
from logverdict.cli.render_feedback import author, moment
from logverdict.v1 import outcome_pb2
from logverdict.v1 import verification_service_pb2 as pb


def instead_lines(known: pb.Verification | None, decision: str, enforced: str, width: int) -> Iterator[Text]:
    """Why the decision is not what the judge says: somebody decided otherwise, or it only observes."""
    if known is not None and known.HasField("override"):
        made, before = known.override, words.decision(known.override.instead_of) or "none"
        told = f"overridden, {before} before, by {author(made)} {moment(made.time)}: {plain(made.reason)}"
        yield from wrapped(told, width, 3, " ")
    elif enforced and enforced != decision:
        yield Text(f" mode {words.mode(known) if known else ''}: in mode ENFORCE it would be {enforced}")
    if known is not None and known.outcome:
        yield Text(f" outcome: {words.name(outcome_pb2.Outcome, known.outcome)}")
