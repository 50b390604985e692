"""`logverdict judge`: a stored verification judged again, under another policy."""

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.plain import plain
from logverdict.cli.policy_options import OtherPolicy, asked, other_policy
from logverdict.cli.render import verification_page
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen
from logverdict.v1 import verification_service_pb2 as pb

WORST = 3
NO_DECISION = "no decision yet"


@dataclass(frozen=True, kw_only=True)
class JudgeOptions(Server, Json, OtherPolicy):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]


@takes(JudgeOptions)
def judge(options: JudgeOptions) -> None:
    """Judge a stored verification again: under another policy, by today's judge, with the feedback that stands now.

    From what was counted then: no source is read, and what is stored stays as it is. It is judged at the look where
    it ended; under a milder policy it would have gone on and read more. Exit code 0 whatever the verdict is, 2 when
    it can't be judged again (its counts were deleted for their age, or were keyed by other rules), 4 server
    unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _judge(options, screen)), screen)


async def _judge(options: JudgeOptions, screen: Screen) -> int:
    request = pb.JudgeVerificationRequest(name=full_name(options.name), policy=other_policy(options))
    async with connected(options.server) as client:
        found = await PastClient(client).judge(request)
    if options.json:
        screen.raw(as_json.text(as_json.value(found)))
        return 0
    screen.lines([_difference(found, asked(request.policy)), Text()])
    shown = words.strongest(found.events)
    screen.lines(verification_page(found.verification, shown, screen.out.width, WORST))
    return 0


def _difference(found: pb.JudgeVerificationResponse, policy: str) -> Text:
    before = words.name(pb.Verification.Verdict, found.verdict_of_record), words.decision(found.decision_of_record)
    after = words.verdict(found.verification), words.decision(found.verification.decision)
    so_far = "" if words.ended(found.verification) else " so far"
    told = f"under {policy}: {after[0]}{so_far}, {after[1] or NO_DECISION}"
    told += f"; the verdict of record stays {before[0]}{so_far}, {before[1] or NO_DECISION}"
    judged = found.judge_version_of_record, found.verification.judge_version
    other = f" (judge {plain(judged[0])} then, {plain(judged[1])} now)" if judged[0] != judged[1] else ""
    return Text(told + other, "bold" if before != after else "")
