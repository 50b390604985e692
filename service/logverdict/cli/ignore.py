"""`logverdict ignore`: what a person says of an event that was seen."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.text import Text

from logverdict.cli import as_json, feedback_calls, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.faults import Fault
from logverdict.cli.feedback_calls import event_name
from logverdict.cli.feedback_options import IgnoreOptions, level_number, put_expiry
from logverdict.cli.options import takes
from logverdict.cli.render import DIM
from logverdict.cli.render_feedback import feedback_page
from logverdict.cli.screen import Screen, follow_up
from logverdict.v1 import feedback_pb2
from logverdict.v1 import verification_service_pb2 as pb


@takes(IgnoreOptions)
def ignore(options: IgnoreOptions) -> None:
    """Say of an event that it is fine, or what else it means, so that later verdicts know.

    It holds from the next look of running verifications on, and for all that come; verdicts that were given stay. It
    reaches events of the same or nearly the same text, and never one with another exception type, top frame, status,
    exit code or severity.

    Exit code: 0 it is said, 2 no such event or wrong usage, 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _ignore(options, screen, datetime.now(UTC))), screen)


async def _ignore(options: IgnoreOptions, screen: Screen, now: datetime) -> int:
    name = event_name(options.event, options.verification)
    wanted = feedback_pb2.Feedback(
        event=str(name), level=level_number(level_of(options)), reason=options.reason, ticket=options.ticket
    )
    put_expiry(wanted, options.expires, now)
    async with connected(options.server) as client:
        known = await client.get(name.verification)
        wanted.scope.CopyFrom(_scope(options, known.deployment))
        made = await feedback_calls.create(client, wanted)
    if options.json:
        screen.raw(as_json.text(as_json.value(made)))
        return 0
    screen.lines(feedback_page(made, screen.out.width, now))
    screen.lines(_next(made, known, follow_up(options.server)))
    return 0


def level_of(options: IgnoreOptions) -> str:
    if options.unless_frequency and options.level:
        raise Fault("--unless-frequency and --level are both given", "Write one of them.")
    return "ignore-unless-frequency" if options.unless_frequency else options.level or "ignore"


def _scope(options: IgnoreOptions, deployment: pb.Deployment) -> feedback_pb2.Feedback.Scope:
    scope = feedback_pb2.Feedback.Scope()
    if options.scope != "everywhere":
        scope.service = deployment.service
    if options.scope == "environment":
        scope.environment = deployment.environment
    return scope


def _next(made: feedback_pb2.Feedback, known: pb.Verification, hint: str) -> Iterator[Text]:
    short = made.name.removeprefix("feedback/")
    if words.ended(known):
        verdict = words.verdict(known) or words.state(known)
        yield Text(f" {known.name} stays {verdict}: it holds from the next verification on", DIM)
    else:
        yield Text(f" {known.name} is running: it holds from its next look on", DIM)
    yield Text(f" what else it would have reached: logverdict feedback preview {short}{hint}", DIM)
    yield Text(f" take it back:                    logverdict feedback delete {short}{hint}", DIM)
