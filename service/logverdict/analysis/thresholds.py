"""Numbers of the judge that could be other ones: `logverdict backtest --refit` tells how much of its quality hangs on
them."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The defaults are round numbers with a reason each, never the best of a fit."""

    beside: float = 1.5
    """Least ratio of seen to expected (or its inverse) at the same time: instances of one service share their traffic,
    and half as many again is what people would call more."""
    later: float = 3.0
    """The same for windows after each other: hours of one day differ by a factor of two."""
    moved: float = 2.0
    """Factor by which a message's rate, and its median block, must have changed too: less is within a day's traffic."""
    drift: float = 0.3
    """Standard deviation of a message's log rate between two windows, where too few messages tell it: a third more or
    less."""
    common: float = 0.05
    """Share of a side's entries from which a harmless message belongs to the ordinary work: its share of all entries
    differs little from day to day, where that of a rare message comes and goes. Rarer ones warn, unless all instances
    ran at the same time or a history tells what is usual."""
    several: int = 3
    """New warnings beyond their floor, at least, that together count as much as an error: two may be one trouble's."""
    many: int = 20
    """Entries of theirs, at least."""
    longer: float = 1.5
    """A candidate so much longer than its baseline must show new templates merely by being longer."""
    tail: float = 0.05
    """Chance at which the count of new against vanished templates is no coincidence."""
    turns: int = 7
    """Separate bins in which one new template speaks that is no coincidence: 0.5 ** 7 < 0.01."""
    script: float = 0.7
    """Share of one-off messages that came back from which the log follows a script, as that of a job does."""

    def effect(self, together: bool) -> float:
        """Least ratio; `together`: at the same time."""
        return self.beside if together else self.later

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise ValueError(f"threshold {field.name} must be above 0")


DEFAULT = Thresholds()
