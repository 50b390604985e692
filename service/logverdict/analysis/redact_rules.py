"""What counts as a secret or as personal data, and what stands in its place: the table of redactions."""

import re
from collections.abc import Callable
from dataclasses import dataclass

SECRET, EMAIL, CARD, ACCOUNT = "<secret>", "<email>", "<card>", "<account>"


@dataclass(frozen=True, slots=True)
class RedactRule:
    """`pattern` (Rust regular expression) is replaced by `to`; `before` becomes `after`, which a test checks. With
    `check` only what passes it is replaced, whole.

    Patterns fit messages and their keys, in which `#` stands for a word that holds a digit.
    """

    name: str
    pattern: str
    to: str
    before: str
    after: str
    check: Callable[[str], bool] | None = None


def luhn(text: str) -> bool:
    """The check digit of card numbers, ISO/IEC 7812-1."""
    digits = [int(sign) for sign in text if sign in "0123456789"]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def account(text: str) -> bool:
    """The check digits of an IBAN, ISO 13616: modulo 97."""
    plain = re.sub("[^A-Z0-9]", "", text)
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


_NAME = (
    r"[A-Za-z0-9_.#-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|account[_-]?key|credentials?|sess(?:ion)?[_-]?id|cookies?|auth[_-](?:key|code)|signature|pin[_-]?code"
    r"|\b(?:sig|otp|cvv|cvc))(?:[_-]?(?:key|value|id|hash))?(?:[_.-][A-Za-z0-9_.#-]*)?"
)
"""Plurals are not meant: `tokens: 512` is a count. So are no words that go on: `tokenizer=fast`."""
_IS = r"\\*[\"']?\s*(?::=|=>|={1,2}|:)\s*"
_QUOTED = r"\\+\"[^\"]*\"|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_BARE = r"[^\s,;&<>\"'})\]\\=][^\s,;&<>\"'})\]\\]*"
_PAIR = r"[A-Za-z_-]+=(?:\"[^\"]*\"|[^\s,\"'<]+)"
_SCHEMES = r"bearer|basic|digest|negotiate|ntlm|token|apikey|oauth|hawk|mac|(?:aws4|#)-hmac-(?:sha256|#)"
_HUMP = r"[A-Za-z0-9_#-]*[a-z][A-Z]"

RULES = (
    RedactRule(
        "private key",
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
        r".*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)",
        SECRET,
        "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----",
        SECRET,
    ),
    RedactRule(
        "authorization",
        rf"(?i)\b(authorization\\*[\"']?\s*[=:]\s*\[?\\*[\"']?)(?:(?:{_SCHEMES}) +)?"
        rf"(?:{_PAIR}(?:, *{_PAIR})*|[^\s\"',;<\\\[]+)",
        f"$1{SECRET}",
        "Authorization: Bearer abc.def-ghi",
        "Authorization: <secret>",
    ),
    RedactRule(
        "bearer",
        r"\b([Bb]earer|BEARER) +(?:[A-Za-z+/._~-]*(?:[A-Z0-9+/_~#-]|\.[A-Za-z])[A-Za-z0-9+/._~#-]*|[a-z]{20,})=*",
        f"$1 {SECRET}",
        "sent Bearer abc.def-ghi",
        "sent Bearer <secret>",
    ),
    RedactRule(
        "basic",
        r"\b([Bb]asic|BASIC) +[A-Za-z+/]*(?:[a-z][A-Z]|[0-9#])[A-Za-z0-9+/#]*=*",
        f"$1 {SECRET}",
        "Basic dXNlcjpw refused, Basic authentication is on",
        "Basic <secret> refused, Basic authentication is on",
    ),
    RedactRule(
        "url credentials",
        r"(://)(?:[^/\s@]+|[^/\s:@]*:[^\s@/]*[^\s@/0-9#][^\s@/]*(?:/[^\s@/]*){1,3})@",
        f"$1{SECRET}@",
        "GET http://bob:hunter2@db/x, http://db:80/x@y",
        "GET http://<secret>@db/x, http://db:80/x@y",
    ),
    RedactRule(
        "oracle's credentials",
        r"(:(?:thin|oci):)[^/\s@<]+/[^@\s]+@",
        f"$1{SECRET}@",
        "jdbc:oracle:thin:bob/hunter@//db",
        "jdbc:oracle:thin:<secret>@//db",
    ),
    RedactRule(
        "cookie",
        rf"(?i)\b(cookies?{_IS}\\*[\"']?)([^\s;,=<\"'\\]+=[^\s;,<\"'\\]*(?:; *[^\s;,<\"'\\]+)*)",
        f"$1{SECRET}",
        "Cookie: theme=dark; sid=abc",
        "Cookie: <secret>",
    ),
    RedactRule(
        "named secret",
        rf"(?i)\b({_NAME})({_IS})(?:{_QUOTED}|{_BARE})",
        f"$1$2{SECRET}",
        "login password=hunter2 ok, tokens: 5",
        "login password=<secret> ok, tokens: 5",
    ),
    RedactRule(
        "flag",
        rf"(?i)( --?{_NAME}) +(?:{_QUOTED}|[^\s<\"'-][^\s\"']*)",
        f"$1 {SECRET}",
        "run --password hunter -v",
        "run --password <secret> -v",
    ),
    RedactRule(
        "element",
        rf"(?i)(<{_NAME}(?: [^<>]*)?>)[^<]+(</{_NAME}>)",
        f"$1{SECRET}$2",
        "<dbPassword>hunter</dbPassword>",
        "<dbPassword><secret></dbPassword>",
    ),
    RedactRule(
        "password in words",
        r"(?i)\b((?:passw(?:or)?d|passphrase|identified by)(?: is| was)? +)'[^']+'",
        f"$1{SECRET}",
        "with password 'hunter' of bob",
        "with password <secret> of bob",
    ),
    RedactRule(
        "password said",
        r"\b((?i:passw(?:or)?d|passphrase) (?:is|was) )[^\s,;<]*(?:[a-z][A-Z]|[0-9#$%&*@^]|[!?][^\s])[^\s,;]*",
        f"$1{SECRET}",
        "password is HunTer, password is required",
        "password is <secret>, password is required",
    ),
    RedactRule(
        "curl's user",
        r"( (?:-u|--user)[ =]?)[^\s:<-][^\s:]*:[^\s:]+",
        f"$1{SECRET}",
        "curl -u bob:hunter https://x",
        "curl -u <secret> https://x",
    ),
    RedactRule(
        "mysql's password",
        r"(\b(?:mysql|mariadb)[a-z]* [^\n]*?-p)[^\s<]\S*",
        f"$1{SECRET}",
        "mysql -ubob -phunter shop",
        "mysql -ubob -p<secret> shop",
    ),
    RedactRule(
        "json web token",
        rf"\beyJ[A-Za-z0-9_#-]{{8,}}\.[A-Za-z0-9_#-]{{8,}}\.[A-Za-z0-9_#-]*|(?:#|\beyJ)[A-Za-z_#-]*\.(?:#|eyJ)[A-Za-z_#-]*\.(?:{_HUMP}){{3}}[A-Za-z0-9_#-]*",
        SECRET,
        "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "got <secret>",
    ),
    RedactRule(
        "vendor token",
        r"\b(?:A(?:KI|SI|BI|CC)A[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl(?:pat|rt|dt|ptt|ft|soat|cbt|imt|agent)-[A-Za-z0-9_#-]{16,}"
        r"|xox[a-z]-[A-Za-z0-9#-]{10,}|xapp-[A-Za-z0-9#-]{10,}|(?:[sr]k|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}"
        r"|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_#-]{20,}|AIza[A-Za-z0-9_#-]{20,}|ya29\.[A-Za-z0-9_#-]{10,}"
        r"|SG\.[A-Za-z0-9_#-]+\.[A-Za-z0-9_#-]{8,}|sk-(?:[a-z]+-[A-Za-z0-9_#-]{20,}|[A-Za-z0-9]{20,})|do[opr]_v1_[a-f0-9]{40,}"
        r"|hv[sbr]\.[A-Za-z0-9_#-]{16,}|hf_[A-Za-z0-9]{20,})",
        SECRET,
        "using AKIAABCDEFGHIJKLMNOP now",
        "using <secret> now",
    ),
    RedactRule(
        "webhook",
        r"(hooks\.slack\.com/[a-z]+/)[A-Za-z0-9/#_-]+",
        f"$1{SECRET}",
        "POST https://hooks.slack.com/services/Tabc/Bdef/ghi",
        "POST https://hooks.slack.com/services/<secret>",
    ),
    RedactRule(
        "e-mail",
        r"[\p{L}0-9._%+#-]+@[\p{L}0-9#-]+(?:\.[\p{L}0-9#-]+)+",
        EMAIL,
        "mail to ann.lee@example.org sent",
        "mail to <email> sent",
    ),
    RedactRule(
        "e-mail in an address",  # in keys %40example is %#
        r"([?&][A-Za-z_-]+=)[A-Za-z0-9._+#-]+%(?:40[A-Za-z0-9-]+|#)(?:\.[A-Za-z0-9#-]+)+",
        f"$1{EMAIL}",
        "GET /u?mail=ann%40example.org",
        "GET /u?mail=<email>",
    ),
    RedactRule(
        "card number",
        r"\b[2-6](?:[ -]?[0-9]){12,18}\b",
        CARD,
        "paid with 4111 1111 1111 1111, order 4111111111111112.",
        "paid with <card>, order 4111111111111112.",
        luhn,
    ),
    RedactRule(
        "bank account",
        r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
        ACCOUNT,
        "to CH93 0076 2011 6238 5295 7, of GB29 ABCD 1234 1234",
        "to <account>, of GB29 ABCD 1234 1234",
        account,
    ),
    RedactRule("social security number", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", SECRET, "ssn 078-05-1120", "ssn <secret>"),
)

HINTS = (
    *("-----begin", "authorization", "bearer", "basic", "://", ":thin:", ":oci:", "@", "%40", "%#"),
    *("passw", "passphrase", "pwd", "secret", "token", "credential", "cookie", "signature", "sig", "otp", "cvv", "cvc"),
    *(f"{one}{gap}key" for one in ("api", "access", "private", "account", "auth") for gap in ("", "_", "-")),
    *(f"{one}{gap}id" for one in ("sess", "session") for gap in ("", "_", "-")),
    *(f"{one}{gap}code" for one in ("auth", "pin") for gap in ("", "_", "-")),
    *("identified by", " -u", "--user", "mysql", "mariadb", "eyj", "#.", "akia", "asia", "abia", "acca", "github_pat_"),
    *(f"gh{sign}_" for sign in "pousr"),
    *(f"gl{kind}-" for kind in ("pat", "rt", "dt", "ptt", "ft", "soat", "cbt", "imt", "agent")),
    *("xox", "xapp-", "k_live_", "k_test_", "whsec_", "npm_", "pypi-", "aiza", "ya29.", "sg.", "sk-", "_v1_"),
    *("hvs.", "hvb.", "hvr.", "hf_", "hooks.slack"),
)
"""What all that the rules fit holds at least one of, in any case, but for what is told by digits alone: looking for
words costs a fraction of looking for patterns."""
DIGITS = r"[0-9](?:[ -]?[A-Z0-9]){8}"
