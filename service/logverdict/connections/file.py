"""Connections of kind `file` in the operator's settings."""

from typing import Annotated, Literal

from pydantic.functional_validators import AfterValidator

from logverdict.adapters.sources.links import Address, Link
from logverdict.connections.base import Located, Searches, Section, folder
from logverdict.connections.links import LinkTemplate


class FileConnection(Section):
    """Log files below one folder."""

    kind: Literal["file"]
    root: Annotated[Located, AfterValidator(folder)]
    """Nothing outside this folder is ever read."""
    max_searches: Searches = 2
    """Reads at once, over all verifications; others wait for their turn. As many as there are worker processes keep all
    cores busy: what is read beyond that is only held in memory."""
    link: LinkTemplate | None = None
    """A page that shows what a command finds, as an address with {query}."""

    def way(self) -> Link | None:
        return Address(self.link) if self.link is not None else None
