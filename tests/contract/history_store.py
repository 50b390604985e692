"""What every store does after a verdict: outcomes, amendments, pins, statistics, templates."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contract.store import finished, running
from fakes.verifications import NOON, a_good_judgement, a_judgement, a_profile, a_request, an_event, at
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.afterwards import MAX_PINS, Outcome, Override, Pin, RecordedOutcome
from logverdict.domain.errors import FailedPrecondition, InvalidRequest, LimitReached, NotFound
from logverdict.domain.feedback import Author, WithoutFeedback
from logverdict.domain.policy import Policy
from logverdict.domain.verification import Coverage, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, EventKind, Mode, Reason, Severity, State, Verdict
from logverdict.verify.history_ports import Grouping
from logverdict.verify.ports import Expiry, StoredSlice, TemplateRow

ANN = Author("ann")
MONTH = Window(NOON - timedelta(days=30), NOON + timedelta(days=1))


def said(verification_id: str, outcome: Outcome = Outcome.GOOD, **more: Any) -> RecordedOutcome:
    return RecordedOutcome(verification_id, outcome, ANN, at(900), **more)


def a_pin(verification_id: str, **more: Any) -> Pin:
    values: dict[str, Any] = {"service": "checkout", "environment": "prod", "version": "1", "verdict": Verdict.PASS}
    return Pin(verification_id, author=ANN, time=at(900), **values | more)


async def passed(store: SqlStore, id: str, **more: Any) -> Verification:
    good = {"judgement": a_good_judgement(), "decision": Decision.PROCEED, "enforced_decision": Decision.PROCEED}
    return await finished(store, id=id, **good | more)


def observing() -> Any:
    return a_request(profile=a_profile(policy=Policy(mode=Mode.OBSERVE)))


class OutcomesContract:
    """Subclasses give the fixture `store`."""

    async def test_the_newest_word_counts_and_all_are_kept(self, store: SqlStore) -> None:
        """Numbers go up from 1, lists and filters have the newest, and what was stored before stays as it is."""
        await finished(store, id="v1")
        await store.past.record(said("v1", link="https://t/1", note="fine"))
        made = await store.past.record(said("v1", Outcome.INCIDENT))
        assert (made.number, made.outcome) == (2, Outcome.INCIDENT)
        assert [one.outcome for one in await store.past.outcomes("v1")] == [Outcome.INCIDENT, Outcome.GOOD]
        assert (await store.past.outcomes("v1"))[1] == said("v1", link="https://t/1", note="fine", number=1)
        assert (await store.get("v1")).outcome is Outcome.INCIDENT
        assert [one.outcome for one in (await store.list("outcome = INCIDENT", "", 5))[0]] == [Outcome.INCIDENT]
        assert (await store.list("outcome = GOOD", "", 5))[0] == []

    async def test_nothing_recorded_can_be_asked_for(self, store: SqlStore) -> None:
        """NONE is the word for it; an unknown word is refused."""
        await finished(store, id="v1")
        assert [one.id for one in (await store.list("outcome = NONE", "", 5))[0]] == ["v1"]
        assert await store.past.outcomes("v1") == []
        with pytest.raises(InvalidRequest, match="NONE, GOOD"):
            await store.list("outcome = FINE", "", 5)

    async def test_of_what_is_not_there_nothing_is_recorded(self, store: SqlStore) -> None:
        """Neither recorded nor listed."""
        for attempt in (store.past.record(said("v9")), store.past.outcomes("v9")):
            with pytest.raises(NotFound):
                await attempt

    async def test_an_outcome_survives_what_the_work_still_stores(self, store: SqlStore) -> None:
        """Somebody rolled back while it was judged."""
        one = await running(store, id="v1")
        await store.past.record(said("v1", Outcome.ROLLED_BACK))
        await store.save(replace(one, look=2))
        assert (await store.get("v1")).outcome is Outcome.ROLLED_BACK

    async def test_what_turned_out_bad_is_no_longer_good(self, store: SqlStore) -> None:
        """A PASS that missed something teaches the noise floor nothing; one that was fine does."""
        for name, outcome in (("a", None), ("b", Outcome.GOOD), ("c", Outcome.INCIDENT)):
            await passed(store, name)
            if outcome:
                await store.past.record(said(name, outcome))
        assert {one.id for one in await store.good("checkout", "prod", at(60), 9)} == {"a", "b"}

    async def test_the_newest_of_a_deployment_is_found(self, store: SqlStore) -> None:
        """By service, environment and version, and at a time."""
        for number in range(3):
            await finished(store, id=f"v{number}", version="1", created=at(number), rollout_start=at(number))
        await finished(store, id="other", version="2", created=at(9))
        assert await store.past.newest("checkout", "prod", "1", None) == "v2"
        assert await store.past.newest("checkout", "prod", "1", at(1)) == "v1"
        with pytest.raises(NotFound, match="checkout 3 in prod"):
            await store.past.newest("checkout", "prod", "3", None)


class AmendContract:
    async def test_what_has_ended_gets_a_further_revision(self, store: SqlStore) -> None:
        """Events, end and verdict stay; filters see the new decision."""
        before = await finished(store, id="v1")
        made = Override(Decision.PROCEED, "known", ANN, at(950), Decision.STOP)
        changed = replace(before, decision=Decision.PROCEED, override=made, updated=at(950))
        revision = await store.past.amend(changed)
        after = await store.get("v1")
        assert revision.number == after.revision == before.revision + 1
        assert (after.override, after.ended, after.decision) == (made, before.ended, Decision.PROCEED)
        assert len((await store.events("v1", "", "", 9))[0]) == 2
        assert [one.id for one in (await store.list("decision = PROCEED", "", 5))[0]] == ["v1"]
        assert (await store.revisions("v1", before.revision))[0].verification.override == made

    async def test_neither_what_runs_nor_what_moved_on(self, store: SqlStore) -> None:
        """A change on top of an older revision would undo the newer one."""
        with pytest.raises(FailedPrecondition, match="not ended"):
            await store.past.amend(await running(store, id="v1"))
        two = await finished(store, id="v2")
        await store.past.amend(two)
        with pytest.raises(FailedPrecondition, match="read it again"):
            await store.past.amend(two)


class PinsContract:
    async def test_pins_come_back_newest_first(self, store: SqlStore) -> None:
        """By service and environment, or all; pinned again, the newer one replaces the older."""
        for number in range(3):
            await passed(store, f"v{number}")
            await store.past.pin(a_pin(f"v{number}", environment="prod" if number else "test"))
        await store.past.pin(replace(a_pin("v1", reason="better"), time=at(999)))
        assert [one.verification for one in await store.past.pins("checkout", "prod")] == ["v1", "v2"]
        assert (await store.past.pins("checkout", ""))[0].reason == "better"
        assert len(await store.past.pins("", "")) == 3
        await store.past.unpin("v1")
        assert len(await store.past.pins("", "")) == 2

    async def test_what_is_not_there_is_said(self, store: SqlStore) -> None:
        """To pin, to take back."""
        for attempt in (store.past.pin(a_pin("v9")), store.past.unpin("v9")):
            with pytest.raises(NotFound):
                await attempt

    async def test_a_place_has_a_limit(self, store: SqlStore) -> None:
        """As many as a request may name; the same one again is not one more."""
        for number in range(MAX_PINS + 1):
            await passed(store, f"v{number}")
        for number in range(MAX_PINS):
            await store.past.pin(a_pin(f"v{number}"))
        await store.past.pin(a_pin("v0"))
        with pytest.raises(LimitReached):
            await store.past.pin(a_pin(f"v{MAX_PINS}"))

    async def test_retention_leaves_pins_alone(self, store: SqlStore) -> None:
        """Neither their counts nor themselves, however old, until they are unpinned."""
        for name in ("v1", "v2"):
            one = await running(store, id=name)
            await store.put_slice(name, StoredSlice("candidate/app", b"1", Coverage()))
            await store.save(replace(one, state=State.SUCCEEDED, ended=at(700), judgement=a_good_judgement()))
        await store.past.pin(a_pin("v1"))
        later = at(10_000)
        await store.expire(Expiry(later, later))
        assert [one.id for one in (await store.list("", "", 5))[0]] == ["v1"]
        assert len(await store.slices("v1")) == 1
        await store.past.unpin("v1")
        await store.expire(Expiry(later, later))
        assert (await store.list("", "", 5))[0] == []


class StatisticsContract:
    async def test_outcomes_tell_what_verdicts_were_worth(self, store: SqlStore) -> None:
        """True and false alarms, misses, and what nobody said anything of."""
        for name, outcome in (("a", Outcome.BAD), ("b", Outcome.GOOD), ("c", None)):
            await finished(store, id=name)
            if outcome:
                await store.past.record(said(name, outcome))
        for name, outcome in (("d", Outcome.INCIDENT), ("e", Outcome.GOOD), ("f", None)):
            await passed(store, name)
            if outcome:
                await store.past.record(said(name, outcome))
        total = (await store.past.statistics(MONTH, "", None)).total
        assert (total.verifications, total.passed, total.failed, total.share_passed) == (6, 3, 3, 0.5)
        assert (total.true_alarms, total.false_alarms, total.unknown_alarms) == (1, 1, 1)
        assert (total.misses, total.true_passes, total.unknown_passes) == (1, 1, 1)
        assert (total.outcome_good, total.outcome_bad, total.outcome_incident, total.outcome_unknown) == (2, 1, 1, 2)

    async def test_decisions_modes_and_states_are_told_apart(self, store: SqlStore) -> None:
        """Stopped, observed, overridden, unjudged, cancelled, unfinished."""
        await finished(store, id="stopped")
        await finished(store, id="observed", request=observing(), decision=Decision.PROCEED)
        over = await finished(store, id="over")
        made = Override(Decision.PROCEED, "known", ANN, at(950), Decision.STOP)
        await store.past.amend(replace(over, decision=Decision.PROCEED, override=made))
        await finished(store, id="broken", state=State.FAILED, judgement=None, decision=Decision.ASK)
        await finished(store, id="gone", state=State.CANCELLED)
        await running(store, id="running")
        total = (await store.past.statistics(MONTH, "", None)).total
        assert (total.stopped, total.proceed, total.asked) == (2, 2, 1)
        assert (total.observed, total.would_have_stopped, total.overridden) == (1, 1, 1)
        assert (total.unjudged, total.cancelled, total.unfinished, total.failed) == (1, 1, 1, 3)

    async def test_how_early_is_the_median_of_those_that_failed(self, store: SqlStore) -> None:
        """Of an even number, the mean of the two in the middle; nothing where nothing failed."""
        for name, look in (("a", 1), ("b", 3), ("c", 9), ("d", 10)):
            await finished(store, id=name, look=look)
        total = (await store.past.statistics(MONTH, "", None)).total
        assert total.median_window_share == pytest.approx((0.3 + 0.9) / 2)
        none = await store.past.statistics(MONTH, "verdict = PASS", None)
        assert (none.total.median_window_share, none.total.share_passed, none.total.verifications) == (None, None, 0)

    async def test_groups_add_up_to_the_whole(self, store: SqlStore) -> None:
        """By service, environment, day and sensitivity; most first, days in order."""
        await finished(store, id="a", service="cart", created=at(0))
        await passed(store, "b", service="cart", created=at(-86_400))
        await passed(store, "c", environment="test", created=at(-2 * 86_400))
        found = await store.past.statistics(MONTH, "", Grouping.SERVICE)
        assert [(one.key, one.verifications, one.passed) for one in found.groups] == [
            ("cart", 2, 1),
            ("checkout", 1, 1),
        ]
        assert [one.median_window_share for one in found.groups] == [1.0, None]
        days = await store.past.statistics(MONTH, "", Grouping.DAY)
        assert [one.key for one in days.groups] == ["2026-11-18", "2026-11-19", "2026-11-20"]
        assert [one.key for one in (await store.past.statistics(MONTH, "", Grouping.SENSITIVITY)).groups] == ["MEDIUM"]
        assert len((await store.past.statistics(MONTH, "", Grouping.ENVIRONMENT)).groups) == 2
        assert found.total == replace(days.total)

    async def test_the_period_is_half_open_and_the_filter_holds(self, store: SqlStore) -> None:
        """Created at its start is in, at its end is out."""
        await finished(store, id="a", created=at(0))
        await finished(store, id="b", created=at(60), service="cart")
        period = Window(at(0), at(60))
        assert (await store.past.statistics(period, "", None)).total.verifications == 1
        assert (await store.past.statistics(period, "service = cart", None)).total.verifications == 0
        with pytest.raises(InvalidRequest):
            await store.past.statistics(period, "colour = red", None)

    async def test_feedback_that_changed_a_verdict_is_counted(self, store: SqlStore) -> None:
        """Not that which changed nothing."""
        for name, verdict in (("a", Verdict.FAIL), ("b", Verdict.PASS)):
            without = WithoutFeedback(verdict, Reason.NEW_ERRORS, 10, "…")
            await passed(store, name, judgement=a_good_judgement(without_feedback=without))
        assert (await store.past.statistics(MONTH, "", None)).total.changed_by_feedback == 1


class TemplatesContract:
    async def seen(self, store: SqlStore, name: str, *rows: TemplateRow, **more: Any) -> None:
        await finished(store, id=name, **more)
        await store.put_templates(name, rows)

    async def test_a_template_tells_where_it_was_seen(self, store: SqlStore) -> None:
        """First and last, in which versions, with which verdicts; a row for each severity counts once."""
        row = TemplateRow("e1", "no key <num>", "candidate", 4, 5, 0.5, at(100), at(200))
        await self.seen(store, "a", row, replace(row, severity=5, count=1), version="1")
        await self.seen(store, "b", replace(row, first=at(50), last=at(900)), version="2", judgement=a_good_judgement())
        await self.seen(store, "c", replace(row, side="baseline", first=at(10), last=at(20)), version="3")
        found = await store.past.template("e1", "", "", "")
        assert (found.template, found.severity, found.verifications) == ("no key <num>", Severity.FATAL, 3)
        assert (found.first, found.last, found.first_verification) == (at(10), at(900), "c")
        assert [(one.version, one.verifications, one.entries) for one in found.versions] == [("2", 1, 5), ("1", 1, 6)]
        assert found.versions[0].verdicts[Verdict.PASS] == found.versions[1].verdicts[Verdict.FAIL] == 1
        with pytest.raises(NotFound):
            await store.past.template("e1", "cart", "", "")
        with pytest.raises(NotFound):
            await store.past.template("e9", "", "", "")

    async def test_sightings_are_newest_first_and_stable(self, store: SqlStore) -> None:
        """One that arrives while pages are read moves none of them; what the event was is told."""
        row = TemplateRow("e1", "no key <num>", "candidate", 4, 5, 0.5, at(100), at(200))
        for number in range(3):
            await self.seen(store, f"v{number}", replace(row, last=at(300 + number)))
        first, token = await store.past.sightings("e1", "", "", 2)
        await self.seen(store, "v9", replace(row, last=at(999)))
        rest, end = await store.past.sightings("e1", "", token, 2)
        assert [one.verification for one in [*first, *rest]] == ["v2", "v1", "v0"] and end == ""
        assert (first[0].template, first[0].verdict, first[0].deployment.version) == (
            "no key <num>", Verdict.FAIL, "1.1.0"
        )  # fmt: skip
        assert first[0].event is not None and first[0].event.kind is EventKind.UNKNOWN
        for question in (("e1", "", "x"), ("e2", "", token), ("e1", "service = cart", token)):
            with pytest.raises(InvalidRequest):
                await store.past.sightings(*question, 2)

    async def test_a_template_of_those_that_a_filter_names(self, store: SqlStore) -> None:
        """What it was in others is neither told of the whole nor listed."""
        row = TemplateRow("e1", "no key <num>", "candidate", 4, 5, 0.5, at(100), at(200))
        await self.seen(store, "a", row, version="1")
        await self.seen(store, "b", replace(row, first=at(50)), version="2", service="cart")
        for filter in ("service = cart", "version = 2", "version = 2 AND verdict = FAIL"):
            found = await store.past.template("e1", "", "", filter)
            assert (found.first, found.verifications, [one.version for one in found.versions]) == (at(50), 1, ["2"])
            seen, _ = await store.past.sightings("e1", filter, "", 9)
            assert [one.verification for one in seen] == ["b"]
        with pytest.raises(NotFound, match="no verification of those asked for"):
            await store.past.template("e1", "", "", 'create_time > "2030-01-01T00:00:00Z"')
        for wrong in (
            store.past.template("e1", "", "", "colour = red"),
            store.past.sightings("e1", "colour = red", "", 9),
        ):
            with pytest.raises(InvalidRequest, match="unknown field"):
                await wrong

    async def test_templates_are_found_by_their_text(self, store: SqlStore) -> None:
        """In the verifications that the filter names, whatever the case, page by page; % is a sign like others."""
        rows = [TemplateRow(f"t{n}", f"No Key {n} 5%", "candidate", 2, 1, 0.5, at(n), at(n)) for n in range(3)]
        await self.seen(store, "a", *rows, TemplateRow("x", "other", "candidate", 2, 1, 0.5, at(1), at(9)))
        await self.seen(store, "b", rows[0], service="cart", judgement=a_judgement(an_event(id="t0")))
        page, token = await store.past.templates("", "no key", "", 2)
        rest, end = await store.past.templates("", "no key", token, 2)
        assert [one.id for one in [*page, *rest]] == ["t2", "t1", "t0"] and end == ""
        assert rest[0].verifications == 2
        assert [one.id for one in (await store.past.templates("service = cart", "", "", 9))[0]] == ["t0"]
        assert (await store.past.templates("", "key%", "", 9))[0] == []


class HistoryStoreContract(OutcomesContract, AmendContract, PinsContract, StatisticsContract, TemplatesContract):
    """All of it."""
