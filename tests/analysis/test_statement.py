"""What a candidate says of its own outcome."""

import pytest

from fakes.logs import Line, before_after, every, stretch, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.statement import Outcome, statement
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import Reason, Verdict

GOOD = [
    "Finished: SUCCESS",
    "[INFO] BUILD SUCCESS",
    "Build succeeded.",
    "Job succeeded",
    "pipeline status: success",
    "Process finished with exit code 0",
    '{"msg":"job finished","outcome":"success"}',
    "======= 12 passed, 2 skipped in 1.2s =======",
    "OK (12 tests)",
    "test result: ok. 12 passed; 0 failed; 0 ignored",
    "tests: 12 passed, 0 failed",
    "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.",
    "Job: [SimpleJob: [name=x]] completed with the following parameters: [{}] and the following status: [COMPLETED]",
    "Marking task as SUCCESS. dag_id=x",
    "import finished without errors",
    "systemd[1]: backup.service: Deactivated successfully.",
    "Auftrag erfolgreich beendet",
    "Tâche terminée avec succès",
    "构建成功",
    "正常終了",
]
BAD = [
    "Finished: FAILURE",
    "[INFO] BUILD FAILURE",
    "BUILD FAILED in 12s",
    "ERROR: Job failed: exit code 1",
    "##[error]Process completed with exit code 1.",
    "command terminated with exit code 137",
    "Conclusion: failure",
    '{"event":"job finished","status":"failed"}',
    'msg="run finished" status=failed jobs=3',
    "======= 1 failed, 11 passed in 1.2s =======",
    "FAILED (failures=1, errors=2)",
    "Tests: 1 failed, 11 passed, 12 total",
    "test result: FAILED. 11 passed; 1 failed; 0 ignored",
    "make: *** [Makefile:12: all] Error 2",
    "host1 : ok=12 changed=3 unreachable=0 failed=1 skipped=1",
    'job "nightly" failed',
    "Job timed out",
    "The build has been terminated",
    "Build timed out (after 60 minutes)",
    "Job: [SimpleJob: [name=x]] completed with the following parameters: [{}] and the following status: [FAILED]",
    "Marking task as FAILED. dag_id=x",
    "import finished with 3 errors",
    "systemd[1]: backup.service: Failed with result 'exit-code'.",
    "Der Auftrag ist fehlgeschlagen",
    "La tâche a échoué",
    "构建失败",
    "ジョブが失敗しました",
]
SILENT = ["order 17 accepted", "0 Warning(s)", "Failing tests: none", "worker with pid 7 exited with code 1"]
SILENT += ["99% tests passed, 1 tests failed out of 8", "run 7 cancelled by its user"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [(one, outcome) for outcome, many in zip(Outcome, (SILENT, GOOD, BAD), strict=True) for one in many],
)
def test_what_jobs_of_many_kinds_say_last(said: str, outcome: Outcome) -> None:
    """Build tools, test runners, CI systems, schedulers and batches, in many languages; of a part nothing is taken."""
    assert statement(stretch([*usual(), (1799, said, "INFO")])).outcome is outcome


def jobs(last: str) -> list[Line]:
    """A service that runs jobs for others: one in ten fails, whatever its own state."""
    ended = [(3.0 + 9 * at, f"job {at} {'failed: no input' if at % 10 == 7 else 'succeeded'}") for at in range(199)]
    return [*every(9, "received job {n}"), *((at, text, "INFO") for at, text in ended), (1799, last, "INFO")]


def judged(before: list[Line], after: list[Line]) -> Judgement:
    return judge(before_after(before, after), Policy(), look=1, looks=1)


def test_a_service_that_runs_jobs_is_not_what_its_last_job_is() -> None:
    """A statement that is made over and over, or that the baseline made too and went on after, is of a part."""
    assert judged(jobs("job 7 succeeded"), jobs("job 9 failed: no input")).verdict is Verdict.PASS
    once = [*usual(), (900, "job 4 failed: no input", "ERROR")]
    found = judged([*once, (1790, "job 5 succeeded", "INFO")], [*once, (1799, "job 6 failed: no input", "ERROR")])
    assert found.reason is not Reason.OWN_STATEMENT


def test_jobs_that_end_well_hide_no_new_error() -> None:
    """What a service says of its jobs does not speak for the service."""
    broken = every(10, "java.lang.NullPointerException: order {n} has no price", "ERROR")
    assert judged(jobs("job 7 succeeded"), [*jobs("job 9 succeeded"), *broken]).verdict is Verdict.FAIL


def test_a_job_that_says_that_it_failed_fails() -> None:
    """Beside a baseline that ended well, the last word is enough."""
    found = judged([*usual(), (1799, "Finished: SUCCESS", "INFO")], [*usual(), (1799, "Finished: FAILURE", "INFO")])
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.OWN_STATEMENT)
    assert "Finished: FAILURE" in found.sentence


@pytest.mark.parametrize(("ended", "outcome"), [(True, Outcome.FAILED), (False, Outcome.NONE)])
def test_an_error_that_says_failed_at_the_end_is_that_of_a_run_only(ended: bool, outcome: Outcome) -> None:
    """A service says so of one of its requests."""
    said = (1799, "error: 2 targets failed:", "")
    assert statement(stretch([*usual(), said]), ended).outcome is outcome


def test_no_statement_in_an_empty_window() -> None:
    """Nothing was said where nothing was written."""
    assert statement(stretch([])).outcome is Outcome.NONE
