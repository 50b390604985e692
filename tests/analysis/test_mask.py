"""The tables of masks and of redactions."""

import json
import random
import re
from itertools import permutations

import polars as pl
import pytest

from logverdict.analysis import mask as masks
from logverdict.analysis.fields import parts as parts_of
from logverdict.analysis.key import key
from logverdict.analysis.mask import mask
from logverdict.analysis.redact import MAX_SAMPLE, redact, samples
from logverdict.analysis.redact_rules import RULES as REDACTIONS


@pytest.mark.parametrize("rule", masks.RULES, ids=lambda rule: rule.name)
def test_each_mask_does_what_it_shows(rule: masks.MaskRule) -> None:
    """Every rule turns its example into what it says, and a second masking changes nothing."""
    assert mask(rule.before) == rule.after == mask(rule.after)


@pytest.mark.parametrize("rule", REDACTIONS, ids=lambda rule: rule.name)
def test_each_redaction_does_what_it_shows(rule: object) -> None:
    """Every rule turns its example into what it says, and a second redaction changes nothing."""
    assert redact(pl.Series([rule.before])).to_list() == [rule.after] == redact(pl.Series([rule.after])).to_list()  # type: ignore[attr-defined]


def test_values_vary_and_meaning_stays() -> None:
    """Messages that differ in ids, times and addresses share a template; another status does not."""
    one = mask(key("2026-01-05 10:00:00,123 GET /orders/17 from 10.0.0.1:443 status=200 in 12ms"))
    other = mask(key("2026-01-06 11:07:09,001 GET /orders/9 from 10.9.8.7:80 status=200 in 7ms"))
    failed = mask(key("2026-01-06 11:07:09,001 GET /orders/9 from 10.9.8.7:80 status=500 in 7ms"))
    assert one == other != failed


@pytest.mark.parametrize(
    ("message", "template"),
    [
        (
            '{"ts":"2026-01-01T00:00:00Z","level":"info","msg":"took 7 ms for \\"a5\\"","status":503}',
            """{"level":"info", "msg":"took <num> for '<str>'", "status":503, "ts":"<num>"}""",
        ),
        (
            '{"user":"ann","state":"DOWN","n":[1,2],"at":{"pod":"web-1","caller":"a.go:17"},"errors":0,"x":{}}',
            '{"at":{"caller":"a.go:<num>", "pod":"<val>"}, "errors":0, "n":[<num>], "state":"DOWN", '
            '"user":"<val>", "x":{}}',
        ),
        ('{"msg": "cut", "a": "b', '{"msg":"cut"}'),
        (
            'ts=2026-01-01 level=warn msg="retry 3 of 5" user=bob dur=12ms path=/orders/17',
            'dur=<num> level=warn msg="retry 3 of <num>" path=/orders/<num> ts=<num> user=<val>',
        ),
        (
            '{"msg":"none","error":{"stack_trace":"shop.Gone: item 7\\n\\tat a.B.c(B.java:1)\\nCaused by: x.Y: z"}}',
            '{"error":{"stack_trace":"shop.Gone: item <num> | Caused by: x.Y: z | at a.B.c(B.java:<num>)"}, '
            '"msg":"none"}',
        ),
        ("{request} took=7 ms", "{request} took=<num>"),
        ('{"retryCount":381,"num_retries":2,"x":"1"}', '{"num_retries":2, "retryCount":<num>, "x":"<num>"}'),
    ],
)
def test_json_and_logfmt_are_masked_by_field(message: str, template: str) -> None:
    """Names and values of few words stay, numbers in sentences go alone, what is cut counts as far as it goes; a stack
    trace in a field is one."""
    assert mask(key(message)) == template == mask(template)


