"""What the instances of a service say of their own life."""

from dataclasses import replace

import polars as pl
import pytest

from fakes.logs import START, Line, batch, counts, usual
from logverdict.analysis.counts import empty
from logverdict.analysis.engine import judge
from logverdict.analysis.keys import keys
from logverdict.analysis.restarts import STARTED, silent
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import Comparison, Impact, Reason, Verdict


def of(**instances: list[Line]) -> Stretch:
    frames = [batch(lines, instance=name) for name, lines in instances.items()]
    return Stretch(counts(frames, start=START), seconds=1800, bins=30)


def judged(before: Stretch, after: Stretch) -> Judgement:
    sides = Sides(after, (before,), (), Comparison.BEFORE_AFTER, "before the rollout")
    return judge(sides, Policy(), look=1, looks=1)


def starts(*minutes: float) -> list[Line]:
    return [(60 * minute + 5, "Started ShopApplication in 3.2 seconds", "INFO") for minute in minutes]


def test_an_instance_that_starts_again_and_again_fails() -> None:
    """One start an instance is what a rollout brings; a loop of them is named with how often it was seen."""
    quiet = of(web1=usual(), web2=usual(scale=0.9))
    once = of(web1=[*starts(0), *usual()], web2=[*starts(1), *usual(scale=0.9)])
    found = judged(quiet, once)
    assert found.verdict is Verdict.PASS
    loop = of(web1=[*starts(0), *usual()], web2=[*starts(1, 3, 6, 11), *usual(scale=0.9)])
    found = judged(quiet, loop)
    assert found.verdict is Verdict.FAIL
    assert "instance web2 started 4 times" in found.sentence
    assert "Started" in found.events[0].template


def test_the_error_that_each_start_brings_is_named_as_what_the_loop_ends_by() -> None:
    """Few as they are; what it wrote once is no cause."""
    ends = [(60.0 * minute + 6, "cannot parse rule of discount", "ERROR") for minute in (1, 3, 6, 11)]
    once = (700.0, "cannot reach the cache", "ERROR")
    quiet = of(web1=usual(), web2=usual(scale=0.9))
    loop = of(web1=usual(), web2=[*starts(1, 3, 6, 11), *ends, once, *usual(scale=0.9)])
    found = judged(quiet, loop)
    assert found.sentence.startswith(
        "1 new error and 1 new message; the worst: “cannot parse rule of discount”, 4 times"
    )
    told = {event.template: event.impact for event in found.events}
    assert told["cannot parse rule of discount"] is Impact.FAIL
    assert told["cannot reach the cache"] is Impact.WARN


@pytest.mark.parametrize(
    ("line", "starts"),
    [
        ("Started ShopApplication in 3.2 seconds (JVM running for 4.1)", True),
        ("Starting ShopApplication v2.3 using Java 17 with PID 7", True),
        ("Tomcat started on port 8080 (http)", True),
        ("Server is running on port 3000", True),
        ("Listening on 0.0.0.0:8080", True),
        ("Uvicorn running on http://0.0.0.0:8000", True),
        ("Starting gunicorn 20.1.0", True),
        ("Booting worker with pid: 12", True),
        ("Application startup complete.", True),
        ("Now listening on: http://[::]:80", True),
        ("[KafkaServer id=1] started (kafka.server.KafkaServer)", True),
        ("database system is ready to accept connections", True),
        ("Anwendung gestartet", True),
        ("应用启动成功", True),
        ("Started cleanup in 3 seconds", False),
        ("listening for changes of 7 topics", False),
        ("stopped listening on topic 7", False),
        ("server not running on port 8080", False),
        ('Started GET "/orders/17" for 10.0.0.1', False),
        ("worker started job 7", False),
    ],
)
def test_a_process_that_starts_is_told_from_work_that_does(line: str, starts: bool) -> None:
    """What comes once in the life of a process, by many frameworks; jobs, requests and topics begin all the time."""
    assert keys(pl.Series([line])).str.contains(STARTED).item() == starts


def test_many_instances_that_start_once_are_no_loop() -> None:
    """Starts are counted by instance; entries that name none may be of any."""
    many = {f"web{number}": [*starts(number), *usual(scale=0.2)] for number in range(6)}
    assert judged(of(web0=usual()), of(**many)).verdict is Verdict.PASS
    nameless = of(**{"": [*starts(1, 3, 6, 11), *usual()]})
    assert judged(of(**{"": usual()}), nameless).verdict is Verdict.PASS


def test_a_service_that_always_restarts_is_as_usual() -> None:
    """What the baseline does as often is no loop."""
    often = of(web1=[*starts(1, 6, 11, 16, 21), *usual()])
    assert judged(often, often).verdict is Verdict.PASS


