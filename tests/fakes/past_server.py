"""A server over a real store with a short history, for the calls that look back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fakes.analyst import ScriptedAnalyst
from fakes.clock import FakeClock
from fakes.feedback import a_feedback
from fakes.feedback_store import MemoryFeedback
from fakes.verifications import (
    a_finished_verification,
    a_good_judgement,
    a_judgement,
    a_known_event,
    a_plan,
    an_event,
    at,
)
from fakes.verifications_usecase import MemoryVerifications
from logverdict.adapters.stores.sql import SqlStore
from logverdict.analysis.counts import empty
from logverdict.analysis.engine import RULES_VERSION
from logverdict.domain.feedback import AppliedFeedback, Author, FeedbackChange, FeedbackLevel, FeedbackRevision
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Coverage
from logverdict.domain.words import Decision, Impact, Verdict
from logverdict.rpc.server import GrpcServer
from logverdict.rpc.usecases_past import Afterwards, Past
from logverdict.verify.lookback import Lookback
from logverdict.verify.means import Means
from logverdict.verify.outcomes import Outcomes
from logverdict.verify.override import Overrides
from logverdict.verify.pins import Pins
from logverdict.verify.plan import baseline_slices, candidate_slices
from logverdict.verify.ports import StoredSlice, TemplateRow
from logverdict.verify.whatif import WhatIf


def good() -> dict[str, Any]:
    plan = a_plan(baselines=a_plan().baselines)
    return {
        "judgement": todays(a_good_judgement()),
        "plan": plan,
        "decision": Decision.PROCEED,
        "enforced_decision": Decision.PROCEED,
        "version": "1.2.0",
        "created": at(3600),
    }


def todays(judgement: Judgement) -> Judgement:
    return replace(judgement, mask_version=RULES_VERSION)


HEARD = AppliedFeedback("f0", FeedbackLevel.MEDIUM, Author("bob"), "it happens", "", 1.0, Impact.FAIL)


async def feedback() -> MemoryFeedback:
    """Since then ann has said to ignore what failed `bad`."""
    kept = MemoryFeedback()
    said = a_feedback(FeedbackLevel.IGNORE, "cannot encrypt order <num>")
    await kept.change([FeedbackRevision(0, FeedbackChange.CREATED, said.created, said.author, said)])
    return kept


async def filled(store: SqlStore) -> None:
    """`bad` failed and was stopped, whatever bob said of its event; `good` passed an hour later, and has counts."""
    judged = a_judgement(an_event(feedback=(HEARD,)), a_known_event())
    await store.create(a_finished_verification(id="bad", revision=0, judgement=judged))
    made, _ = await store.create(a_finished_verification(id="good", revision=0, **good()))
    plan, request = made.plan, made.request
    for piece in (*baseline_slices(request, plan), *candidate_slices(request, plan, plan.candidate.end)):
        await store.put_slice("good", StoredSlice(piece.key, empty().to_bytes(), Coverage()))
    row = TemplateRow("e1", "cannot encrypt order <num>", "candidate", 4, 12, 0.5, at(70), at(600))
    await store.put_templates("bad", [row])


@asynccontextmanager
async def past_server(folder: Path) -> AsyncIterator[tuple[str, SqlStore]]:
    """Its address, and the store behind it. What is judged again gets FAIL."""
    clock = FakeClock(at(7200), held=True)
    store = await SqlStore.open(folder / "logverdict.db", clock)
    await filled(store)
    means = Means(store=store, sources={}, analyst=ScriptedAnalyst(Verdict.FAIL), clock=clock)

    async def told(verification_id: str, revision: int) -> None:
        pass

    past = store.past
    after = Afterwards(Overrides(store, past, clock, told), WhatIf(means), Pins(store, past, clock))
    looking = Lookback(store, past, await feedback(), clock)
    server = GrpcServer(Stored(store), past=Past(after, Outcomes(past, clock), looking))
    port = await server.start("127.0.0.1:0")
    yield f"127.0.0.1:{port}", store
    await server.stop(0)
    await store.close()


class Stored(MemoryVerifications):
    """What is got and listed is in the store."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__()
        self._store = store

    async def get(self, name: str) -> Any:
        return await self._store.get(name.removeprefix("verifications/"))

    async def events(self, parent: str, filter: str, page_size: int, page_token: str) -> Any:
        return await self._store.events(parent.removeprefix("verifications/"), filter, page_token, page_size)

    async def list(self, filter: str, page_size: int, page_token: str) -> Any:
        return await self._store.list(filter, page_token, page_size)