@pytest.mark.parametrize(
    ("message", "template"),
    [
        (
            'request failed err="dial tcp 10.0.0.1:5432: refused"',
            'request failed err="dial tcp <num>: refused"',
        ),
        (
            "gave up, last_error: 'user \"ann5\" is 7 short' cause='EOF'",
            "gave up, last_error: 'user \"<str>\" is <num> short' cause='EOF'",
        ),
        (r'err="open \"a b 5\": no such file, 7 tries"', r'err="open \"<str>\": no such file, <num> tries"'),
        ("lastError=\"no route to 'db 7'\"", "lastError=\"no route to '<str>'\""),
        ('main.go:7] "Pull failed 3 times" pod="a/b"', 'main.go:<num>] "Pull failed <num> times" pod="<val>"'),
        ("Running 'latex --halt-on-error a5.tex in b7 dir'", "Running '<str>'"),
        ('user "ann 5 b" failed to open "report of may 5.pdf"', 'user "<str>" failed to open "<str>"'),
        ('message "hello to 5" sent to "Mozilla/5.0 (X11; Linux)"', 'message "<str>" sent to "<str>"'),
    ],
)
def test_reasons_in_quotes_are_masked_as_text(message: str, template: str) -> None:
    """A new cause behind a known text is a new template; names, files and agents in quotes stay one value."""
    assert mask(key(message)) == template == mask(template)


@pytest.mark.parametrize(
    ("message", "template"),
    [
        (
            '7 WARN main.go:17 request failed\t{"took": "3ms", "status": 503, "user": "a", "error": "peer 5 is gone"}',
            "<num> WARN main.go:<num> request failed "
            '{"error":"peer <num> is gone", "status":503, "took":"<num>", "user":"<val>"}',
        ),
        ('order 5 lost {"a": {"b": [1, 2]}, "cut": "he', 'order <num> lost {"a":{"b":[<num>]}}'),
        ('got {"id": 5} and went on', 'got {"id": <num>} and went on'),
        ("set {5, 7} {request}", "set {<num>} {request}"),
    ],
)
def test_json_behind_a_text_is_masked_by_field(message: str, template: str) -> None:
    """Where a message ends in a JSON object, its fields are treated as those of a message that is one."""
    assert mask(key(message)) == template == mask(template)


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("got 503", "got 503"),
        ("got a 503 from 10.0.0.1", "got a 503 from <num>"),
        ("HTTP 503 Service Unavailable", "HTTP 503 Service Unavailable"),
        ("the status code is 404", "the status code is 404"),
        ("call failed with 502, retrying", "call failed with 502, retrying"),
        ("exited with 137", "exited with 137"),
        ("got 500 rows, returned 17 items", "got <num> rows, returned <num> items"),
        ("returned 0 rows", "returned 0 rows"),
        ("response 200 ms, got 192.168.0.1", "response <num>, got <num>"),
        ("with a 300 second timeout", "with a <num> timeout"),
        (
            'fe be/web1 0/0/1/2/3 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /a/5 HTTP/1.1"',
            'fe be/<num> 503 <num> - - SC-- <num> "<str>"',
        ),
        ("180 10.0.0.1 TCP_MISS/503 411 GET", "<num> TCP_MISS/503 <num> GET"),
    ],
)
def test_statuses_stay_and_what_is_counted_goes(message: str, template: str) -> None:
    """A status without a field's name stays in the template; a number with a unit or a noun behind it does not."""
    assert mask(key(message)) == template == mask(template)


def test_the_order_of_fields_tells_nothing() -> None:
    """JSON and logfmt of the same fields have one template, in any order and layout."""
    record = {"level": "error", "msg": "lost peer 7", "peer": {"zone": "eu", "id": "x9"}, "codes": [1, "a"]}
    turned = {name: record[name] for name in reversed(record)}
    assert len({mask(key(json.dumps(one, indent=lay))) for one in (record, turned) for lay in (None, 2)}) == 1
    pairs = ["level=info", 'msg="order 5 stored"', "shop=main", "took=7ms"]
    assert len({mask(key(" ".join(order))) for order in permutations(pairs)}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u30a8\u30e9\u30fc\uff15\u56de", "\u30a8\u30e9\u30fc\uff11\uff12\u56de"),
        ("caf\u00e9 7", "cafe\u0301 9"),
        ("order \u0661\u0662 lost", "order 12 lost"),
    ],
)
def test_other_scripts_have_numbers_too(one: str, other: str) -> None:
    """Full-width and Arabic digits vary as ours do; a letter with a mark is the same in both ways to write it."""
    assert mask(key(one)) == mask(key(other)) == mask(mask(key(one)))


