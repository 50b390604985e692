"""The templates of a column of keys: the same as `mask` of each, rule by rule over the whole column."""

import re
from functools import cache

import polars as pl

from logverdict.analysis.mask import MASK_VERSION, TABLES, mask, remembered
from logverdict.analysis.mask_rules import MaskRule

FEW = 300
"""Keys that are masked one by one: to make ready the expressions for columns takes as long as so many keys do."""
REMEMBERED = 65_536
"""Keys whose templates are kept: those of one look come again with the next."""
_APART = r"[^\x00-\x7f]|\n|(?:^|[\t-\r\x1c-\x20])[\x00-\x20]*\{[\x00-\x20]*[\"}]|^[A-Za-z_@][0-9A-Za-z_.@/-]*="
"""What may be JSON or logfmt or end in JSON, has several lines, or signs beside ASCII: `mask` alone knows these."""
_BLANKS = " \t\n\v\f\r\x1c\x1d\x1e\x1f"
"""What Python takes for one, of ASCII."""
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]|\(\?<?[=!]|\{\d+,\d\d+\}|.", re.DOTALL)
_FOLLOWED = re.compile(r"\(\?=((?:[^()\\]|\\.|\(\?:[^()]*\))*)\)$")
_GROUP = re.compile(r"\\([0-9])")
_LOOKS = ("(?=", "(?!", "(?<=", "(?<!")
_ASCII = {r"\w": "[0-9A-Za-z_]", r"\s": r"[\t-\r ]", r"\S": r"[^\t-\r ]", r"\b": r"(?-u:\b)"}


def masks(keys: pl.Series, version: str = MASK_VERSION) -> pl.Series:
    """The template of each key, by the table of that version."""
    known = remembered(version)
    found = list(map(known.get, keys))
    if None in found:
        new = pl.Series([key for key, template in zip(keys, found, strict=True) if template is None]).unique()
        made = dict(zip(new, _masked(new, version), strict=True))
        found = [made[key] if template is None else template for key, template in zip(keys, found, strict=True)]
        if len(known) + len(made) > REMEMBERED:
            known.clear()
        known.update(list(made.items())[:REMEMBERED])
    return pl.Series(keys.name, found, dtype=pl.String)


def _masked(keys: pl.Series, version: str) -> pl.Series:
    apart = keys.str.contains(_APART) if len(keys) > FEW else pl.Series([True]).new_from_index(0, len(keys))
    alone, together = apart.arg_true(), (~apart).arg_true()
    made = keys.clone().scatter(alone, [mask(key, version) for key in keys.gather(alone)])
    if together.is_empty():
        return made
    texts = keys.gather(together)
    for rule in TABLES[version]:
        texts = _ruled(texts, rule)
    texts = texts.str.strip_chars(_BLANKS)
    return made.scatter(together, texts.set(texts == "", "<empty>"))


def _ruled(texts: pl.Series, rule: MaskRule) -> pl.Series:
    """Where columns know no such pattern, what may fit it is looked for, which most texts don't."""
    wider, exact = _wider(rule.pattern.pattern)
    if exact and isinstance(rule.to, str):
        return texts.str.replace_all(wider, _GROUP.sub(r"${\1}", rule.to.replace("$", "$$")))
    places = texts.str.contains(wider).arg_true()
    if places.is_empty():
        return texts
    return texts.scatter(places, [rule.pattern.sub(rule.to, text) for text in texts.gather(places)])


@cache
def _wider(pattern: str) -> tuple[str, bool]:
    """A pattern for columns of ASCII texts that fits wherever this one does, and whether it fits nowhere else: without
    looking around, and without counting far."""
    taken = _FOLLOWED.sub(r"(?:\1)", pattern)
    out, exact, depth = list[str](), taken == pattern, 0
    for token in _TOKEN.findall(taken):
        if depth or token in _LOOKS:
            exact, depth = False, depth + token.startswith("(") - (token == ")")
        elif token[0] == "{" and len(token) > 1:
            exact = False
            out.append(f"{{{token[1:].split(',')[0]},}}")
        elif token[0] == "[":
            out.append(token.replace(r"\w", "0-9A-Za-z_").replace(r"\s", r"\t-\r "))
        else:
            out.append(_ASCII.get(token, token))
    return "".join(out), exact
