"""What the documents show can be typed: commands, options, files and the client."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "docs/quickstart.md", "CONTRIBUTING.md"]
WORDS = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def commands(page: str, program: str) -> list[list[str]]:
    """The command lines that the page shows, as words."""
    text = "\n".join(blocks(page, "sh")).replace("\\\n", " ")
    lines = (shlex.split(line, comments=True) for line in text.splitlines())
    return [line for line in lines if line[:1] == [program]]


def shown(program: str) -> list[tuple[str, list[str]]]:
    return [(page, command[1:]) for page in PAGES for command in commands(page, program)]


@pytest.mark.parametrize(("page", "words"), shown("make"))
def test_each_make_word_exists(page: str, words: list[str]) -> None:
    """A make word that a page shows is in the Makefile."""
    assert words[0] in WORDS.findall((ROOT / "Makefile").read_text())


@pytest.mark.parametrize(("page", "words"), shown("logverdict"), ids=lambda value: str(value)[:60])
def test_each_command_and_option_exists(page: str, words: list[str]) -> None:
    """The help of each command that a page shows knows every option in it."""
    names = words[:2] if words[0] == "profile" else words[:1]
    ran = subprocess.run(
        [sys.executable, "-m", "logverdict.cli.main", *names, "--help"],
        capture_output=True, text=True, check=True, env={"COLUMNS": "200", "PATH": ""},
    )  # fmt: skip
    known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", ran.stdout))
    assert [word for word in words if word.startswith("-") and word not in known] == []


def test_the_files_of_the_quickstart_are_right(tmp_path: Path) -> None:
    """The settings and profiles that the quickstart shows pass `logverdict profile check` as they stand."""
    settings, profiles = blocks("docs/quickstart.md", "yaml")
    (tmp_path / "logverdict.yaml").write_text(settings.replace("/var/log/apps", "."))
    (tmp_path / "profiles.yaml").write_text(profiles)
    ran = subprocess.run(
        [sys.executable, "-m", "logverdict.cli.main", "profile", "check", "--config", "logverdict.yaml"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
