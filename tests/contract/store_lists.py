"""What every store does: lists, pages, filters."""

import pytest

from contract.store import finished, running
from fakes.verifications import NOON, a_good_judgement, a_verification, an_event, at
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Decision, EventKind, Impact, Severity
from logverdict.verify.ports import Store


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
            "verdict = BAD": "verdict: unknown word 'BAD'; allowed: PASS, WARN, FAIL, INCONCLUSIVE",
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
            "service = " + "a" * 4000: "allowed: up to 4000",
        }.items(),
    )
    async def test_a_filter_that_is_not_understood_is_refused(self, store: Store, filter: str, said: str) -> None:
        """The answer names the fault and what is allowed."""
        with pytest.raises(InvalidRequest) as fault:
            await store.list(filter, "", 5)
        assert fault.value.field == "filter"
        assert said in fault.value.message

    async def test_lists_do_not_share_fields(self, store: Store) -> None:
        """Events know id, kind, impact and severity only."""
        await running(store)
        allowed = "allowed: id, kind, impact, severity"
        for filter, said in {"state = PENDING": allowed, "severity = BAD": "FATAL"}.items():
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


class StoreListContract(PageContract, FilterContract, SelectionContract):
    """Subclasses give the fixture `store`."""
