"""What every store does for leases: one replica at a time, and no word of one that lost its lease."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.verifications import a_plan, a_verification, at
from logverdict.domain.errors import LeaseLost
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.words import State
from logverdict.verify.leases import Lease, LeasingStore, Versions
from logverdict.verify.ports import StoredSlice, TemplateRow

MINUTE = timedelta(minutes=1)
Next = Callable[[], Awaitable[LeasingStore]]


class StoreLeasesContract:
    """Subclasses give the fixtures `store` and `next_replica`: opens the store for a replica that comes after the one
    of `store` has died."""

    async def test_what_is_created_is_leased(self, store: LeasingStore) -> None:
        """To the replica that creates it, and nothing of it is for anybody to claim."""
        await store.live(MINUTE)
        await store.create(a_verification())
        assert await store.held() == {"v1": 1}
        assert await store.claim(9, {"v1"}, others=True) == []

    async def test_what_its_replica_does_not_know_of_comes_back(self, store: LeasingStore) -> None:
        """Such as one whose creation was stored, and only the answer was lost; it is no new owner."""
        await store.create(a_verification())
        assert await store.claim(9, (), others=False) == [Lease("v1", 1)]

    async def test_what_is_given_back_is_free(self, store: LeasingStore, next_replica: Next) -> None:
        """At once, oldest first, and it does not count as taken over; what has ended is nobody's."""
        await store.live(MINUTE)
        ended, _ = await store.create(a_verification(id="v0", created=at(-9)))
        await store.save(replace(ended, state=State.CANCELLED, ended=at(0)))
        await store.create(a_verification(id="v2", created=at(2)))
        await store.create(a_verification(id="v1", created=at(1)))
        await store.release()
        assert await store.held() == {}
        other = await next_replica()
        assert await other.claim(1, (), others=False) == [Lease("v1", 2)]
        assert await other.claim(5, {"v1"}, others=False) == [Lease("v2", 2)]
        assert await other.held() == {"v1": 2, "v2": 2}

    async def test_a_dead_replica_leaves_its_work(self, store: LeasingStore, next_replica: Next) -> None:
        """To whoever claims it first, and that is counted."""
        await store.live(MINUTE)
        await store.create(a_verification())
        other = await next_replica()
        assert await other.claim(5, (), others=False) == []
        assert await other.claim(5, (), others=True) == [Lease("v1", 2, 1)]

    async def test_work_by_unknown_rules_is_not_claimed(self, store: LeasingStore) -> None:
        """It is left for a replica that knows them; what began before rules had versions is anybody's."""
        await store.live(MINUTE)
        for name, rules in (("mine", "2.1"), ("newer", "2.9"), ("old", "")):
            await store.create(a_verification(id=name, created=at(len(name)), plan=a_plan(rules=rules)))
        claimed = await store.claim(9, (), others=True, rules=["2.1"])
        assert {one.verification_id for one in claimed} == {"mine", "old"}
        assert await store.claim(9, ("mine", "old"), others=True, rules=["2.9"]) == [Lease("newer")]
        assert len(await store.claim(9, (), others=True)) == 3

    async def test_work_under_a_judge_that_is_gone_is_claimed(self, store: LeasingStore, next_replica: Next) -> None:
        """At once, by whoever comes: nobody is left who could go on with it as it began."""
        await store.live(MINUTE, judge="3")
        await store.create(a_verification(plan=a_plan(judge="3")))
        await store.release()
        other = await next_replica()
        await other.live(MINUTE, judge="4")
        (lease,) = await other.claim(5, (), others=False)
        taken = await other.get("v1")
        await other.under(lease).save(replace(taken, plan=a_plan(judge="4")))
        assert (await other.get("v1")).plan.judge == "4"

    async def test_versions_of_living_replicas_and_of_unfinished_work_are_told(
        self, store: LeasingStore, next_replica: Next
    ) -> None:
        """Those of a replica that died, and of what has ended, are not."""
        await store.live(MINUTE, ["2.1", "2.2"])
        created, _ = await store.create(a_verification(plan=a_plan(rules="2.1")))
        await store.create(a_verification(id="v2", plan=a_plan(rules="2.2")))
        assert await store.versions() == Versions((frozenset({"2.1", "2.2"}),), frozenset({"2.1", "2.2"}))
        await store.save(replace(created, state=State.CANCELLED, ended=at(0)))
        await store.live(-MINUTE, ["2.1", "2.2"])
        other = await next_replica()
        await other.live(MINUTE, ["2.2"])
        assert await other.versions() == Versions((frozenset({"2.2"}),), frozenset({"2.2"}))

    async def test_who_lost_the_lease_writes_nothing(self, store: LeasingStore, next_replica: Next) -> None:
        """Neither revisions nor slices, calls or templates; who has it does."""
        created, _ = await store.create(a_verification())
        piece = StoredSlice("candidate/app", b"1", Coverage())
        row = TemplateRow("t1", "stored", "candidate", 2, 1, 0.5, at(0), at(9))
        call = SourceCall(at(0), "app", "GET /x", "{}", "200", 1, 0.1)
        await store.under(Lease("v1")).put_slice("v1", piece)
        other = await next_replica()
        (lease,) = await other.claim(5, (), others=True)
        late = other.under(Lease("v1", 1))
        for attempt in (
            late.save(replace(created, look=7)),
            late.put_slice("v1", replace(piece, counts=b"late")),
            late.put_calls("v1", [call]),
            late.put_templates("v1", [row]),
        ):
            with pytest.raises(LeaseLost, match="another replica works on verifications/v1"):
                await attempt
        assert (await other.get("v1")).look == 0
        assert await other.slices("v1") == [piece]
        assert await other.calls("v1", "", 5) == ([], "")
        now = other.under(lease)
        await now.put_slice("v1", replace(piece, counts=b"2"))
        assert (await now.save(replace(created, look=1))).number == 2

    async def test_a_change_by_a_person_needs_no_lease(self, store: LeasingStore, next_replica: Next) -> None:
        """Whichever replica it comes to; the work goes on from there."""
        created, _ = await store.create(a_verification())
        other = await next_replica()
        assert (await other.save(replace(created, closes_at=at(9), superseded_by="verifications/v2"))).number == 2

    async def test_takeovers_count_until_something_is_stored(self, store: LeasingStore, next_replica: Next) -> None:
        """So that what kills each replica can be told from what outlives many of them."""
        await store.live(MINUTE)
        await store.create(a_verification())
        other = await next_replica()
        (lease,) = await other.claim(5, (), others=True)
        assert lease.takeovers == 1
        await other.under(lease).put_slice("v1", StoredSlice("candidate/app", b"1", Coverage()))
        assert (await other.claim(5, (), others=False))[0].takeovers == 0

    async def test_newest_revisions_are_told_for_many(self, store: LeasingStore) -> None:
        """Those that are not there are left out."""
        created, _ = await store.create(a_verification())
        await store.create(a_verification(id="v2"))
        await store.save(replace(created, look=1))
        assert await store.newest(["v1", "v2", "v3"]) == {"v1": 2, "v2": 1}

    async def test_living_replicas_are_counted(self, store: LeasingStore, next_replica: Next) -> None:
        """This one included; one that has died, or has given back what it had, is none."""
        assert await store.live(MINUTE) == 1
        await store.live(-MINUTE)
        other = await next_replica()
        assert [await other.live(MINUTE), await other.live(MINUTE)] == [1, 1]
        await other.release()
        assert await other.live(MINUTE) == 1
