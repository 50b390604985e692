"""Pages that fit into one message."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import accumulate
from typing import TypeVar

from google.protobuf.message import Message

from logverdict.rpc.limits import MAX_ANSWER

Value = TypeVar("Value")
Written = TypeVar("Written", bound=Message)
Fetch = Callable[[int], Awaitable[tuple[Sequence[Value], str]]]
"""A page of at most that many values, and the token of the next."""


async def fitting_page(
    fetch: Fetch[Value], write: Callable[[Value], Written], size: int, most: int = MAX_ANSWER
) -> tuple[list[Written], str]:
    """The page as messages, fetched again with fewer values where it is larger than `most` bytes."""
    while True:
        values, token = await fetch(size)
        page = [write(value) for value in values]
        fit = sum(total <= most for total in accumulate(message.ByteSize() for message in page))
        if fit == len(page) or len(page) == 1:
            return page, token
        size = max(1, fit)
