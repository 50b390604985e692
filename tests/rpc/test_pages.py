"""Pages fit into a message."""

from google.protobuf.wrappers_pb2 import StringValue

from logverdict.rpc.pages import fitting_page

VALUES = ["x" * 100] * 10


async def fetch(size: int) -> tuple[list[str], str]:
    return VALUES[:size], str(size) if size < len(VALUES) else ""


def write(value: str) -> StringValue:
    return StringValue(value=value)


async def test_a_page_that_fits_stays_whole():
    """The page asked for is the page given."""
    page, token = await fitting_page(fetch, write, 10, most=10_000)
    assert (len(page), token) == (10, "")


async def test_a_page_that_is_too_large_is_fetched_smaller():
    """It holds as much as fits, and its token goes on right behind."""
    page, token = await fitting_page(fetch, write, 10, most=350)
    assert (len(page), token) == (3, "3")


async def test_a_page_holds_at_least_one_value():
    """A value larger than the limit does not stop the reader for ever."""
    page, token = await fitting_page(fetch, write, 10, most=10)
    assert (len(page), token) == (1, "1")
