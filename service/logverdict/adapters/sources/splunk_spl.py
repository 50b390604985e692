"""SPL that decides what an entry's fields, key and bin are, as `splunk_rows` and `analysis.key` do.

Texts in it hold no quotes, and no backslash but before `x` and `1`: there are no two ways to read them. Classes
are spelled out, so it does not matter whether expressions run over bytes or characters, or what case Unicode gives.
"""

import re
from collections.abc import Iterator, Sequence

from logverdict.adapters.sources.records import RECORD, STACKS, labelled
from logverdict.adapters.sources.times import micros
from logverdict.analysis.key import (
    AFTER_SENT,
    AFTER_TIMERS,
    ASKED,
    BAR,
    COLOUR,
    COLUMNS,
    COMPLETED,
    FROM,
    KEPT,
    MAX_KEYED,
    PHRASE,
    REQUEST,
    SENT,
    STATUS,
    SUSPECT_STARTS,
    TIMERS,
    WORD,
)
from logverdict.domain.profile import FieldNames
from logverdict.domain.window import Grid

HELD, DOUBT = "=", "!"
"""A value stands behind HELD, so that an empty one is a value too, and none is taken for a number. DOUBT: only the
whole entry, seen by `splunk_rows`, can tell."""
INSTANCE, LEVEL, VERSION, KEY, BIN = "lv_instance", "lv_level", "lv_version", "lv_key", "lv_bin"

_SPACE = r"[ \x09\x0a\x0d]*"
_STRING = r"\x22"
_SOME = rf"{_SPACE}:{_SPACE}(?:{_STRING}(?!{_STRING})|[0-9-])"
"""A text that is not empty, or a number: what `records.text` takes."""
_ANY = rf"{_SPACE}:{_SPACE}(?:{_STRING}(?!{_STRING})|[0-9tf-])"
"""Or a truth."""
EXTRACTED = 5_000
"""Characters of JSON up to which Splunk gives all fields if it gives one (`extraction_cutoff` in its limits)."""
_HIGH, _LOW = r"\x5cu[dD][89abAB][0-9a-fA-F][0-9a-fA-F]", r"\x5cu[dD][c-fC-F][0-9a-fA-F][0-9a-fA-F]"
_ODD = "|".join(
    (
        r"[\x00-\x1f]",
        rf"{_HIGH}(?!{_LOW})|(?<!{_HIGH}){_LOW}",
        rf"\x5cu00[2-7][0-9a-fA-F][^\x22]*{_STRING}{_SPACE}:",
        rf"{_STRING}{_SPACE}:{_SPACE}[-+]?(?:NaN|Inf|[.]|0[0-9])",
    )
)
"""JSON that two readers may take in different ways: control characters, halves of surrogates, escapes in names."""
NOTHING = '""'
STACK_WORDS = "stack|exception|exc_info"
"""One of them is in each name of STACKS."""
_NUMBER = "^=[-+]?(?:0[xX][0-9a-fA-F]+|[-+0-9.eE]+)$"
_NOT_ASCII = r"[^\x01-\x7f]"
_EDGE = "[0-9A-Za-z_]"


def spelled(pattern: str, *, any_case: bool) -> str:
    """One of `analysis.key`'s patterns without quotes and slashes, and with both cases of each letter."""
    return "".join(_spelled(part, any_case) for part in re.findall(r"\\x..|\\.|\[[^\]]*\]|.", pattern))


def _spelled(part: str, any_case: bool) -> str:
    if part[0] == "[":
        return f"[{part[1:-1].replace(chr(92), '').translate(_QUOTES)}]"
    if part[0] == "\\":
        return part if part[1] == "x" else f"\\x{ord(part[1]):02x}"
    if part.isalpha() and any_case:
        return f"[{part.upper()}{part.lower()}]"
    return part.translate(_QUOTES)


_QUOTES = {ord(sign): f"\\x{ord(sign):02x}" for sign in "\"'/"}