def test_any_text_has_a_template() -> None:
    """Whatever the text is, masking it never fails, and masking the template of its fields changes nothing."""
    chance = random.Random(7)
    parts = [*'{}[]":,#=\\\n 71é٣😀\u0301', '"a":', '"id":"', "msg=", 'b="', '{"', '"}', "ms", "null", "user", "C:\\\\"]
    for _ in range(6_000):
        made = "".join(chance.choices(parts, k=chance.randint(1, 14)))
        for text in (made, f'{{"a":{made}}}', f'{{"a":"{made}"}}', f'a=1 b=2 c="{made}"'):
            template = mask(key(text))
            assert template
            if parts_of(key(text)):
                assert mask(template) == template


def test_a_trace_is_its_head_its_causes_and_its_top_frames() -> None:
    """Traces that differ below the top frames and in line numbers are one template; another cause makes another."""
    frames = "".join(f"\n\tat shop.Deep.f(Deep.java:{n})" for n in range(30))

    def trace(line: int, cause: str, tail: str) -> str:  # as Java writes it
        top = f"\tat shop.A.a(A.java:{line})\n\tat shop.B.b(B.java:9)\n\tat shop.C.c(C.java:1)"
        return f"order {line} broke\njava.lang.IllegalStateException: no\n{top}{tail}\nCaused by: {cause}: x"

    assert mask(key(trace(5, "shop.KeyException", frames))) == mask(key(trace(7, "shop.KeyException", frames[:300])))
    assert mask(key(trace(5, "shop.KeyException", ""))) != mask(key(trace(5, "shop.DiskException", "")))


JAVA = """order 7 broke
java.lang.IllegalStateException: no stock
\tat shop.Web$$Lambda$123/0x00ab.run(Unknown Source)
\tat com.sun.proxy.$Proxy12.pay(Unknown Source)
\tat shop.Order$$EnhancerBySpringCGLIB$$abcde.pay(<generated>)
\tat shop.A.a(A.java:42) ~[app.jar:1.2]
\tat shop.B.b(B.java:7)
Caused by: java.io.IOException: gone
\t... 5 more"""
PYTHON = """cannot read the stock
Traceback (most recent call last):
  File "a.py", line 3, in main
    read(stock)
  File "b.py", line 9, in read
    raise Gone
shop.Gone: stock

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 5, in main
    retry(stock)
requests.exceptions.Timeout"""
GO = """panic: runtime error: index out of range [5] with length 3 [recovered]
\tpanic: again

goroutine 17 [running]:
panic(0x1, 0x2)
\t/usr/lib/go/panic.go:1 +0x1
main.(*Shop).read(0xc000, 0x5)
\t/shop/main.go:12 +0x1d
main.main()
\t/shop/main.go:3 +0x2"""
JAVASCRIPT = """TypeError: x is not a function
    at pay (/app/x.js:1:2)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async run (/app/y.js:3:4)"""
NET = """Unhandled exception. System.InvalidOperationException: no
 ---> System.IO.IOException: gone
   at A.B() in /a.cs:line 5
   --- End of inner exception stack trace ---
   at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)
   at A.<Main>d__5.MoveNext() in /a.cs:line 9"""
RUST = """thread 'main' panicked at src/main.rs:4:5:
no stock left
stack backtrace:
   0: rust_begin_unwind
             at /rustc/x/std.rs:1:2
   1: core::panicking::panic_fmt
   2: shop::read"""
