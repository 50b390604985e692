"""What the key keeps of a message."""

import random
import re

import polars as pl
import pytest

from fakes.tricky import EXAMPLES, PLACED
from logverdict.analysis.key import MAX_KEYED, key
from logverdict.analysis.key_words import CODE_WORDS, CODES, LONGEST, SAID_WORDS, STATUS_WORDS, TALLY_WORDS
from logverdict.analysis.keys import alike, keys

NASTY = [
    "",
    " ",
    "\x00binary\x00 7",
    "naïve café № 42 … ½ ²",
    "日本語 123 エラー",
    "\u0130\u0131ſtatus=200 \u212a 5",
    "emoji 😀😀12 end",
    "a\nb 1\r\n\tc2",
    "status=200ms status = 404 Status: 503 mystatus=12",
    'GET /a HTTP/1.1" 200 512',
    "exit code 137, rc=1, errno 2",
    "0 errors, 10 errors, Failures: 3, Errors: 1234",
    "\x1b[31mred\x1b[0m 5",
    "#1# status=200## ##",
    "rc=1 rc=2 rc=3 rc=4 a7 rc=5 b8 rc=6",
    "\x1b[1;exit 5 and \x1b[0 errors 7",
    "___1 _1_ a_1b",
    "١٢٣ arabic digits",
    "x" * (MAX_KEYED - 1) + "9 tail 5",
]


@pytest.mark.parametrize(("message", "expected"), EXAMPLES)
def test_words_with_digits_go_and_numbers_of_meaning_stay(message: str, expected: str) -> None:
    """A word that holds a digit becomes #; a status, an exit code or a tally of failures is kept."""
    assert key(message) == expected


def test_many_keys_are_the_keys_of_each() -> None:
    """The fast way over a column gives what the definition gives for each message."""
    dice = random.Random(1)
    pieces = [
        "status",
        "=",
        ":",
        " ",
        "200",
        "7",
        "a1",
        'HTTP/1.1"',
        "é",
        "#",
        "code",
        "errors",
        "0",
        "\n",
        "_",
        "exit",
        "\x1b[1m",
        *("GET /a/17 ", "POST /x -> ", "GET ", " /orders/9 ", "Completed ", " OK", " Conflict", "HEAD /http/1.1 "),
        *(" - ", "- ", "-> "),
        *("1/2/3/4/5 503 ", "/7/-1/", "/+3", "8/a1/0/0/0 ", "200/1/2/3/4 404 7", "tcp_hit/", "NONE_x/", "http"),
        *("failed with ", "got", "said: ", "a", "with", "is", "response", "exited ", "with error"),
        *("Completed 404 Not Found", ' PUT "https://a.b/c7" (', "503", " - ", "retry ", "signal", "\x01"),
        *PLACED,
    ]
    made = ["".join(dice.choices(pieces, k=dice.randint(1, 12))) for _ in range(20_000)]
    messages = [*NASTY, *made]
    assert keys(pl.Series(messages)).to_list() == [key(message) for message in messages]


def test_messages_that_differ_in_numbers_only_are_keyed_once() -> None:
    """Where a column holds few shapes, its keys are still those of each message, whatever its numbers mean."""
    dice = random.Random(2)
    signs = [*'=#"(/ \n\x01é', ": ", ", ", " -> ", "\x1b[", "beef", "mystatus", " in "]
    signs += ["10.0.7.", "1.2.3.4.5.6.", ".8.9."]
    asked = ["GET /a/", "POST http://x/?code=", " HTTP/1.1", "http/", '" ', "HEAD /y ", "Completed ", " OK", " Not"]
    asked += [*PLACED, " | ", " | 5ms", " | x7b | y2"]
    asked += ["/7/-1/", "1/2/3/4/", "/0/+", "8/a1/b2c/0", " 1/2/3/4/5 ", "GET /a 200/1/2/3/4 ", "tcp_miss/", " with "]
    names = [*CODE_WORDS, *STATUS_WORDS, *SAID_WORDS]
    words = [*names, *TALLY_WORDS, *(word.upper() for word in names), *(f"0 {word}" for word in TALLY_WORDS)]
    numbers = ["", *"07", "00", "42", "200", "404", "599", "600", "1000", "5x", "7_", "a1", "Be5", "Ab5x", "0 ", "1.1"]
    shapes = [dice.choices([*signs, *asked, *dice.sample(words, 12), *[""] * 25], k=9) for _ in range(150)]
    chosen = dice.choices(shapes, k=12_000)
    messages = ["".join(piece or dice.choice(numbers) for piece in shape) for shape in chosen]
    assert keys(pl.Series(messages)).to_list() == [key(message) for message in messages]
    assert len(alike(pl.Series(messages)).texts) < pl.Series(messages).n_unique() / 2


@pytest.mark.parametrize("message", NASTY)
def test_a_key_is_its_own_key(message: str) -> None:
    """Keying a key changes nothing, so a source may key first."""
    assert key(key(message)) == key(message)


def test_a_huge_message_is_cut() -> None:
    """Of a message of a megabyte only the start is keyed."""
    huge = "payload " + "z" * 1_000_000 + " 5"
    assert keys(pl.Series([huge])).to_list() == [huge[:MAX_KEYED]]


def test_words_and_patterns_are_the_same() -> None:
    """What a scanner looks up in a list is what a pattern finds, and no word is longer than it looks back."""
    words = {*CODE_WORDS}
    assert all(re.fullmatch(CODES, word) for word in words)
    parts = sorted({part for word in words for part in re.split("[_ ]", word)})
    dice = random.Random(3)
    made = {dice.choice(("", "_")).join(dice.choices(parts, k=dice.randint(1, 4))) for _ in range(60_000)}
    assert {word for word in made if re.fullmatch(CODES, word)} == made & words
    assert len(made & words) > 200
    assert max(map(len, [*words, *STATUS_WORDS, *SAID_WORDS, *TALLY_WORDS])) <= LONGEST