def literal(text: str) -> str:
    """An expression that means just this ASCII text."""
    return re.sub(r"[^A-Za-z0-9_]", lambda found: f"\\x{ord(found[0]):02x}", text)


MARK = "lv_kept="
"""Stands before the status of a request while a key is made. What holds it by itself is to be read."""


def key_seds() -> tuple[str, ...]:
    """What makes a key of a text, one after the other: what stands before a status may be of any length, so it is
    marked first; behind timers only then, as the status of a request is none of them. The group of the last but one is
    always set: it is tried first, without moving on. What it holds begins where a word does and ends in one, so it is
    written once: twice it would be more than some engines take."""
    status, phrase, timers, columns, asked = (_exactly(one) for one in (STATUS, PHRASE, TIMERS, COLUMNS, ASKED))
    kept = rf"(?<!{_EDGE})(?:{spelled(KEPT, any_case=True)})(?!{_EDGE})|(?<={MARK}){status}"
    colour, word = _exactly(COLOUR), _exactly(WORD)
    ahead = rf"{status}(?={asked})|(?<={_exactly(BAR)}){status}(?={columns})"
    answered = rf"{_exactly(REQUEST)}(?={status}(?!{_EDGE}))|{COMPLETED}(?={status}{phrase})"
    answered += rf"|{SENT}(?={status}{AFTER_SENT})"
    return (
        rf"s/(?<!{_EDGE})({ahead})/{MARK}\1/g",
        rf"s/((?<!{_EDGE})(?:{answered})|{_exactly(FROM)}(?={status}(?!{_EDGE})))/\1{MARK}/g",
        rf"s/(?<!{_EDGE})(?<!{MARK})({timers}(?={status}{AFTER_TIMERS}))/\1{MARK}/g",
        rf"s/(?=({kept}|))(?:{colour}|(?<!{_EDGE})\1(?<={_EDGE})#?|{word})/\1#/g",
        rf"s/{MARK}//g",
    )


def _exactly(pattern: str) -> str:
    return spelled(pattern, any_case=False)


def value(names: Sequence[str], absent: str) -> str:
    """The first of the fields that holds something; DOUBT, or the expression `absent`."""
    parts = [part for name in names for part in (*_extracted(name), *_unread(name))]
    return f"case({','.join([*parts, 'true()', absent])})"


def _extracted(name: str) -> Iterator[str]:
    """Each doubt is a case of its own: what becomes of `null OR true` is not told."""
    if name[0] != "_":  # internal fields are not asked for
        found = f"mvindex('{name}',0)"
        # JSON's null comes as a text.
        yield f'{found}!="" AND (lv_json=0 OR {found}!="null"),"{HELD}" . {found}'
        yield f"mvcount('{name}')>1,\"{DOUBT}\""


def _unread(name: str) -> Iterator[str]:
    """JSON that may hold what Splunk did not extract."""
    yield f'lv_json=2,"{DOUBT}"'
    yield f'lv_json=1 AND match(_raw,"{_written(name)}{_SOME}"),"{DOUBT}"'


def _written(name: str) -> str:
    """Whether a JSON text may hold such a field that Splunk did not extract: by its full name, or in nested objects."""
    inside = rf"(?:\x2e|{_STRING}{_SPACE}:{_SPACE}\x7b(?s:.*?){_STRING})"
    return f"{_STRING}{inside.join(map(literal, name.split('.')))}{_STRING}"


def fields_eval(fields: FieldNames) -> str:
    """`lv_json` (0 plain, 1 JSON, 2 JSON that readers may take differently) and the instance."""
    json = (
        r'case(NOT match(_raw,"^\x7b"),0,'
        rf'match(_raw,"^\x7b{_SPACE}\x7d{_SPACE}$"),0,match(_raw,"{_ODD}"),2,json_valid(_raw),1,true(),0)'
    )
    host = f'"{HELD}" . coalesce(mvindex(host,0),"")'
    return f"eval lv_json={json}, {INSTANCE}={value(fields.instance, host)}"


