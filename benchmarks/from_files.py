"""A verdict from files, end to end: `logverdict verify --local` on as many entries before as after, time and memory.

    .venv/bin/python benchmarks/from_files.py [RECORDING]

With a tenth of the entries too: memory must not grow with them.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from corpus import RATE, START, write
from figures import tell, watched

ENTRIES = 1_000_000
GAP = timedelta(hours=2)
SETTINGS = """
listen: 127.0.0.1:0
store: "{folder}/store.db"
connections:
  logs: {{kind: file, root: "{folder}/logs"}}
profiles: "{folder}/profiles.yaml"
"""
PROFILES = """
profiles:
  default:
    sources:
      app: {connection: logs, query: "*.jsonl"}
"""


def verdict(count: int, corpus: Path | None) -> tuple[float, float]:
    """Seconds and MiB, server and workers together; to write the files is not measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "logs").mkdir()
        (folder / "settings.yaml").write_text(SETTINGS.format(folder=folder))
        (folder / "profiles.yaml").write_text(PROFILES)
        length = timedelta(seconds=count / RATE)
        for place, start in enumerate((START, START + GAP)):
            write(folder / "logs" / f"{place}.jsonl", count, start, place + 1, corpus)
        spans = [f"{start.isoformat()}/{(start + length).isoformat()}" for start in (START, START + GAP)]
        command = [Path(sys.executable).parent / "logverdict", "verify", "shop@2", "-e", "prod", "--local", "--quiet"]
        command += ["--config", folder / "settings.yaml", "--profile", "default", "--on-error", "ask"]
        command += ["--rollout-start", (START + GAP).isoformat(), "--baseline", spans[0], "--candidate", spans[1]]
        return watched(command, allowed=(0, 1, 3))


def main(corpus: Path | None) -> None:
    _, small = verdict(ENTRIES // 10, corpus)
    seconds, memory = verdict(ENTRIES, corpus)
    tell(f"verdict on {ENTRIES:,} + {ENTRIES:,} entries from files", seconds, "s", "< 6")
    tell("its memory, server and workers", memory, "MiB", "<= 1024")
    tell("its memory, over that of a tenth of the entries", memory / small, "times", "<= 1.2")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
