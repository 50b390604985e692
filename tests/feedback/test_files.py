"""Feedback as a file: what is exported can be reviewed, and importing it twice changes nothing."""

from dataclasses import replace

import pytest

from fakes.clock import NOON, FakeClock
from fakes.feedback import ANN, IN_PROD, a_feedback, ids
from fakes.feedback_store import MemoryFeedback
from logverdict.adapters.profiles.feedback_texts import FeedbackYaml
from logverdict.domain.errors import InvalidRequest, InvalidText
from logverdict.domain.feedback import Author, FeedbackChange, FeedbackLevel, FeedbackRevision, Scope
from logverdict.domain.words import Severity
from logverdict.verify.feedback_file import FeedbackFiles

BOB = Author("bob")
TEXT = """
feedback:
  - level: ignore
    scope: {service: checkout, environment: prod}
    template: "ERROR payment 4711 declined"
    reason: the bank says so
    expires: 2026-12-24T00:00:00+01:00
    ticket: https://tickets.example/7
  - level: ALWAYS_FAIL
    scope: {}
    template: ["disk of <*> is full", disk of node-a is full]
    severity: FATAL
    reason: never again
"""


@pytest.fixture
def kept() -> MemoryFeedback:
    return MemoryFeedback()


@pytest.fixture
def files(kept: MemoryFeedback) -> FeedbackFiles:
    return FeedbackFiles(kept, FeedbackYaml(), FakeClock())


async def read_in(files: FeedbackFiles, text: str, *, dry_run: bool = False, prune: bool = False) -> list[str]:
    found = await files.read_in(text, BOB, dry_run=dry_run, prune=prune)
    return [one.change.value if one.change else "SAME" for one in found]


async def test_a_file_becomes_feedback(files: FeedbackFiles, kept: MemoryFeedback) -> None:
    """Messages are masked, words may be in any case, and the author is who imports it."""
    assert await read_in(files, TEXT) == ["CREATED", "CREATED"]
    found, _ = await kept.list("level = IGNORE", "", 5)
    (one,) = found
    assert (one.about.template, one.about.severity) == ("ERROR payment <num> declined", Severity.ERROR)
    assert (one.scope, one.author, one.ticket) == (IN_PROD, BOB, "https://tickets.example/7")
    assert one.expires is not None and one.expires.isoformat() == "2026-12-24T00:00:00+01:00"
    (other,) = (await kept.list("level = ALWAYS_FAIL", "", 5))[0]
    assert (other.scope, other.about.severity, len(other.about.templates)) == (Scope(), Severity.FATAL, 2)


async def test_the_same_file_again_changes_nothing(files: FeedbackFiles, kept: MemoryFeedback) -> None:
    """Neither the file that was written by hand, nor what is exported of it."""
    await read_in(files, TEXT)
    assert await read_in(files, TEXT) == ["SAME", "SAME"]
    text = await files.export("")
    assert await read_in(files, text, prune=True) == ["SAME", "SAME"]
    assert await files.export("") == text
    for one in (await kept.list("", "", 5))[0]:
        assert one.revision == 1


async def test_what_is_exported_holds_all_of_it(files: FeedbackFiles, kept: MemoryFeedback) -> None:
    """Another server that imports it has the same feedback."""
    said = [
        a_feedback(FeedbackLevel.MEDIUM, 'say "no": <num> - a: b, {c}', id="a", expires=NOON, ticket="https://t/1"),
        a_feedback(FeedbackLevel.DEFAULT, "ü <num>", "other: [x]", id="b", scope=Scope(), reason="two\nlines: yes"),
    ]
    await kept.change([FeedbackRevision(0, FeedbackChange.CREATED, NOON, ANN, one) for one in said])
    other = MemoryFeedback()
    await read_in(FeedbackFiles(other, FeedbackYaml(), FakeClock()), await files.export(""))
    for one in said:
        copy = await other.get(one.id)
        assert replace(copy, author=one.author, about=one.about) == one
        assert (copy.about.templates, copy.about.severity) == (one.about.templates, one.about.severity)


async def test_a_dry_run_only_tells(files: FeedbackFiles, kept: MemoryFeedback) -> None:
    """What would change, line by line; nothing does."""
    await read_in(files, TEXT)
    changed = TEXT.replace("the bank says so", "the bank said so")
    (one, _) = await files.read_in(changed, BOB, dry_run=True, prune=False)
    assert one.change is FeedbackChange.UPDATED
    assert one.diff == ("-    reason: the bank says so", "+    reason: the bank said so")
    assert await read_in(files, changed) == ["UPDATED", "SAME"]
    assert await read_in(files, changed) == ["SAME", "SAME"]
    assert len((await kept.history(one.feedback.id, "", 5))[0]) == 2


async def test_pruning_deletes_what_the_file_does_not_have(files: FeedbackFiles, kept: MemoryFeedback) -> None:
    """Only when it is asked for; the history says who did."""
    await kept.change([FeedbackRevision(0, FeedbackChange.CREATED, NOON, ANN, a_feedback())])
    assert await read_in(files, TEXT) == ["CREATED", "CREATED"]
    assert await read_in(files, TEXT, prune=True, dry_run=True) == ["SAME", "SAME", "DELETED"]
    assert await read_in(files, TEXT, prune=True) == ["SAME", "SAME", "DELETED"]
    assert "f1" not in ids((await kept.list("", "", 5))[0])
    assert (await kept.history("f1", "", 5))[0][-1].author == BOB


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("feedback: [{level: mild}]", "line 1"),
        (TEXT.replace("ignore", "ignored"), "did you mean IGNORE"),
        (TEXT.replace("scope: {}", "scope: {environment: prod}"), "feedback[1].scope.service"),
        (TEXT.replace("    scope: {}\n", ""), "scope: is required"),
        (TEXT.replace("reason: never again", "reason: ' '"), "feedback[1].reason"),
        (TEXT.replace("2026-12-24T00:00:00+01:00", "tomorrow"), "is no time"),
        (TEXT.replace("https://tickets.example/7", "ask Bob"), "feedback[0].ticket"),
        (TEXT.replace("  - level: ignore", "  - id: a\n    level: ignore") + TEXT.partition("feedback:\n")[2].replace(
            "  - level: ignore", "  - id: a\n    level: ignore"), "twice"),
        ("- a", "does not fit"),
        ("feedback: [\n", "is no YAML"),
    ],
)  # fmt: skip
async def test_mistakes_are_told_by_line_or_field(
    files: FeedbackFiles, kept: MemoryFeedback, text: str, told: str
) -> None:
    """Nothing of a file with a mistake is taken."""
    with pytest.raises(InvalidRequest) as caught:
        await read_in(files, text)
    assert told in str(caught.value)
    assert await kept.list("", "", 5) == ([], "")


async def test_each_mistake_of_a_file_is_told_at_once(files: FeedbackFiles) -> None:
    """By entry and field, so that a review takes one turn."""
    wrong = TEXT.replace("the bank says so", "' '").replace("never again", "''").replace("https://", "see ")
    with pytest.raises(InvalidText) as caught:
        await read_in(files, wrong)
    assert [mistake.partition(":")[0] for mistake in caught.value.mistakes] == [
        "feedback[0].reason",
        "feedback[1].reason",
    ]
