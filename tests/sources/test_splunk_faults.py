"""What goes wrong on the way to Splunk or in it: the read is made good or refused, never half."""

import asyncio
import re
import threading
from pathlib import Path

import pytest

from contract.log_source import at, read, results, row
from fakes import splunk
from fakes.splunk import SPAN, TEN, coverage, refused
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.verification import Coverage
from servers.splunk.knobs import Rule
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.usefixtures("no_pauses")

PAGE, EXPORT, CREATE, STATE = (
    re.compile(text) for text in ("/results$", "/export$", "POST .*/jobs$", r"GET .*/\d+\.\d+$")
)


async def test_a_stream_without_its_last_row_is_refused(server: SplunkServer, streamed: SplunkSource) -> None:
    """What ends early with status 200 is no result."""
    server.knobs.lastrow = False
    await refused(streamed, SourceUnavailable, "ended before its last row")


async def test_a_stream_whose_last_line_is_lost_is_refused(server: SplunkServer, streamed: SplunkSource) -> None:
    """Nine of ten rows and a clean end of the connection."""
    server.knobs.rules.append(Rule(EXPORT, "last"))
    await refused(streamed, SourceUnavailable, "ended before its last row")


@pytest.mark.parametrize("action", ["reset", "cut"])
async def test_a_stream_that_breaks_is_refused(server: SplunkServer, streamed: SplunkSource, action: str) -> None:
    """A connection reset or closed in the middle: the whole slice is read again by who asked."""
    splunk.fill(server, [row(5, "x" * 200)] * 200)
    server.knobs.rules.append(Rule(EXPORT, action))  # type: ignore[arg-type]
    await refused(streamed, SourceUnavailable, "connection to Splunk|was cut")
    assert len(await read((streamed, splunk.SPEC), SPAN)) == 210


async def test_previews_are_no_entries(server: SplunkServer, streamed: SplunkSource) -> None:
    """Preview blocks repeat rows; they are asked not to come, and left out when they do."""
    server.knobs.previews = 3
    assert await coverage(streamed) == Coverage(expected=10, read=10)
    assert {form["preview"] for form in server.searches()} == {"0"}


@pytest.mark.parametrize("action", ["reset", "cut"])
async def test_a_page_that_breaks_is_asked_for_again(server: SplunkServer, paged: SplunkSource, action: str) -> None:
    """Nothing of a broken page was given, so nothing comes twice."""
    server.knobs.page = 4
    server.knobs.rules.append(Rule(PAGE, action, skip=4))  # type: ignore[arg-type]
    assert await read((paged, splunk.SPEC), SPAN) == TEN


async def test_pages_that_go_on_breaking_are_refused(server: SplunkServer, paged: SplunkSource) -> None:
    """After some attempts the source is unavailable."""
    server.knobs.rules.append(Rule(PAGE, "reset", times=99))
    await refused(paged, SourceUnavailable, "connection to Splunk")


async def test_rows_that_are_counted_and_not_given_are_missed(server: SplunkServer, paged: SplunkSource) -> None:
    """An empty page before the job's resultCount is no end."""
    server.knobs.lost_rows = 2
    server.knobs.page = 4
    await refused(paged, SourceUnavailable, "of the .* rows of a search, then no more")


async def test_a_job_that_fails_is_refused_with_its_text(server: SplunkServer, paged: SplunkSource) -> None:
    """isDone is 1 for a failed job too."""
    server.knobs.running_polls, server.knobs.failed_after = 5, 2
    await refused(paged, SourceUnavailable, "a search failed: .*search process on the peer ended")


async def test_too_many_searches_is_waited_for(server: SplunkServer, paged: SplunkSource) -> None:
    """503 passes: the search is sent again."""
    server.knobs.rules.append(Rule(CREATE, times=2, body=b"<html>busy</html>", headers={"Retry-After": "0"}))
    assert await coverage(paged) == Coverage(expected=10, read=10)


async def test_too_many_searches_for_long_is_unavailable(server: SplunkServer, paged: SplunkSource) -> None:
    """With the server's words on whose quota it is."""
    server.knobs.jobs_at_once = 0
    assert "role quota" in await refused(paged, SourceUnavailable, r"can't answer now \(503\)")


async def test_one_search_at_a_time_is_enough(server: SplunkServer, paged: SplunkSource) -> None:
    """A read needs no more than one of a user's searches, as each is cancelled before the next."""
    server.knobs.jobs_at_once, server.knobs.running_polls = 1, 1
    assert await coverage(paged) == Coverage(expected=10, read=10)
    assert server.most_jobs == 1


async def test_a_silent_server_is_unavailable(server: SplunkServer, tmp_path: Path) -> None:
    """A request ends after the connection's timeout."""
    source = splunk.source(server, tmp_path, timeout=0.2)
    server.knobs.rules.append(Rule(CREATE, "hang", times=99))
    await refused(source, SourceUnavailable, "did not answer in time")
    server.knobs.released.set()
    source.close()


