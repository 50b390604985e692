"""Tools that tests need: found, skipped loudly, or demanded in CI."""

import pytest

import needs


def test_a_tool_that_is_there_is_found() -> None:
    """A program on the path is given by its path."""
    assert needs.tool("git", "apt-get install git").endswith("git")


def test_a_missing_tool_skips_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """At home the test is skipped, and the reason says how to get the tool."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-tool; install it: apt-get install it"):
        needs.tool("no-such-tool", "apt-get install it")


def test_a_missing_tool_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI nothing is skipped because somebody forgot to install something."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool"):
        needs.tool("no-such-tool", "apt-get install it")
