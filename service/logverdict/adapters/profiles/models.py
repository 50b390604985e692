"""What may stand in a profile file: the same models check it, resolve it, and make the schema for editors."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from logverdict.adapters.profiles.types import AnyText, FieldList, Name, Number, Span, Word
from logverdict.domain.policy import MAX_HISTORY
from logverdict.domain.profile import UsualBaseline
from logverdict.domain.words import Comparison, Decision, FalseAlarmLevel, Mode, PushDown, Sensitivity, Severity

MAX_QUERY = 16_000
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


class Part(BaseModel):
    """A section of a file. Fields that are None were not given."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class PolicyPart(Part):
    """What is tolerated, and which decision each verdict gives."""

    sensitivity: Annotated[Sensitivity, Word(Sensitivity)] | None = None
    """How much a deployment has to depart from its baseline to fail: LOW, MEDIUM or HIGH."""
    false_alarm_level: Annotated[FalseAlarmLevel, Word(FalseAlarmLevel)] | None = None
    """The share of good deployments that may be stopped by chance: LOW 0.1 %, MEDIUM 1 %, HIGH 5 %."""
    mode: Annotated[Mode, Word(Mode)] | None = None
    """ENFORCE: the decision follows the verdict. OBSERVE: always PROCEED, and say what it would have been."""
    on_warn: Annotated[Decision, Word(Decision)] | None = None
    """The decision that verdict WARN gives."""
    on_inconclusive: Annotated[Decision, Word(Decision)] | None = None
    """The decision that verdict INCONCLUSIVE gives."""
    on_error: Annotated[Decision, Word(Decision)] | None = None
    """The decision when logverdict itself could not judge."""
    min_entries: Annotated[int, Number(0, 1_000_000_000)] | None = None
    """The log entries that each side needs to be judged."""
    min_coverage: Annotated[float, Number(0, 1)] | None = None
    """The share of the window, 0 to 1, that has to be read for a verdict."""
    early_stop: Annotated[bool, Field(strict=True)] | None = None
    """Whether a clear failure ends the verification before its duration is over."""
    history: Annotated[int, Number(0, MAX_HISTORY)] | None = None
    """Earlier good verifications of the service and environment that feed the noise floor, at most; 0: none."""


class TimingPart(Part):
    """The spans of a verification that runs along with a deployment."""

    settle: Annotated[timedelta, Span(most=WEEK)] | None = None
    """Skipped after the rollout's end, before the candidate window starts."""
    ingest_lag: Annotated[timedelta, Span(most=WEEK)] | None = None
    """How long entries take from the service to the source."""
    interval: Annotated[timedelta, Span(SECOND, WEEK)] | None = None
    """From one look to the next."""
    duration: Annotated[timedelta, Span(SECOND, WEEK)] | None = None
    """The length of the candidate window."""
    baseline: Annotated[timedelta, Span(SECOND, timedelta(days=90))] | None = None
    """The length of the baseline window, which ends where the rollout starts."""
    max_lag: Annotated[timedelta, Span(most=WEEK)] | None = None
    """The longest that is waited for late entries; what was measured to be enough is waited otherwise."""


class FieldsPart(Part):
    """For each thing an entry has, the field names to try, first hit wins; a dot goes into a nested object."""

    time: FieldList | None = None
    """When it happened."""
    message: FieldList | None = None
    """The text."""
    level: FieldList | None = None
    """How bad it is, as a word or number."""
    instance: FieldList | None = None
    """Which instance wrote it: pod, container, host."""
    version: FieldList | None = None
    """Which version of the service wrote it."""
    stream: FieldList | None = None
    """What it is part of, such as a log file: lines of a stack trace are joined within one."""
    offset: FieldList | None = None
    """Its place in the stream, a number: orders entries of equal time."""
    details: FieldList | None = None
    """What stands beside the message and is judged with it, such as an error or a status: all of these that an entry
    has. `usual` means the default's names; a name that no entry has leaves the message alone."""


class SourcePart(Part):
    """One query against one connection."""

    connection: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """The name of a connection in the operator's settings; never a host, a credential or a path."""
    query: Annotated[str, Field(min_length=1, max_length=MAX_QUERY)] | None = None
    """In the connection's own language; for files a glob under the connection's root. May use ${variables}."""
    evidence: Annotated[str, Field(min_length=1, max_length=MAX_QUERY)] | None = None
    """A wider query that is only counted. Where `query` means errors only, it shows that the service is there and
    logs, so that no error is health and not silence."""
    push_down: Annotated[PushDown, Word(PushDown)] | None = None
    """Whether the source counts templates itself: AUTO where there are many entries, ALWAYS wherever it can, NEVER."""
    fields: FieldsPart | None = None
    """Where to find the parts of an entry."""
    severities: dict[str, Annotated[Severity, Word(Severity)]] | None = Field(None, max_length=200)
    """This source's own level words (left) and what they mean (right)."""
    options: dict[str, AnyText] | None = Field(None, max_length=50)
    """Options of the connection's kind, such as `format` for files."""


class Layer(Part):
    """What a profile, the defaults and an environment may all say."""

    variables: dict[Name, AnyText] | None = None
    """Words that connections, queries, field names and options use as ${name}."""
    each_source: SourcePart | None = None
    """What every source starts from."""
    sources: dict[Name, SourcePart] | None = Field(None, max_length=16)
    """What to read, by name: 1 to 16 sources."""
    policy: PolicyPart | None = None
    """What is tolerated."""
    timing: TimingPart | None = None
    """When to look."""
    comparison: Annotated[Comparison, Word(Comparison)] | None = None
    """BEFORE_AFTER: time before against time after the rollout. CONCURRENT: unchanged against changed instances in
    the same window. AUTO chooses and says why."""
    baseline: Annotated[UsualBaseline, Word(UsualBaseline)] | None = None
    """What to compare with where the request names nothing. BEFORE: the time before the rollout. PINNED: the good
    verifications that are pinned for the service and environment; without any, a verification is refused."""


class DefaultsPart(Layer):
    """A layer that may differ by environment."""

    environments: dict[str, Layer] | None = None
    """What is different in an environment, by its name."""


class ProfilePart(DefaultsPart):
    """What holds for one service."""

    extends: Name | None = None
    """The profile that this one starts from."""
    abstract: Annotated[bool, Field(strict=True)] | None = None
    """True: this profile is only there to be extended."""


class FilePart(Part):
    """A profile file of logverdict. The files of a folder count as one."""

    variables: dict[Name, AnyText] | None = None
    """Words for all profiles, used as ${name}."""
    defaults: DefaultsPart | None = None
    """What every profile starts from."""
    profiles: dict[Name, ProfilePart] | None = None
    """Profiles by name; a service without a `profile` in its request gets the one named as itself, else `default`."""
