"""What earlier good verifications bring on made-up services that are noisy when they start.

Run:  .venv/bin/python benchmarks/history.py [RUNS]

Each deployment brings some of twelve start-up errors, and a tail of 200 kinds of rare errors goes on: rarely, or often.
Prints, by the number of earlier good verifications: good deployments that FAIL and WARN, and bad ones that FAIL: a new
error of 3, of 10 and of 40 entries, a known message that becomes 4 times as frequent, and a start-up error that does
not end (twice a minute).
"""

import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from logverdict.analysis import engine
from logverdict.analysis.entries import entries
from logverdict.domain.deployment import Deployment
from logverdict.domain.profile import Profile, SourceSpec
from logverdict.domain.verification import Request
from logverdict.verify.engine_ports import JudgeTask, WindowCounts
from logverdict.verify.judging import judge_task

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEFORE, AFTER, BIN = 1800, 600, 30
HISTORY = (0, 1, 2, 4, 8)
NEW = (3, 10, 40)
WORDS = ("cart", "order", "user", "stock", "price", "mail", "queue", "token", "region", "ledger", "audit", "wallet")
DOING = ("reading", "writing", "asking for", "opening", "closing", "sending", "merging")
Row = tuple[datetime, str, str, str, str]


def kinds(seed: int, count: int, start: str) -> list[str]:
    chance = random.Random(seed)
    return [f"{start} {chance.choice(DOING)} {' '.join(chance.choices(WORDS, k=3))}" for _ in range(count)]


def run(service: int, day: int, seconds: int, tail_rate: float, *, started: bool, often: float = 1.0) -> list[Row]:
    """A window of one instance. `tail_rate`: rare errors a second. `often`: how many times as frequent the mail is."""
    chance, rows = random.Random(f"{service} {day} {seconds}"), list[Row]()
    tail, shares = kinds(service, 200, "failed while"), [1 / (place + 1) ** 1.1 for place in range(200)]

    def say(at: float, text: str, level: str = "info") -> None:
        if at < seconds:
            rows.append((START + timedelta(seconds=at), text, level, "a", ""))

    for second in range(seconds):
        say(second + chance.random(), f"handled request {chance.randint(1, 99999)} in {chance.randint(1, 300)} ms")
        if chance.random() < 0.1 * often:
            say(second + chance.random(), f"mail {chance.randint(1, 99999)} handed over")
        if chance.random() < tail_rate:
            say(second + chance.random(), chance.choices(tail, shares)[0], "error")
    if started:
        for text in kinds(service + 500, 12, "not ready yet:"):
            for _ in range(chance.randint(1, 6) if chance.random() < 0.5 else 0):
                say(chance.uniform(0, 120), text, "error")
    return rows


def new_error(seed: int, count: int) -> list[Row]:
    chance = random.Random(seed)
    moments = sorted(chance.uniform(0, AFTER) for _ in range(count))
    return [
        (START + timedelta(seconds=at), "cannot decode the payload of partner 7", "error", "a", "") for at in moments
    ]


def window(rows: list[Row], seconds: int) -> WindowCounts:
    counts = engine.reduce([entries(sorted(rows))], source="app", start=START, bin_seconds=BIN, severities={})
    return WindowCounts((counts.to_bytes(),), seconds, seconds // BIN)


def endless(service: int) -> list[Row]:
    text = kinds(service + 500, 12, "not ready yet:")[0]
    return [(START + timedelta(seconds=second), text, "error", "a", "") for second in range(15, AFTER, 30)]


def candidates(service: int, tail: float) -> dict[str, list[Row]]:
    after = run(service, 51, AFTER, tail, started=True)
    made = {"good": after, "x 4": run(service, 51, AFTER, tail, started=True, often=4)}
    made |= {f"new x {count}": [*after, *new_error(service, count)] for count in NEW}
    return made | {"endless": [*after, *endless(service)]}


def table(runs: int, tail: float) -> None:
    request = Request(Deployment("shop", "prod", "2", START), Profile("shop", (SourceSpec("app", "logs", "*"),)))
    found = {number: Counter[str]() for number in HISTORY}
    for service in range(runs):
        days = range(1, max(HISTORY) + 1)
        past = tuple(window(run(service, day, AFTER, tail, started=True), AFTER) for day in days)
        before = window(run(service, 50, BEFORE, tail, started=False), BEFORE)
        for name, rows in candidates(service, tail).items():
            candidate = window(rows, AFTER)
            for number, tally in found.items():
                task = JudgeTask(request, candidate, (before,), 1, 1, history=past[:number])
                tally[f"{name} {judge_task(task).judgement.verdict.value}"] += 1
    bad = ("x 4", *(f"new x {count}" for count in NEW), "endless")
    names = ("good FAIL", "good WARN", *(f"{name} FAIL" for name in bad))
    print(f"\n{round(tail * BEFORE)} rare errors before the rollout, {runs} runs each")
    print("earlier  " + "  ".join(f"{name:>13}" for name in names))
    for number, tally in found.items():
        print(f"{number:7}  " + "  ".join(f"{tally[name]:>13}" for name in names))


def main(runs: int) -> None:
    for tail in (0.002, 0.02):
        table(runs, tail)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
