"""What every store does: verifications, their revisions, events, slices and template rows."""

import asyncio
from dataclasses import replace

import pytest

from fakes.verifications import (
    a_finished_verification,
    a_good_judgement,
    a_judgement,
    a_known_event,
    a_source,
    a_verification,
    an_event,
    at,
)
from logverdict.domain.errors import AlreadyExists, FailedPrecondition, LimitReached, NotFound
from logverdict.domain.result import Event
from logverdict.domain.verification import Coverage, Verification
from logverdict.domain.words import EventKind, Severity, State
from logverdict.verify.ports import Store, StoredSlice, TemplateRow


def without_events(verification: Verification) -> Verification:
    """The verification as `get` gives it."""
    if verification.judgement is None:
        return verification
    return replace(verification, judgement=replace(verification.judgement, events=()))


async def running(store: Store, *events: Event, **changes: object) -> Verification:
    """A stored verification that was judged once, at revision 2."""
    created, _ = await store.create(a_verification(**changes))
    judgement = a_judgement(*events) if events else a_judgement()
    return (await store.save(replace(created, state=State.RUNNING, judgement=judgement))).verification


async def finished(store: Store, **changes: object) -> Verification:
    """A stored verification that has ended, at revision 2."""
    wanted = a_finished_verification(**changes)
    created, _ = await store.create(replace(wanted, state=State.PENDING, judgement=None, ended=None))
    return (await store.save(replace(wanted, revision=created.revision))).verification


class CreateContract:
    async def test_what_is_created_can_be_read(self, store: Store) -> None:
        """A new verification is stored as revision 1, whole."""
        wanted = a_verification()
        created, new = await store.create(wanted)
        assert new
        assert created == await store.get("v1") == replace(wanted, revision=1)
        assert [revision.verification for revision in await store.revisions("v1", 0)] == [created]

    async def test_a_caller_has_no_more_than_allowed(self, store: Store) -> None:
        """Of unfinished ones; a repeated request gets what is there, and nothing is stored of what is refused."""
        first, _ = await store.create(a_verification(request_id="r1"), 2)
        await store.create(a_verification(id="v2"), 2)
        with pytest.raises(LimitReached, match=f"2 verifications of caller '{first.request.caller}' run or wait"):
            await store.create(a_verification(id="v3"), 2)
        with pytest.raises(NotFound):
            await store.get("v3")
        assert await store.create(a_verification(id="v4", request_id="r1"), 2) == (first, False)
        await store.save(replace(first, state=State.CANCELLED, ended=at(0)))
        assert (await store.create(a_verification(id="v3"), 2))[1]

    async def test_a_repeated_request_gives_the_first(self, store: Store) -> None:
        """The same caller and request_id give the verification as it is now, and nothing new."""
        await running(store, request_id="r1")
        again, new = await store.create(a_verification(id="v2", request_id="r1"))
        assert (again, new) == (await store.get("v1"), False)
        with pytest.raises(NotFound):
            await store.get("v2")

    async def test_a_used_request_id_refuses_another_request(self, store: Store) -> None:
        """The same request_id with another fingerprint is AlreadyExists, naming the first."""
        await store.create(a_verification(request_id="r1"))
        with pytest.raises(AlreadyExists, match="request_id 'r1' was used for another request, verifications/v1"):
            await store.create(a_verification(id="v2", request_id="r1", fingerprint="f2"))

    async def test_a_request_is_found_by_its_id(self, store: Store) -> None:
        """As `create` finds it, and nothing is stored; no id finds nothing."""
        assert await store.by_request("ci", "r1", "f1") is None
        await store.create(a_verification(id="v0"))
        created, _ = await store.create(a_verification(request_id="r1"))
        assert await store.by_request("ci", "r1", "f1") == created
        assert await store.by_request("cd", "r1", "f1") is None
        assert await store.by_request("ci", "", "f1") is None
        with pytest.raises(AlreadyExists, match="request_id 'r1' was used for another request, verifications/v1"):
            await store.by_request("ci", "r1", "f2")

    async def test_callers_do_not_share_request_ids(self, store: Store) -> None:
        """Another caller's request_id is another request."""
        await store.create(a_verification(request_id="r1"))
        assert (await store.create(a_verification(id="v2", request_id="r1", caller="cd")))[1]

    async def test_no_request_id_is_never_the_same(self, store: Store) -> None:
        """Requests without an id are each their own."""
        await store.create(a_verification())
        assert (await store.create(a_verification(id="v2")))[1]

    async def test_an_id_is_used_once(self, store: Store) -> None:
        """A second verification with the same id is refused."""
        await store.create(a_verification())
        with pytest.raises(AlreadyExists, match="verifications/v1 exists already"):
            await store.create(a_verification(fingerprint="f2"))

    async def test_odd_signs_are_kept_out_of_columns(self, store: Store) -> None:
        """A NUL or half a surrogate pair is no fault; what is filtered by finds it as it was written."""
        await store.create(a_verification(version="1\0.2", request_id="r\0"))
        assert [one.id for one in (await store.list('version = "1\0.2"', "", 5))[0]] == ["v1"]
        assert (await store.create(a_verification(id="v2", version="1\0.2", request_id="r\0")))[0].id == "v1"
        await store.put_templates("v1", [TemplateRow("t1", "a\0b\ud83d", "candidate", 2, 1, 0.5, at(0), at(9))])

    async def test_racing_requests_give_one_verification(self, store: Store) -> None:
        """Of many at once with the same request_id one creates, and all get the same."""
        wanted = [a_verification(id=f"v{number}", request_id="r1") for number in range(10)]
        answers = await asyncio.gather(*(store.create(one) for one in wanted))
        assert sum(new for _, new in answers) == 1
        assert len({verification.id for verification, _ in answers}) == 1
        assert len((await store.list("", "", 50))[0]) == 1

    async def test_what_is_not_there_is_not_found(self, store: Store) -> None:
        """Reading and writing an unknown verification name it."""
        piece = StoredSlice("candidate/app", b"1", Coverage())
        for attempt in (
            store.get("v9"),
            store.save(a_verification(id="v9")),
            store.events("v9", "", "", 10),
            store.put_slice("v9", piece),
            store.put_templates("v9", ()),
        ):
            with pytest.raises(NotFound, match="verifications/v9"):
                await attempt


