"""The demo as it is typed: it is shown to people, so it is tested as a whole."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = [sys.executable, "-u", "-m", "logverdict.cli.main", "demo"]


def alive(folder: Path) -> list[str]:
    """Command lines of the example's processes that work in the folder."""
    lines = (path.read_bytes().replace(b"\0", b" ").decode() for path in Path("/proc").glob("[0-9]*/cmdline"))
    return [line for line in lines if str(folder) in line and "logverdict.demo." in line]


@pytest.mark.timeout(110)
def test_the_bad_version_is_stopped_and_the_fixed_one_proceeds(tmp_path: Path) -> None:
    """The demo ends with 0 after FAIL for both faults of 1.1 and PASS for 1.2, in plain text within 80 columns."""
    ran = subprocess.run(
        [*DEMO, "--quick", "--keep", str(tmp_path / "kept")], capture_output=True, text=True, check=False, timeout=100
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    bad, _, good = ran.stdout.partition("checkout 1.2 is deployed")
    assert "STOP  checkout 1.1" in bad
    assert "no encryption key" in bad
    assert "× as often" in bad
    assert "look 1 of 2" in bad
    assert "PROCEED  checkout 1.2" in good
    assert "\x1b" not in ran.stdout
    assert (tmp_path / "kept" / "logverdict.yaml").exists()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc to see which processes are left")
async def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    """Interrupted, the demo says so, ends with 130, and takes every process of the example along."""
    folder = tmp_path / "kept"
    demo = await asyncio.create_subprocess_exec(
        *DEMO, "--keep", str(folder), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert demo.stdout is not None
    while b"instances under load" not in await demo.stdout.readline():
        assert not demo.stdout.at_eof()
    assert len(alive(folder)) == 4
    demo.send_signal(signal.SIGINT)
    rest = await demo.stdout.read()
    assert await demo.wait() == 130
    assert b"stopped" in rest
    assert b"Traceback" not in rest
    assert alive(folder) == []


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """--keep never mixes its files with others; the message says what it wants."""
    (tmp_path / "mine.txt").write_text("mine")
    ran = subprocess.run([*DEMO, "--keep", str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "is not empty" in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
