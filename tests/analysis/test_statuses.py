"""Statuses, exit codes and attempts in the formats of access logs and under the names that fields have."""

import json

import pytest

from fakes.logs import before_after, every, usual
from logverdict.analysis.declare import template_of
from logverdict.analysis.engine import judge
from logverdict.domain.policy import Policy
from logverdict.domain.words import Verdict


@pytest.mark.parametrize(
    "text",
    [
        '[GIN] 2026/11/26 - 10:00:{n} | CODE |   12.{n}ms | 10.0.0.1 | GET      "/orders/{n}"',
        "10:00:{n} | CODE | 12.{n}µs | 10.0.0.1 | GET     | /orders/{n} | -",
        "CODE GET /orders/{n} (10.0.0.{n}) 3.12ms",
        "[I 261126 10:00:00 web:2348] CODE GET /orders/{n} (::1) 3.{n}ms",
        "request_id={n} [info] Sent CODE in {n}ms",
        '"GET http://host/orders/{n} HTTP/1.1" from 10.0.0.1:{n} - CODE 12B in {n}ms',
        '{{"DownstreamStatus":CODE,"Duration":{n},"RequestMethod":"GET","msg":""}}',
        '{{"message":"outgoing","httpStatusCode":CODE,"n":{n}}}',
        "elb=app/a target=10.0.0.1 elb_status_code=CODE target_status_code=- bytes={n}",
        "msg=served n={n} response_status_code=CODE",
        "cs-method=GET sc-status=CODE time-taken={n}",
    ],
)
def test_all_requests_answered_by_errors_fail(text: str) -> None:
    """Where every status turns from 200 to 500, the deployment fails, whatever the access log looks like."""
    before, after = ([*usual(), *every(20, text.replace("CODE", code))] for code in ("200", "500"))
    assert judge(before_after(before, after), Policy(), look=1, looks=1).verdict is Verdict.FAIL
    assert judge(before_after(before, before), Policy(), look=1, looks=1).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "text",
    [
        *("sent {} rows", "Sent {} rows to a", "Sent {} in total", "attempt_id={}", "retry_count_total={} now"),
        *("{} GET requests", "took {} GET /x", "| {} | 300 |", "| {} | 12ms | ok |", "code_point={}", "port {} open"),
        *(
            "job_code={}",
            "target_code={}",
            "value {}",
            "retryCount={} of a",
            "numRetries: {}",
            "peer 10.0.0.1 - {} rows",
        ),
        *('{{"retry_count":{},"a":"b"}}', "served {} in 3ms", "GET /x from {}.0.0.1", "GET /x ({}.0.0.1)"),
    ],
)
def test_counts_and_identifiers_are_no_statuses(text: str) -> None:
    """Messages that differ in what is counted or named by a number have one template."""
    assert len({template_of(text.format(number)) for number in (137, 200, 345, 500, 12_345)}) == 1


def test_the_cause_behind_many_frames_stays() -> None:
    """A stack trace of a hundred frames is told from one with another cause, in a field of JSON too."""
    frames = "".join(f"\n\tat com.example.shop.orders.Step{number}.run(Step{number}.java:42)" for number in range(100))
    thrown = f"com.example.shop.Failed: no answer{frames}\nCaused by: java.net.CAUSE: none\n\tat a.B.c(B.java:7)"
    text = f"payment failed\n{thrown}"
    causes = ("SocketTimeoutException", "NullPointerException")
    assert len({template_of(text.replace("CAUSE", cause)) for cause in causes}) == 2
    field = json.dumps({"msg": "failed", "stack": text})
    assert len({template_of(field.replace("CAUSE", cause)) for cause in causes}) == 2
    assert len({template_of(f'{{"payload":"{"ab " * 1_700}","status":{code}}}') for code in (200, 500)}) == 2
