"""How far a stream of answers is, while it comes."""

from collections.abc import AsyncIterator
from typing import TypeVar

from rich.console import Console
from rich.status import Status

Answer = TypeVar("Answer")


async def counted(answers: AsyncIterator[Answer], console: Console, done: str) -> list[Answer]:
    """All of them. In a terminal one line, which goes away at the end, tells how many are `done` ("judged")."""
    if not console.is_terminal:
        return [answer async for answer in answers]
    found = []
    with Status(f"0 {done}", console=console) as status:
        async for answer in answers:
            found.append(answer)
            status.update(f"{len(found):,} {done}")
    return found
