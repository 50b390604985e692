"""Where the store is: a file of SQLite's, or the address of a PostgreSQL."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import PlainValidator, ValidationInfo

from logverdict.adapters.profiles.types import refuse
from logverdict.connections.base import located

SCHEMES = ("postgresql", "postgres")
EXAMPLE = "a path, or postgresql://USER@HOST/DATABASE without a password (store_password_env or store_password_file)"


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """As libpq takes it; it holds no password, so it may be shown."""

    text: str

    def __str__(self) -> str:
        return self.text


def _store(value: object, info: ValidationInfo) -> Path | PostgresUrl:
    """Faults do not repeat an address: somebody may have put a password in it."""
    if isinstance(value, Path | PostgresUrl):
        return value
    if isinstance(value, str) and "://" in value:
        scheme, _, rest = value.partition("://")
        if scheme.partition("+")[0] not in SCHEMES:
            raise refuse("is no address of a store that is known", EXAMPLE)
        return _postgres(f"postgresql://{rest}")
    return located(value, info)


def _postgres(url: str) -> PostgresUrl:
    try:
        parts = urlsplit(url)
        asked = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError:
        raise refuse("is no address of a PostgreSQL", EXAMPLE) from None
    if ":" in unquote(parts.netloc.rpartition("@")[0]) or "password" in asked:
        raise refuse("holds a password", EXAMPLE)
    if parts.fragment or not parts.path.strip("/"):
        raise refuse("names no database", EXAMPLE)
    return PostgresUrl(url)


StorePlace = Annotated[Path | PostgresUrl, PlainValidator(_store, json_schema_input_type=str)]
