"""The documents: their links lead somewhere, and what they show is true."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    """As code hosts make it: lower case, words and hyphens only."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = FENCE.sub("", page.read_text())
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def fault(page: Path, link: str) -> str | None:
    """What is wrong with a link, if anything. Addresses on the web are not called."""
    if re.match(r"https?://|mailto:", link):
        return None
    name, _, part = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return f"{link}: there is no {name}"
    if part and target.suffix == ".md" and part not in anchors(target):
        return f"{link}: {target.name} has no heading #{part}; it has {sorted(anchors(target))}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    """Every link to a file or heading of the project leads there."""
    links = [a or b for a, b in LINK.findall(FENCE.sub("", page.read_text()))]
    assert [found for link in links if (found := fault(page, link))] == []
