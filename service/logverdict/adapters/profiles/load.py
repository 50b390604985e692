"""YAML 1.2 into trees: line numbers are kept, duplicate keys and empty values are faults."""

from collections.abc import Iterable
from pathlib import Path as FilePath

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from logverdict.adapters.profiles.faults import Fault, fault
from logverdict.adapters.profiles.tree import Node, Origin, Path, Scalar

MAX_BYTES = 4_000_000
MAX_NODES = 200_000
MAX_DEPTH = 40
_TAG = "tag:yaml.org,2002:"


def load_file(path: FilePath) -> tuple[Node, list[Fault]]:
    """The file's tree; with faults it holds what could be understood."""
    shown = shorten(path)
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        return Node({}, Origin(shown)), [Fault(shown, 0, 0, "", f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Node({}, Origin(shown)), [Fault(shown, line, 1, "", "is not UTF-8 text here")]
    if len(data) > MAX_BYTES:
        return Node({}, Origin(shown)), [Fault(shown, 0, 0, "", "is too large", f"up to {MAX_BYTES:,} bytes")]
    return load_text(text, shown)


def load_text(text: str, file: str, note: str = "") -> tuple[Node, list[Fault]]:
    return _Loader(file, note).load(text)


def shorten(path: FilePath) -> str:
    """Relative to the working folder where it lies below it."""
    try:
        return str(path.absolute().relative_to(FilePath.cwd()))
    except ValueError:
        return str(path)


class _Loader:
    def __init__(self, file: str, note: str) -> None:
        self.file = file
        self.note = note
        self.faults: list[Fault] = []
        self.nodes = 0

    def load(self, text: str) -> tuple[Node, list[Fault]]:
        empty = Node({}, Origin(self.file, 1, 1, self.note))
        self.yaml = YAML(typ="safe", pure=True)
        self.yaml.composer.warn_double_anchors = False
        try:
            documents = list(self._documents(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Origin(self.file, mark.line + 1, mark.column + 1, self.note) if mark else empty.origin
            return empty, [fault(place, (), f"is no YAML: {' '.join((error.problem or str(error)).split())}")]
        except YAMLError as error:
            return empty, [fault(empty.origin, (), f"is no YAML: {' '.join(str(error).split())}")]
        except RecursionError:
            return empty, [fault(empty.origin, (), "is nested too deeply to be read", f"{MAX_DEPTH} levels")]
        if not documents:
            return empty, []
        for extra in documents[1:]:
            self._fault(extra, (), "a second document starts here", "one document a file")
        if isinstance(documents[0], ScalarNode) and documents[0].tag == f"{_TAG}null":
            return empty, []
        tree = self._node(documents[0], ())
        return tree or empty, self.faults

    def _documents(self, text: str) -> Iterable[YamlNode]:
        yield from self.yaml.compose_all(text)

    def _node(self, raw: YamlNode, path: Path, key: YamlNode | None = None) -> Node | None:
        self.nodes += 1
        if len(path) > MAX_DEPTH or self.nodes > MAX_NODES:
            if self.nodes <= MAX_NODES or self.nodes == MAX_NODES + 1:
                self._fault(
                    raw, path[:4], "is nested too deeply or too large", f"{MAX_DEPTH} levels, {MAX_NODES} values"
                )
            return None
        named = self._origin(key) if key is not None else None
        if isinstance(raw, MappingNode):
            return Node(self._mapping(raw, path), self._origin(raw), named)
        if isinstance(raw, SequenceNode):
            items = (self._node(item, (*path, at)) for at, item in enumerate(raw.value))
            return Node(tuple(item for item in items if item is not None), self._origin(raw), named)
        value = self._scalar(raw, path, key)
        return None if value is None else Node(value, self._origin(raw), named)

    def _mapping(self, raw: MappingNode, path: Path) -> dict[str, Node]:
        first: dict[str, YamlNode] = {}
        found: dict[str, Node] = {}
        for key, value in raw.value:
            if not isinstance(key, ScalarNode):
                self._fault(key, path, "has a list or mapping as a name", "plain names")
                continue
            name = str(key.value)
            if key.tag == f"{_TAG}merge":
                self._fault(key, path, "'<<' is not known here", "`extends` to inherit from another profile")
            elif name in first:
                line = first[name].start_mark.line + 1
                self._fault(key, (*path, name), f"is given twice, first in line {line}", "each name once")
            else:
                first[name] = key
                node = self._node(value, (*path, name), key)
                if node is not None:
                    found[name] = node
        return found

    def _scalar(self, raw: YamlNode, path: Path, key: YamlNode | None) -> Scalar | None:
        kind = str(raw.tag).removeprefix(_TAG)
        try:
            match kind:
                case "null":
                    self._fault(key or raw, path, "has no value", "a value, or no line at all")
                    return None
                case "bool":
                    return str(raw.value).lower() == "true"
                case "int":
                    return int(self.yaml.constructor.construct_yaml_int(raw))
                case "float":
                    return float(self.yaml.constructor.construct_yaml_float(raw))
                case "str" | "timestamp":
                    return str(raw.value)
        except ValueError:
            self._fault(raw, path, f"{raw.value!r} cannot be read as {kind}", "plain text or a number")
            return None
        self._fault(raw, path, f"has the tag {raw.tag}", "plain text, numbers, true, false")
        return None

    def _origin(self, raw: YamlNode) -> Origin:
        return Origin(self.file, raw.start_mark.line + 1, raw.start_mark.column + 1, self.note)

    def _fault(self, raw: YamlNode, path: Path, message: str, allowed: str) -> None:
        self.faults.append(fault(self._origin(raw), path, message, allowed))
