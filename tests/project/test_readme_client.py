"""The client that README shows."""

import asyncio
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from logverdict import app, settings

ROOT = Path(__file__).parents[2]
SETTINGS = """\
connections: {logs: {kind: file, root: .}}
profiles: profiles.yaml
store: store.db
workers: 1
"""
PROFILES = """\
profiles:
  checkout:
    sources: {app: {connection: logs, query: "*.jsonl"}}
    timing: {settle: 0s, ingest_lag: 0s, interval: 1s, duration: 1s, baseline: 60s}
"""


def client(page: str) -> str:
    found = re.search(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page} shows no Python client"
    return found[1]


def write_logs(folder: Path) -> None:
    """A steady service: twenty entries a second, from a minute ago until soon."""
    start = datetime.now(UTC) - timedelta(seconds=60)
    times = (start + timedelta(milliseconds=50 * step) for step in range(20 * 90))
    lines = (json.dumps({"time": time.isoformat(), "message": "order placed", "level": "info"}) for time in times)
    (folder / "app.jsonl").write_text("\n".join(lines) + "\n")


def test_readme_and_protocol_show_the_same_client() -> None:
    """There is one client to keep right, and it is short."""
    assert client("README.md") == client("docs/protocol.md")
    assert len([line for line in client("README.md").splitlines() if line.strip()]) <= 12


async def test_the_client_works(tmp_path: Path) -> None:
    """Typed in as it stands (but for the port), the client verifies a deployment and prints the decision."""
    (tmp_path / "logverdict.yaml").write_text(SETTINGS)
    (tmp_path / "profiles.yaml").write_text(PROFILES)
    write_logs(tmp_path)
    async with app.embedded(settings.load(tmp_path / "logverdict.yaml", {})) as address:
        text = client("README.md").replace("127.0.0.1:50051", address)
        ran = await asyncio.create_subprocess_exec(sys.executable, "-c", text, stdout=asyncio.subprocess.PIPE)
        out, _ = await ran.communicate()
    assert ran.returncode == 0
    assert re.search(r"^SUCCEEDED .+$", out.decode(), re.MULTILINE)
    assert out.decode().splitlines()[-1] == "decision: PROCEED"
