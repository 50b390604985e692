"""Verifications as lines that other tools read: JSON, or CSV."""

import csv
import io
import json
from datetime import UTC, datetime
from enum import StrEnum

from logverdict.domain.verification import Verification


class Format(StrEnum):
    JSONL = "JSONL"
    CSV = "CSV"


COLUMNS = (
    *("name", "service", "environment", "version", "commit", "create_time", "rollout_start_time", "end_time"),
    *("state", "verdict", "score", "reason", "sentence", "decision", "enforced_decision", "mode", "sensitivity"),
    *("looks", "looks_planned", "overridden", "override_reason", "override_author", "verdict_without_feedback"),
    *("outcome", "judge_version", "mask_version", "superseded_by"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


def header(format: Format) -> str:
    return _csv(COLUMNS) if format is Format.CSV else ""


def line(one: Verification, format: Format) -> str:
    """One verification; what it does not have is null, or empty."""
    row = fields(one)
    if format is Format.JSONL:
        return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"
    return _csv(tuple("" if value is None else _harmless(value) for value in row.values()))


def fields(one: Verification) -> dict[str, str | int | None]:
    """By name, in the order of COLUMNS."""
    deployment, policy, found, override = one.request.deployment, one.request.policy, one.judgement, one.override
    without = found.without_feedback if found else None
    values: tuple[str | int | None, ...] = (
        *(one.name, deployment.service, deployment.environment, deployment.version, deployment.commit),
        *(_time(one.created), _time(deployment.rollout_start), _time(one.ended), one.state.value),
        *((found.verdict.value, found.score, found.reason.value, found.sentence) if found else (None,) * 4),
        *(one.decision and one.decision.value, one.enforced_decision and one.enforced_decision.value),
        *(policy.mode.value, policy.sensitivity.value, one.look, len(one.plan.looks)),
        *((override.decision.value, override.reason, override.author.name) if override else (None,) * 3),
        *(without.verdict.value if without else None, one.outcome.value if one.outcome else None),
        *((found.judge_version, found.mask_version) if found else (None,) * 2),
        one.superseded_by or None,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _harmless(value: str | int) -> str | int:
    """Log messages are written by anybody, and exports are opened by double click."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _csv(values: tuple[str | int, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()
