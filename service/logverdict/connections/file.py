"""Connections of kind `file` in the operator's settings."""

from typing import Annotated, Literal

from pydantic.functional_validators import AfterValidator

from logverdict.connections.base import Located, Section, folder


class FileConnection(Section):
    """Log files below one folder."""

    kind: Literal["file"]
    root: Annotated[Located, AfterValidator(folder)]
    """Nothing outside this folder is ever read."""
