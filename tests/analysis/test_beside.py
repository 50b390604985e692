"""What unchanged instances write too is not of the deployment."""

from dataclasses import replace

import polars as pl
import pytest

from fakes.verifications import NOON
from logverdict.analysis import mask as masks
from logverdict.analysis.counts import COUNTS, INSTANCES, TemplateCounts, add, empty
from logverdict.analysis.engine import judge
from logverdict.analysis.key import KEY_VERSION
from logverdict.analysis.sides import Sides, Stretch
from logverdict.analysis.split import Question, split
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event
from logverdict.domain.words import Comparison, EventKind, Impact, Sensitivity, Verdict

BOOM = "cannot reach the payment gateway"
ASKED = Question(Comparison.BEFORE_AFTER, ChangedInstances(names=("n",)), "", None, own_baseline=False, min_entries=5)


def wrote(
    instance: str, key: str = "order taken", entries: int = 400, severity: int = 2, bins: int = 20
) -> TemplateCounts:
    """An instance that wrote that evenly over so many of the window's 20 bins."""
    rows = [("app", key, severity, instance, place, entries // bins, NOON, NOON) for place in range(bins)]
    return replace(
        empty(),
        counts=pl.DataFrame(rows, schema=COUNTS, orient="row"),
        instances=pl.DataFrame([("app", instance, "", entries, NOON, NOON)], schema=INSTANCES, orient="row"),
    )


def boom(instance: str, entries: int) -> TemplateCounts:
    return wrote(instance, BOOM, entries, 4)


def sides(*errors: TemplateCounts, question: Question = ASKED) -> Sides:
    ordinary = [wrote(name) for name in ("a", "b")]
    candidate = Stretch(add([*ordinary, wrote("n"), *errors]), 600.0, 20)
    found = split(candidate, [Stretch(add([*ordinary, wrote("n")]), 600.0, 20)], question)
    assert isinstance(found, Sides)
    return found


def event(found: Sides, sensitivity: Sensitivity = Sensitivity.MEDIUM) -> tuple[Verdict, Event]:
    judged = judge(found, Policy(sensitivity=sensitivity), look=1, looks=1)
    return judged.verdict, next(one for one in judged.events if one.template == BOOM)


@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_what_is_as_new_on_unchanged_instances_does_not_fail(sensitivity: Sensitivity) -> None:
    """The event stays new and says on how many; it warns at most, whatever the sensitivity."""
    verdict, found = event(sides(boom("n", 40), boom("a", 40), boom("b", 60)), sensitivity)
    assert verdict is not Verdict.FAIL
    assert (found.kind, found.impact is Impact.FAIL) == (EventKind.UNKNOWN, False)
    assert found.sentence.endswith("Also new on 2 unchanged instances: not of this deployment.")


@pytest.mark.parametrize("others", [(), (20,), (20, 20)])
def test_what_changed_instances_write_more_often_fails(others: tuple[int, ...]) -> None:
    """Also where the unchanged ones write a little of it: that is what the deployment brings to all."""
    errors = [boom(name, count) for name, count in zip("ab", others, strict=False)]
    verdict, found = event(sides(boom("n", 100), *errors))
    assert (verdict, found.impact) == (Verdict.FAIL, Impact.FAIL)
    assert "unchanged" not in found.sentence


def test_instances_that_are_only_guessed_to_be_unchanged_excuse_nothing() -> None:
    """Hosts that keep their names over a deployment break alike: they may all have been changed."""
    guessed = replace(ASKED, changed=ChangedInstances())
    found = sides(boom("n", 40), boom("a", 40), boom("b", 40), question=guessed)
    assert found.beside is None
    assert event(found)[0] is Verdict.FAIL


def told(found: Sides, sensitivity: Sensitivity = Sensitivity.MEDIUM) -> str:
    return judge(found, Policy(sensitivity=sensitivity), look=1, looks=1).sentence


SPARED = "also new on 2 unchanged instances and so not of this deployment"


@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_the_verdict_says_why_it_does_not_fail(sensitivity: Sensitivity) -> None:
    """In the words before the first message, which a narrow terminal does not cut off."""
    found = told(sides(boom("n", 40), boom("a", 40), boom("b", 60)), sensitivity)
    assert SPARED in found.partition("“")[0]


def test_of_several_new_errors_the_verdict_says_how_many_are_not_of_this_deployment() -> None:
    """Where others warn; not where others fail, which are what the verdict is about."""
    shared = [boom(name, 40) for name in "nab"]
    found = told(sides(*shared, wrote("n", "disk is slow", 20, 3, 10)))
    assert ", 1 of them also new on 2 unchanged instances and so not of this deployment; the worst: “" in found
    assert "unchanged" not in told(sides(*shared, wrote("n", "unexpected end of a file", 40, 4)))


def test_what_would_not_fail_anyhow_is_not_excused() -> None:
    """A new warning that ends only warns: unchanged instances are not what keeps it from failing."""
    found = sides(*(wrote(name, BOOM, 20, 3, 10) for name in "nab"))
    assert event(found)[1].sentence.endswith("not of this deployment.")
    assert "unchanged" not in told(found)


def test_what_is_the_same_message_is_told_by_the_rules_that_the_work_began_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under another mask table than today's it may be another message."""
    older = tuple(rule for rule in masks.RULES if rule.name != "signed")
    monkeypatch.setattr(masks, "TABLES", {**masks.TABLES, "older": older})
    others = [wrote(name, "cannot seek to # now", 60, 4) for name in "ab"]
    found = sides(wrote("n", "cannot seek to -# now", 40, 4), *others)
    assert SPARED in told(found)
    assert judge(replace(found, rules=f"{KEY_VERSION}.older"), Policy(), look=1, looks=1).verdict is Verdict.FAIL
