"""What may stand in a search: a fragment of a profile never becomes a second command, nor moves the window."""

import re
import unicodedata
from collections.abc import Iterator

from logverdict.domain.errors import InvalidRequest

LONGEST = 4_000
COMMANDS = ("search", "fields", "eval", "rex", "stats", "eventstats", "tstats", "spath", "head", "eventcount")
"""All that this source ever sends; everything else is refused, whoever wrote it."""

TIMES = (
    r"_?index_(?:earliest|latest)|earliest|latest|(?:start|end)time(?:u)?|timeformat|searchtimespan\w*"
    r"|(?:start|end)?(?:minutes|hours|days|months)ago"
)
PINNED = "index"
CALLS = "savedsearch|savedsplunk"
OPERATOR = r"\s*(?:[=<>]|!=|::|\bin\s*\()"
NAMED = re.compile(rf'(?<![\w.])"?(?P<name>{TIMES}|{PINNED}|{CALLS})"?{OPERATOR}', re.IGNORECASE)
FIELD = re.compile(r"[\w.:{}@-]+(?: [\w.:{}@-]+)*")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
BEFORE, AFTER = {"", *" (,=<>"}, {"", *" ),=<>!"}
OUTSIDE = {
    "|": "a pipe; only conditions of one search are allowed",
    "[": "a subsearch, which is not allowed",
    "]": "a bracket; subsearches are not allowed",
    "\\": "a backslash outside of quotes; write the text in double quotes",
    "'": "a single quote outside of double quotes; write the text in double quotes",
}


def guarded(field: str, fragment: str) -> str:
    """The fragment on one line. Raises InvalidRequest naming `field` for what is more than conditions of one search."""
    if not fragment.strip():
        raise InvalidRequest(field, "is empty; write conditions such as level=ERROR, or * for all entries")
    if len(fragment) > LONGEST:
        raise InvalidRequest(field, f"is too long; allowed: up to {LONGEST:,} characters")
    text = re.sub(r"[\t\r\n]+", " ", fragment).strip()
    if fault := next(_faults(text), ""):
        raise InvalidRequest(field, f"holds {fault}")
    return text


def allowed(search: str) -> str:
    """The whole search as it will be sent, checked once more. Raises InvalidRequest for a command that we never use."""
    for command in _pipeline(search.removeprefix("|")):
        name = command.split(maxsplit=1)[0].lower() if command.strip() else ""
        if name not in COMMANDS:
            raise InvalidRequest("query", f"would run the command {name!r}; allowed: {', '.join(COMMANDS)}")
    return search


def quoted(field: str, value: str) -> str:
    """A value in quotes. Raises InvalidRequest for what can't be quoted beyond doubt."""
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return guarded(field, f'"{text}"')


def _faults(text: str) -> Iterator[str]:
    yield from _characters(text)
    if text.lower().startswith("search "):
        yield "the word search at its start; leave it out, or write it in quotes"
    rest = QUOTED.sub("", text)
    if '"' in rest:
        yield "a quote that is not closed"
    yield from _quotes(text)
    # Escapes could be read in another way than ours; then what is inside must be harmless outside too.
    for sign, fault in OUTSIDE.items():
        if sign in (text if "\\" in text and sign in "|[]" else rest):
            yield fault
    yield from _brackets(rest)
    yield from _names(text)


def _characters(text: str) -> Iterator[str]:
    if "`" in text:
        yield "a backtick; macros and comments are not allowed"
    if bad := next((sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")), ""):
        yield f"the control character U+{ord(bad):04X}"


def _quotes(text: str) -> Iterator[str]:
    """Quotes that two readers could pair in different ways."""
    for match in QUOTED.finditer(text):
        if match[1].endswith("\\"):
            yield "a quoted text that ends with a backslash; use * instead"
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        if before not in BEFORE or after not in AFTER:
            yield "a quote inside of a word; write spaces around quoted texts"


def _brackets(rest: str) -> Iterator[str]:
    depth = 0
    for sign in rest:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            yield "a closing bracket without an opening one"
            return
    if depth:
        yield "an opening bracket without a closing one"


def _names(text: str) -> Iterator[str]:
    """Names that decide when and where is searched. Quoted text counts only where it stands as a name."""
    for match in QUOTED.finditer(text):
        if re.match(OPERATOR, text[match.end() :], re.IGNORECASE) and not FIELD.fullmatch(match[1]):
            yield "a quoted field name of other signs than letters, digits and _ . : - @ { }"
    bare = QUOTED.sub(lambda match: match[0] if FIELD.fullmatch(match[1]) else '""', text)
    for match in NAMED.finditer(bare):
        name = match["name"].lower()
        if name == PINNED:
            yield "index=; name indexes in options.index"
        elif re.fullmatch(CALLS, name):
            yield f"{name}=; saved searches are not allowed"
        else:
            yield f"{name}=; the window is set by the verification"


def _pipeline(search: str) -> Iterator[str]:
    """The commands of a search: split at pipes outside of quotes."""
    start = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|\|', search, re.DOTALL):
        if match[0] == "|":
            yield search[start : match.start()]
            start = match.end()
    yield search[start:]