class SaveContract:
    async def test_a_save_is_the_next_revision(self, store: Store) -> None:
        """Numbers are set by the store, from 1 on without holes; the caller's times are kept."""
        created, _ = await store.create(a_verification())
        revision = await store.save(replace(created, state=State.RUNNING, updated=at(5)))
        assert revision.number == revision.verification.revision == 2
        assert (
            await store.get("v1")
            == revision.verification
            == replace(created, state=State.RUNNING, updated=at(5), revision=2)
        )

    async def test_everything_survives(self, store: Store) -> None:
        """A finished verification with all its fields is read as it was saved, without its events."""
        source = a_source(severities={"fatal": Severity.FATAL}, options={"format": "json"})
        request = a_verification().request
        request = replace(request, profile=replace(request.profile, sources=(source,)), labels=(("team", "shop"),))
        saved = await finished(store, request=request)
        assert await store.get("v1") == saved
        assert saved == without_events(a_finished_verification(request=request, revision=2))

    async def test_events_survive(self, store: Store) -> None:
        """Events are read as they were saved, infinite ratios included."""
        await running(store, an_event(), a_known_event())
        events, token = await store.events("v1", "", "", 10)
        assert (list(events), token) == ([an_event(), a_known_event()], "")

    async def test_a_save_from_an_old_revision_is_refused(self, store: Store) -> None:
        """Who saves what was read before another's save is told the newer number, and nothing changes."""
        created, _ = await store.create(a_verification())
        await store.save(replace(created, state=State.RUNNING))
        with pytest.raises(FailedPrecondition, match="is at revision 2, not at 1"):
            await store.save(replace(created, look=7))
        assert (await store.get("v1")).look == 0

    async def test_of_racing_saves_one_wins(self, store: Store) -> None:
        """Two saves from one revision: one is stored, the other refused."""
        created, _ = await store.create(a_verification())
        answers = await asyncio.gather(
            *(store.save(replace(created, look=look)) for look in range(5)), return_exceptions=True
        )
        assert sum(isinstance(answer, FailedPrecondition) for answer in answers) == 4
        assert (await store.get("v1")).revision == 2

    async def test_what_has_ended_does_not_change(self, store: Store) -> None:
        """A save over an ended verification is refused, naming its state."""
        ended = await finished(store)
        with pytest.raises(FailedPrecondition, match="has ended with state SUCCEEDED"):
            await store.save(replace(ended, state=State.CANCELLED))

    async def test_a_revision_has_what_changed(self, store: Store) -> None:
        """New and different events are in the revision, strongest first; the same ones are not."""
        await running(store, an_event(id="same"), an_event(id="more"), an_event(id="gone"))
        events = (an_event(id="same"), an_event(id="more", seen=13.0), an_event(id="new", weight=90.0))
        revision = await store.save(replace(await store.get("v1"), judgement=a_judgement(*events)))
        assert [event.id for event in revision.changed] == ["new", "more"]
        assert revision.more_changed == 0
        assert {event.id for event in (await store.events("v1", "", "", 10))[0]} == {"same", "more", "new"}

    async def test_a_revision_has_at_most_100_changes(self, store: Store) -> None:
        """The strongest 100 are in it, the rest is a number; `events` has them all."""
        events = [an_event(id=f"e{number:03}", weight=float(number)) for number in range(130)]
        await running(store, *events)
        (revision,) = await store.revisions("v1", 1)
        assert [event.id for event in revision.changed] == [f"e{number:03}" for number in range(129, 29, -1)]
        assert revision.more_changed == 30
        assert len((await store.events("v1", "", "", 1000))[0]) == 130

    async def test_a_verification_that_was_read_keeps_its_events(self, store: Store) -> None:
        """Saving what `get` gave, without its events, does not delete them; a judgement that has none does."""
        await running(store)
        await store.save(replace(await store.get("v1"), look=2))
        assert len((await store.events("v1", "", "", 10))[0]) == 2
        none = replace(a_good_judgement(), events=(), event_counts=tuple((kind, 0) for kind in EventKind))
        await store.save(replace(await store.get("v1"), judgement=none))
        assert (await store.events("v1", "", "", 10))[0] == []

    async def test_revisions_are_replayed_in_order(self, store: Store) -> None:
        """All after a number, in order, as they were; at most 100 at once."""
        verification, _ = await store.create(a_verification())
        for look in range(1, 120):
            verification = (await store.save(replace(verification, look=look))).verification
        first = await store.revisions("v1", 5)
        assert [revision.number for revision in first] == list(range(6, 106))
        assert [revision.verification.look for revision in first] == list(range(5, 105))
        assert [revision.number for revision in await store.revisions("v1", 105)] == list(range(106, 121))
        assert await store.revisions("v1", 120) == []