RUBY = (
    "a.rb:3:in `b': gone (IOError)\n\tfrom a.rb:9:in `c'\nd.rb:7:in `e': cut (PG::ConnectionBad)\n\tfrom d.rb:1:in `f'"
)
PYTHON_DIGITS = """cannot read the stock
Traceback (most recent call last):
  File "a.py", line 3, in main
    read(stock)
psycopg2.OperationalError: connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 5, in main
    retry(stock)
KeyError: 'amex'"""
NODE = """Error: cannot price
    at Shop.price (/app/shop.js:17:9) {
  [cause]: TypeError: id is undefined
      at get (/app/db.js:3:1)
}"""
PHP = """PHP Fatal error:  Uncaught PDOException: refused in /app/db.php:3
Stack trace:
#0 /app/db.php(3): PDO->connect('db')
#1 /app/shop.php(17): Shop\\Db->get()

Next RuntimeException: no price in /app/shop.php:19
Stack trace:
#0 /app/index.php(9): Shop\\Price->of()
  thrown in /app/shop.php on line 19"""


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        (JAVA, ["order <num> broke", "IllegalStateException: no stock", "IOException: gone", "A.a(", "B.b("]),
        (PYTHON, ["cannot read", "shop.Gone: stock", "exceptions.Timeout", "in main", "in read"]),
        (GO, ["index out of range", "panic: again", "main.(*Shop).read", "main.main"]),
        (JAVASCRIPT, ["TypeError", "at pay", "at async run"]),
        (NET, ["InvalidOperationException: no", "IOException: gone", "A.B()", "MoveNext"]),
        (RUST, ["panicked at src/main.rs", "no stock left", "shop::read"]),
        (RUBY, ["gone (IOError)", "cut (PG::ConnectionBad)", "in `c'"]),
        (PYTHON_DIGITS, ["OperationalError: connection refused", "KeyError: 'amex'", "in main"]),
        (NODE, ["cannot price", "cause]: TypeError: id", "Shop.price", "at get"]),
        (PHP, ["PDOException: refused", "Next RuntimeException: no price", "| at <path>(<num>): PDO->connect"]),
    ],
)
def test_traces_of_many_languages(trace: str, told: list[str]) -> None:
    """Head, exceptions and the frames that people wrote are told in one line; a masked trace stays as it is."""
    template = mask(key(trace))
    assert [part for part in told if part not in template] == []
    assert not re.search(r"Lambda|Proxy|CGLIB\$\$abc|processTicks|TaskAwaiter|unwind|panic_fmt|\.jar", template)
    assert mask(template) == template


@pytest.mark.parametrize("trace", [JAVA, PYTHON, GO, JAVASCRIPT, NET, RUST, RUBY, NODE, PHP])
def test_what_differs_from_call_to_call_is_no_other_trace(trace: str) -> None:
    """Line numbers, addresses, and the classes that are made while a program runs split no template."""
    other = re.sub(r"(?<=[:(])[0-9]+|(?<=line )[0-9]+", lambda found: str(int(found[0]) + 40), trace)
    other = other.replace("$$Lambda$123/0x00ab", "$$Lambda$9/0x77").replace("$Proxy12", "$Proxy8")
    other = other.replace("CGLIB$$abcde", "CGLIB$$fedcb").replace("0xc000", "0xc0ff")
    assert mask(key(other)) == mask(key(trace))


def test_samples_are_short() -> None:
    """A sample is cut, however long its message is."""
    assert samples(pl.Series(["y" * 1_000_000])).str.len_chars().to_list() == [MAX_SAMPLE]


def test_blank_messages_have_a_template() -> None:
    """A message without text is called empty."""
    assert mask(key("  ")) == "<empty>"


def test_a_rule_needs_what_each_of_its_matches_holds() -> None:
    """Skipping rules by what they need gives the templates that all rules give."""
    chance = random.Random(3)
    parts = [
        *"#-:/@=\"' .+_\\T",
        "deadbeef",
        "cafe",
        "GET ",
        "user",
        "://",
        "Aug",
        "ms",
        "0 errors",
        "failed",
        "status",
    ]
    for _ in range(5_000):
        key = text = "".join(chance.choices(parts, k=chance.randint(1, 20)))
        for rule in masks.RULES:
            text = rule.pattern.sub(rule.to, text)
        assert mask(key) == (text.strip() or "<empty>")


@pytest.mark.parametrize("span", ["553.225µs", "553.225μs", "1.2ms", "1m3.2s", "7 h"])
def test_spans_of_any_unit_are_one(span: str) -> None:
    """Go writes what took less than a millisecond in microseconds, with either sign for micro."""
    assert mask(key(f"served in {span}")) == "served in <num>"
