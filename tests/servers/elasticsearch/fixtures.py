"""Nodes that a whole test run shares, its workers too: started by the first test that needs one."""

import os
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from filelock import FileLock

from servers.elasticsearch.install import elasticsearch, java_home
from servers.elasticsearch.node import Node, start


def node() -> Node:
    """A plain one, or the server that ELASTICSEARCH_URL names."""
    given = os.environ.get("ELASTICSEARCH_URL", "").rstrip("/")
    return Node(given, Path()) if given else _shared("plain", secured=False)


def secured_node() -> Node:
    """With TLS, a user, API keys, tokens and certificates."""
    return _shared("secured", secured=True)


@cache
def _shared(name: str, *, secured: bool) -> Node:
    java_home()
    elasticsearch()  # before anything is made: a machine without Java skips here
    run = Path(tempfile.gettempdir()) / f"logverdict-elasticsearch-{_controller()}-{name}"
    with FileLock(f"{run}.lock"):
        told = Path(f"{run}.url")
        if told.exists() and run.exists():
            return Node(told.read_text(), run, secured)
        failed = Path(f"{run}.failed")
        assert not failed.exists(), failed.read_text()
        run.mkdir()
        try:
            node = start(run, _controller(), secured=secured)
        except AssertionError as fault:  # told once more to each test, not tried again for each
            failed.write_text(str(fault))
            raise
        told.write_text(node.url)
        return node


def _controller() -> int:
    """The process that ends with the test run: pytest's own, or what started this worker."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def bulk(node: Node, index: str, documents: Sequence[str], *, create: bool = False) -> None:
    """Stores documents, each one line of JSON, and makes them visible."""
    action = '{"create":{}}\n' if create else '{"index":{}}\n'
    for at in range(0, len(documents), 10_000):
        lines = "".join(f"{action}{document}\n" for document in documents[at : at + 10_000])
        answer = node.call("POST", f"/{index}/_bulk?filter_path=errors,items.*.error", lines)
        assert not answer["errors"], str(answer)[:2_000]
    node.call("POST", f"/{index}/_refresh")