class SliceContract:
    async def test_a_slice_replaces_the_one_before(self, store: Store) -> None:
        """A slice that is read again counts once."""
        await store.create(a_verification())
        await store.put_slice("v1", StoredSlice("candidate/app/1", None, Coverage(complete=False, faults=("lost",))))
        await store.put_slice("v1", StoredSlice("baseline-0/app/1", b"\x00b", Coverage(5, 5)))
        await store.put_slice("v1", StoredSlice("candidate/app/1", b"\xffc", Coverage(None, 7)))
        assert await store.slices("v1") == [
            StoredSlice("baseline-0/app/1", b"\x00b", Coverage(5, 5)),
            StoredSlice("candidate/app/1", b"\xffc", Coverage(None, 7)),
        ]
        assert await store.slices("v2") == []

    async def test_template_rows_are_replaced(self, store: Store) -> None:
        """The rows of a verification are those of its last judgement; none is allowed."""
        await store.create(a_verification())
        row = TemplateRow("t1", "order <num> stored", "candidate", 2, 2**40, 0.5, at(0), at(9))
        await store.put_templates("v1", [row, replace(row, side="baseline")])
        await store.put_templates("v1", [row])
        await store.put_templates("v1", [])


class StoreContract(CreateContract, SaveContract, SliceContract):
    """Subclasses give the fixture `store`; see also `contract.store_lists`."""
