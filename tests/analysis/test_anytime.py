"""Evidence that holds at every look: what it guarantees, and what it finds."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, special, stats

from logverdict.analysis.anytime import SLACK, anytime, at_every_look, evidence, times_odds
from logverdict.analysis.compare import Counts
from logverdict.analysis.frequency import Beside

GROUPS, BINS = 3000, 40


def drawn(kind: str, share: float, seed: int = 1, groups: int = GROUPS) -> tuple[Counts, Counts]:
    """Entries in the candidate and on both sides: independent ones, bursts, several of them, one a bin each time."""
    chance = np.random.default_rng(seed)
    size = (groups, BINS)
    if kind == "entries":
        both = chance.poisson(20, size)
        return chance.binomial(both, share), both
    if kind == "regular":
        both = np.full(size, 50)
        return both * (chance.random(size) < share), both
    mine, both = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for place in range(6 if kind == "several" else 1):
        burst = np.ceil(chance.lognormal(1.5, 1.2, size)).astype(np.int64) * (chance.random(size) < 0.6 - place / 10)
        both += burst
        mine += burst * (chance.random(size) < share)
    return mine, both


def most(wrong: int, runs: int) -> float:
    """The least share that so many in so many runs leave credible, 99.9 % sure."""
    return float(stats.beta.ppf(0.001, wrong, runs - wrong + 1)) if wrong else 0.0


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["entries", "bursts", "several", "regular"])
def test_the_level_holds_over_all_looks(kind: str, share: float) -> None:
    """Where nothing departs, the most evidence over all bins exceeds 1 / alpha in a share of alpha at most, however
    the entries come in bursts."""
    p = anytime(*drawn(kind, share), share, SLACK)
    for alpha in (0.001, 0.01, 0.05):
        assert most(int(np.count_nonzero(p <= alpha)), GROUPS) <= alpha


def test_a_share_within_the_slack_is_no_departure() -> None:
    """The traffic's share is estimated: what the estimate may be off by is never evidence."""
    p = anytime(*drawn("entries", times_odds(0.5, SLACK)), 0.5, SLACK)
    assert most(int(np.count_nonzero(p <= 0.01)), GROUPS) <= 0.01


def test_evidence_only_grows() -> None:
    """For a known share a later look's p-value is never above an earlier one's: counts that came stay."""
    mine, both = drawn("several", 0.6, groups=50)
    looks = [anytime(mine[:, :bins], both[:, :bins], 0.3, SLACK) for bins in range(1, BINS + 1)]
    assert all((after <= before).all() for before, after in pairwise(looks))


def beside(*sides: Counts) -> Beside:
    """Two sides of one instance each."""
    return Beside(1.0, np.sum([np.count_nonzero(one, axis=1) for one in sides], axis=0))


@pytest.mark.parametrize("times", [0.0, 1 / 5, 5.0, 10.0])
def test_clear_departures_are_found(times: float) -> None:
    """Five and ten times as often, a fifth as often and gone, of a message of 20 entries a bin, among 50 messages."""
    p = anytime(*drawn("entries", times_odds(0.5, times), groups=200), 0.5, SLACK)
    assert np.mean(p <= 0.01 / 50) > 0.9


def test_one_burst_is_one_observation() -> None:
    """A thousand entries at once weigh no more than one."""
    both = np.zeros((1, BINS), np.int64)
    both[0, 3] = 1000
    few = np.minimum(both, 1)
    assert anytime(both, both, 0.1, SLACK) == pytest.approx(anytime(few, few, 0.1, SLACK))


def test_a_storm_leaves_the_others_alone() -> None:
    """Traffic is what most messages say; the one that is ten times as frequent departs, and no other does."""
    chance = np.random.default_rng(3)
    base, mine = chance.poisson(20, (8, BINS)), chance.poisson(20, (8, BINS))
    mine[2] = chance.poisson(200, BINS)
    found = at_every_look(mine, base, beside(mine, base))
    assert np.flatnonzero(found.p <= 0.01 / 8).tolist() == [2]
    assert found.ratio[2] == pytest.approx(10, rel=0.2)


def test_messages_of_few_bins_are_not_tested() -> None:
    """A message needs bins in which it speaks before its frequency means anything."""
    base = np.tile([[10], [0]], (1, BINS))
    base[1, :4] = 5
    found = at_every_look(base * [[1], [0]], base, beside(base, base))
    assert found.tested.tolist() == [True, False] and found.p[1] == 1


def test_of_ever_so_many_instances_none_is_missed() -> None:
    """What ten thousand others write in each part of the window, and the changed ones never, is gone."""
    base, mine = np.full((4, BINS), 40), np.full((4, BINS), 40)
    mine[3] = 0
    found = at_every_look(mine, base, Beside(1.0, np.full(4, 400_000)))
    assert np.flatnonzero(found.p <= 1e-9).tolist() == [3]


def test_no_entries_are_no_evidence() -> None:
    """A candidate without an entry, at the first look say, departs in nothing that could be tested."""
    nothing = np.zeros((2, 0), np.int64)
    assert at_every_look(nothing, nothing, beside(nothing, nothing)).p.tolist() == [1, 1]


def beta_mixture(mine: int, both: int, share: float, concentration: float) -> float:
    """Log of Lindon and Malek's evidence (2022, Beta prior around the null): entries one by one."""
    a, b = concentration * share, concentration * (1 - share)
    odds = special.betaln(a + mine, b + both - mine) - special.betaln(a, b)
    return float(odds - mine * np.log(share) - (both - mine) * np.log(1 - share))


def test_the_beta_mixture_is_the_mean_of_our_bets() -> None:
    """With one entry a bin both our bets are Lindon and Malek's likelihood ratios; their prior only weighs the
    alternatives in another way."""
    a = b = 50.0

    def bet(other: float) -> float:
        ratio = (other / 0.5) ** 13 * ((1 - other) / 0.5) ** 7
        return float(ratio * stats.beta.pdf(other, a, b))

    mixed, _ = integrate.quad(bet, 0, 1)
    assert np.log(mixed) == pytest.approx(beta_mixture(13, 20, 0.5, 100))


@pytest.mark.parametrize(
    ("share", "theirs", "reached"),
    [(0.5, 1.147408, None), (0.75, -53.551, 63), (0.2, -71.562164, 37)],
)
def test_it_agrees_with_savvi(share: float, theirs: float, reached: int | None) -> None:
    """Of independent entries, one a bin, both find a departure after about as many, and none where there is none."""
    mine = (np.random.default_rng(5).random((1, 400)) < share).astype(np.int64)
    # Recorded of savvi 0.3.1, which comes with five solvers: the log of its last p-value, and at which entry, counted
    # from 0, it is 0.01 for the first time. Again, with `pip install savvi==0.3.1 matplotlib`: for `one` in mine[0]
    #     test = savvi.multinomial.Multinomial(0.01, np.array([0.5, 0.5]), k=20)  # made once
    #     test.update(np.array([one, 1 - one])); p = test.calculate_p_value()
    assert -beta_mixture(int(mine.sum()), 400, 0.5, 20) == pytest.approx(theirs, abs=1e-5)
    ours = np.exp(-evidence(mine, np.ones((1, 400), np.int64), 0.5, SLACK)[0])
    when = next((at for at, p in enumerate(ours) if p <= 0.01), None)
    if reached is None:
        assert when is None
    else:
        assert when is not None and 0.5 <= when / reached <= 2
