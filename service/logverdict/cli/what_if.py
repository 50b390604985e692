"""`logverdict what-if`: a month of stored verifications under another policy, as a table."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.counting import counted
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.plain import plain
from logverdict.cli.policy_options import OtherPolicy, asked, needed, other_policy
from logverdict.cli.screen import Screen
from logverdict.cli.table import table
from logverdict.cli.times import minute
from logverdict.cli.which import Which, start, terms
from logverdict.v1 import outcome_pb2
from logverdict.v1 import verification_service_pb2 as pb

VERDICTS = ("PASS", "WARN", "FAIL", "INCONCLUSIVE")
HEADS = ("CREATED (UTC)", "SERVICE", "VERSION", "ENV", "WAS", "WOULD BE", "DECISION", "OUTCOME", "ID")
Answer = pb.JudgeVerificationsResponse


@dataclass(frozen=True, kw_only=True)
class WhatIfOptions(Server, Json, OtherPolicy, Which):
    since: Annotated[
        str, typer.Option(metavar="SPAN|TIME", help="Those created since: 30d, or a time with its zone.")
    ] = "30d"
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 1000


@takes(WhatIfOptions)
def what_if(options: WhatIfOptions) -> None:
    """Judge what is stored again under another policy: a table of old against new verdicts, and each that would change.

    No source is read and nothing is stored. Each is judged at the look where it ended. What can't be judged again is
    counted by its reason. Exit code 0, 2 for a filter that is not understood, 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _what_if(options, screen, datetime.now(UTC))), screen)


async def _what_if(options: WhatIfOptions, screen: Screen, now: datetime) -> int:
    policy = other_policy(options)
    needed(policy)
    wanted = terms(options, start(options.since, "--since", now))
    request = pb.JudgeVerificationsRequest(filter=wanted, policy=policy, limit=options.limit)
    async with connected(options.server) as client:
        found = await counted(PastClient(client).judge_many(request), screen.err, "judged")
    if options.json:
        screen.raw(as_json.text({"verifications": as_json.all_values(found)}))
        return 0
    screen.lines(report(found, asked(policy), screen.table_width))
    if len(found) == options.limit:
        screen.note(f"the newest {options.limit:,}; there may be more: --limit {10 * options.limit}")
    return 0


def report(found: Sequence[Answer], policy: str, width: int) -> Iterator[Text]:
    judged = [one for one in found if not one.fault]
    plural = "" if len(judged) == 1 else "s"
    yield Text(f"{len(judged):,} verification{plural} under {policy}", "bold")
    if judged:
        yield from table(("WAS \\ WOULD BE", *VERDICTS), list(_cells(judged)), width)
    for fault, count in sorted(Counter(one.fault for one in found if one.fault).items()):
        yield Text(f"{count:,} could not be judged again: {plain(fault)}")
    changed = [one for one in judged if _changed(one)]
    if not changed:
        yield Text("no verdict and no decision would change" if judged else "nothing to judge again")
        return
    yield Text()
    yield Text(f"{len(changed):,} would change:")
    yield from table(HEADS, [_row(one) for one in changed], width, (1, 2, 3))


def _cells(judged: Sequence[Answer]) -> Iterator[Sequence[str]]:
    counts = Counter((_verdict(one.verdict), _verdict(one.verdict_with)) for one in judged)
    for before in VERDICTS:
        yield (before, *(f"{counts[before, after]:,}" for after in VERDICTS))


def _changed(one: Answer) -> bool:
    return (one.verdict, one.decision) != (one.verdict_with, one.decision_with)


def _row(one: Answer) -> Sequence[str]:
    deployment = one.deployment
    before, after = words.decision(one.decision) or "-", words.decision(one.decision_with) or "-"
    return (
        minute(one.create_time),
        plain(deployment.service),
        plain(deployment.version),
        plain(deployment.environment),
        _verdict(one.verdict),
        _verdict(one.verdict_with),
        after if before == after else f"{before} → {after}",
        words.name(outcome_pb2.Outcome, one.outcome) or "-",
        plain(one.verification.removeprefix("verifications/")),
    )


def _verdict(number: int) -> str:
    return words.name(pb.Verification.Verdict, number) or "-"
