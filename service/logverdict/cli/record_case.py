"""A case folder as `record` writes it: whole or not at all."""

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from logverdict import __version__
from logverdict.cli import as_json
from logverdict.cli.faults import Fault
from logverdict.cli.record_plan import WantedCase
from logverdict.v1 import recording_service_pb2 as pb

RECORD = "record.json"


def recorded(folder: Path, case: WantedCase) -> bool:
    """Whether the case is there already, complete. Raises Fault where something else has its name."""
    place = folder / case.name
    if not place.exists():
        return False
    try:
        record = json.loads((place / RECORD).read_text(encoding="utf-8"))
        before, complete = dict(record["asked"]), bool(record["complete"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Fault(f"{place} is there and was not made by record", "Give another --out, or remove it.") from None
    if before != case.asked:
        other = ", ".join(name for name, value in case.asked.items() if before.get(name) != value)
        raise Fault(f"{place} was recorded with other options ({other})", "Give another --out, or remove it.")
    return complete


class CaseFolder:
    """Use as a context manager: what was not kept is gone at its end. Raises Fault where the disk refuses."""

    def __init__(self, folder: Path, case: WantedCase) -> None:
        self._case = case
        self._place, self._part = folder / case.name, folder / f".{case.name}.part"
        self._files = ExitStack()
        self._open: dict[str, gzip.GzipFile] = {}
        self.entries: dict[str, int] = {}

    def __enter__(self) -> "CaseFolder":
        with _writing(self._part):
            shutil.rmtree(self._part, ignore_errors=True)
            self._part.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._files.close()
        shutil.rmtree(self._part, ignore_errors=True)

    def plan(self, plan: pb.RecordCaseResponse.Plan) -> None:
        windows = [f"baseline-{place}" for place in range(len(plan.baseline_windows))]
        with _writing(self._part):
            for window in [*windows, "candidate"]:
                file = self._part / _file(window)
                self._open[window] = self._files.enter_context(gzip.GzipFile(file, "wb", mtime=0))
                self.entries[window] = 0

    def add(self, entries: pb.RecordCaseResponse.Entries) -> None:
        lines = "".join(f"{json.dumps(_line(entry), ensure_ascii=False)}\n" for entry in entries.entries)
        with _writing(self._part):
            self._open[entries.window].write(lines.encode("utf-8", "replace"))
        self.entries[entries.window] += len(entries.entries)

    def keep(self, plan: pb.RecordCaseResponse.Plan, end: pb.RecordCaseResponse.End) -> None:
        """From now on the case is there."""
        with _writing(self._part):
            self._files.close()
            if self._case.truth:
                self._write("truth.json", {"verdict": self._case.truth, "kind": self._case.kind})
            self._write(RECORD, self._about(plan, end))
            if self._place.exists():  # an incomplete one of an earlier call
                shutil.rmtree(self._place)
            os.replace(self._part, self._place)

    def _about(self, plan: pb.RecordCaseResponse.Plan, end: pb.RecordCaseResponse.End) -> dict[str, Any]:
        deployment = self._case.wanted.deployment
        return {
            "service": deployment.service,
            "environment": deployment.environment,
            "asked": self._case.asked,
            **as_json.value(plan),
            **as_json.value(end),
            "entries": self.entries,
            "logverdict": __version__,
        }

    def _write(self, name: str, content: object) -> None:
        (self._part / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Faults of the disk, told."""
    try:
        yield
    except OSError as fault:
        raise Fault(f"--out: {place.parent} cannot be written: {fault.strerror or fault}") from None


def _file(window: str) -> str:
    """Cases number their baselines from 1, and leave out the first number."""
    place = int(window.removeprefix("baseline-")) if window != "candidate" else 0
    return f"baseline-{place + 1}.jsonl.gz" if place else f"{window.removesuffix('-0')}.jsonl.gz"


def _line(entry: pb.RecordedEntry) -> dict[str, str | None]:
    return {
        "timestamp": as_json.value(entry.time),
        "message": entry.message,
        "host": entry.instance or None,
        "level": entry.level or None,
    }
