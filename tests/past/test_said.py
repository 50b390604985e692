"""What people say of a template: what was applied when it was seen, and what reaches it now."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fakes.clock import NOON
from fakes.feedback import ANN, a_feedback
from fakes.feedback_store import MemoryFeedback
from fakes.verifications import a_finished_verification, a_judgement, an_event, at
from fakes.world import World
from logverdict.domain.errors import InvalidRequest, NotFound
from logverdict.domain.feedback import (
    AppliedFeedback,
    Author,
    Feedback,
    FeedbackChange,
    FeedbackLevel,
    FeedbackRevision,
    Scope,
)
from logverdict.domain.words import Impact
from logverdict.verify.lookback import Lookback
from logverdict.verify.ports import TemplateRow
from logverdict.verify.said import TemplateTold

TEXT = "cannot encrypt order <num>"
ROW = TemplateRow("e1", TEXT, "candidate", 4, 12, 0.5, at(70), at(600))
HEARD = AppliedFeedback("f1", FeedbackLevel.IGNORE, ANN, "known noise", "", 1.0, Impact.FAIL)


async def seen(world: World, name: str, *heard: AppliedFeedback, **more: Any) -> None:
    """In the candidate of that verification, whose event feedback reached."""
    impact = Impact.NONE if heard and not heard[0].overridden else Impact.FAIL
    judged = a_judgement(an_event(feedback=heard, impact=impact))
    await world.store.create(a_finished_verification(id=name, revision=0, judgement=judged, **more))
    await world.store.put_templates(name, [ROW, replace(ROW, side="baseline")])


async def told(world: World, *kept: Feedback, place: tuple[str, str] = ("", "")) -> TemplateTold:
    return await (await looking(world, *kept)).template("templates/e1", *place, "")


async def looking(world: World, *kept: Feedback) -> Lookback:
    feedback = MemoryFeedback()
    await feedback.change([FeedbackRevision(0, FeedbackChange.CREATED, NOON, ANN, one) for one in kept])
    return Lookback(world.store, world.store.past, feedback, world.clock)


async def test_what_was_applied_is_told_in_the_words_of_then(world: World) -> None:
    """Each with who said it, in how many verifications, and in how many it decided; both sides of one count once."""
    await seen(world, "a", HEARD)
    await seen(world, "b", HEARD, replace(HEARD, id="f2", overridden=True))
    await seen(world, "c", replace(HEARD, level=FeedbackLevel.MEDIUM, author=Author("bob"), impact_without=Impact.NONE))
    found = {(one.its.id, one.its.author.name): one for one in (await told(world)).applied}
    assert {key: (one.verifications, one.changed) for key, one in found.items()} == {
        ("f1", "ann"): (2, 2), ("f2", "ann"): (1, 0), ("f1", "bob"): (1, 0)
    }  # fmt: skip
    assert (found["f1", "ann"].first, found["f1", "ann"].last) == (at(70), at(600))


async def test_what_reaches_it_now_is_what_a_judgement_would_find(world: World) -> None:
    """What reads alike too; nothing of another severity, nor what has expired."""
    await seen(world, "a")
    kept = [
        a_feedback(FeedbackLevel.IGNORE, TEXT, id="same"),
        a_feedback(FeedbackLevel.MEDIUM, TEXT, id="wide", scope=Scope()),
        a_feedback(FeedbackLevel.IGNORE, TEXT, id="over", expires=NOON - timedelta(days=1)),
        a_feedback(FeedbackLevel.IGNORE, "order <num> stored", id="other"),
    ]
    found = await told(world, *kept)
    assert [one.feedback.id for one in found.reaching] == ["same", "wide"]
    assert set(found.said) == {"same", "wide", "over"}


async def test_each_sighting_is_reached_in_its_own_place(world: World) -> None:
    """By what holds for its service and environment, the one that would decide first; the template by all of them, or
    by those of the place that was asked for."""
    await seen(world, "a")
    await seen(world, "b", service="cart")
    kept = [
        a_feedback(FeedbackLevel.IGNORE, TEXT, id="narrow"),
        a_feedback(FeedbackLevel.MEDIUM, TEXT, id="wide", scope=Scope()),
        a_feedback(FeedbackLevel.IGNORE, TEXT, id="carts", scope=Scope("cart")),
    ]
    page, token = await (await looking(world, *kept)).sightings("templates/e1", "", 50, "")
    by = {one.sighting.verification: [each.feedback.id for each in one.reaching] for one in page}
    assert (by, token) == ({"a": ["narrow", "wide"], "b": ["carts", "wide"]}, "")
    everywhere, here = await told(world, *kept), await told(world, *kept, place=("cart", ""))
    assert {one.feedback.id for one in everywhere.reaching} == {"narrow", "wide", "carts"}
    assert {one.feedback.id for one in here.reaching} == {"carts", "wide"}


async def test_what_another_template_represents_is_reached_by_itself(world: World) -> None:
    """Its sighting has no event, and so nothing that was applied to it; what reaches it now is told."""
    text = "cannot encrypt orders of <num>"
    await world.store.create(a_finished_verification(revision=0))
    await world.store.put_templates("v1", [TemplateRow("t1", text, "candidate", 4, 1, 0.5, at(70), at(80))])
    lookback = await looking(world, a_feedback(FeedbackLevel.IGNORE, text))
    (one,), _ = await lookback.sightings("templates/t1", "", 50, "")
    assert (one.sighting.event, [each.feedback.id for each in one.reaching]) == (None, ["f1"])
    assert (await lookback.template("templates/t1", "", "", "")).applied == ()


async def test_what_is_nowhere_is_not_found(world: World) -> None:
    """And a period that ends before it starts is refused."""
    lookback = await looking(world)
    with pytest.raises(NotFound):
        await lookback.template("templates/t2", "", "", "")
    with pytest.raises(InvalidRequest, match="not after the start"):
        await lookback.statistics(NOON, NOON, "", None)
