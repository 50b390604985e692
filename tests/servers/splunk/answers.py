"""Answers as JSON and XML from one model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from servers.splunk.engine import Row
from servers.splunk.events import shown

NAMES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest" '
    'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
Messages = Sequence[Mapping[str, str]]


def messages(texts: Messages, mode: str) -> bytes:
    if mode == "json":
        return orjson.dumps({"messages": list(texts)})
    inner = "".join(f'<msg type="{text["type"]}">{escape(text["text"])}</msg>' for text in texts)
    return f"{HEAD}<response><messages>{inner}</messages></response>".encode()


def of_value(name: str, value: str, mode: str) -> bytes:
    """{"sid": ...} or <response><sid>"""
    if mode == "json":
        more = {"message": "", "code": ""} if name == "sessionKey" else {}
        return orjson.dumps({name: value, **more})
    return f"{HEAD}<response><{name}>{escape(value)}</{name}></response>".encode()


def entry(name: str, content: Mapping[str, Any], owner: str, app: str, mode: str, feed: bool = False) -> bytes:
    """One thing with its state: native types in JSON, texts with 1 and 0 in XML; a job is the root entry of its XML."""
    acl = {"owner": owner, "app": app, "sharing": "global", "perms": {"read": ["*"], "write": ["*"]}}
    if mode == "json":
        one = {"name": name, "id": name, "updated": "", "links": {}, "author": owner, "content": content, "acl": acl}
        return orjson.dumps({"links": {}, "origin": "", "updated": "", "entry": [one], "paging": {}, "messages": []})
    inside = _dict({**content, "eai:acl": acl})
    text = f"<title>{escape(name)}</title><id>{escape(name)}</id><updated>2026-01-01T00:00:00+00:00</updated>"
    link = '<link href="/services/thing" rel="alternate"/>'
    body = f'{text}{link}<author><name>{escape(owner)}</name></author><content type="text/xml">{inside}</content>'
    if feed:
        return f"{HEAD}<feed {NAMES}><title>{escape(name)}</title><entry>{body}</entry></feed>".encode()
    return f"{HEAD}<entry {NAMES}>{body}</entry>".encode()


def _dict(value: Mapping[str, Any]) -> str:
    inner = "".join(f"<s:key name={quoteattr(name)}>{_value(one)}</s:key>" for name, one in value.items())
    return f"<s:dict>{inner}</s:dict>"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _dict(value)
    if isinstance(value, list):
        return f"<s:list>{''.join(f'<s:item>{_value(one)}</s:item>' for one in value)}</s:list>"
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else escape(str(value))


def timed(rows: Iterable[Row], form: str, shift: int = 0) -> Iterator[Row]:
    """Only the field named _time is formatted (documented); `shift` in microseconds is a fault."""
    for row in rows:
        value = row.get("_time")
        if isinstance(value, str):
            if shift:
                seconds, _, fraction = value.partition(".")
                moved = int(seconds) * 1_000_000 + int((fraction or "0")[:6].ljust(6, "0")) + shift
                value = f"{moved // 1_000_000}.{moved % 1_000_000:06}"
            yield {**row, "_time": shown(value, form)}
        else:
            yield row


def results(rows: list[Row], offset: int, texts: Messages, mode: str) -> bytes:
    if mode == "json":
        head = {"preview": False, "init_offset": offset, "post_process_count": 0, "messages": list(texts)}
        if not rows:
            return orjson.dumps({**head, "results": []})
        names = [{"name": name} for name in dict.fromkeys(name for row in rows for name in row)]
        return orjson.dumps({**head, "fields": names, "results": rows, "highlighted": {}})
    names = "".join(f"<field>{escape(name)}</field>" for name in dict.fromkeys(name for row in rows for name in row))
    body = "".join(_result(at, row) for at, row in enumerate(rows, offset))
    inner = "".join(f'<msg type="{text["type"]}">{escape(text["text"])}</msg>' for text in texts)
    meta = f"<meta><fieldOrder>{names}</fieldOrder></meta><messages>{inner}</messages>"
    return f"{HEAD}<results preview='0'>{meta}{body}</results>".encode()


def _result(at: int, row: Row) -> str:
    inside = ""
    for name, value in row.items():
        values = [value] if isinstance(value, str) else value
        if name == "_raw":
            inside += f"<field k='_raw'><v xml:space='preserve' trunc='0'>{escape(str(value))}</v></field>"
        else:
            texts = "".join(f"<value><text>{escape(one)}</text></value>" for one in values)
            inside += f"<field k={quoteattr(name)}>{texts}</field>"
    return f"<result offset='{at}'>{inside}</result>"


def export(rows: list[Row], texts: Messages, previews: int, lastrow: bool) -> Iterator[bytes]:
    """A JSON object a line; a preview starts at offset 0 each time (recorded); the shape of messages is unverified."""
    if texts:
        yield orjson.dumps({"preview": False, "messages": list(texts)}) + b"\n"
    for _ in range(previews if rows else 0):
        yield orjson.dumps({"preview": True, "offset": 0, "lastrow": True, "result": rows[0]}) + b"\n"
    for at, row in enumerate(rows):
        last = {"lastrow": True} if lastrow and at == len(rows) - 1 else {}
        yield orjson.dumps({"preview": False, "offset": at, **last, "result": row}) + b"\n"
    if not rows and lastrow:
        yield b'{"preview":false,"lastrow":true}\n'
