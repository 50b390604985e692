"""A tree against a model: every mistake as a fault with its place."""

import types
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from logverdict.adapters.profiles.faults import Fault, fault, listed, near
from logverdict.adapters.profiles.tree import Node, Path, plain
from logverdict.adapters.profiles.types import NAME_ALLOWED, NAME_PATTERN

Model = TypeVar("Model", bound=BaseModel)

UNIONS = (typing.Union, types.UnionType)
KINDS = {
    "model_type": "a mapping (name: value)",
    "model_attributes_type": "a mapping (name: value)",
    "dict_type": "a mapping (name: value)",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "text (in quotes where it looks like a number)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
}


def validate(
    model: type[Model], tree: Node, prefix: Path = (), context: object = None
) -> tuple[Model | None, list[Fault]]:
    """The model, or None and its faults; `prefix` goes before the fields' paths."""
    try:
        return model.model_validate(plain(tree), context=context), []
    except ValidationError as error:
        return None, [_fault(model, tree, prefix, one) for one in error.errors(include_url=False)]


def _fault(model: type[BaseModel], tree: Node, prefix: Path, error: ErrorDetails) -> Fault:
    path, node = _find(tree, error["loc"])
    message, allowed, hint = _words(model, error)
    whole = error["type"] in ("extra_forbidden", "missing") or error["loc"][-1:] == ("[key]",)
    return fault(node.place if whole else node.origin, (*prefix, *path), message, allowed, hint)


def _find(tree: Node, loc: tuple[str | int, ...]) -> tuple[Path, Node]:
    """The path without what only pydantic knows (tags of unions, [key]), and the last node on it that exists."""
    path: list[str | int] = []
    for at, part in enumerate(loc):
        value = tree.value
        if isinstance(value, tuple) and isinstance(part, int) and part < len(value):
            tree = value[part]
        elif isinstance(part, str) and part in tree.children:
            tree = tree.children[part]
        elif at + 1 < len(loc) or part == "[key]":
            continue
        path.append(part)
    return tuple(path), tree


def _words(model: type[BaseModel], error: ErrorDetails) -> tuple[str, str, str]:
    """Message, allowed, hint."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "fault":
        hint = near(context["word"], context["known"]) if context["word"] else ""
        return context["text"], context["allowed"], hint
    if kind == "extra_forbidden":
        known = _known(model, error["loc"][:-1])
        return "unknown field", listed(known), near(str(error["loc"][-1]), known)
    if kind == "missing":
        return "is required", "", ""
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _tag(context)
    if kind in KINDS:
        return f"{_shown(error['input'])} does not fit", KINDS[kind], ""
    return _limit(kind, context, error)


def _tag(context: dict[str, Any]) -> tuple[str, str, str]:
    known = [word.strip().strip("'") for word in context.get("expected_tags", "").split(",") if word]
    if "tag" not in context:
        return "has no kind", "a mapping with `kind`", ""
    return f"unknown kind {context['tag']!r}", f"kind {listed(known)}", near(context["tag"], known)


def _limit(kind: str, context: dict[str, Any], error: ErrorDetails) -> tuple[str, str, str]:
    shown = _shown(error["input"])
    if kind == "string_pattern_mismatch" and context.get("pattern") == NAME_PATTERN:
        return f"{shown} is no name", NAME_ALLOWED, ""
    if kind in ("too_long", "string_too_long"):
        return "is too long", f"up to {context['max_length']}", ""
    if kind in ("too_short", "string_too_short"):
        return "is empty", f"at least {context['min_length']}", ""
    if kind in ("literal_error", "enum"):
        return f"unknown word {shown}", context["expected"].replace("'", "").replace(" or ", ", "), ""
    return error["msg"], "", ""


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…'"


def _known(annotation: Any, path: Path) -> list[str]:
    """The names that may stand at `path` below the annotation; in the path are the tags of unions too."""
    for part in path:
        annotation = _below(annotation, part)
    return list(annotation.model_fields) if _is_model(annotation) else []


def _below(annotation: Any, part: str | int) -> Any:
    if _is_model(annotation):
        field = annotation.model_fields.get(part)
        return _bare(field.annotation) if field else None
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) in UNIONS:
        return next((_bare(one) for one in arguments if Tag(str(part)) in getattr(one, "__metadata__", ())), None)
    if typing.get_origin(annotation) is tuple:
        return _bare(arguments[0])
    return _bare(arguments[1]) if typing.get_origin(annotation) is dict else None


def _bare(annotation: Any) -> Any:
    """Without None, Annotated and what else is wrapped around a type."""
    while True:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            annotation = arguments[0]
        elif origin in UNIONS and not any(_is_tagged(one) for one in arguments):
            annotation = next(one for one in arguments if one is not type(None))
        else:
            return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_tagged(annotation: Any) -> bool:
    return any(isinstance(one, Tag) for one in getattr(annotation, "__metadata__", ()))
