"""`logverdict profile` in a terminal and for machines."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from logverdict.cli.profile import profile_app

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
CONFIG = ("--config", str(EXAMPLES / "logverdict.yaml"))


def run(*words: str) -> Result:
    return CliRunner().invoke(profile_app, list(words), env={"COLUMNS": "100"})


def test_check_says_what_it_checked() -> None:
    """Exit 0, with the number of profiles and sources."""
    result = run("check", *CONFIG)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("profiles: 2 profiles, 3 sources, no mistakes\n")


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.yaml"
    file.write_text(
        "profiles:\n  x:\n    sources: {app: {connection: lgos, query: x, options: {format: jsn}}}\n"
        "    policy: {mode: obsrve}\n",
        encoding="utf-8",
    )
    return file


def test_check_explains_mistakes(bad: Path) -> None:
    """Exit 2, one line a mistake on stderr."""
    result = run("check", str(bad), *CONFIG)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"{bad}:3:33: profiles.x.sources.app.connection: unknown connection 'lgos'; allowed: logs; did you mean logs?",
        f"{bad}:4:20: profiles.x.policy.mode: unknown word 'obsrve'; allowed: ENFORCE, OBSERVE; did you mean OBSERVE?",
        "2 mistakes",
    ]


def test_check_asks_the_sources(bad: Path) -> None:
    """Options that a connection's kind does not know are mistakes too."""
    bad.write_text(bad.read_text(encoding="utf-8").replace("lgos", "logs"), encoding="utf-8")
    assert "sources.app.options.format: unknown word 'jsn'" in run("check", str(bad), *CONFIG).stderr


def test_check_speaks_json(bad: Path) -> None:
    """The same on stdout, for machines."""
    result = run("check", str(bad), "--json", *CONFIG)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["faults"][1] == {
        "file": str(bad),
        "line": 4,
        "column": 20,
        "field": "profiles.x.policy.mode",
        "message": "unknown word 'obsrve'",
        "allowed": "ENFORCE, OBSERVE",
        "hint": "OBSERVE",
    }
    assert json.loads(run("check", "--json", *CONFIG).stdout)["profiles"] == ["checkout", "default"]


def test_check_without_settings_says_what_it_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are the operator's; without settings they are not known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOGVERDICT_CONFIG", raising=False)
    result = run("check", str(EXAMPLES / "profiles"))
    assert result.exit_code == 0
    assert "connections were not checked: no settings file" in result.stdout
    assert run("check").exit_code == 2


def test_show_gives_each_value_with_its_origin() -> None:
    """At most 100 columns."""
    result = run("show", "checkout", "--environment", "staging", *CONFIG)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert max(map(len, lines)) <= 100
    rows = [line.split() for line in lines]
    assert ["mode", "OBSERVE", "profiles/defaults.yaml:15"] in rows
    assert ["interval", "1m", "built-in", "default"] in rows
    assert ["query", "checkout/payments-test.log", "profiles/checkout.yaml:6"] in rows


def test_show_speaks_json() -> None:
    """Field, value and origin of everything."""
    values = json.loads(run("show", "checkout", "--json", *CONFIG).stdout)["values"]
    assert {"field": "policy.early_stop", "value": True, "origin": "built-in default"} in values


def test_show_refuses_what_is_not_there(tmp_path: Path) -> None:
    """Exit 2, naming the known profiles."""
    profiles, config = tmp_path / "p.yaml", tmp_path / "c.yaml"
    profiles.write_text("profiles: {a: {sources: {s: {connection: l, query: q}}}}", encoding="utf-8")
    config.write_text("profiles: p.yaml\nconnections: {l: {kind: file, root: .}}", encoding="utf-8")
    result = run("show", "b", "--config", str(config))
    assert result.exit_code == 2
    assert "known: a" in result.stderr


def test_schema_is_json() -> None:
    """Ready to be written to a file."""
    assert json.loads(run("schema").stdout)["title"] == "FilePart"


def test_the_command_line_loads_no_engine() -> None:
    """Importing the commands costs next to nothing."""
    heavy = "{'polars', 'pydantic', 'ruamel.yaml', 'grpc', 'structlog', 'sklearn'}"
    code = f"import sys, logverdict.cli.profile; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
