"""The file source keeps the contract in each format."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from contract.log_source import LogSourceContract, Make, Row
from logverdict.adapters.sources.file import FileSource
from logverdict.domain.profile import SourceSpec
from logverdict.verify.ports import LogSource

Write = Callable[[Row], str]


def in_json(row: Row) -> str:
    time, message, level, instance, version = row
    record = {
        "@timestamp": time.isoformat().replace("+00:00", "Z"),
        "log.level": level,
        "message": message,
        "kubernetes": {"pod": {"name": instance}},
        "service.version": version,
    }
    return json.dumps(record)


def in_logfmt(row: Row) -> str:
    time, message, level, instance, version = row
    quoted = message.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'ts={time.timestamp():.6f} level={level} msg="{quoted}" pod={instance} version={version}'


def of_one_file(root: Path, write: Write, name: str = "app.log") -> Make:
    def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
        lines = "".join(write(row) + "\n" for row in rows).encode()
        (root / name).write_bytes(gzip.compress(lines, 1) if name.endswith(".gz") else lines)
        return FileSource(root), SourceSpec("app", "files", name)

    return make


class TestJsonLines(LogSourceContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return of_one_file(tmp_path, in_json)


class TestPackedJsonLines(LogSourceContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return of_one_file(tmp_path, in_json, "app.log.1.gz")


class TestLogfmt(LogSourceContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return of_one_file(tmp_path, in_logfmt)


class TestPlainText(LogSourceContract):
    """Instance and version are in the path, the level is a letter before the time."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
            (tmp_path / "logs").mkdir()
            (tmp_path / "logs" / "empty.log").touch()
            texts: dict[Path, list[str]] = {}
            for time, message, level, instance, version in rows:
                path = tmp_path / "logs" / version / f"{instance}.log"
                texts.setdefault(path, []).append(f"{level[0]}{time:%m%d %H:%M:%S.%f} {message}\n")
            for path, lines in texts.items():
                path.parent.mkdir(exist_ok=True)
                path.write_text("".join(lines))
            options = {"version_from_path": "logs/([^/]+)/"}
            return FileSource(tmp_path), SourceSpec("app", "files", "logs/**/*.log", options=options)

        return make
