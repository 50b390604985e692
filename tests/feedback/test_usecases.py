"""What people say of events: of one that was seen, of a message to come; changed, taken back, previewed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from fakes.clock import NOON, FakeClock
from fakes.feedback import ANN, a_feedback
from fakes.feedback_store import MemoryFeedback
from fakes.logs import before_after, every, usual
from fakes.verifications import a_request, a_verification
from logverdict.adapters.stores.sql import SqlStore
from logverdict.analysis.engine import judge
from logverdict.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from logverdict.domain.feedback import Author, Feedback, FeedbackLevel, Scope
from logverdict.domain.policy import Policy
from logverdict.domain.redaction import Redaction
from logverdict.domain.result import Event
from logverdict.domain.verification import Verification
from logverdict.domain.words import EventKind, Impact, Severity, State, Verdict
from logverdict.verify.feedback import Feedbacks
from logverdict.verify.feedback_wish import FeedbackWish

KEY = "shop.KeyException: no key for customer <num>"
LINES = [
    *usual(),
    *every(20, "shop.KeyException: no key for customer {n}", "ERROR"),
    *every(20, "cannot read the answer of the store, code {n}", "ERROR"),
]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(tmp_path / "logverdict.db", FakeClock())
    yield opened
    await opened.close()


@pytest.fixture
def use(store: SqlStore) -> Feedbacks:
    ids = count(1)
    return Feedbacks(MemoryFeedback(), store, FakeClock(), lambda: f"f{next(ids)}")


async def judged(store: SqlStore, id: str = "v1", *feedback: Feedback) -> Verification:
    """A verification with two new errors, ended."""
    made, _ = await store.create(a_verification(id=id))
    found = judge(before_after(usual(), LINES), Policy(), look=1, looks=1, feedback=feedback)
    await store.save(replace(made, state=State.SUCCEEDED, ended=NOON, judgement=found))
    return made


async def the_event(store: SqlStore, id: str = "v1") -> Event:
    page, _ = await store.events(id, "impact = FAIL", "", 10)
    return next(event for event in page if event.template == KEY)


def wish(level: FeedbackLevel = FeedbackLevel.IGNORE, **more: object) -> FeedbackWish:
    return FeedbackWish(level, "known noise", **more)  # type: ignore[arg-type]


async def test_an_event_is_ignored_where_it_was_seen(use: Feedbacks, store: SqlStore) -> None:
    """Without a scope it is the event's service and environment; it keeps template, severity, sample and how often it
    came, by whom it was said, and who that was by."""
    await judged(store)
    event = await the_event(store)
    name = f"verifications/v1/events/{event.id}"
    made = await use.create(wish(event=name, ticket="https://tickets.example/7"), ANN)
    deployment = a_request().deployment
    assert made.scope == Scope(deployment.service, deployment.environment)
    assert (made.about.template, made.about.severity, made.event) == (KEY, Severity.ERROR, name)
    assert made.about.sample and made.rate == pytest.approx(event.candidate_count / 1800, rel=0.1)
    assert (made.author, made.created, made.revision) == (ANN, NOON, 1)
    assert await use.get("feedback/f1") == made


async def test_a_message_to_come_is_masked(use: Feedbacks) -> None:
    """Declared before it was seen, by a message as it is logged or by a template; the severity may be given."""
    made = await use.create(wish(sample="ERROR payment 4711 declined", scope=Scope("shop")), ANN)
    assert (made.about.template, made.about.severity) == ("ERROR payment <num> declined", Severity.ERROR)
    made = await use.create(wish(template="payment <num> late", scope=Scope(), severity=Severity.WARN), ANN)
    assert (made.about.template, made.about.severity, str(made.scope)) == (
        "payment <num> late",
        Severity.WARN,
        "everywhere",
    )


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (wish(), "event"),
        (wish(template="a", sample="b", scope=Scope()), "sample"),
        (wish(template="a"), "scope"),
        (wish(sample="  ", scope=Scope()), "sample"),
        (wish(event="v1"), "event"),
        (wish(template="a", scope=Scope(), expires=NOON), "expire_time"),
        (wish(template="a", scope=Scope(), expires=NOON.replace(tzinfo=None)), "expire_time"),
        (wish(template="a", scope=Scope(), ticket="tickets/7"), "ticket"),
        (wish(template="a", scope=Scope(), ticket="javascript://x/%0aalert(1)"), "ticket"),
        (replace(wish(template="a", scope=Scope()), reason=" "), "reason"),
        (wish(template="a", scope=Scope(), id="Not An Id"), "id"),
        (wish(event="verifications/v1/events/e", severity=Severity.WARN), "severity"),
    ],
)
async def test_faults_are_named(use: Feedbacks, wanted: FeedbackWish, field: str) -> None:
    """Each by the field that is wrong."""
    with pytest.raises(InvalidRequest) as caught:
        await use.create(wanted, ANN)
    assert caught.value.field == field


async def test_an_event_that_is_not_stored_is_not_found(use: Feedbacks, store: SqlStore) -> None:
    """Neither of a verification that is there, nor of another."""
    await judged(store)
    for name in ("verifications/v1/events/abc", "verifications/v9/events/abc"):
        with pytest.raises(NotFound):
            await use.create(wish(event=name), ANN)


async def test_changes_name_who_made_them(use: Feedbacks) -> None:
    """Level, reason, expiry and ticket may change, what it is about may not; the history has every version."""
    await use.create(wish(template="a b", scope=Scope()), ANN)
    later = NOON + timedelta(days=30)
    made = await use.update("feedback/f1", {"level": FeedbackLevel.MEDIUM, "expire_time": later}, 1, Author("bob"))
    assert (made.level, made.expires, made.reason, made.author.name) == (
        FeedbackLevel.MEDIUM, later, "known noise", "bob",
    )  # fmt: skip
    with pytest.raises(InvalidRequest, match="update_mask"):
        await use.update("feedback/f1", {"template": "other"}, 0, ANN)
    with pytest.raises(InvalidRequest, match="expire_time"):
        await use.update("feedback/f1", {"expire_time": NOON}, 0, ANN)
    with pytest.raises(FailedPrecondition):
        await use.update("feedback/f1", {"reason": "late"}, 1, ANN)
    await use.delete("feedback/f1", Author("bob"))
    rows, _ = await use.history("feedback/f1", 10, "")
    assert [(row.change.value, row.author.name) for row in rows] == [
        ("CREATED", "ann"), ("UPDATED", "bob"), ("DELETED", "bob"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        await use.get("feedback/f1")


async def test_a_preview_tells_what_it_would_have_reached(use: Feedbacks, store: SqlStore) -> None:
    """The events of the last verifications of its scope, newest first, with what they would do, and the verdict."""
    await judged(store)
    await judged(store, "v2")
    found = await use.preview(wish(template=KEY, scope=Scope("checkout"), severity=Severity.ERROR), 10)
    assert len(found) == 2 and {one.verification.id for one in found} == {"v1", "v2"}
    for one in found:
        assert [(met.event.template, met.impact_with) for met in one.met] == [(KEY, Impact.NONE)]
        assert one.verdict_with is Verdict.FAIL  # the other error is there
    assert len(await use.preview(wish(template=KEY, scope=Scope("checkout")), 1)) == 1
    assert await use.preview(wish(template=KEY, scope=Scope("search")), 10) == []


async def test_a_preview_counts_what_was_heard_then(use: Feedbacks, store: SqlStore) -> None:
    """Beside feedback that already ignored the other error, the verdict would be PASS."""
    other = a_feedback(FeedbackLevel.IGNORE, "cannot read the answer of the store, code <num>", id="other")
    await judged(store, "v1", other)
    made = await use.create(wish(event=f"verifications/v1/events/{(await the_event(store)).id}"), ANN)
    (one,) = await use.preview(made.name, 10)
    assert one.verdict_with is Verdict.PASS
    assert [met.event.kind for met in one.met] == [EventKind.UNKNOWN]


async def test_a_preview_tells_what_reads_alike_and_is_not_reached(use: Feedbacks, store: SqlStore) -> None:
    """With the reason: here another severity."""
    await judged(store)
    (one,) = await use.preview(wish(template=KEY, scope=Scope("checkout"), severity=Severity.WARN), 10)
    assert [(met.event.template, met.unlike) for met in one.met] == [(KEY, "severity ERROR, not WARN")]


@pytest.mark.parametrize("most", [0, 101])
async def test_a_preview_is_bounded(use: Feedbacks, most: int) -> None:
    """Between one and a hundred verifications are looked at."""
    with pytest.raises(InvalidRequest, match="verifications"):
        await use.preview(wish(template="a", scope=Scope()), most)


async def test_the_operators_redactions_hold_for_what_people_write(store: SqlStore) -> None:
    """A message that is declared is kept as counts keep it: else it would be kept whole, and reach nothing."""
    rules = [Redaction("customer", "customer [A-Za-z#]+", "<customer>")]
    use = Feedbacks(MemoryFeedback(), store, FakeClock(), lambda: "f1", rules)
    wish = FeedbackWish(FeedbackLevel.IGNORE, "known", Scope("checkout"), sample="customer Meier is gone")
    made = await use.create(wish, ANN)
    assert (made.about.templates, made.about.sample) == (("<customer> is gone",), "<customer> is gone")
