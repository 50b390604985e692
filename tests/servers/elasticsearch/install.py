"""Elasticsearch on this machine: unpacked once from a Maven artifact into a folder that is kept between runs."""

import os
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from needs import tool

POM = Path(__file__).with_name("pom.xml")
INSTALL = "apt-get install -y openjdk-17-jre-headless maven"
USER = "es"
"""Elasticsearch refuses to run as root; this user is made where the tests run as root."""


def as_root() -> bool:
    return os.geteuid() == 0


def cache() -> Path:
    """Everybody may look into it when the tests run as root, because the server then runs as another user."""
    own = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return (Path("/var/cache") if as_root() else Path(own)) / "logverdict-tests"


def elasticsearch() -> Path:
    """The folder with its bin, lib and modules. Skips the test, or fails in CI, where it cannot be had."""
    to = cache() / "elasticsearch"
    to.mkdir(parents=True, exist_ok=True)
    with FileLock(to / ".lock"):
        found = _unpacked(to)
        return found or _unpack(to)


def installed() -> bool:
    """Whether nothing has to be fetched any more."""
    return _unpacked(cache() / "elasticsearch") is not None


def java_home() -> Path:
    return Path(_tool("java")).resolve().parents[1]


def _unpacked(to: Path) -> Path | None:
    wanted = to / f"unpacked-{POM.stat().st_size}"
    return next(to.glob("sonarqube-*/elasticsearch"), None) if wanted.exists() else None


def _unpack(to: Path) -> Path:
    for old in to.glob("sonarqube-*"):
        shutil.rmtree(old)
    shutil.rmtree(to / ".markers", ignore_errors=True)
    command = [_tool("mvn"), "-B", "-q", "-f", str(POM), f"-Dto={to}", "generate-resources"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if ran.returncode:
        raise AssertionError(f"Maven could not fetch Elasticsearch:\n{ran.stdout[-2_000:]}{ran.stderr[-2_000:]}")
    (found,) = to.glob("sonarqube-*/elasticsearch")
    for program in (found / "bin").iterdir():
        program.chmod(0o755)
    if as_root():
        _make_user()
        subprocess.run(["chown", "-R", USER, str(found)], check=True)
    (to / f"unpacked-{POM.stat().st_size}").touch()
    return found


def _make_user() -> None:
    if subprocess.run(["id", USER], capture_output=True, check=False).returncode:
        subprocess.run([tool("useradd", "apt-get install -y passwd"), "--system", USER], check=True)


def _tool(name: str) -> str:
    """Installed where that is possible without asking: as root on Debian and its like."""
    if not shutil.which(name) and as_root() and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in ("apt-get update -qq", INSTALL.replace("-y", "-y -qq")):
            subprocess.run(command.split(), env=quiet, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return tool(name, INSTALL)
