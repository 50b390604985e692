"""A profile brought along: the protocol's InlineProfile, written as JSON or YAML."""

import json
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError

from logverdict.cli import times
from logverdict.cli.faults import Fault
from logverdict.v1 import profile_pb2

_LEVEL = "FALSE_ALARM_LEVEL_"


def inline_profile(path: Path) -> profile_pb2.InlineProfile:
    """Reads the file. Spans may be written as 10m, words in lower case. Raises Fault naming the file and the fault."""
    wanted = _load(path)
    if not isinstance(wanted, dict):
        raise Fault(
            f"--inline-profile: {path} holds no mapping", "Write: sources: [...], policy: {...}, timing: {...}."
        )
    try:
        return ParseDict(_protocol(wanted), profile_pb2.InlineProfile())
    except ParseError as fault:
        raise Fault(f"--inline-profile: {path}: {fault}") from None


def _load(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise Fault(f"--inline-profile: {path} cannot be read: {fault}") from None
    if path.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as fault:
            raise Fault(f"--inline-profile: {path} is no JSON: {fault}") from None
    return _yaml(path, text)


def _yaml(path: Path, text: str) -> Any:
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        raise Fault(
            f"--inline-profile: {path} is YAML, for which a package is missing",
            "Write the profile as JSON in a file named *.json, or: pip install 'logverdict[service]'",
        ) from None
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as fault:
        raise Fault(f"--inline-profile: {path} is no YAML: {fault}") from None


def _protocol(profile: dict[str, Any]) -> dict[str, Any]:
    """As the protocol's JSON has it: spans in seconds, words in capitals."""
    result = dict(profile)
    if isinstance(result.get("timing"), dict):
        result["timing"] = {
            key: f"{times.span(value, f'--inline-profile: timing.{key}').total_seconds():g}s"
            if isinstance(value, str)
            else value
            for key, value in result["timing"].items()
        }
    if isinstance(result.get("policy"), dict):
        policy = {key: value.upper() if isinstance(value, str) else value for key, value in result["policy"].items()}
        level = policy.get("false_alarm_level")
        if isinstance(level, str) and not level.startswith(_LEVEL):
            policy["false_alarm_level"] = _LEVEL + level
        result["policy"] = policy
    if isinstance(result.get("sources"), list):
        result["sources"] = [_source(source) for source in result["sources"]]
    return result


def _source(source: Any) -> Any:
    """A name alone in `fields` is a list of one."""
    if not isinstance(source, dict):
        return source
    result = dict(source)
    if isinstance(result.get("fields"), dict):
        result["fields"] = {key: [v] if isinstance(v, str) else v for key, v in result["fields"].items()}
    if isinstance(result.get("severities"), dict):
        result["severities"] = {k: v.upper() if isinstance(v, str) else v for k, v in result["severities"].items()}
    return result
