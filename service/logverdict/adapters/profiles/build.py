"""From checked parts to the domain's values."""

from collections.abc import Mapping
from typing import Any

from logverdict.adapters.profiles.faults import Fault, fault
from logverdict.adapters.profiles.models import FieldsPart, Layer, Part, SourcePart
from logverdict.adapters.profiles.tree import Node, Path, find
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.profile import FieldNames, Profile, SourceSpec, Timing, UsualBaseline
from logverdict.domain.words import Comparison, PushDown


def build_profile(name: str, layer: Layer, tree: Node, prefix: Path) -> tuple[Profile | None, list[Fault]]:
    """The domain has the last word on what is valid."""
    try:
        return profile(name, layer), []
    except InvalidRequest as wrong:
        path = tuple(wrong.field.split("."))
        return None, [fault(find(tree, path).origin, (*prefix, *path), wrong.fault)]


def profile(name: str, layer: Layer) -> Profile:
    sources = tuple(source(one, part) for one, part in (layer.sources or {}).items())
    comparison, baseline = layer.comparison or Comparison.AUTO, layer.baseline or UsualBaseline.BEFORE
    return Profile(name, sources, policy(layer), timing(layer), comparison, baseline)


def policy(layer: Layer) -> Policy:
    return Policy(**given(layer.policy))


def timing(layer: Layer) -> Timing:
    return Timing(**given(layer.timing))


def source(name: str, part: SourcePart) -> SourceSpec:
    return SourceSpec(
        name=name,
        connection=part.connection or "",
        query=part.query or "",
        fields=FieldNames(**given(part.fields or FieldsPart())),
        severities=part.severities or {},
        options=part.options or {},
        evidence=part.evidence or "",
        push_down=part.push_down or PushDown.AUTO,
    )


def given(part: Part | None) -> Mapping[str, Any]:
    """The fields that are not None."""
    return {} if part is None else {name: value for name, value in part if value is not None}
