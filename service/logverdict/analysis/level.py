"""How the false-alarm level of one verification is shared by its looks and by its ways to FAIL."""

from dataclasses import dataclass

from logverdict.analysis.spells import QUIET

FOR_NEW, FOR_ONCE = 0.25, 0.1
"""Parts of the level: of new messages that last, and of what comes several times at once."""


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
    def frequencies(self) -> float:
        """What changes of frequency have beside unchanged instances, where they hold over all looks, as does what new
        messages that last have: the greater part, as the evidence for these doubles with each bin."""
        return self.whole * self._part(1 - FOR_NEW - FOR_ONCE)

    def changes(self, together: bool) -> float:
        """What changes of frequency have; `together`: beside unchanged instances."""
        return self.frequencies if together else self.whole

    @property
    def lasting(self) -> float:
        """What new messages that last have there."""
        return self.whole * self._part(FOR_NEW)

    @property
    def at_once(self) -> float:
        """What the sizes of occasions have at each look, of all clusters and numbers together."""
        return self.each * self._part(FOR_ONCE)

    def _part(self, part: float) -> float:
        """A single look of who takes customs for evidence has the level for each way to FAIL: measured, and found to be
        kept; shared it finds less."""
        return part if self.looks > 1 or not self.trusts else 1.0

    @property
    def trusts(self) -> bool:
        """Whether customs count as evidence: they are taken for right in 99 of 100 good deployments, so they tell
        nothing to who allows one false alarm in a thousand."""
        return self.whole >= QUIET
