"""Start-up: help that teaches, and no engine for clients."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from logverdict import __version__
from logverdict.cli.main import COMMANDS, app

HEAVY = ("polars", "numpy", "scipy", "sklearn", "sqlalchemy", "structlog", "stamina")
runner = CliRunner()


@pytest.mark.parametrize("args", ["--help", "verify --help", "get x --server 127.0.0.1:1", "list --server 127.0.0.1:1"])
def test_clients_load_no_engine(args):
    """Help and client commands import nothing of the service extra."""
    program = f"""
import sys
from logverdict.cli.main import app
try:
    app({args.split()!r})
except SystemExit:
    pass
print("LOADED", sorted(name for name in {HEAVY!r} if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("LOADED []\n")


def test_help_loads_no_grpc():
    """The list of commands needs none of them."""
    program = """
import sys
from logverdict.cli.main import app
app(["--help"], standalone_mode=False)
assert "grpc" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_help_names_every_command():
    """Each command is listed with what it is for."""
    text = runner.invoke(app, ["--help"]).output
    for name, entry in COMMANDS.items():
        assert name in text
        assert entry.help.split()[0] in text


@pytest.mark.parametrize("name", [name for name, entry in COMMANDS.items() if entry.examples])
def test_help_of_a_command_has_examples(name):
    """Each client command shows at least one call that works, within 80 columns."""
    text = runner.invoke(app, [name, "--help"]).output
    for example in COMMANDS[name].examples:
        assert example in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_unknown_command_is_answered_with_the_near_one():
    """A typing error gets exit code 2 and a suggestion."""
    ended = runner.invoke(app, ["verfy"])
    assert ended.exit_code == 2
    assert "verify" in ended.output


def test_the_version_is_told():
    """--version names the version alone."""
    ended = runner.invoke(app, ["--version"])
    assert (ended.exit_code, ended.output) == (0, f"logverdict {__version__}\n")
