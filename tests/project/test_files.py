"""No file of the project holds what a public repository must not hold."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BINARY = {".binpb", ".gz", ".png", ".ico", ".db"}

# Written in pieces, so that this file does not hold them itself.
FORBIDDEN = {
    "an absolute path of one machine": r"(?<![\w.])/(?:wor" + r"k|roo" + r"t|home/\w+)/",
    "a file address": "file:" + "//",
    "a package registry": r"(?:pypi\.or" + r"g|files\.pythonhosted|registry\.npm" + r"js|registry\.yarn" + "pkg)",
    "an index option": "--(?:extra-)?index" + "-url|--find" + "-links|--trusted" + "-host",
    "a private key": "-----BEGIN [A-Z ]*PRIVATE " + "KEY-----",
    "a cloud key": r"\bAKIA(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\b",
    "a token of a code host": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a chat token": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
}
# These show what a secret looks like, to redact it; what they hold is invented.
EXAMPLES_OF_SECRETS = re.compile(r"redact")
SECRETS = {"a private key", "a cloud key", "a token of a code host", "a chat token"}
LOCK_FILES = re.compile(r"(^|/)(.*\.lock|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum)$")


def project_files() -> list[Path]:
    """What git has or would take; what .gitignore names is not part of the project."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no git checkout, so it is not known which files belong to the project")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    """Paths of a machine, registry addresses and secrets are in no file of the project."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {hit.group()}"
        for path in project_files()
        if path.suffix not in BINARY and not (what in SECRETS and EXAMPLES_OF_SECRETS.search(path.name))
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if (hit := pattern.search(line))
    ]
    assert not found, f"{what} in {found}"


def test_no_lock_file_is_kept() -> None:
    """Lock files record download addresses: versions are pinned in constraints.txt instead."""
    assert [str(path) for path in project_files() if LOCK_FILES.search(path.as_posix())] == []


def test_no_large_file_is_kept() -> None:
    """A file above 1 MB does not belong into the repository."""
    assert [str(path) for path in project_files() if path.stat().st_size > 1_000_000] == []
