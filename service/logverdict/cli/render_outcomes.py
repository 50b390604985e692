"""The end of a call: each service explained, then the decision over all of them."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from logverdict.cli.exits import BY_DECISION
from logverdict.cli.layout import badge, wrapped
from logverdict.cli.outcome import Outcome, decided
from logverdict.cli.plain import plain
from logverdict.cli.render import DIM, fine_line, outcome_page

FEW, MANY = 3, 10


def outcomes_page(found: Sequence[Outcome], width: int, hint: str | None) -> Iterator[Text]:
    """`hint` is what suggested commands need to reach the server; None where there will be no server to ask."""
    for one in found:
        yield from outcome_page(one, width, MANY if hint is None else FEW)
        yield from _next(one, hint)
        yield Text()
    if len(found) > 1:
        yield from _together(found, width)


def _next(one: Outcome, hint: str | None) -> Iterator[Text]:
    if hint is None or not one.name:
        return
    name = plain(one.name.removeprefix("verifications/"))
    if one.over:
        yield Text(f" all events:       logverdict events {name}{hint}", DIM)
        yield from fine_line(one.name, one.events, hint)
    else:
        yield Text(" The verification goes on at the server.")
        yield Text(f" watch it further: logverdict watch {name}{hint}")
        yield Text(f" end it:           logverdict cancel {name}{hint}")


def _together(found: Sequence[Outcome], width: int) -> Iterator[Text]:
    decision = decided(found)
    parts = []
    for word in sorted(BY_DECISION, key=["STOP", "ASK", "PROCEED"].index):
        labels = [f"{one.label}{' (UNVERIFIED)' if one.unverified else ''}" for one in found if one.decision == word]
        if labels:
            parts.append(f"{word}: {', '.join(labels)}")
    yield Text.assemble(badge(decision), (" all together", "bold"))
    yield from wrapped(plain("; ".join(parts)), width, 6, " ")
