"""The options of `verify`: what a request can say."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from logverdict.cli.options import Decision, Json, Level, Local, Server, Waiting

_WHAT, _HOW, _POLICY, _TIMING = "The deployment", "The comparison", "The policy (default: the profile's)", "Timing"
Times = Annotated[list[str] | None, typer.Option]


def _text(panel: str, metavar: str, help: str, *names: str) -> object:
    return typer.Option(*names, rich_help_panel=panel, metavar=metavar, help=help, show_default=False)


def _word(panel: str, help: str) -> object:
    return typer.Option(rich_help_panel=panel, case_sensitive=False, help=help, show_default=False)


@dataclass(frozen=True, kw_only=True)
class DeploymentOptions:
    services: Annotated[
        list[str],
        typer.Argument(metavar="SERVICE[@VERSION]...", help="The services that were deployed.", show_default=False),
    ]
    environment: Annotated[str, _text(_WHAT, "NAME", "Where, such as prod.", "--environment", "-e")]
    version: Annotated[
        str | None, _text(_WHAT, "VERSION", "The version of the services given without one.", "--version")
    ] = None
    profile: Annotated[str | None, _text(_WHAT, "NAME", "The profile. Default: the one named as the service.")] = None
    inline_profile: Annotated[
        Path | None, _text(_WHAT, "FILE", "A profile brought along, as JSON or YAML, instead of --profile.")
    ] = None
    kind: Annotated[
        Literal["deploy", "rollback"] | None, _word(_WHAT, "Forward, or back to an earlier version. Default: deploy.")
    ] = None
    rollout_start: Annotated[
        str | None, _text(_WHAT, "TIME", "When the rollout began: 2026-11-03T14:00:00Z, -15m, now. Default: now.")
    ] = None
    rollout_end: Annotated[str | None, _text(_WHAT, "TIME", "When the last instance was replaced.")] = None
    traffic_share: Annotated[
        float | None, _text(_WHAT, "SHARE", "The share of traffic on the changed instances, such as 0.1.")
    ] = None
    commit: Annotated[str | None, _text(_WHAT, "SHA", "The commit that was built.")] = None
    label: Annotated[list[str] | None, _text(_WHAT, "KEY=VALUE", "Your own labels (repeatable).")] = None
    request_id: Annotated[
        str | None, _text(_WHAT, "ID", "Same id, same verification. Default: from the CI run and attempt.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class ComparisonOptions:
    comparison: Annotated[
        Literal["auto", "before-after", "concurrent"] | None,
        _word(_HOW, "Before against after, or changed against unchanged instances. Default: auto."),
    ] = None
    changed_version: Annotated[
        str | None, _text(_HOW, "VERSION", "Changed instances are those whose version field says this.")
    ] = None
    changed_pattern: Annotated[
        str | None, _text(_HOW, "REGEX", "Changed instances are those whose whole name matches.")
    ] = None
    changed_instance: Annotated[list[str] | None, _text(_HOW, "NAME", "Changed instances by name (repeatable).")] = None
    baseline: Annotated[
        list[str] | None, _text(_HOW, "START/END", "A window of good running, such as -45m/-15m (repeatable).")
    ] = None
    baseline_verification: Annotated[
        list[str] | None, _text(_HOW, "NAME", "An earlier good verification (repeatable).")
    ] = None
    baseline_pinned: Annotated[
        bool, typer.Option("--baseline-pinned", rich_help_panel=_HOW, help="What is pinned (see logverdict pins).")
    ] = False
    candidate: Annotated[
        str | None, _text(_HOW, "START/END", "The window to judge. Default: from rollout end + settle on.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class PolicyOptions:
    sensitivity: Annotated[Level | None, _word(_POLICY, "How much has to change to fail.")] = None
    false_alarm_level: Annotated[Level | None, _word(_POLICY, "Good deployments stopped by chance: 0.1, 1 or 5 %.")] = (
        None
    )
    mode: Annotated[
        Literal["enforce", "observe"] | None,
        _word(_POLICY, "observe: always PROCEED, and say what it would have been."),
    ] = None
    on_inconclusive: Annotated[Decision | None, _word(_POLICY, "The decision when the evidence does not tell.")] = None


@dataclass(frozen=True, kw_only=True)
class TimingOptions:
    duration: Annotated[str | None, _text(_TIMING, "SPAN", "The length of the window to judge, such as 10m.")] = None
    settle: Annotated[str | None, _text(_TIMING, "SPAN", "Skipped after the rollout's end.")] = None
    interval: Annotated[str | None, _text(_TIMING, "SPAN", "From one look to the next.")] = None
    ingest_lag: Annotated[str | None, _text(_TIMING, "SPAN", "How long entries take to reach the source.")] = None
    max_lag: Annotated[str | None, _text(_TIMING, "SPAN", "The longest that late entries are waited for.")] = None
    baseline_duration: Annotated[str | None, _text(_TIMING, "SPAN", "The length of the window before.")] = None


@dataclass(frozen=True, kw_only=True)
class VerifyOptions(Server, Local, Waiting, Json, TimingOptions, PolicyOptions, ComparisonOptions, DeploymentOptions):
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="The first STOP cancels the rest.")] = False