async def test_a_server_silent_in_the_middle_is_unavailable(server: SplunkServer, tmp_path: Path) -> None:
    """Also after half of a page."""
    source = splunk.source(server, tmp_path, timeout=0.2)
    server.knobs.rules.append(Rule(PAGE, "stall", times=99))
    await refused(source, SourceUnavailable, "did not answer in time")
    server.knobs.released.set()
    source.close()


async def test_a_search_that_takes_too_long_is_cancelled(server: SplunkServer, tmp_path: Path) -> None:
    """Waiting has an end, and its state is told."""
    source = splunk.source(server, tmp_path, search_timeout=0.05)
    server.knobs.queued_polls = 10_000
    await refused(source, SourceUnavailable, "still QUEUED after 0.05 s")
    source.close()
    assert server.jobs == {}


async def test_a_job_that_vanishes_between_pages_is_unavailable(server: SplunkServer, paged: SplunkSource) -> None:
    """Its time to live was over, or somebody deleted it."""
    server.knobs.page = 4
    server.knobs.rules.append(Rule(PAGE, status=404, skip=3))
    await refused(paged, SourceUnavailable, "does not know the search any more")


@pytest.mark.parametrize("status", [502, 504, 429])
async def test_a_proxy_without_its_splunk_is_unavailable(server: SplunkServer, paged: SplunkSource, status) -> None:
    """Its page is not shown: it is not Splunk's answer."""
    server.knobs.rules.append(Rule(STATE, status=status, body=b"<html>Bad gateway", times=99))
    assert "html" not in await refused(paged, SourceUnavailable, f"can't answer now \\({status}\\)$")


async def test_a_packed_answer_that_nobody_asked_for_is_unavailable(server: SplunkServer, paged: SplunkSource) -> None:
    """A proxy's doing; never taken for no rows."""
    server.knobs.rules.append(Rule(PAGE, "gzip", times=99))
    await refused(paged, SourceUnavailable, "not JSON, or was cut")


@pytest.mark.parametrize("where", [CREATE, STATE, PAGE])
async def test_a_slow_answer_is_an_answer(server: SplunkServer, paged: SplunkSource, where: re.Pattern[str]) -> None:
    """Within the connection's timeout."""
    server.knobs.rules.append(Rule(where, "delay", seconds=0.05))
    assert await coverage(paged) == Coverage(expected=10, read=10)


async def test_a_job_that_outlived_its_time_is_unavailable(server: SplunkServer, paged: SplunkSource) -> None:
    """Splunk forgets a job that nobody asked for in ten minutes: what is left of its rows is not missing unsaid."""
    server.knobs.page, start = 4, at(0).timestamp()
    server.indexes.now = start + 60

    def later() -> None:
        server.indexes.now = start + 700

    server.knobs.rules.append(Rule(PAGE, "pass", skip=3, then=later))
    await refused(paged, SourceUnavailable, "does not know the search any more")


async def test_a_page_that_is_not_splunks_is_unavailable(server: SplunkServer, paged: SplunkSource) -> None:
    """A portal's sign-in page comes with status 200."""
    server.knobs.rules.append(Rule(PAGE, status=200, body=b"<html>Sign in", times=99))
    await refused(paged, SourceUnavailable, "not JSON, or was cut")


async def test_a_refused_search_gives_the_servers_words(server: SplunkServer, paged: SplunkSource) -> None:
    """400 is not tried again; the text is bounded."""
    body = b'{"messages":[{"type":"FATAL","text":"Error in \'SearchParser\': ' + b"x" * 999 + b'"}]}'
    server.knobs.rules.append(Rule(CREATE, status=400, body=body, times=99))
    assert len(await refused(paged, QueryRejected, r"refuses the search \(400\): Error in 'SearchParser'")) < 400
    assert len(server.searches()) == 1


async def test_a_cancelled_read_cancels_its_search(server: SplunkServer, paged: SplunkSource) -> None:
    """In the middle of a page; the server has no job of ours left (see the fixture)."""
    server.knobs.rules.append(Rule(PAGE, "hang", skip=2))
    task = asyncio.create_task(results((paged, splunk.SPEC), SPAN))
    while not any(PAGE.search(path) for _, path, _ in server.seen[-1:]) or len(server.searches()) < 3:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    server.knobs.released.set()


async def test_many_reads_share_a_few_threads(server: SplunkServer, tmp_path: Path) -> None:
    """Never more threads than the connection allows; each read is whole."""
    before = set(threading.enumerate())
    source = splunk.source(server, tmp_path, threads=2)
    found = await asyncio.gather(*(coverage(source) for _ in range(8)))
    assert set(found) == {Coverage(expected=10, read=10)}
    ours = {thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("splunk")}
    assert len(ours) == 2
    source.close()
    assert server.jobs == {}


async def test_a_read_that_waits_blocks_no_other_work(server: SplunkServer, streamed: SplunkSource) -> None:
    """While Splunk is silent the event loop goes on; given up, the read ends at once."""
    server.knobs.rules.append(Rule(EXPORT, "hang"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await coverage(streamed)
    server.knobs.released.set()
