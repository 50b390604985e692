"""How benchmarks tell what they measured, and measure time and memory of other processes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY = 0.02
"""Seconds from one look at the memory to the next."""


def tell(question: str, value: float, unit: str, target: str = "") -> None:
    """One figure, for `run.py`."""
    print(json.dumps({"question": question, "value": value, "unit": unit, "target": target}), flush=True)


def watched(command: Sequence[str | Path], allowed: Sequence[int] = (0,)) -> tuple[float, float]:
    """Seconds, and the greatest memory in MiB of the command and all that it starts, added up. What they share is
    counted once for each, so the true figure is smaller. Python may keep what it compiles, as it does for an installed
    package. Linux only."""
    begun, most = time.perf_counter(), 0
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    words = [str(word) for word in command]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, env=environment) as process:
        while process.poll() is None:
            most = max(most, sum(_resident(one) for one in _family(process.pid)))
            time.sleep(EVERY)
    seconds = time.perf_counter() - begun
    if process.returncode not in allowed:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return seconds, most / (1 << 20)


def _family(root: int) -> list[int]:
    """A process and its descendants."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    found = [root]
    for one in found:
        found.extend(child for child, parent in parents.items() if parent == one)
    return found


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0
