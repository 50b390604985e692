"""Client commands start fast, because they load no engine."""

import subprocess
import sys

import pytest

# Not pydantic: typer itself loads it where it is installed.
HEAVY = [
    "polars",
    "numpy",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "alembic",
    "ruamel",
    "logverdict.analysis",
    "logverdict.app",
]

SCRIPT = """
import sys
from logverdict.cli.main import main
sys.argv = ["logverdict", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print("LOADED", *sorted(sys.modules))
"""


CLIENTS = ["verify", "get", "list", "calls", "record", "explain", "ignore", "feedback"]


@pytest.mark.parametrize("command", [["--help"], *([name, "--help"] for name in CLIENTS)], ids=" ".join)
def test_client_commands_load_no_engine(command: list[str]) -> None:
    """`logverdict --help` and the clients' commands import neither the engine nor the store nor the settings."""
    ran = subprocess.run([sys.executable, "-c", SCRIPT, *command], capture_output=True, text=True, check=True)
    loaded = ran.stdout.rpartition("LOADED ")[2].split()
    assert "logverdict.cli.main" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_a_server_loads_nothing_that_only_judgements_need() -> None:
    """They are made by worker processes: a third of a second and 60 MiB that the server itself can do without."""
    script = "import sys, logverdict.app; print(*sorted({'sklearn', 'scipy.stats'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
