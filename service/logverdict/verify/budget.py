"""How many entries one verification may pull from its sources, over all that it reads."""

from logverdict.domain.errors import LimitReached


class Budget:
    """Of each slice, by its key, the entries of its newest reading count; those that a source counted by itself do
    not. A slice that was refused stays so: at later looks it would only cost the source as much again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[str, int] = {}
        self._refused: set[str] = set()

    def hold(self, key: str, entries: int, *, pulled: bool = False) -> None:
        """That slice will have so many, or has them (`pulled`). Raises LimitReached where they do not fit beside the
        others."""
        others = sum(self._held.values()) - self._held.get(key, 0)
        beyond = key in self._refused or others + entries > self._most
        if pulled or not beyond:
            self._held[key] = entries
        if beyond:
            self._refused.add(key)
            raise LimitReached(
                f"not read: a verification pulls at most {self._most:,} entries (max_entries); a narrower query, a "
                "shorter window, or counts made by the source (push_down) need fewer",
                limit=str(self._most),
            )
