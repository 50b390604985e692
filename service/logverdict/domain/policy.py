"""What the caller tolerates, and which decision a verdict gives."""

from dataclasses import dataclass

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Decision, FalseAlarmLevel, Mode, Sensitivity, Verdict

MAX_HISTORY = 15
"""With the window before the rollout as many as a request may name."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`min_entries` is what each side needs to be judged; `min_coverage` the share (0–1) of the window to be read;
    `history` how many earlier good verifications feed the noise floor, at most."""

    sensitivity: Sensitivity = Sensitivity.MEDIUM
    false_alarm_level: FalseAlarmLevel = FalseAlarmLevel.MEDIUM
    mode: Mode = Mode.ENFORCE
    on_warn: Decision = Decision.PROCEED
    on_inconclusive: Decision = Decision.ASK
    on_error: Decision = Decision.ASK
    min_entries: int = 20
    min_coverage: float = 0.95
    early_stop: bool = True
    history: int = 8

    def __post_init__(self) -> None:
        if self.min_entries < 0:
            raise InvalidRequest("policy.min_entries", f"{self.min_entries} is negative; allowed: 0 and more")
        if not 0 <= self.min_coverage <= 1:
            raise InvalidRequest("policy.min_coverage", f"{self.min_coverage} is not a share; allowed: 0 to 1")
        if not 0 <= self.history <= MAX_HISTORY:
            raise InvalidRequest("policy.history", f"{self.history} is no such number; allowed: 0 to {MAX_HISTORY}")

    def enforced(self, verdict: Verdict | None) -> Decision:
        """The decision in mode ENFORCE; `None` stands for a verification that could not be judged at all."""
        if verdict is None:
            return self.on_error
        return {
            Verdict.PASS: Decision.PROCEED,
            Verdict.WARN: self.on_warn,
            Verdict.FAIL: Decision.STOP,
            Verdict.INCONCLUSIVE: self.on_inconclusive,
        }[verdict]

    def decide(self, verdict: Verdict | None) -> Decision:
        """The decision to give: PROCEED whatever the verdict in mode OBSERVE."""
        return Decision.PROCEED if self.mode is Mode.OBSERVE else self.enforced(verdict)
