"""Messages that are hard to key alike in several languages, and JSON entries that are hard to read alike."""

import json
import random
from collections.abc import Iterator

from logverdict.analysis.key import CODE_WORDS, MAX_KEYED, SAID_WORDS, STATUS_WORDS, SUSPECT_STARTS

PIECES = [
    *("status", "Status", "STATUS", "code", "exit code", "exit", "errno", "rc", "returned", "errors", "Failures"),
    *("failed", "0 errors", "error_code", "response status", 'http/1.1" 200 ', "HTTP/2 ", "exit code: 137", "0 errors"),
    *("200", "7", "a1", "_", "x", "4000", "0x1F", "12ms", "1.5", "007", "1e5", "-3", "#"),
    *("GET /a/17 ", "POST /x -> ", "GET ", "/orders/9", '"', "Completed ", " OK", " Conflict", "HEAD /http/1.1", " - "),
    *("1/2/3/4/5 503 ", "/7/-1/", "/+3", "8/a1/0/0/0 ", " 200/1/2/3/4 502 7", "GET /a ", "404 ", "- ", "-> "),
    *(word for words in (CODE_WORDS[::7], STATUS_WORDS, SAID_WORDS) for word in words),
    *("http_response_code=503", "got 500", "said: 550", "Failed With 502", "os error 111", "http error"),
    *(" a ", "is", "with", "tcp_hit/", "NONE_x/503"),
    *("Completed 404 Not Found", 'PUT "https://a.b/c7" (', "503", "200", "retry ", "signal", "lv_kept=", "\x01"),
    *("=", ":", " ", "  ", ",", ".", "/", "\\", "\\n", '"', "'", "[", "]", "{", "}", "|", "`", "*", "?", "$", "%", "!"),
    *("é", "İ", "ı", "ſtatus=200", "ſ", "\u212a5", "K", "№", "½", "١٢", "日本", "😀", "\u2028", "ß", "Σς"),
    *("\x1b[31m", "\x1b[0m", "\x1b[1;32m7", "\x1b", "\t", "\n", "\n\tat a.B.c(B.java:7)", "u003c", "<", ">", "&", "="),
]
STARTS = [*SUSPECT_STARTS, "attempt ", "Caused", "..", "goroutines ", "Also ", "\n", "=", "!"]


def messages(count: int) -> Iterator[str]:
    dice = random.Random(11)
    for number in range(count):
        text = "".join(dice.choices(PIECES, k=dice.randint(1, 14)))
        if number % 19 == 0:
            text = dice.choice(STARTS) + text
        if number % 97 == 0:
            text = f"{'x' * (MAX_KEYED - dice.randint(0, 6))}{dice.choice(('5', ' é', 'a1', ' status=200', ''))}{text}"
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
