"""What every store does: lists, pages, filters, and deleting what is old."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from contract.store import finished, running
from fakes.verifications import NOON, a_good_judgement, a_plan, a_verification, an_event, at
from logverdict.analysis.count import reduce
from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.entries import SCHEMA
from logverdict.domain.errors import InvalidRequest, NotFound
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.words import Decision, EventKind, Impact, Severity, State
from logverdict.verify.ports import Expiry, Store, StoredSlice


async def ids(store: Store, filter: str = "") -> str:
    return " ".join(verification.id for verification in (await store.list(filter, "", 50))[0])


async def event_ids(store: Store, filter: str = "") -> str:
    return " ".join(event.id for event in (await store.events("v1", filter, "", 50))[0])


class PageContract:
    async def test_pages_are_newest_first_and_stable(self, store: Store) -> None:
        """Each one comes once, newest first, though new ones arrive between pages and times are equal."""
        for number in range(7):
            await store.create(a_verification(id=f"v{number}", created=at(number // 2)))
        page, token = await store.list("", "", 3)
        seen = [one.id for one in page]
        await store.create(a_verification(id="v9", created=at(99)))
        while token:
            page, token = await store.list("", token, 3)
            seen += [one.id for one in page]
        assert seen == ["v6", "v5", "v4", "v3", "v2", "v1", "v0"]

    async def test_the_last_page_has_no_token(self, store: Store) -> None:
        """Also when it is full; and an empty list is one empty page."""
        assert await store.list("", "", 2) == ([], "")
        await store.create(a_verification())
        await store.create(a_verification(id="v2"))
        assert (await store.list("", "", 2))[1] == ""

    async def test_lists_hold_no_events(self, store: Store) -> None:
        """What is listed is what `get` gives."""
        await running(store)
        assert (await store.list("", "", 5))[0] == [await store.get("v1")] == list(await store.unfinished())

    async def test_pages_of_events_are_strongest_first(self, store: Store) -> None:
        """Ordered by falling weight, then id; each once."""
        weights = {"d": 1.5, "b": 9.0, "a": 1.5, "c": float("inf"), "e": 0.0}
        await running(store, *(an_event(id=name, weight=weight) for name, weight in weights.items()))
        seen, token, pages = "", "", 0
        while pages == 0 or token:
            page, token = await store.events("v1", "", token, 2)
            seen, pages = seen + "".join(event.id for event in page), pages + 1
        assert (seen, pages) == ("cbade", 3)

    @pytest.mark.parametrize("token", ["x", "!!", "é", "bnVsbA", "W10", "WyJhIiwxLCJiIl0", "e" * 4000])
    async def test_garbage_is_no_token(self, store: Store, token: str) -> None:
        """A token that we did not give is refused."""
        await store.create(a_verification())
        for attempt in (store.list("", token, 5), store.events("v1", "", token, 5)):
            with pytest.raises(InvalidRequest, match="is no page token") as fault:
                await attempt
            assert fault.value.field == "page_token"

    async def test_a_token_belongs_to_its_filter(self, store: Store) -> None:
        """A token with another filter, or of another list, is refused."""
        await running(store)
        await store.create(a_verification(id="v2"))
        _, token = await store.list("", "", 1)
        for attempt in (store.list("state = PENDING", token, 1), store.events("v1", "", token, 1)):
            with pytest.raises(InvalidRequest, match="belongs to another filter") as fault:
                await attempt
            assert fault.value.field == "page_token"

    async def test_a_page_has_a_size(self, store: Store) -> None:
        """A size below 1 is refused."""
        with pytest.raises(InvalidRequest, match="page_size: 0 is no size"):
            await store.list("", "", 0)


class FilterContract:
    async def test_verifications_are_filtered(self, store: Store) -> None:
        """By service, environment, version, commit, state, verdict, decision and time; != finds the undecided too."""
        await store.create(a_verification(id="a", created=at(0), service="cart", commit="c1"))
        await finished(store, id="b", created=at(60), version='1 "x" \\')
        good = {"judgement": a_good_judgement(), "decision": Decision.PROCEED}
        await finished(store, id="c", created=at(120), environment="test", **good)
        for filter, found in {
            "": "c b a",
            "  ": "c b a",
            "service = cart": "a",
            'service != "cart"': "c b",
            "environment=test": "c",
            r'version = "1 \"x\" \\"': "b",
            "commit = c1": "a",
            'commit != ""': "c b a",
            "state = pending": "a",
            "verdict = FAIL": "b",
            "verdict != FAIL": "c a",
            "decision=PROCEED AND environment=test": "c",
            "verdict = FAIL AND environment = test": "",
            "create_time >= 2026-11-20T12:01:00Z": "c b",
            'create_time > "2026-11-20T13:01:00+01:00"': "c",
            "create_time < 2026-11-20T12:01:00Z": "a",
            "create_time <= 2026-11-20T12:01:00Z AND create_time != 2026-11-20T12:00:00Z": "b",
            "create_time = 2026-11-20T12:02:00.000Z": "c",
            'service = "x\' OR 1=1 --"': "",
        }.items():
            assert await ids(store, filter) == found, filter

    async def test_events_are_filtered(self, store: Store) -> None:
        """By kind, impact and severity."""
        gone = an_event(id="b", kind=EventKind.GONE, impact=Impact.WARN, severity=Severity.INFO)
        await running(store, an_event(id="a"), gone)
        assert await event_ids(store) == "a b"
        assert await event_ids(store, "kind = GONE AND impact = warn") == "b"
        assert await event_ids(store, "severity = ERROR") == "a"
        assert await event_ids(store, "severity != error") == "b"

    @pytest.mark.parametrize(
        ("filter", "said"),
        {
            "speed = 3": "unknown field 'speed'; allowed: service, environment, version",
            "service > a": "service does not take >; allowed: = !=",
            "verdict = BAD": "unknown word 'BAD'; allowed: PASS, WARN, FAIL, INCONCLUSIVE",
            "state": "'state' is no term; allowed: FIELD OPERATOR VALUE",
            "state =": "'state =' is no term",
            "= x": "'= x' is no term",
            "state = = PENDING": "is no term",
            "state = PENDING OR service = a": "'OR' stands where AND is expected",
            "state = PENDING service = a": "'service' stands where AND is expected",
            "state = PENDING AND": "ends with AND",
            "(state = PENDING)": "cannot be understood from",
            'service = "a': "cannot be understood from '\"a' on",
            "service = 'a'": "cannot be understood",
            "create_time > 2026-11-20T12:00:00": "has no time zone",
            "create_time > 2026-11-20": "has no time zone",
            "create_time > noon": "'noon' is no time; allowed: RFC 3339",
            "service = " + "a" * 2000: "allowed: up to 2000",
        }.items(),
    )
    async def test_a_filter_that_is_not_understood_is_refused(self, store: Store, filter: str, said: str) -> None:
        """The answer names the fault and what is allowed."""
        with pytest.raises(InvalidRequest) as fault:
            await store.list(filter, "", 5)
        assert fault.value.field == "filter"
        assert said in fault.value.message

    async def test_lists_do_not_share_fields(self, store: Store) -> None:
        """Events know kind, impact and severity only."""
        await running(store)
        for filter, said in {"state = PENDING": "allowed: kind, impact, severity", "severity = BAD": "FATAL"}.items():
            with pytest.raises(InvalidRequest, match=said):
                await store.events("v1", filter, "", 5)


class SelectionContract:
    async def test_unfinished_ones_are_oldest_first(self, store: Store) -> None:
        """PENDING and RUNNING ones, not those that ended."""
        await running(store, id="new", created=at(5))
        await store.create(a_verification(id="old"))
        await finished(store, id="done")
        assert [one.id for one in await store.unfinished()] == ["old", "new"]

    async def test_neighbours_share_service_and_environment(self, store: Store) -> None:
        """Those whose rollout starts then or later, oldest rollout first, ended or not."""
        await finished(store, id="late", rollout_start=at(50))
        await store.create(a_verification(id="on", rollout_start=at(0).astimezone()))
        await store.create(a_verification(id="early", rollout_start=at(-1)))
        await store.create(a_verification(id="else", environment="test"))
        await store.create(a_verification(id="other", service="cart"))
        assert [one.id for one in await store.neighbours("checkout", "prod", NOON)] == ["on", "late"]


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


class StoreListContract(PageContract, FilterContract, SelectionContract, RetentionContract):
    """Subclasses give the fixture `store`."""
