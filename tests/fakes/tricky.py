"""Messages that are hard to key alike in several languages, and JSON entries that are hard to read alike."""

import json
import random
from collections.abc import Iterator

from logverdict.analysis.key import MAX_KEYED, SUSPECT_STARTS
from logverdict.analysis.key_words import CODE_WORDS, SAID_WORDS, STATUS_WORDS

PLACED = (
    *(
        "| 500",
        " | 3.1ms | ::1 | GET ",
        " | a7 | b8",
        " | PUT | ",
        "| ",
        " |  ",
        " GET /x (a.b)",
        " GET /x (a.b",
        " (c:7)",
    ),
    *("Sent ", "Chunked ", " in ", ' "GET" from 10.0.0.7:1 - ', '" from a', " - 503 ", "0 failed: "),
)
"""Parts of access logs that have a status where no word names it."""
EXAMPLES = (
    ("order 17 by user_42", "order # by #"),
    ("status=200 in 35ms", "status=200# in #"),
    ("exit code 137", "exit code 137#"),
    ("code 12345", "code #"),
    ("RESULT tag=97 err=49 text=", "RESULT tag=# err=49# text="),
    ("http_status=404 upstream_status=502", "http_status=404# upstream_status=502#"),
    ('{"http_status_code": 503, "result_code": 12}', '{"http_status_code": 503#, "result_code": 12#}'),
    ("Failures: 0, Errors: 12", "Failures: 0#, Errors: 12#"),
    ('"GET / HTTP/1.1" 503 99', '"GET / HTTP/1.1" 503# #'),
    ("GET /orders/17 200 12ms", "GET /orders/# 200# #"),
    ("POST /x -> 503", "POST /x -> 503#"),
    ("PUT https://a.example/v2/x 404 in 3 ms", "PUT https://a.example/#/x 404# in # ms"),
    ('"DELETE /a/5" (500)', '"DELETE /a/#" (500#)'),
    ('"GET /a HTTP/1.1" -> 204', '"GET /a HTTP/1.1" -> 204#'),
    ("HTTP/1.1 GET http://a/x - - - 500 - text/html 3ms", "HTTP/#.# GET http://a/x - - - 500# - text/html #"),
    ("GET /x - - - - 500", "GET /x - - - - #"),
    ("Completed 409 Conflict in 12ms", "Completed 409# Conflict in #"),
    ("Completed 200 of 500 tasks", "Completed # of # tasks"),
    ("GET /a took 200 ms", "GET /a took # ms"),
    ("TARGET /a 200", "TARGET /a #"),
    ("be/web1 0/0/1/2/3 503 217 - - ----", "be/# #/#/#/#/# 503# # - - ----"),
    ("be/<NOSRV> 0/-1/-1/-1/+3 503 217 - - SC--", "be/<NOSRV> #/-#/-#/-#/+# 503# # - - SC--"),
    ("1/2/3 503 217 -- 1/1/0/0/0 120/0", "#/#/# # # -- #/#/#/#/# #/#"),
    ("GET /a 200/1/2/3/4 503 2", "GET /a 200#/#/#/#/# # #"),
    ("HTTP 503 http_code=502 http:443 http=137", "HTTP 503# http_code=502# http:# http=#"),
    ("response 500, response: 'x', reply 550 5.1.1", "response 500#, response: 'x', reply 550# #.#.#"),
    ("got 500 sent a 404 said: 550 got 17 got=500", "got 500# sent a 404# said: 550# got # got=#"),
    ("responded with 502 failed with 17 with 503", "responded with 502# failed with # with #"),
    ("the status is 503, code was 404, code is 7", "the status is 503#, code was 404#, code is #"),
    ("exited with 1, os error 111, with error 5", "exited with 1#, os error 111#, with error 5#"),
    ("180 10.0.0.1 TCP_MISS/503 411 NONE_NONE/400", "# #.#.#.# TCP_MISS/503# # NONE_NONE/400#"),
    ("tcp/443 xtcp_a/503 tcp_/503 TCP_1MISS/503", "tcp/# xtcp_a/# tcp_/# #/#"),
    ("attempt 3/5, retries=2", "attempt 3#/#, retries=2#"),
    ('{"httpStatusCode":500,"DownstreamStatus": 502}', '{"httpStatusCode":500#,"DownstreamStatus": 502#}'),
    ("HttpStatusCode=500 http.status_code=500", "HttpStatusCode=500# http.status_code=500#"),
    ("response_status_code=503 responseStatusCode: 503", "response_status_code=503# responseStatusCode: 503#"),
    ("elb_status_code=502 target_status_code=500", "elb_status_code=502# target_status_code=500#"),
    ("downstream_status=1 OriginStatus=2", "downstream_status=1# OriginStatus=2#"),
    ("upstream_status_code=1 backend_status_code=2", "upstream_status_code=1# backend_status_code=2#"),
    ("EdgeResponseStatus=5 upstream_http_status=502", "EdgeResponseStatus=5# upstream_http_status=502#"),
    ("sc_status=500 sc-status=404 respCode=12 retCode: 3", "sc_status=500# sc-status=404# respCode=12# retCode: 3#"),
    ("err_code=7 errCode=8 error_code=9", "err_code=7# errCode=8# error_code=9#"),
    ("exit value 1, exitValue=2, retval: 3", "exit value 1#, exitValue=2#, retval: 3#"),
    ("container_exit_code=137 processExitCode=1", "container_exit_code=137# processExitCode=1#"),
    ("retryCount=2 retry_attempt=3 num_retries=4", "retryCount=2# retry_attempt=3# num_retries=4#"),
    ("attemptNumber=2 numAttempts=3 retry_no=4", "attemptNumber=2# numAttempts=3# retry_no=4#"),
    ("attempt_id=12 retry_count_total=381 job_code=17", "attempt_id=# retry_count_total=# job_code=#"),
    ("target_code=7 value=5 my_status_code=200", "target_code=# value=# my_status_code=#"),
    (
        '[GIN] 2026/11/26 - 10:00:00 | 500 |   12.3ms | 10.0.0.1 | GET      "/x"',
        '[GIN] #/#/# - #:#:# | 500# |   #.# | #.#.#.# | GET      "/x"',
    ),
    ("10:00:00 | 404 | 12µs | ::1 | OPTIONS | /x | -", "#:#:# | 404# | #µs | ::# | OPTIONS | /x | -"),
    ("| 500 | 300 | 12ms |", "| # | # | # |"),
    ("rows | 500 | 300 | 12ms | GETS |", "rows | # | # | # | GETS |"),
    ("| 200 | ms | 10.0.0.1 | GET ", "| # | ms | #.#.#.# | GET "),
    ("500 GET /x/7 (10.0.0.1) 3.12ms", "500# GET /x/# (#.#.#.#) #.#"),
    ("[W 261126 web:2348] 404 GET / (::1) 1ms", "[W # web:#] 404# GET / (::#) #"),
    ("500 GET /x done, 500 GET requests", "# GET /x done, # GET requests"),
    ("5000 GET /x (a.b)", "# GET /x (a.b)"),
    ("Sent 500 in 3ms, Chunked 200 in 7µs", "Sent 500# in #, Chunked 200# in #µs"),
    ("Sent 500 rows, sent 500 in 3ms, Sent 5000 in 3ms", "Sent # rows, sent # in #, Sent # in #"),
    (
        '"GET http://a/x HTTP/1.1" from 10.0.0.1:123 - 500 12B in 3ms',
        '"GET http://a/x HTTP/#.#" from #.#.#.#:# - 500# # in #',
    ),
    ("from 10.0.0.1 - 500 rows", "from #.#.#.# - # rows"),
    ("0 failed: 500 GET /x (a.b)", "0 failed#: 500# GET /x (a.b)"),
)
"""Messages and their keys, whoever makes them."""
PIECES = [
    *("status", "Status", "STATUS", "code", "exit code", "exit", "errno", "rc", "returned", "errors", "Failures"),
    *("failed", "0 errors", "error_code", "response status", 'http/1.1" 200 ', "HTTP/2 ", "exit code: 137", "0 errors"),
    *("200", "7", "a1", "_", "x", "4000", "0x1F", "12ms", "1.5", "007", "1e5", "-3", "#"),
    *("GET /a/17 ", "POST /x -> ", "GET ", "/orders/9", '"', "Completed ", " OK", " Conflict", "HEAD /http/1.1", " - "),
    *("1/2/3/4/5 503 ", "/7/-1/", "/+3", "8/a1/0/0/0 ", " 200/1/2/3/4 502 7", "GET /a ", "404 ", "- ", "-> "),
    *(word for words in (CODE_WORDS[::16], STATUS_WORDS, SAID_WORDS) for word in words),
    *("http_response_code=503", "got 500", "said: 550", "Failed With 502", "os error 111", "http error"),
    *(" a ", "is", "with", "tcp_hit/", "NONE_x/503"),
    *("Completed 404 Not Found", 'PUT "https://a.b/c7" (', "503", "200", "retry ", "signal", "lv_kept=", "\x01"),
    *PLACED,
    *("=", ":", " ", "  ", ",", ".", "/", "\\", "\\n", '"', "'", "[", "]", "{", "}", "|", "`", "*", "?", "$", "%", "!"),
    *("é", "İ", "ı", "ſtatus=200", "ſ", "\u212a5", "K", "№", "½", "١٢", "日本", "😀", "\u2028", "ß", "Σς"),
    *("\x1b[31m", "\x1b[0m", "\x1b[1;32m7", "\x1b", "\t", "\n", "\n\tat a.B.c(B.java:7)", "u003c", "<", ">", "&", "="),
]
LONG = ("x" * 79 + "-") * (MAX_KEYED // 80)
STARTS = [*SUSPECT_STARTS, "attempt ", "Caused", "..", "goroutines ", "Also ", "\n", "=", "!"]


def messages(count: int) -> Iterator[str]:
    yield from (message for message, _ in EXAMPLES)
    dice = random.Random(11)
    for number in range(count):
        text = "".join(dice.choices(PIECES, k=dice.randint(1, 14)))
        if number % 19 == 0:
            text = dice.choice(STARTS) + text
        if number % 97 == 0:
            text = f"{LONG[dice.randint(0, 6) :]}{dice.choice(('5', ' é', 'a1', ' status=200', ''))}{text}"
        if text.strip():
            yield text


def in_json(dice: random.Random, message: str) -> str:
    """A JSON entry with names in one of the ways that people write them; some are missing, or hold odd values."""
    odd = dice.choice([None, "", "null", 5, 1.50, True, ["a", "b"], {"a": 1}, [], "x"])
    trace = dice.choice(
        ["boom\n\tat a.B.c(B.java:7)", "one line", message, "", None, {"type": "X"}, f"{message}\nat x"]
    )
    record: dict[str, object] = {"time": "2026", "nested": {"deep": [1, {"name": "n", "msg": "no"}]}}
    record |= dice.choice([{"message": message}, {"msg": message}, {"message": odd, "msg": message}, {"text": message}])
    record |= dice.choice([{"level": "INFO"}, {"log": {"level": "WARN"}}, {"log.level": "E"}, {"lvl": odd}, {}])
    record |= dice.choice([{"service": {"version": "1.10"}}, {"service.version": "2"}, {"version": odd}, {}])
    record |= dice.choice(
        [
            {"kubernetes": {"pod": {"name": "p1"}}},
            {"kubernetes": {"pod.name": "p2"}},
            {"host": {"name": "h9"}},
            {"pod": odd},
            {},
        ]
    )
    record |= dice.choice([{}, {}, {"stack_trace": trace}, {"error": {"stack": trace}}, {"exception": trace}])
    text = json.dumps(record, ensure_ascii=dice.random() < 0.5)
    return dice.choice([text] * 16 + list(_nearly(text)))


def _nearly(text: str) -> Iterator[str]:
    """Texts that are not JSON, or that one reader takes and another does not."""
    yield text[:-1]
    yield f"{text} "
    yield f"{{{text}"
    yield text.replace('"level"', '"lev\\u0065l"')
    yield text.replace('"2026"', "NaN")
    yield text.replace('"2026"', '"\\ud800"')
    yield text.replace('"2026"', '"a\tb"')
    yield text.replace('"2026"', '"", "level": "", "level": "TWICE", "msg": "", "msg": "again"')
    yield '{request} msg="took long" level=WARN pod=null {done}'
