"""`make demo-elasticsearch`: the demo with its logs in the Elasticsearch of the tests, or of ELASTICSEARCH_URL."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[2]))

from servers.elasticsearch.install import elasticsearch, installed, java_home
from servers.elasticsearch.node import start

NAME = "make demo-elasticsearch"


def main() -> None:
    """Becomes `logverdict demo`, so that the node lives exactly as long as the demo, however that ends."""
    program = str(Path(sys.executable).with_name("logverdict"))
    url = os.environ.get("ELASTICSEARCH_URL") or _node(Console(highlight=False))
    os.execv(program, [program, "demo", "--elasticsearch", url, *sys.argv[1:]])


def _node(console: Console) -> str:
    if not installed():
        with _told(console, "fetching Elasticsearch with Maven: once, some minutes, 900 MB"):
            java_home()
            elasticsearch()
    run = Path(tempfile.mkdtemp(prefix=f"logverdict-demo-elasticsearch-{os.getpid()}-"))
    try:
        with _told(console, "starting Elasticsearch, which ends with the demo: half a minute"):
            return start(run, os.getpid()).url
    except BaseException:
        if not (run / "log").exists():  # else whoever watches the node tidies up
            shutil.rmtree(run)
        raise


class _told:
    """A line when it begins and how long it took; with a spinner where there is a terminal."""

    def __init__(self, console: Console, text: str) -> None:
        self._console, self._text = console, text
        self._status = console.status(f"{text} …")

    def __enter__(self) -> None:
        self._began = time.monotonic()
        if self._console.is_terminal:
            self._status.start()
        else:
            self._console.print(f"{self._text} …")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._status.stop()
        if kind is None:
            self._console.print(f"[dim]{self._text}: done in {time.monotonic() - self._began:.0f} s[/]")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print(f"{NAME}: stopped", file=sys.stderr)
        sys.exit(130)
    except (AssertionError, pytest.skip.Exception, pytest.fail.Exception) as fault:
        print(f"{NAME}: {fault}", file=sys.stderr)
        sys.exit(1)
