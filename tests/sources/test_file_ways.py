"""Ways back from templates to the lines of files: the commands are run."""

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from contract.log_source import window
from fakes.messages import JAPANESE, MESSAGES, NUMBER, TEMPLATES, of_template, template
from logverdict.adapters.sources.file import FileSource
from logverdict.domain.profile import SourceSpec

SPAN = window(0, 1_000)
BESIDE = {NUMBER, JAPANESE, template("ready")}


def run(root: Path, query: str, wanted: str) -> list[str]:
    """The lines that the way back's command shows."""
    way = FileSource(root).way_back(SourceSpec("app", "files", query), wanted, SPAN)
    assert way is not None
    shown = subprocess.run(["bash", "-c", way.query], cwd=root, capture_output=True, check=False, timeout=60)
    assert shown.stderr == b""
    return shown.stdout.decode().splitlines()


def write(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)


@pytest.mark.parametrize("name", ["app.log", "app.log.1.gz"])
def test_json_lines_are_found(tmp_path: Path, name: str) -> None:
    """All lines of a template and no others, unless it has no word of ASCII letters or one that is in others too."""
    write(tmp_path / name, [json.dumps({"message": text}) for text in MESSAGES])
    for wanted in TEMPLATES:
        texts = {json.loads(line)["message"] for line in run(tmp_path, "app.log*", wanted)}
        assert texts >= of_template(wanted), wanted
        assert wanted in BESIDE or texts == of_template(wanted), wanted


def test_plain_lines_are_found(tmp_path: Path) -> None:
    """Of an entry of several lines the first."""
    write(tmp_path / "app.log", [f"2026-11-22 03:00:00 {text}" for text in MESSAGES])
    for wanted in TEMPLATES:
        lines = {line.removeprefix("2026-11-22 03:00:00 ") for line in run(tmp_path, "app.log", wanted)}
        assert lines >= {text.splitlines()[0] for text in of_template(wanted)}, wanted


def test_a_record_without_a_message_is_found(tmp_path: Path) -> None:
    """It is its own message, with its fields in another order than the line has them."""
    write(tmp_path / "app.log", ['{"ts": 5, "user": "bob7", "event": "login failed"}', '{"ts": 6, "event": "login"}'])
    assert len(run(tmp_path, "app.log", template('{"event":"login failed","user":"bob7"}'))) == 1


@pytest.mark.parametrize(
    ("query", "files"),
    [
        ("a/**/app*.log, worker", ["a/app.log", "a/b/c/app-1.log", "worker/x", "worker/deep/y"]),
        ("a/app.log", ["a/app.log"]),
        ("[ab]/app.log", ["a/app.log", "b/app.log"]),
        ("[!a]/app.log", ["b/app.log"]),
        ("it's $HOME/(x)+.^|log", ["it's $HOME/(x)+.^|log"]),
        ("a/**", ["a/app.log", "a/app_log", "a/b/c/app-1.log", "a/b/other"]),
        ("?/app?log", ["a/app.log", "a/app_log", "b/app.log"]),
    ],
)
def test_the_sources_files_are_looked_into_and_no_others(tmp_path: Path, query: str, files: list[str]) -> None:
    """Globs, folders and odd names mean to the command what they mean to the source."""
    names = ["a/app.log", "a/app_log", "a/b/c/app-1.log", "a/b/other", "b/app.log", "worker/x", "worker/deep/y"]
    for name in [*names, "it's $HOME/(x)+.^|log"]:
        write(tmp_path / name, [f"disk full: {name}"])
    assert sorted(run(tmp_path, query, "disk full: <path>")) == [f"disk full: {name}" for name in sorted(files)]


def test_nothing_in_a_message_reaches_the_shell(tmp_path: Path) -> None:
    """Only words are taken over."""
    write(tmp_path / "app.log", ["disk '; touch hurt; ' $(touch hurt) `touch hurt` full"])
    assert len(run(tmp_path, "app.log", "disk '; touch hurt; ' $(touch hurt) `touch hurt` full")) == 1
    assert not (tmp_path / "hurt").exists()
