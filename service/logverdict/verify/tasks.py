"""Tasks of the event loop that end together."""

import asyncio
from collections.abc import Sequence


async def cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Returns when they are done, whatever they raise."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
