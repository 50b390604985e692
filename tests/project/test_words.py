"""The Makefile's words and the scripts of CI hold together."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = ["setup", "demo", "test", "test-slow", "check", "gen", "bench", "help", "clean"]


@pytest.mark.parametrize("word", WORDS)
def test_help_names_each_word(word: str) -> None:
    """`make` alone lists every word with a line of help."""
    shown = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, check=True)
    assert re.search(rf"make {word} +\w", shown.stdout.decode())


@pytest.mark.parametrize("script", [".ci/run", ".ci/setup"])
def test_scripts_are_sound(script: str) -> None:
    """CI's scripts can be run, stop at the first fault, and bash understands them."""
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert "set -euo pipefail" in path.read_text()
    subprocess.run(["bash", "-n", str(path)], check=True)
