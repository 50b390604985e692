"""Connections in the operator's settings: where logs are; one class for each kind."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Tag

from logverdict.connections.base import Located, Section, there
from logverdict.connections.elasticsearch import ElasticsearchConnection
from logverdict.connections.file import FileConnection
from logverdict.connections.splunk import SplunkConnection
from logverdict.connections.store import PostgresUrl, StorePlace

__all__ = [
    "Connection",
    "ElasticsearchConnection",
    "FileConnection",
    "Located",
    "PostgresUrl",
    "Section",
    "SplunkConnection",
    "StorePlace",
    "there",
]


def _kind(value: object) -> object:
    return value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)


Connection = Annotated[
    Annotated[ElasticsearchConnection, Tag("elasticsearch")]
    | Annotated[FileConnection, Tag("file")]
    | Annotated[SplunkConnection, Tag("splunk")],
    Discriminator(_kind),
]
"""A union told apart by `kind`; another kind of connection is one more class in it."""
