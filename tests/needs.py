"""What tests need beside Python packages: looked for first, otherwise named with the command that installs it."""

import os
import shutil
from typing import NoReturn

import pytest

MISSING = "MISSING TOOL"
ADMIN = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))
"""Where programs for administrators are; not every PATH names them."""


def tool(name: str, install: str) -> str:
    """The path of a program. Where it is missing the test is skipped, in CI it fails; `install` is the command."""
    path = shutil.which(name) or shutil.which(name, path=ADMIN)
    return path if path is not None else missing(name, install)


def missing(name: str, install: str) -> NoReturn:
    """Says so as `tool` does."""
    fault = f"{MISSING}: {name}; install it: {install}"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(fault, pytrace=False)
    pytest.skip(fault)