@pytest.mark.parametrize(("last", "told"), [("stock of item 7 is now 3", True), ("shutting down", False)])
def test_an_instance_that_falls_silent_is_noted(last: str, told: bool) -> None:
    """One that wrote, and wrote no more while others went on, is named, unless it said goodbye."""
    short = [line for line in usual() if line[0] < 600]
    after = of(web1=usual(), web2=usual(), web3=[*short, (601.0, last, "INFO")])
    notes = judged(of(web1=usual(), web2=usual(), web3=usual()), after).notes
    assert any("silent" in note and "web3" in note for note in notes) == told


def test_in_a_finely_cut_window_an_instance_falls_silent_as_well() -> None:
    """What writes every few seconds is steady, however narrow the bins of a recording are."""
    lines = {"web1": usual(), "web2": usual(), "web3": [line for line in usual() if line[0] < 600]}
    fine = Stretch(counts([batch(its, instance=name) for name, its in lines.items()], bin_seconds=2), 1800, 900)
    assert any("web3" in note for note in silent(fine))


def test_instances_that_did_not_come_up_are_noted() -> None:
    """Where less than half as many write after as before; not where they are compared with others beside them."""
    five, one = of(**{f"web{at}": usual() for at in range(5)}), of(new1=usual())
    assert judged(five, of(new1=usual(), new2=usual(), new3=usual())).notes == ()
    assert any("Only 1 instance wrote" in note and "5 in the baseline" in note for note in judged(five, one).notes)
    beside = Sides(one, (five,), (), Comparison.CONCURRENT, "beside unchanged instances")
    assert not judge(beside, Policy(), look=1, looks=1).notes


def test_instances_that_evidence_shows_came_up() -> None:
    """Behind a query for errors only those that fail write anything."""
    names = [f"web{at}" for at in range(5)]
    before, after = of(**{name: usual() for name in names}), of(web0=usual())
    assert judged(before, after).notes != ()
    assert judged(before, replace(after, evidence=dict.fromkeys(names, 400))).notes == ()


def until(seconds: float) -> list[Line]:
    return [line for line in usual() if line[0] < seconds]


def test_a_candidate_that_falls_silent_for_good_is_no_pass() -> None:
    """What wrote steadily and then nothing more until the window's end may be dead, whatever it wrote before."""
    found = judged(of(web1=usual(), web2=usual()), of(web1=until(1000), web2=until(900)))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CANDIDATE_SILENT)
    assert "no entry came in the last 13 minutes" in found.sentence
    assert judged(of(web1=usual()), of(web1=until(1500))).verdict is Verdict.PASS


def test_pauses_that_are_usual_are_no_silence() -> None:
    """Where the baseline pauses too, and where little is written at all, a pause tells nothing."""
    pausing = [*until(600), *(line for line in usual() if line[0] > 1000)]
    assert judged(of(web1=pausing), of(web1=until(1000))).verdict is Verdict.PASS
    seldom = [(60.0 * minute, "stock was counted", "INFO") for minute in range(30)]
    assert judged(of(web1=seldom), of(web1=seldom[:20])).verdict is Verdict.PASS


def test_a_job_that_ends_early_is_not_silent() -> None:
    """A job says how it ended: there is nothing to come."""
    ended = [(1799.0, "Finished: SUCCESS", "INFO")]
    early = [*until(900), (901.0, "Finished: SUCCESS", "INFO")]
    assert judged(of(job=[*usual(), *ended]), of(job=early)).reason is not Reason.CANDIDATE_SILENT


def test_a_failure_is_told_before_silence() -> None:
    """Of a service that broke and died, the errors are the news."""
    broken = [(at, "cannot parse answer", "ERROR") for at in (200.0, 400.0, 600.0, 800.0)]
    assert judged(of(web1=usual()), of(web1=[*until(900), *broken])).verdict is Verdict.FAIL


def test_starts_of_an_old_deployment_are_usual_whatever_instance_made_them() -> None:
    """Of old deployments only sums are left, which name none."""
    loop = of(web1=[*starts(0, 3, 6, 9, 12), *usual()])
    old = loop.counts.counts.with_columns(instance=pl.lit(""), bin=pl.lit(0, pl.Int32))
    sums = replace(loop, counts=replace(loop.counts, counts=old, instances=empty().instances))
    assert judged(of(web1=usual()), loop).verdict is Verdict.FAIL
    sides = Sides(loop, (of(web1=usual()), sums), (), Comparison.BEFORE_AFTER, "", history=1)
    assert judge(sides, Policy(), look=1, looks=1).verdict is not Verdict.FAIL
