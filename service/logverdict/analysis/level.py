"""How the false-alarm level of one verification is shared by its looks and by its ways to FAIL."""

from dataclasses import dataclass

from logverdict.analysis.spells import QUIET


@dataclass(frozen=True, slots=True)
class Level:
    """`whole` is the chance of a false alarm over all `looks`; `last`: this is the last of them."""

    whole: float
    looks: int
    last: bool

    @property
    def each(self) -> float:
        """What a test has that is corrected by the number of looks."""
        return self.whole / max(1, self.looks)

    @property
    def spent(self) -> float:
        """What the number of new errors' spells has: most new errors are judged at the last look only (see
        `provisional`), which has the level, and the others share it."""
        return self.whole if self.last else self.each

    @property
    def half(self) -> float:
        """What each of two ways has that both hold over all looks: changes of frequency, and new messages that last."""
        return self.whole / 2 if self.looks > 1 else self.whole

    @property
    def trusts(self) -> bool:
        """Whether customs count as evidence: they are taken for right in 99 of 100 good deployments, so they tell
        nothing to who allows one false alarm in a thousand."""
        return self.whole >= QUIET
