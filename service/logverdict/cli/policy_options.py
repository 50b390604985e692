"""The options of another policy: what is given is put over what a verification had."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

from logverdict.cli.faults import Fault
from logverdict.cli.options import Decision, Level
from logverdict.v1 import policy_pb2

_PANEL = "The other policy (default: that of the verification)"


def _word(help: str) -> object:
    return typer.Option(rich_help_panel=_PANEL, case_sensitive=False, help=help, show_default=False)


@dataclass(frozen=True, kw_only=True)
class OtherPolicy:
    sensitivity: Annotated[Level | None, _word("How much has to change to fail.")] = None
    false_alarm_level: Annotated[Level | None, _word("Good deployments stopped by chance: 0.1, 1 or 5 %.")] = None
    mode: Annotated[Literal["enforce", "observe"] | None, _word("Whether a verdict may stop a deployment.")] = None
    on_warn: Annotated[Decision | None, _word("The decision that WARN gives.")] = None
    on_inconclusive: Annotated[Decision | None, _word("The decision that INCONCLUSIVE gives.")] = None
    min_entries: Annotated[
        int | None,
        typer.Option(rich_help_panel=_PANEL, min=0, help="Entries each side needs.", show_default=False),
    ] = None
    min_coverage: Annotated[
        float | None,
        typer.Option(rich_help_panel=_PANEL, min=0, max=1, help="The share of the window that has to be read.",
                     show_default=False),
    ] = None  # fmt: skip
    history: Annotated[
        int | None,
        typer.Option(rich_help_panel=_PANEL, min=0, max=15, help="Earlier good verifications, of those it had.",
                     show_default=False),
    ] = None  # fmt: skip


def other_policy(options: OtherPolicy) -> policy_pb2.Policy:
    level = f"FALSE_ALARM_LEVEL_{options.false_alarm_level.upper()}" if options.false_alarm_level else ""
    made = policy_pb2.Policy(
        sensitivity=_number(policy_pb2.Sensitivity, options.sensitivity),
        false_alarm_level=_number(policy_pb2.FalseAlarmLevel, level),
        mode=_number(policy_pb2.Mode, options.mode),
        on_warn=_number(policy_pb2.Decision, options.on_warn),
        on_inconclusive=_number(policy_pb2.Decision, options.on_inconclusive),
    )
    for name in ("min_entries", "min_coverage", "history"):
        if (value := getattr(options, name)) is not None:
            setattr(made, name, value)
    return made


def asked(policy: policy_pb2.Policy) -> str:
    """In words: "sensitivity HIGH, mode OBSERVE"; "the same policy" for none."""
    told = []
    for field, value in policy.ListFields():
        word = field.enum_type.values_by_number[value].name if field.enum_type else str(value)
        told.append(f"{field.name} {word.removeprefix('FALSE_ALARM_LEVEL_')}")
    return ", ".join(told) or "the same policy"


def needed(policy: policy_pb2.Policy) -> None:
    """Raises Fault for a policy that says nothing."""
    if not policy.ListFields():
        raise Fault("no other policy is given", "Write what would be different, such as --sensitivity high.")


def _number(words: Any, word: str | None) -> Any:
    return words.Value(word.upper()) if word else 0
