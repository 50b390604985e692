"""How many false alarms to expect: how often a policy fails deployments that are known to be good."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scipy.stats import beta

from logverdict.domain.words import Sensitivity, Verdict

SURE = 0.95


@dataclass(frozen=True, slots=True)
class Alarms:
    """Of `good` cases, those that were `judged` at all, `failed`, and `warned` of."""

    sensitivity: Sensitivity
    good: int
    judged: int
    failed: int
    warned: int

    @property
    def share(self) -> float:
        """Of the judged ones that failed; 0 where none was judged."""
        return self.failed / self.judged if self.judged else 0.0

    @property
    def most(self) -> float:
        """The largest share that these cases leave credible. 1 where none was judged. Cases whose windows overlap say
        less than that."""
        return at_most(self.failed, self.judged)


def at_most(failed: int, judged: int) -> float:
    """The upper end of Clopper and Pearson's one-sided interval of confidence SURE, for a share."""
    if failed >= judged:
        return 1.0
    return float(beta.ppf(SURE, failed + 1, judged - failed))


def alarms(verdicts: Iterable[Mapping[Sensitivity, Verdict]]) -> Iterator[Alarms]:
    """By sensitivity, from what each good case was judged at each of them."""
    cases = list(verdicts)
    for sensitivity in Sensitivity:
        said = [case[sensitivity] for case in cases if sensitivity in case]
        if said:
            judged = len(said) - said.count(Verdict.INCONCLUSIVE)
            yield Alarms(sensitivity, len(said), judged, said.count(Verdict.FAIL), said.count(Verdict.WARN))
