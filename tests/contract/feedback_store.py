"""What every store of feedback does: it keeps what was said, tells what holds, and forgets no change."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.clock import NOON
from fakes.feedback import ANN, a_feedback, ids
from logverdict.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, LimitReached, NotFound
from logverdict.domain.feedback import Author, Feedback, FeedbackChange, FeedbackLevel, FeedbackRevision, Scope
from logverdict.verify.feedback_ports import MAX_IN_SCOPE, FeedbackStore

BOB = Author("bob")
LATER = NOON + timedelta(hours=1)


def said(change: FeedbackChange, feedback: Feedback, author: Author = ANN) -> FeedbackRevision:
    return FeedbackRevision(0, change, LATER, author, feedback)


def created(feedback: Feedback) -> FeedbackRevision:
    return said(FeedbackChange.CREATED, feedback)


class FeedbackStoreContract:
    """Subclasses give the fixture `store`."""

    async def test_what_was_said_comes_back(self, store: FeedbackStore) -> None:
        """Every field of it, with revision 1."""
        wished = a_feedback(
            FeedbackLevel.IGNORE, "a <num>", "b", expires=LATER, ticket="https://t/1", event="verifications/v/events/e",
            rate=0.25,
        )  # fmt: skip
        (made,) = await store.change([created(wished)])
        assert made == await store.get("f1") == wished

    async def test_an_id_is_given_once(self, store: FeedbackStore) -> None:
        """The second of the same id is refused, and what was there stays."""
        await store.change([created(a_feedback())])
        with pytest.raises(AlreadyExists):
            await store.change([created(a_feedback(FeedbackLevel.MEDIUM))])
        assert (await store.get("f1")).level is FeedbackLevel.IGNORE

    async def test_an_update_follows_the_revision_that_was_read(self, store: FeedbackStore) -> None:
        """Who read an older one is told so, and overwrites nothing."""
        (first,) = await store.change([created(a_feedback())])
        (second,) = await store.change([said(FeedbackChange.UPDATED, replace(first, reason="other"))])
        assert (second.revision, second.reason) == (2, "other")
        for change in (FeedbackChange.UPDATED, FeedbackChange.DELETED):
            with pytest.raises(FailedPrecondition):
                await store.change([said(change, replace(first, reason="lost"))])
        assert await store.get("f1") == second

    async def test_what_is_not_there_cannot_change(self, store: FeedbackStore) -> None:
        """Neither update, delete, get nor history of an unknown id."""
        for change in (FeedbackChange.UPDATED, FeedbackChange.DELETED):
            with pytest.raises(NotFound):
                await store.change([said(change, a_feedback())])
        for attempt in (store.get("f1"), store.history("f1", "", 5)):
            with pytest.raises(NotFound):
                await attempt

    async def test_history_has_every_change(self, store: FeedbackStore) -> None:
        """Who, when, what, and how it then was; also after it is deleted, and said again under the same id."""
        (one,) = await store.change([created(a_feedback())])
        (two,) = await store.change([said(FeedbackChange.UPDATED, replace(one, level=FeedbackLevel.MEDIUM), BOB)])
        (three,) = await store.change([said(FeedbackChange.DELETED, two, BOB)])
        with pytest.raises(NotFound):
            await store.get("f1")
        (four,) = await store.change([created(a_feedback())])
        rows, token = await store.history("f1", "", 3)
        rest, end = await store.history("f1", token, 3)
        assert [(row.number, row.change, row.author, row.time) for row in [*rows, *rest]] == [
            (1, FeedbackChange.CREATED, ANN, LATER), (2, FeedbackChange.UPDATED, BOB, LATER),
            (3, FeedbackChange.DELETED, BOB, LATER), (4, FeedbackChange.CREATED, ANN, LATER),
        ]  # fmt: skip
        assert [row.feedback for row in [*rows, *rest]] == [one, two, three, four] and end == ""
        assert [one.revision, two.revision, three.revision, four.revision] == [1, 2, 3, 4]

    async def test_changes_are_all_or_none(self, store: FeedbackStore) -> None:
        """One that is refused takes the others along."""
        await store.change([created(a_feedback())])
        with pytest.raises(AlreadyExists):
            await store.change([created(a_feedback(id="f0")), created(a_feedback())])
        assert ids((await store.list("", "", 5))[0]) == ["f1"]
        with pytest.raises(NotFound):
            await store.history("f0", "", 5)

    async def test_what_holds_is_of_the_scope_and_not_expired(self, store: FeedbackStore) -> None:
        """Broader scopes hold too, others do not; at its expiry it no longer does."""
        scopes = {"all": Scope(), "mine": Scope("checkout"), "here": Scope("checkout", "prod"),
                  "there": Scope("checkout", "test"), "theirs": Scope("payments")}  # fmt: skip
        wished = [a_feedback(id=name, scope=scope) for name, scope in scopes.items()]
        wished.append(a_feedback(id="over", expires=LATER))
        await store.change([created(one) for one in wished])
        soon = LATER - timedelta(seconds=1)
        assert ids(await store.standing("checkout", "prod", soon)) == ["all", "here", "mine", "over"]
        assert ids(await store.standing("checkout", "prod", LATER)) == ["all", "here", "mine"]
        assert ids(await store.standing("search", "prod", LATER)) == ["all"]

    async def test_pages_are_newest_first_and_stable(self, store: FeedbackStore) -> None:
        """What is said while pages are read moves none of them."""
        await store.change([created(a_feedback(id=f"f{n}", created=NOON + timedelta(minutes=n))) for n in range(5)])
        first, token = await store.list("", "", 2)
        await store.change([created(a_feedback(id="new", created=LATER))])
        second, token = await store.list("", token, 2)
        third, end = await store.list("", token, 2)
        assert ids([*first, *second, *third]) == ["f4", "f3", "f2", "f1", "f0"] and end == ""

    async def test_lists_are_filtered(self, store: FeedbackStore) -> None:
        """By service, environment and level, joined by AND; what is not understood is refused."""
        await store.change([
            created(a_feedback(id="a")), created(a_feedback(FeedbackLevel.MEDIUM, id="b")),
            created(a_feedback(id="c", scope=Scope("payments"))),
        ])  # fmt: skip
        assert ids((await store.list("service = checkout AND level = IGNORE", "", 5))[0]) == ["a"]
        assert ids((await store.list("environment != prod", "", 5))[0]) == ["c"]
        for filter in ("colour = red", "level ~ IGNORE"):
            with pytest.raises(InvalidRequest):
                await store.list(filter, "", 5)

    async def test_garbage_is_no_token(self, store: FeedbackStore) -> None:
        """A token that we did not give, one of another question, and a page without a size are refused."""
        await store.change([created(a_feedback(id=f"f{n}")) for n in range(3)])
        _, token = await store.list("", "", 1)
        for attempt in (
            store.list("", "x", 5), store.list("level = IGNORE", token, 5), store.list("", "", 0),
            store.history("f1", token, 5), store.history("f1", "", 0),
        ):  # fmt: skip
            with pytest.raises(InvalidRequest):
                await attempt

    async def test_a_scope_has_a_limit(self, store: FeedbackStore) -> None:
        """Beyond it nothing more is said of that scope, and other scopes are not concerned."""
        await store.change([created(a_feedback(id=f"f{n}")) for n in range(MAX_IN_SCOPE)])
        with pytest.raises(LimitReached):
            await store.change([created(a_feedback(id="more"))])
        await store.change([created(a_feedback(id="more", scope=Scope()))])