def bin_eval(grid: Grid) -> str:
    """The bin's number, from whole microseconds: fractions of seconds are not exact."""
    seconds, rest = divmod(micros(grid.start), 1_000_000)
    width = micros_of(grid)
    return f"eval {BIN}=floor((round((_time-{seconds})*1000000)-{rest})/{width})"


def micros_of(grid: Grid) -> int:
    return grid.width.days * 86_400_000_000 + grid.width.seconds * 1_000_000 + grid.width.microseconds


def key_eval(fields: FieldNames) -> Iterator[str]:
    """The commands that give level, version and key; KEY is DOUBT for what has to be read."""
    message = value(fields.message, '""')
    if fields.message == FieldNames().message:  # the usual names count in JSON only
        message = f'if(lv_json=0,"",{message})'
    empty = f'"{HELD}"'
    yield f"eval {LEVEL}={value(fields.level, empty)}, {VERSION}={value(fields.version, empty)}, lv_field={message}"
    yield from _details(fields.named_details)
    stack = f'lv_json=1 AND lv_field!="" AND match(_raw,"{STACK_WORDS}")'
    yield f'eval lv_stack=if({stack},{value(STACKS, chr(34) * 2)},"")'
    yield f"eval lv_text={_text()}"
    yield f"eval {KEY}={_key()}"
    yield from (f'rex field={KEY} mode=sed "{sed}"' for sed in key_seds())


def _detail(names: Sequence[str]) -> str:
    """Where the message was extracted, so were these, but for what is cut off."""
    parts = list[str]()
    for name in names:
        unread = f'lv_json=1 AND len(_raw)>{EXTRACTED} AND match(_raw,"{_written(name)}{_ANY}")'
        parts += [*_extracted(name), f'{unread},"{DOUBT}"']
    return f"case({','.join([*parts, 'true()', NOTHING])})"


def _details(names: Sequence[str]) -> Iterator[str]:
    """What `records.with_details` does; DOUBT for a detail of several lines, or behind a message of several."""
    held = {f"lv_detail{number}": detail for number, detail in enumerate(labelled(tuple(names)))}
    if not held:
        return
    yield "eval " + ", ".join(f"{one}={_detail(some)}" for one, (_, some) in held.items())
    doubts = " OR ".join(rf'{one}="{DOUBT}" OR match({one},"\x0a")' for one in held)
    some = " OR ".join(f'{one}!=""' for one in held)
    more = " . ".join(f'if({one}="",""," {label}=" . substr({one},2))' for one, (label, _) in held.items())
    bare = rf'lv_field="" OR lv_field="{DOUBT}" OR match(lv_field,"^{HELD}{literal(RECORD)}")'
    yield (
        rf'eval lv_field=case({bare},lv_field,{doubts} OR (match(lv_field,"\x0a") AND ({some})),"{DOUBT}",'
        f"true(),lv_field . {more})"
    )


def _text() -> str:
    """The message, and the stack trace behind it. A line break stands for itself."""
    return (
        f'case(lv_json=2 OR lv_field="{DOUBT}" OR lv_stack="{DOUBT}","{DOUBT}",lv_field="","{HELD}" . _raw,'
        rf'NOT match(lv_stack,"\x0a"),lv_field,match(lv_field,"\x0a"),"{DOUBT}",'
        'true(),lv_field . "\n" . substr(lv_stack,2))'
    )


def _key() -> str:
    """What is not cut beyond doubt is not cut: lengths may be of bytes."""
    doubts = " OR ".join(f'{name}="{DOUBT}"' for name in ("lv_text", LEVEL, INSTANCE, VERSION))
    suspects = "|".join(map(literal, SUSPECT_STARTS))
    return (
        f'case({doubts},"{DOUBT}",match(lv_text,"^{HELD}(?:{suspects})"),"{DOUBT}",match(lv_text,"{_NUMBER}|{MARK}"),"{DOUBT}",'
        f'len(lv_text)<={MAX_KEYED + 1},lv_text,match(lv_text,"{_NOT_ASCII}"),"{DOUBT}",'
        f"true(),substr(lv_text,1,{MAX_KEYED + 1}))"
    )
