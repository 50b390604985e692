"""What every store tells of earlier verifications: which were good, and their template rows."""

from contract.store import finished, running
from fakes.verifications import a_good_judgement, at
from logverdict.domain.words import State
from logverdict.verify.ports import Store, TemplateRow

ROWS = [
    TemplateRow("t1", "order <num> stored", "baseline", 2, 90, 0.05, at(-1800), at(0)),
    TemplateRow("t1", "order <num> stored", "candidate", 2, 30, 0.05, at(60), at(600)),
]


class StoreHistoryContract:
    async def test_template_rows_come_back_as_they_were_put(self, store: Store) -> None:
        """In their order, times in UTC; another verification's are not among them."""
        await finished(store, id="v1")
        await finished(store, id="v2")
        await store.put_templates("v1", ROWS)
        assert list(await store.templates("v1")) == ROWS
        assert list(await store.templates("v2")) == []

    async def test_good_ones_are_those_that_ended_with_pass(self, store: Store) -> None:
        """Not those that failed, still run, or belong to another service or environment."""
        good = await finished(store, id="good", judgement=a_good_judgement(), rollout_start=at(0))
        await finished(store, id="bad", rollout_start=at(1))
        await finished(store, id="other", judgement=a_good_judgement(), service="cart")
        await finished(store, id="staging", judgement=a_good_judgement(), environment="staging")
        await finished(store, id="stopped", judgement=a_good_judgement(), state=State.CANCELLED)
        await running(store, id="running")
        assert [one.id for one in await store.good("checkout", "prod", at(60), 10)] == [good.id]

    async def test_good_ones_come_newest_first_and_before_a_time(self, store: Store) -> None:
        """At most so many."""
        for number in range(4):
            await finished(store, id=f"v{number}", judgement=a_good_judgement(), rollout_start=at(number))
        assert [one.id for one in await store.good("checkout", "prod", at(3), 2)] == ["v2", "v1"]
