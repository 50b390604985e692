"""Chance with hardly any variance: shares come out as asked even over a few seconds, so the demo never flakes."""

from zlib import crc32

_GOLDEN = 0.6180339887498949


class Dice:
    """Numbers in [0, 1) that fill the interval evenly: a golden-ratio sequence, started by the seed."""

    def __init__(self, seed: str) -> None:
        self._at = crc32(seed.encode()) / 2**32

    def roll(self) -> float:
        self._at = (self._at + _GOLDEN) % 1.0
        return self._at

    def below(self, share: float) -> bool:
        return self.roll() < share

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.roll()


class Chances:
    """One sequence for each topic, so that the share of one says nothing of another."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._dice: dict[str, Dice] = {}

    def of(self, topic: str) -> Dice:
        return self._dice.setdefault(topic, Dice(f"{self._seed}/{topic}"))
