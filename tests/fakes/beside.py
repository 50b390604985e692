"""Records that say more than their message, and what is to be judged of each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Beside = tuple[Mapping[str, Any], str]

FLAT: Sequence[Beside] = (
    ({"message": "ready in 5 ms"}, "ready in 5 ms"),
    ({"message": "served", "status": 503}, "served status=503"),
    ({"message": "served", "status": "503", "path": "/orders/7"}, "served status=503"),
    ({"message": "failed", "error": "dial 10.0.0.1:5432: refused"}, "failed error=dial 10.0.0.1:5432: refused"),
    ({"message": "failed", "status": 7, "error": "gone", "err": "x"}, "failed error=gone status=7"),
    ({"message": "failed", "error": "", "reason": None}, "failed"),
    ({"message": "failed", "error": False, "code": -1}, "failed error=false code=-1"),
    ({"message": "failed", "error.type": "java.io.IOException"}, "failed type=java.io.IOException"),
    ({"message": "failed", "err.message": "no", "statusCode": 500}, "failed error=no status=500"),
    ({"message": '{"a":1}', "error": "gone"}, '{"a":1}'),
    ({"message": "größe 文", "error": "Ошибка 😀"}, "größe 文 error=Ошибка 😀"),
)
"""As columns give them too."""
LINES: Sequence[Beside] = (
    ({"message": "failed", "error": "one\ntwo", "status": 500}, "failed error=one status=500"),
    ({"message": "failed\n\tat a.B", "error": "gone"}, "failed error=gone\n\tat a.B"),
)
NESTED: Sequence[Beside] = (
    ({"message": "served", "http": {"response": {"status_code": 502}}}, "served status=502"),
    ({"message": "failed", "error": {"type": "E", "message": "no"}}, "failed type=E error=no"),
    ({"message": "failed", "reason": ["first", "second"]}, "failed reason=first"),
    ({"message": "failed", "reason": ["", "second"]}, "failed reason=second"),
    ({"message": "failed", "reason": []}, "failed"),
    ({"message": "failed", "error": {"stack_trace": "E\n\tat a.B"}, "code": 3}, "failed code=3\nE\n\tat a.B"),
)
FRACTIONS: Sequence[Beside] = (
    ({"message": "failed", "code": 1.5}, "failed code=1.5"),
    ({"message": "failed", "code": 2e3}, "failed code=2000.0"),
)
"""A server may write them in another way, so that they have to be read."""
ALL = (*FLAT, *LINES, *NESTED, *FRACTIONS)


def line(record: Mapping[str, Any], time: str) -> str:
    return json.dumps({"time": time, **record})
