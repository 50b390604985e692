"""What every store does with the audit: it keeps what was asked, calls alike as one, and not without end."""

from dataclasses import replace

import pytest

from contract.store import finished
from fakes.verifications import a_verification, at
from logverdict.domain.errors import InvalidRequest, NotFound
from logverdict.domain.verification import SourceCall
from logverdict.verify.ports import Expiry, Store

CALL = SourceCall(at(0), "app", "POST /logs/_search", '{"size":1}', "200", 100, 0.5)


async def kept(store: Store, size: int = 10_000) -> list[SourceCall]:
    found: list[SourceCall] = []
    token = ""
    while True:
        page, token = await store.calls("v1", token, size)
        assert len(page) <= size
        found += page
        if not token:
            return found


class StoreCallsContract:
    """Subclasses give the fixture `store`, whose verifications keep at most 2,000 rows of calls."""

    async def test_calls_come_back_as_they_were_put(self, store: Store) -> None:
        """In the order in which they were put, each page going on behind the one before."""
        await store.create(a_verification())
        asked = [replace(CALL, query=f"{number}", time=at(9 - number)) for number in range(7)]
        await store.put_calls("v1", asked[:3])
        await store.put_calls("v1", asked[3:])
        assert await kept(store, 3) == asked
        assert await kept(store, 7) == asked

    async def test_calls_alike_are_one(self, store: Store) -> None:
        """With the first one's time, how often, and all bytes and seconds; another status is another call."""
        await store.create(a_verification())
        failed = replace(CALL, status="503")
        await store.put_calls("v1", [CALL, failed, replace(CALL, time=at(5), size=10, seconds=1.0)])
        await store.put_calls("v1", [replace(CALL, time=at(9), size=1, seconds=0.25, times=4)])
        assert await kept(store) == [replace(CALL, size=111, seconds=1.75, times=6), failed]

    async def test_calls_have_a_limit(self, store: Store) -> None:
        """Of many different ones 2,000 are kept, further ones counted by source and status; those that are kept still
        add up."""
        await store.create(a_verification())
        for start in range(0, 3000, 1000):
            await store.put_calls("v1", [replace(CALL, query=f"{start + number}") for number in range(1000)])
        await store.put_calls("v1", [replace(CALL, query="0"), replace(CALL, query="x", status="timeout", size=0)])
        found = await kept(store, 700)
        assert [call.query for call in found[:2000]] == [f"{number}" for number in range(2000)]
        assert found[0].times == 2
        assert [(call.method, call.query, call.status, call.times, call.size) for call in found[2000:]] == [
            ("(further calls)", "", "200", 1000, 100_000),
            ("(further calls)", "", "timeout", 1, 0),
        ]

    async def test_calls_belong_to_their_verification(self, store: Store) -> None:
        """Another one's are not listed, none are an empty page, and an unknown verification is not found."""
        await store.create(a_verification())
        await store.create(a_verification(id="v2"))
        await store.put_calls("v2", [CALL])
        await store.put_calls("v1", [])
        assert await store.calls("v1", "", 5) == ([], "")
        for attempt in (store.calls("v9", "", 5), store.put_calls("v9", [CALL])):
            with pytest.raises(NotFound):
                await attempt

    async def test_calls_go_with_their_verification(self, store: Store) -> None:
        """Once it is deleted for its age, they are too; those of others stay."""
        await finished(store, id="old")
        await store.create(a_verification(id="v1"))
        await store.put_calls("old", [CALL])
        await store.put_calls("v1", [CALL])
        assert await store.expire(Expiry(at(0), at(100_000))) == 1
        await store.create(a_verification(id="old"))
        assert await store.calls("old", "", 5) == ([], "")
        assert await kept(store) == [CALL]

    @pytest.mark.parametrize("token", ["x", "bnVsbA", "e" * 400])
    async def test_garbage_is_no_token_of_calls(self, store: Store, token: str) -> None:
        """A token that we did not give, and one of another list, are refused; so is a page without a size."""
        await store.create(a_verification())
        await store.put_calls("v1", [CALL, replace(CALL, status="503")])
        _, other = await store.calls("v1", "", 1)
        await store.create(a_verification(id="v2"))
        for attempt in (store.calls("v1", token, 5), store.calls("v2", other, 5), store.calls("v1", "", 0)):
            with pytest.raises(InvalidRequest):
                await attempt
