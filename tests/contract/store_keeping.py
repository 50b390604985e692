"""What every store does: deleting what is old, and telling what ran at the same time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from contract.store import finished, running
from contract.store_lists import ids
from fakes.verifications import NOON, a_judgement, a_plan, a_verification, an_event, at
from logverdict.analysis.count import reduce
from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.entries import SCHEMA
from logverdict.domain.errors import NotFound
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.words import State
from logverdict.verify.leases import LeasingStore as Store
from logverdict.verify.nearby import span
from logverdict.verify.ports import Expiry, StoredSlice


class NearbyContract:
    async def test_deployments_of_the_same_time_are_nearby(self, store: Store) -> None:
        """Those of any service to the same environment whose rollout or window overlaps, newest first, with what was
        found of them so far; not those before, after or elsewhere, nor others of the same deployment."""
        me, _ = await store.create(a_verification(id="me"))
        start, end = span(me)
        await finished(store, id="bad", service="payments", version="2.1", rollout_start=start, ended=end)
        await store.create(a_verification(id="open", service="cart", rollout_start=start + timedelta(seconds=1)))
        await store.create(a_verification(id="else", service="cart", environment="test", rollout_start=start))
        await store.create(a_verification(id="after", service="cart", rollout_start=end))
        await store.create(a_verification(id="again"))
        closed = a_verification(id="closed", service="cart", rollout_start=start - timedelta(seconds=9))
        await store.create(replace(closed, closes_at=start))
        found = await store.nearby(me)
        assert [(one.name, one.service) for one in found] == [
            ("verifications/open", "cart"),
            ("verifications/bad", "payments"),
        ]
        assert (found[0].verdict, found[1].version) == (None, "2.1")
        judgement = (await store.get("bad")).judgement
        assert judgement is not None and found[1].verdict is judgement.verdict


LATER = NOON + timedelta(days=1)
NEVER = NOON - timedelta(days=999)


def some_counts() -> TemplateCounts:
    entry = {"time": at(1), "message": "hello", "level": "info", "instance": "a"}
    row = {name: [entry.get(name, "" if kind == pl.String else None)] for name, kind in SCHEMA.items()}
    return reduce([pl.DataFrame(row, schema=SCHEMA)], source="app", start=at(0), bin_seconds=1.0, severities={})


async def samples_of(store: Store, name: str, slices: int | None = None) -> tuple[tuple[str, ...], int]:
    """Of its only event, and how many its counts have; `slices` in place of these where there are none."""
    (event,), _ = await store.events(name, "", "", 5)
    pieces = await store.slices(name)
    held = sum(TemplateCounts.from_bytes(piece.counts or b"").samples.height for piece in pieces)
    return event.samples, held if slices is None else slices


class RetentionContract:
    async def put(self, store: Store, *names: str, count: int = 1) -> None:
        for name in names:
            for number in range(count):
                await store.put_slice(name, StoredSlice(f"candidate/app/{number:04}", b"1", Coverage()))

    async def test_slices_go_first(self, store: Store) -> None:
        """Slices of what ended before their time are deleted; the verification stays."""
        await finished(store, id="old")
        await finished(store, id="new", ended=LATER)
        await store.create(a_verification(id="open"))
        await self.put(store, "old", "new", "open")
        assert await store.expire(Expiry(LATER, NEVER)) == 1
        assert [len(await store.slices(name)) for name in ("old", "new", "open")] == [0, 1, 1]
        assert (await store.get("old")).state is State.SUCCEEDED
        assert await store.expire(Expiry(LATER, NEVER)) == 0

    async def test_whole_verifications_go_with_all_they_have(self, store: Store) -> None:
        """Nothing of them is left; an unfinished one stays however old."""
        await finished(store, id="old", request_id="r1")
        await store.create(a_verification(id="open", created=NEVER))
        await self.put(store, "old")
        assert await store.expire(Expiry(NEVER, LATER)) == 1
        with pytest.raises(NotFound):
            await store.get("old")
        assert (await store.revisions("old", 0), await store.slices("old")) == ([], [])
        assert await ids(store) == "open"
        assert (await store.create(a_verification(id="old", request_id="r1")))[1]

    async def test_a_baseline_in_use_stays(self, store: Store) -> None:
        """What an unfinished verification compares with is kept until that one has ended."""
        await finished(store, id="good")
        plan = a_plan(verifications=("verifications/good",))
        user, _ = await store.create(a_verification(id="user", plan=plan))
        await self.put(store, "good")
        assert await store.expire(Expiry(LATER, LATER)) == 0
        await store.save(replace(user, state=State.CANCELLED, ended=LATER))
        assert await store.expire(Expiry(LATER, LATER)) == 2
        assert await ids(store) == "user"

    async def test_a_step_is_small(self, store: Store) -> None:
        """At most 1,000 a call, until nothing is left to delete."""
        names = [f"old{number}" for number in range(6)]
        for name in names:
            await finished(store, id=name)
        await asyncio.gather(*(self.put(store, name, count=167) for name in names))
        assert [await store.expire(Expiry(LATER, LATER)) for _ in range(3)] == [1000, 8, 0]

    async def test_samples_go_and_the_verdict_stays(self, store: Store) -> None:
        """Those of events, revisions and counts of what ended before their time; all else is as it was, and what is
        open or ended later keeps them."""
        counts = some_counts()
        for name, changes in (("old", {}), ("new", {"ended": LATER})):
            await running(store, an_event(), id=name)
            await store.put_slice(name, StoredSlice("candidate/app", counts.to_bytes(), Coverage()))
            ended = {"state": State.SUCCEEDED, "ended": NOON, **changes}
            await store.save(replace(await store.get(name), **ended))
        await running(store, an_event(), id="open")
        before = await store.get("old"), await store.revisions("old", 0)
        assert [await store.expire(Expiry(NEVER, NEVER, samples=LATER)) for _ in range(2)] == [1, 0]
        assert await samples_of(store, "old") == ((), 0)
        assert await samples_of(store, "new") == await samples_of(store, "open", 1) == (an_event().samples, 1)
        (event,), _ = await store.events("old", "", "", 5)
        assert event == replace(an_event(), samples=())
        whole = [(one.number, one.verification) for one in before[1]]
        after = await store.revisions("old", 0)
        assert (await store.get("old"), [(one.number, one.verification) for one in after]) == (before[0], whole)
        assert after[1].changed == (event,)
        (piece,) = await store.slices("old")
        assert TemplateCounts.from_bytes(piece.counts or b"").counts.equals(counts.counts)

    async def test_a_sentence_that_quotes_a_sample_quotes_the_template_when_it_goes(self, store: Store) -> None:
        """In the verification and in each of its revisions."""
        event = an_event(template="cannot encrypt <val>", samples=("cannot encrypt order of ada",))
        said = "1 new error: “cannot encrypt order of ada”, once; most like “order of ada”."
        left = "1 new error: “cannot encrypt <val>”, once; most like “order of ada”."
        running_one = await running(store, event, id="old")
        judgement = replace(a_judgement(event), sentence=said)
        await store.save(replace(running_one, state=State.SUCCEEDED, ended=NOON, judgement=judgement))
        assert await store.expire(Expiry(NEVER, NEVER, samples=LATER)) == 1
        found = await store.get("old")
        assert found.judgement is not None and found.judgement.sentence == left
        revisions = await store.revisions("old", 0)
        assert [one.verification.judgement.sentence for one in revisions if one.verification.judgement][-1] == left

    async def test_samples_of_a_baseline_in_use_stay(self, store: Store) -> None:
        """As long as an unfinished verification compares with it, nothing of it changes."""
        await running(store, an_event(), id="good")
        await store.save(replace(await store.get("good"), state=State.SUCCEEDED, ended=NOON))
        await store.create(a_verification(id="user", plan=a_plan(verifications=("verifications/good",))))
        assert await store.expire(Expiry(NEVER, NEVER, samples=LATER, calls=LATER)) == 0
        assert (await store.events("good", "", "", 5))[0] == [an_event()]

    async def test_calls_go_before_their_verification(self, store: Store) -> None:
        """The audit of what ended before its time is deleted; the verification stays."""
        call = SourceCall(NOON, "app", "GET", "*", "200", 1, 0.1)
        for name in ("old", "new"):
            await store.create(a_verification(id=name))
            await store.put_calls(name, [call, replace(call, status="503")])
        await store.save(replace(await store.get("old"), state=State.CANCELLED, ended=NOON))
        assert [await store.expire(Expiry(NEVER, NEVER, calls=LATER)) for _ in range(2)] == [2, 0]
        assert [len((await store.calls(name, "", 5))[0]) for name in ("old", "new")] == [0, 2]

    async def test_a_large_verification_goes_alone(self, store: Store) -> None:
        """One that has more rows than a step is deleted whole, in a step of its own."""
        await finished(store, id="small", ended=at(1))
        await running(store, *(an_event(id=f"e{number}") for number in range(1100)), id="large")
        large = await store.get("large")
        await store.save(replace(large, state=State.CANCELLED, ended=at(2)))
        assert [await store.expire(Expiry(NEVER, LATER)) for _ in range(3)] == [1, 1, 0]


class StoreKeepingContract(NearbyContract, RetentionContract):
    """Subclasses give the fixture `store`."""
