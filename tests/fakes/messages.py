"""Messages of many shapes, two or more of most templates, to be found again by their templates."""

from collections.abc import Sequence

from logverdict.analysis.key import key
from logverdict.analysis.mask import mask

TRACE = (
    "java.lang.IllegalStateException: pool {} exhausted\n\tat com.shop.Pool.take(Pool.java:{})\n"
    "\tat com.shop.Web.serve(Web.java:9)\nCaused by: java.io.IOException: closed"
)
MESSAGES: Sequence[str] = (
    "Cannot encrypt order 17: key expired",
    "Cannot encrypt order x99: key expired",
    "Cannot decrypt order 17: key expired",
    "GET /orders/77/lines status=500 in 12 ms",
    "GET /orders/1/lines  status=500 in 3s",
    "GET /orders/77/lines status=200 in 12 ms",
    "open /var/lib/shop-1/a.db failed: no space left",
    "open /tmp/b/c9.db failed: no space left",
    "user=bob77 logged\tin from 10.0.0.1",
    "user=ann.1 logged\tin from 10.0.0.2",
    '{"event":"login_failed","user":"bob7","count":3}',
    '{"event":"login_failed","user":"ann1","count":12}',
    '{"event":"login_passed","user":"ann1","count":12}',
    'file "a b 5.txt" not found in "lib" (code=E77)',
    'file "7" not found in "lib" (code=E1)',
    "Gerät 17 antwortet nicht: Zeitüberschreitung",
    "Gerät 8 antwortet nicht: Zeitüberschreitung",
    "エラー5回 接続失敗",
    "\x1b[31mERROR\x1b[0m payment declined for order 5",
    "\x1b[31mpayment settled for everybody\x1b[0m",
    "2026-01-01 10:00:00,123 | WARNING  | app.db:connect:55 - pool is slow",
    "2026-01-02 11:30:00,001 | WARNING  | app.db:connect:55 - pool is slow",
    "2026-01-02 11:30:00,001 | INFO     | app.db:connect:55 - pool is ready",
    TRACE.format(3, 17),
    TRACE.format(4, 18),
    'level=error msg="timeout waiting" host=db7.eu.example.net:55 it\'s=5',
    r"C:\temp\a5.log: sharing violation by <b>service</b> & others",
    r"C:\temp\b6.log: sharing violation by <b>service</b> & others",
    "order 4f1c0a7e-1111-2222-3333-444455556666 stored",
    "order 5f1c0a7e-1111-2222-3333-444455556666 stored",
    'call failed err="dial tcp 10.0.0.1:5432: connect: refused"',
    'call failed err="dial tcp 10.0.0.7:5432: connect: refused"',
    'call failed err="pool 3 is closed"',
    'call failed\t{"error": "dial tcp 10.0.0.1: refused", "status": 503}',
    'call failed\t{"error": "dial tcp 10.0.0.9: refused", "status": 503}',
    'call failed\t{"error": "ledger 3 is locked", "status": 503}',
    "fe_http be_shop/app2 0/0/0/67/67 503 1225 - - sH-- 3/3/1/0/0 0/0",
    "fe_http be_shop/app1 0/3/-1/-1/7 503 217 - - sH-- 3/4/0/0/0 0/0",
    "ready",
    "Failures: 3, Errors: 0",
    "Failures: 4, Errors: 0",
    "42",
)


def template(message: str) -> str:
    return mask(key(message))


TEMPLATES: Sequence[str] = sorted({template(message) for message in MESSAGES})


NUMBER, JAPANESE = template("42"), template("エラー5回 接続失敗")
COLOURED = template("\x1b[31mpayment settled for everybody\x1b[0m")


def of_template(wanted: str) -> set[str]:
    return {message for message in MESSAGES if template(message) == wanted}
