"""`ignore`, `explain` and `feedback` as a person types them, against the real use cases."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from fakes.analyst import InlineAnalyst
from fakes.clock import NOON, FakeClock
from fakes.command import Call, Ended, called
from fakes.feedback_store import MemoryFeedback
from fakes.memory_source import MemorySource, Row
from fakes.world import World, rows
from fakes.world import world as world
from logverdict.adapters.profiles.feedback_texts import FeedbackYaml
from logverdict.cli.faults import Fault
from logverdict.cli.feedback_calls import event_name
from logverdict.cli.feedback_options import About, IgnoreOptions, about, put_expiry, text_of
from logverdict.cli.ignore import level_of
from logverdict.cli.render_explain import difference
from logverdict.rpc.server import GrpcServer
from logverdict.rpc.usecases import Said
from logverdict.v1.feedback_pb2 import Feedback
from logverdict.verify.feedback import Feedbacks
from logverdict.verify.feedback_file import FeedbackFiles

KEY = "shop.KeyException: no key for customer <num>"
VERIFY = ("verify", "checkout@1.1", "-e", "prod", "--rollout-start", "2026-11-20T12:00:00Z", "-q")


@dataclass
class Shop:
    """A server, and the command against it."""

    address: str
    call: Call

    async def run(self, *args: str) -> Ended:
        return await self.call(*args, server=self.address)

    async def failed(self) -> str:
        """The name of the event that failed a deployment."""
        ended = await self.run(*VERIFY, "--json")
        assert ended.code == 1, ended.err
        told = json.loads(ended.out)["verifications"][0]
        return f"{told['name']}/events/{told['events'][0]['id']}"


def short(event: str) -> str:
    """As the hints print it."""
    _, verification, _, id = event.split("/")
    return f"{verification}/{id}"


def errors() -> list[Row]:
    return [
        (NOON + timedelta(seconds=second), f"shop.KeyException: no key for customer {second}", "error", "a", "")
        for second in range(60, 300, 5)
    ]


@pytest.fixture
async def shop(world: World) -> AsyncIterator[Shop]:
    kept, ids = MemoryFeedback(), count(1)
    world.clock = FakeClock(longest=timedelta(minutes=30))
    world.feedback = kept
    world.source = MemorySource([*rows(range(-600, 400)), *errors()])
    world.analyst = InlineAnalyst()  # type: ignore[assignment]
    use = await world.open()
    feedbacks = Feedbacks(kept, world.store, world.clock, lambda: f"f{next(ids)}")
    server = GrpcServer(use, said=Said(feedbacks, FeedbackFiles(kept, FeedbackYaml(), world.clock)))
    port = await server.start("127.0.0.1:0")
    yield Shop(f"127.0.0.1:{port}", called)
    await server.stop(0)


async def test_from_fail_to_pass(shop: Shop) -> None:
    """A stopped deployment names the command that accepts it; typed in, the next verification passes, and says by whose
    word."""
    stopped = await shop.run(*VERIFY)
    assert stopped.code == 1 and "verdict FAIL" in stopped.out
    (line,) = [line for line in stopped.out.splitlines() if "logverdict ignore" in line]
    event = line.split("logverdict ignore ")[1].split(" --reason")[0]
    said = await shop.run("ignore", event, "--reason", "keys come on Monday", "--ticket", "https://t.example/7")
    assert said.code == 0, said.err
    for told in (KEY, "checkout in prod", "keys come on Monday", "exception shop.KeyException", "stays FAIL"):
        assert told in said.out
    passed = await shop.run(*VERIFY)
    assert passed.code == 0 and "verdict PASS" in passed.out and "FAIL without feedback" in passed.out
    assert "feedback/f1 of local (unverified)" in " ".join(passed.out.split())
    assert "logverdict ignore" not in passed.out


async def test_an_event_is_explained(shop: Shop) -> None:
    """In which words it differs from the nearest known message, samples, when, where, raw entries, and the way on."""
    event = await shop.failed()
    verification = event.split("/")[1]
    whole = await shop.run("explain", verification)
    assert whole.code == 0 and event in whole.out and f"logverdict explain {event}" in whole.out
    one = await shop.run("explain", event)
    assert one.code == 0
    for told in (
        "new ERROR",
        KEY,
        "first 2026-11-20 12:01:00",
        "candidate  ",
        "a 24",
        f"logverdict ignore {short(event)} ",
    ):
        assert told in one.out, one.out
    as_json = json.loads((await shop.run("explain", event.split("/")[3], "--verification", verification, "--json")).out)
    assert (as_json["name"], as_json["template"], as_json["feedback"]) == (event, KEY, [])
    await shop.run("ignore", event, "--reason", "fine", "--level", "medium")
    assert (await shop.run(*VERIFY)).code == 0  # WARN proceeds
    told = await shop.run("explain", "v2")
    assert "without feedback: FAIL" in told.out and "warns, and fails at sensitivity HIGH" in " ".join(told.out.split())


async def test_what_was_said_is_looked_up(shop: Shop) -> None:
    """Listed by service, with what it is about; JSON has every field."""
    event = await shop.failed()
    made = await shop.run("ignore", event, "--reason", "fine", "--scope", "service", "--unless-frequency", "--json")
    told = json.loads(made.out)
    assert (told["level"], told["scope"], told["author"]) == (
        "IGNORE_UNLESS_FREQUENCY", {"service": "checkout", "environment": ""}, "local",
    )  # fmt: skip
    assert KEY[:20] in (await shop.run("feedback", "list", "--service", "checkout")).out


async def test_what_was_said_is_changed_and_taken_back(shop: Shop) -> None:
    """By name; the history of a deleted one is still shown."""
    await shop.run("feedback", "add", "--everywhere", "--sample", "disk is full", "--reason", "fine", "--id", "f1")
    changed = await shop.run("feedback", "update", "f1", "--level", "always-fail", "--reason", "not fine")
    assert changed.code == 0 and "always fails" in changed.out and "revision 2" in changed.out
    assert (await shop.run("feedback", "delete", "f1")).code == 0
    shown = await shop.run("feedback", "show", "feedback/f1")
    assert "It was deleted" in shown.out and "created by local" in shown.out and "deleted by local" in shown.out


async def test_a_message_to_come_and_a_preview(shop: Shop) -> None:
    """Declared by a sample; the preview tells what it would have turned."""
    await shop.failed()
    told_of = ("--service", "checkout", "--sample", "shop.KeyException: no key for customer 4711")
    seen = await shop.run("feedback", "preview", *told_of)
    assert seen.code == 0 and "FAIL → PASS" in seen.out and "turns 1 verdict" in seen.out
    items = json.loads((await shop.run("feedback", "preview", *told_of, "--json")).out)["items"]
    assert (items[0]["verdict"], items[0]["verdict_with"], items[0]["met"][0]["template"]) == ("FAIL", "PASS", KEY)
    added = await shop.run("feedback", "add", *told_of, "--reason", "known", "--id", "mine", "--expires", "30d")
    assert added.code == 0 and "feedback/mine" in added.out and "until" in added.out
    assert (await shop.run(*VERIFY)).code == 0
    again = await shop.run("feedback", "add", *told_of, "--reason", "known", "--id", "mine")
    assert again.code == 2 and "exists already" in again.err and "request id" not in again.err


async def test_files_are_reviewed(shop: Shop, tmp_path: Path) -> None:
    """Export, a change by hand, a dry run with its lines, the import, and the same import again."""
    await shop.run("ignore", await shop.failed(), "--reason", "fine")
    path = tmp_path / "feedback.yaml"
    assert (await shop.run("feedback", "export", "--out", str(path))).code == 0
    assert (await shop.run("feedback", "export")).out == path.read_text()
    path.write_text(path.read_text().replace("reason: fine", "reason: not fine").replace("IGNORE", "MEDIUM"))
    dry = await shop.run("feedback", "import", str(path), "--dry-run")
    assert dry.code == 0 and "  +    reason: not fine" in dry.out and "1 updated" in dry.out and "dry run" in dry.err
    told = json.loads((await shop.run("feedback", "import", str(path), "--json")).out)
    assert [item["change"] for item in told["items"]] == ["UPDATED"]
    assert (await shop.run("feedback", "import", str(path), "--prune")).out.strip() == "1 unchanged"
    path.write_text("feedback:\n- {level: mild, scope: {}, template: a, reason: r}\n- {level: IGNORE, template: a}\n")
    wrong = await shop.run("feedback", "import", str(path))
    assert wrong.code == 2 and "what was sent has 3 mistakes" in wrong.err
    lines = [line.strip() for line in wrong.err.splitlines() if "yaml: line" in line]
    assert [line.split(": ")[1:3] for line in lines] == [
        ["line 2", "feedback[0].level"], ["line 3", "feedback[1].scope"], ["line 3", "feedback[1].reason"],
    ]  # fmt: skip


async def test_what_has_expired_says_so(shop: Shop, tmp_path: Path) -> None:
    """A file may hold what is over: it is kept, and shown as what holds no longer."""
    path = tmp_path / "old.yaml"
    entry = "{id: old, level: IGNORE, scope: {}, template: a b, reason: r, expires: 2020-01-01T00:00:00Z}"
    path.write_text(f"feedback:\n- {entry}\n")
    made = await shop.run("feedback", "import", str(path))
    assert made.code == 0 and "  +  - id: old" in made.out and "logverdict feedback import" not in made.out
    assert "it holds no longer" in (await shop.run("feedback", "show", "old")).out
    assert "expired 2020-01-01" in (await shop.run("feedback", "list")).out
    none = await shop.run("feedback", "list", "--service", "nobody")
    assert none.out == "" and 'no feedback with service = "nobody"' in none.err


async def test_what_the_server_refuses_is_explained(shop: Shop) -> None:
    """Exit code 2 and a sentence that says what is wrong, with the option; nothing is said."""
    for args, told in (
        (("ignore", "verifications/v9/events/abc", "--reason", "x"), "there is no verifications/v9"),
        (("feedback", "show", "f9"), "there is no feedback/f9"),
        (("feedback", "add", "--everywhere", "--sample", "a", "--reason", " "), "--reason"),
    ):
        ended = await shop.run(*args)
        assert ended.code == 2 and told in ended.err, ended.err


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda: event_name("abc", None), "is no event"),
        (lambda: event_name("a b/c", "v1"), "is no event"),
        (lambda: put_expiry(Feedback(), "soon", NOON), "--expires"),
        (lambda: level_of(IgnoreOptions(event="e", reason="x", unless_frequency=True, level="medium")), "both given"),
        (lambda: about(About(template="a")), "where it holds"),
        (lambda: about(About(template="a", service="s", everywhere=True)), "where it holds"),
        (lambda: about(About(service="a")), "--template and --sample"),
        (lambda: about(About(everywhere=True, environment="prod", sample="a")), "are both given"),
        (lambda: text_of(Path("nowhere.yaml")), "can't be read"),
    ],
)
def test_mistakes_are_found_before_anybody_is_asked(mistake: Callable[[], object], told: str) -> None:
    """In a sentence that names what to write instead."""
    with pytest.raises(Fault) as caught:
        mistake()
    assert told in caught.value.message and caught.value.code == 2


def test_events_are_named_as_people_find_them() -> None:
    """By the full name, by both ids, or by the event's id beside its verification."""
    for text, verification in (
        ("verifications/v1/events/e1", None),
        ("v1/e1", None),
        ("e1", "v1"),
        ("e1", "verifications/v1"),
    ):
        assert str(event_name(text, verification)) == "verifications/v1/events/e1"


def test_expiry_is_a_span_or_a_time() -> None:
    """A span is from now on; never is no expiry."""
    for text, ends in (
        ("30d", NOON + timedelta(days=30)),
        ("2026-12-24T00:00:00Z", datetime(2026, 12, 24, tzinfo=UTC)),
    ):
        wanted = Feedback()
        put_expiry(wanted, text, NOON)
        assert wanted.expire_time.ToDatetime(UTC) == ends
    never = Feedback()
    put_expiry(never, "never", NOON)
    assert not never.HasField("expire_time")


def test_words_that_differ_are_in_brackets() -> None:
    """Colours alone say nothing in a CI log."""
    known, now = difference("payment <num> was settled", "payment <num> was declined twice")
    assert known.plain.strip() == "- payment <num> was [settled]"
    assert now.plain.strip() == "+ payment <num> was [declined twice]"


async def test_a_server_that_is_away(call: Call) -> None:
    """Exit code 4: nobody knows."""
    assert (await call("ignore", "v1/abc", "--reason", "x")).code == 4
    assert (await call("explain", "v1")).code == 4
