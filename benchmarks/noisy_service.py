"""How the noise floor holds on made-up services whose errors come in many kinds. Prints what docs/benchmarks.md says.

.venv/bin/python benchmarks/noisy_service.py
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from logverdict.analysis import engine
from logverdict.analysis.entries import entries
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, Verdict

ROLLOUT = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEFORE, AFTER, BIN, LOOKS = 1800, 600, 30, 10
KINDS = 200
WORDS = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "omega",
    "sigma",
    "kappa",
    "cart",
    "order",
    "user",
    "stock",
    "price",
    "mail",
)
STARTS = ("failed to", "cannot", "error while", "exception in")
Row = tuple[datetime, str, str, str, str]


def kinds(chance: random.Random) -> list[str]:
    return [f"{chance.choice(STARTS)} {' '.join(chance.choices(WORDS, k=4))}" for _ in range(KINDS)]


def service(start: datetime, seconds: int, seed: int, errors: list[str], rate: float, instances: str) -> list[Row]:
    """Two requests a second and instance; with probability `rate` an error of a Zipf-like tail of kinds."""
    chance, rows = random.Random(seed), []
    shares = [1 / (place + 1) ** 1.1 for place in range(len(errors))]
    for second in range(seconds):
        for instance in instances:
            at = start + timedelta(seconds=second, milliseconds=chance.randint(0, 999))
            text = f"handled request {chance.randint(1, 99999)} in {chance.randint(1, 300)} ms"
            rows += [(at, text, "info", instance, "")] * 2
            if chance.random() < rate:
                rows.append((at, chance.choices(errors, shares)[0], "error", instance, ""))
    return rows


def spells(start: datetime, seconds: int, seed: int, errors: list[str], every: int, last: int) -> Iterator[Row]:
    """Incidents: one kind of error for a while, then none."""
    chance, at = random.Random(seed), 0.0
    while (at := at + chance.expovariate(1 / every)) < seconds:
        text, length = chance.choice(errors), chance.expovariate(1 / last)
        for second in range(int(at), min(seconds, int(at + length) + 1)):
            yield (start + timedelta(seconds=second), text, "error", "a", "")


def verdict(before: list[Row], after: list[Row], seconds: int = AFTER, look: int = 1, looks: int = 1) -> Verdict:
    end = ROLLOUT + timedelta(seconds=seconds)
    candidate = _stretch([row for row in after if row[0] < end], ROLLOUT, seconds)
    baseline = _stretch(before, ROLLOUT - timedelta(seconds=BEFORE), BEFORE)
    sides = Sides(candidate, (baseline,), (), Comparison.BEFORE_AFTER, "made up")
    return engine.judge(sides, Policy(), look=look, looks=looks).verdict


def _stretch(rows: list[Row], start: datetime, seconds: int) -> Stretch:
    counts = engine.reduce([entries(sorted(rows))], source="app", start=start, bin_seconds=BIN, severities={})
    return Stretch(counts, seconds, seconds // BIN)


def sides(run: int, rate: float) -> tuple[list[str], list[Row], list[Row]]:
    errors = kinds(random.Random(1000 + run))
    before = service(ROLLOUT - timedelta(seconds=BEFORE), BEFORE, run, errors, rate, "abc")
    return errors, before, service(ROLLOUT, AFTER, 5000 + run, errors, rate, "def")


def good_runs(rate: float, runs: int) -> Counter[str]:
    """Runs in which any look says FAIL are alarms, whether or not it would have ended the verification."""
    found: Counter[str] = Counter()
    for run in range(runs):
        _, before, after = sides(run, rate)
        said = {verdict(before, after, AFTER * look // LOOKS, look, LOOKS) for look in range(1, LOOKS + 1)}
        found["alarm" if Verdict.FAIL in said else "quiet"] += 1
    return found


def new_errors(rate: float, share: float, runs: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for run in range(runs):
        _, before, after = sides(run, rate)
        chance = random.Random(run)
        moments = [ROLLOUT + timedelta(seconds=second) for second in range(AFTER) for _ in "def"]
        hits = [at for at in moments if chance.random() < share]
        after += [(at, f"cannot decode payload of partner {chance.randint(1, 9999)}", "error", "d", "") for at in hits]
        found["found" if verdict(before, after) is Verdict.FAIL else "missed"] += 1
    return found


def incidents(every: int, last: int, runs: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for run in range(runs):
        errors, before, after = sides(run, 0.002)
        before += spells(ROLLOUT - timedelta(seconds=BEFORE), BEFORE, run + 7, errors, every, last)
        after += spells(ROLLOUT, AFTER, run + 99, errors, every, last)
        found["alarm" if verdict(before, after) is Verdict.FAIL else "quiet"] += 1
    return found


def several(baselines: int, runs: int) -> Counter[str]:
    """Good runs of a service whose windows of half an hour each bring about two of forty rare kinds of errors, one to
    four times within five seconds, after so many good windows."""
    found: Counter[str] = Counter()
    for run in range(runs):
        rows = [rare(100 * run + place) for place in range(baselines + 1)]
        windows = [_stretch(one, ROLLOUT, BEFORE) for one in rows]
        sides = Sides(windows[-1], tuple(windows[:-1]), (), Comparison.BEFORE_AFTER, "made up")
        said = engine.judge(sides, Policy(), look=1, looks=1).verdict
        found["alarm" if said is Verdict.FAIL else "quiet"] += 1
    return found


def rare(seed: int) -> list[Row]:
    chance, errors = random.Random(seed), kinds(random.Random(0))[:40]
    rows, at = service(ROLLOUT, BEFORE, seed, errors, 0.0, "a"), 0.0
    while (at := at + chance.expovariate(2 / BEFORE)) < BEFORE:
        text = chance.choice(errors)
        for _ in range(chance.randint(1, 4)):
            rows.append((ROLLOUT + timedelta(seconds=at + 5 * chance.random()), text, "error", "a", ""))
    return [row for row in rows if row[0] < ROLLOUT + timedelta(seconds=BEFORE)]


def main() -> None:
    for baselines in (1, 2, 4, 8):
        print(f"good runs of a service with rare errors after {baselines} good windows: {dict(several(baselines, 60))}")
    for rate in (0.002, 0.01, 0.05):
        print(
            f"good runs, {round(rate * BEFORE * 3)} errors a baseline, {LOOKS} looks each: {dict(good_runs(rate, 20))}"
        )
    for rate in (0.002, 0.01, 0.05):
        for share in (0.005, 0.02, 0.1):
            told = dict(new_errors(rate, share, 10))
            print(f"a new error of about {round(share * AFTER * 3)} entries among {round(rate * BEFORE * 3)}: {told}")
    for every, last in ((1200, 60), (600, 120), (300, 60), (1200, 240)):
        print(f"good runs, an incident every {every} s for {last} s: {dict(incidents(every, last, 20))}")


if __name__ == "__main__":
    main()
