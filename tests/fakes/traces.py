"""Stack traces as several languages write them, each as one message."""

from datetime import datetime, timedelta

import polars as pl

from logverdict.analysis.entries import ORDER, SCHEMA

TRACES = {
    "Java": "cannot read the stock\n"
    "java.lang.IllegalStateException: gone\n"
    "\tat shop.Stock.read(Stock.java:7)\n"
    "\tat java.base/java.lang.Thread.run(Thread.java:840) ~[?:?]\n"
    "\tSuppressed: java.io.IOException: closed\n"
    "\t\tat shop.Store.close(Store.java:31)\n"
    "Caused by: java.io.IOException: no file\n"
    "\tat shop.Store.open(Store.java:9)\n"
    "\t... 5 more",
    "Java, bare": 'Exception in thread "main" java.lang.RuntimeException: gone\n\tat shop.Stock.main(Stock.java:7)',
    "Python": "request failed\n"
    "Traceback (most recent call last):\n"
    '  File "/shop/stock.py", line 3, in read\n'
    "    load(stock)\n"
    "    ~~~~^^^^^^^\n"
    '  File "/shop/store.py", line 14, in load\n'
    "    raise KeyError(1)\n"
    "KeyError: 1\n"
    "\n"
    "During handling of the above exception, another exception occurred:\n"
    "\n"
    "Traceback (most recent call last):\n"
    '  File "/shop/stock.py", line 9, in answer\n'
    "    raise Gone(stock)\n"
    "shop.Gone: stock",
    "Go": "panic: runtime error: invalid memory address or nil pointer dereference\n"
    "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45c5d1]\n"
    "\n"
    "goroutine 1 [running]:\n"
    "main.read(0xc000012345, 0x5)\n"
    "\t/shop/main.go:12 +0x1d\n"
    "main.(*Stock).Load(...)\n"
    "\t/shop/stock.go:44\n"
    "created by main.main in goroutine 1\n"
    "\t/shop/main.go:5 +0x2a\n"
    "exit status 2",
    "JavaScript": "request failed\n"
    "TypeError: stock.read is not a function\n"
    "    at load (/shop/stock.js:1:2)\n"
    "    at async Promise.all (index 0)\n"
    "    at /shop/main.js:10:3\n"
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n"
    "    at JSON.parse (<anonymous>)",
    ".NET": "request failed\n"
    "System.InvalidOperationException: gone\n"
    " ---> System.IO.IOException: no file\n"
    "   at Shop.Store.Open(String path) in /src/Store.cs:line 5\n"
    "   --- End of inner exception stack trace ---\n"
    "   at System.Linq.Enumerable.First[TSource](IEnumerable`1 source)",
    "Rust": "thread 'main' panicked at src/main.rs:4:5:\n"
    "no stock\n"
    "stack backtrace:\n"
    "   0: rust_begin_unwind\n"
    "             at /rustc/abc/library/std/src/panicking.rs:647:5\n"
    "   1: shop::main\n"
    "             at ./src/main.rs:4:5\n"
    "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.",
    "Ruby": "stock.rb:3:in `read': no file (IOError)\n\tfrom stock.rb:9:in `load'\n\tfrom main.rb:12:in `<main>'",
}

Row = tuple[datetime, str, str, str, str, str, int | None]
"""Time, message, level, instance, version, stream, offset."""


def ordered(rows: list[Row]) -> pl.DataFrame:
    """A batch with the columns that order entries."""
    return pl.DataFrame(rows, schema=pl.Schema({**SCHEMA, **ORDER}), orient="row")


def split(
    trace: str, start: datetime, *, step: float = 0.001, instance: str = "pod-1", stream: str = "", offset: int | None
) -> list[Row]:
    """The trace's lines as entries of their own, `step` seconds apart; only the first has a level."""
    return [
        (
            start + timedelta(seconds=step * number),
            line,
            "" if number else "ERROR",
            instance,
            "1.0",
            stream,
            None if offset is None else offset + number,
        )
        for number, line in enumerate(trace.split("\n"))
    ]
