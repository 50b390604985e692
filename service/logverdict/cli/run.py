"""Several verifications followed at once, to their ends or to the timeout."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import grpc

from logverdict.cli import times, words
from logverdict.cli.client import Client
from logverdict.cli.exits import STOP
from logverdict.cli.faults import CALLERS_FAULT, brief, fault_of
from logverdict.cli.outcome import Outcome, outcome
from logverdict.cli.track import Follower, Track, What

LAST_WORD_SECONDS = 2.0
"""What may still be asked after the end, so that the call ends within 5 s of its timeout."""
WORST = 10
FULL = grpc.StatusCode.RESOURCE_EXHAUSTED.name


class Reporter(Protocol):
    def changed(self, track: Track, what: What) -> None: ...


@dataclass(frozen=True)
class Limits:
    """`timeout` counts from the call's start; `on_error` is the caller's choice, None for the policy's. `local`: the
    server is started by this call."""

    timeout: timedelta
    on_error: str | None = None
    fail_fast: bool = False
    local: bool = False


class Run:
    def __init__(self, client: Client, reporter: Reporter, limits: Limits, begun: datetime) -> None:
        self._client = client
        self._reporter = reporter
        self._limits = limits
        self._begun = begun
        self._follower = Follower(client, self._changed, begun)

    async def follow(self, tracks: Sequence[Track], left: float) -> list[Outcome]:
        """The outcomes in the order of `tracks`, after at most `left` seconds and a last word.

        Raises Fault when the server says that the call itself is wrong.
        """
        tasks = {asyncio.create_task(self._follower.follow(track)): track for track in tracks}
        cut = ""
        try:
            await self._until_end(tasks, left)
            cut = await self._stop_others(tasks)
        finally:
            await _cancelled(tasks)
        found = [self._outcome(track, task, cut) for task, track in tasks.items()]
        return await asyncio.gather(*map(self._with_events, found))

    def _changed(self, track: Track, what: What) -> None:
        if what == "created":
            track.notes += self._too_long(track)
        self._reporter.changed(track, what)

    def _too_long(self, track: Track) -> list[str]:
        """A timeout that is shorter than the work is better told now than when it is over."""
        known = track.verification
        if known is None or not known.HasField("candidate_window"):
            return []
        end = known.candidate_window.end_time.ToDatetime(UTC) + known.timing.ingest_lag.ToTimedelta()
        if end <= self._begun + self._limits.timeout:
            return []
        timeout = times.short(self._limits.timeout)
        return [f"it is judged until {end:%H:%M:%S} UTC, after the timeout of {timeout}: give a longer --timeout"]

    async def _until_end(self, tasks: dict[asyncio.Task[None], Track], left: float) -> None:
        """Returns when all have ended, time is over, a call is wrong, or (with fail-fast) one says STOP."""
        deadline = asyncio.get_running_loop().time() + left
        pending = set(tasks)
        while pending:
            rest = deadline - asyncio.get_running_loop().time()
            done, pending = await asyncio.wait(pending, timeout=max(0, rest), return_when=asyncio.FIRST_COMPLETED)
            if not done:
                return
            for task in done:
                self._refuse_wrong_call(tasks[task], task)
            if self._limits.fail_fast and any(self._says_stop(tasks[task], task) for task in done):
                return

    def _refuse_wrong_call(self, track: Track, task: asyncio.Task[None]) -> None:
        error = task.exception()
        if error is None:
            return
        if not isinstance(error, grpc.aio.AioRpcError):
            raise error
        # What we created and the server has lost is its outage, not a wrong call.
        if error.code() in CALLERS_FAULT and (not track.wish or not track.name):
            raise fault_of(error, self._client.server)

    def _says_stop(self, track: Track, task: asyncio.Task[None]) -> bool:
        return self._outcome(track, task, "").decision == STOP

    async def _stop_others(self, tasks: dict[asyncio.Task[None], Track]) -> str:
        """With fail-fast: cancels what still runs on the server; returns what is to be said of it."""
        going = [track for task, track in tasks.items() if not task.done()]
        stopped = next((track for task, track in tasks.items() if task.done() and self._says_stop(track, task)), None)
        if not (self._limits.fail_fast and going and stopped):
            return ""
        await asyncio.wait([asyncio.ensure_future(self._cancel(track)) for track in going], timeout=LAST_WORD_SECONDS)
        return f"Not awaited: {stopped.label} said STOP, and --fail-fast ends the rest."

    async def _cancel(self, track: Track) -> None:
        if not track.name:
            return
        try:
            track.verification = await self._client.cancel(track.name)
        except grpc.aio.AioRpcError as error:
            track.notes.append(f"could not be cancelled: {brief(error)}")

    def _outcome(self, track: Track, task: asyncio.Task[None], cut: str) -> Outcome:
        error = None if task.cancelled() or not task.done() else task.exception()
        fault = cut or self._why(track, error)
        found = outcome(track, fault, self._limits.on_error)
        return replace(found, fault=cut) if cut and found.unverified else found

    def _why(self, track: Track, error: BaseException | None) -> str:
        server = self._client.server
        if isinstance(error, grpc.aio.AioRpcError):
            return f"The server {server} failed: {error.code().name}: {brief(error)}"
        timeout = times.short(self._limits.timeout)
        if not track.name:
            said = f" ({track.trouble})" if track.trouble else ""
            if self._limits.local:
                return (
                    f"The server of --local was still starting at the timeout of {timeout}{said}; nothing was judged."
                )
            what = "had no room" if track.trouble.startswith(FULL) else "could not be reached"
            return f"The server {server} {what} within the timeout of {timeout}{said}; nothing was judged."
        provisional = words.verdict(track.verification) if track.verification else ""
        so_far = f"; the verdict so far was {provisional}" if provisional else ""
        if track.verification and words.state(track.verification) == "PENDING" and track.progress:
            so_far += f"; it had not begun: {track.progress.step}"
        so_far += "".join(f"; {note}" for note in track.notes)
        if track.trouble:
            return f"The connection to {server} was lost ({track.trouble}) until the timeout of {timeout}{so_far}."
        return f"There was no verdict within the timeout of {timeout}{so_far}."

    async def _with_events(self, found: Outcome) -> Outcome:
        """The strongest events as the server has them now; those of the stream when it does not answer."""
        if not found.verification or not found.over:
            return found
        try:
            async with asyncio.timeout(LAST_WORD_SECONDS):
                async for page in self._client.events(found.name, page_size=3 * WORST):
                    return replace(found, events=words.strongest(page)[:WORST])
        except (TimeoutError, grpc.aio.AioRpcError):
            pass  # The decision stands; the stream's events explain it.
        return replace(found, events=found.events[:WORST])


async def _cancelled(tasks: dict[asyncio.Task[None], Track]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=1)
