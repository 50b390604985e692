"""A query finds what it means below its root and nothing outside."""

import os
from pathlib import Path

import pytest

from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.sources.file_query import find_files
from logverdict.domain.errors import InvalidRequest, QueryRejected, SourceUnavailable
from logverdict.domain.profile import SourceSpec

FILES = ("a.log", "a.log.1.gz", "b.txt", "web/1/a.log", "web/1/b.log", "web/2/a.log", "web/.hidden/a.log", ".a.log")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "root"


def names(root: Path, query: str) -> list[str]:
    return [file.name for file in find_files(root, query, missing_ok=False, unread=[])]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("a.log", ["a.log"]),
        ("./a.log", ["a.log"]),
        ("a.log*", ["a.log", "a.log.1.gz"]),
        ("*", ["a.log", "a.log.1.gz", "b.txt"]),
        ("web", ["web/1/a.log", "web/1/b.log", "web/2/a.log"]),
        ("web/*/a.log", ["web/1/a.log", "web/2/a.log"]),
        ("web/[13]/?.log", ["web/1/a.log", "web/1/b.log"]),
        ("*/1", ["web/1/a.log", "web/1/b.log"]),
        ("**/a.log", ["a.log", "web/1/a.log", "web/2/a.log"]),
        ("web/**", ["web/1/a.log", "web/1/b.log", "web/2/a.log"]),
        ("**/b.*", ["b.txt", "web/1/b.log"]),
        ("b.txt, web/2\na.log,a.*", ["a.log", "a.log.1.gz", "b.txt", "web/2/a.log"]),
        (".a.log", [".a.log"]),
        (".*.log", [".a.log"]),
        ("web/.hidden", ["web/.hidden/a.log"]),
        (".", ["a.log", "a.log.1.gz", "b.txt", "web/1/a.log", "web/1/b.log", "web/2/a.log"]),
    ],
)
def test_globs(root: Path, query: str, found: list[str]) -> None:
    """Files, folders and globs mean what a shell means, and a folder all that is below it."""
    assert names(root, query) == found


@pytest.mark.parametrize(
    "query",
    ["/etc/passwd", "../secret", "web/../../secret", "a.log,../b", "~/x", "C:\\x", "", " , ", "a\0b", "**/" * 4],
)
def test_what_leaves_the_root_is_refused(query: str) -> None:
    """Absolute paths and ways up are InvalidRequests before anything is looked at."""
    with pytest.raises(InvalidRequest, match="query"):
        FileSource(Path("/nowhere")).check(SourceSpec("app", "files", query))


@pytest.mark.parametrize("query", ["out.log", "*.log", "dir/secret.log", "dir/*", "dir", "**/out.log"])
def test_links_to_outside_are_refused(root: Path, query: str) -> None:
    """A link that leads out of the root is refused without saying where it leads."""
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "secret.log").touch()
    (root / "out.log").symlink_to(outside / "secret.log")
    (root / "dir").symlink_to(outside)
    with pytest.raises(QueryRejected) as refused:
        names(root, query)
    assert "leads outside" in refused.value.message
    assert "outside/" not in refused.value.message


def test_a_name_that_is_no_utf_8_is_shown_escaped(root: Path) -> None:
    """Names go into sentences and instances, which have to be stored and sent as text."""
    Path(os.fsdecode(bytes(root) + b"/caf\xe9.out")).write_text("x")
    (found,) = find_files(root, "*.out", missing_ok=False, unread=[])
    assert found.name == r"caf\xe9.out"
    assert found.path.read_text() == "x"


def test_links_inside_are_followed_and_no_file_comes_twice(root: Path) -> None:
    """A file that is found by several globs, links or names is read once."""
    (root / "current.log").symlink_to(root / "a.log")
    os.link(root / "a.log", root / "hard.log")
    (root / "live").symlink_to(root / "web" / "1")
    assert names(root, "a.log, current.log, *.log") == ["a.log"]
    assert names(root, "live/*.log") == ["live/a.log", "live/b.log"]


def test_a_query_that_matches_nothing_is_rejected(root: Path) -> None:
    """A typo does not read as a quiet service: each glob of a query has to match a file."""
    for query in ("typo.log", "a.log, typo.log", "web/3", "web/1/a.log/x"):
        with pytest.raises(QueryRejected, match="matches no file"):
            names(root, query)
    assert find_files(root, "typo.log", missing_ok=True, unread=[]) == []


def test_only_regular_files_are_read(root: Path) -> None:
    """A pipe is no log file, and nobody waits for it."""
    os.mkfifo(root / "pipe.log")
    assert names(root, "*.log") == ["a.log"]
    with pytest.raises(QueryRejected):
        names(root, "pipe.log")


def test_a_missing_root_is_unavailable(tmp_path: Path) -> None:
    """A root that is not mounted can come back, so the read may be tried again."""
    with pytest.raises(SourceUnavailable, match="root folder"):
        find_files(tmp_path / "gone", "a.log", missing_ok=True, unread=[])


def test_links_in_a_circle_are_refused(root: Path) -> None:
    """A link to itself ends in a clear answer."""
    (root / "loop.log").symlink_to(root / "loop.log")
    with pytest.raises(QueryRejected, match="leads nowhere"):
        names(root, "loop.log")


def test_a_folder_that_may_not_be_read_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that may hide in a folder without permission are not taken for absent."""
    scan = os.scandir

    def refuse(path: Path | str) -> object:
        if str(path).endswith("/2"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    unread: list[str] = []
    assert [file.name for file in find_files(root, "web/*/a.log", False, unread)] == ["web/1/a.log"]
    assert unread == ["web/2: Permission denied"]
