"""What sections of the settings have in common: no unknown fields, paths from the file's folder."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, ValidationInfo
from pydantic.functional_validators import AfterValidator, BeforeValidator

from logverdict.adapters.profiles.types import Number, refuse


def located(value: object, info: ValidationInfo) -> Path:
    """Relative paths start at the folder of the settings file."""
    if not isinstance(value, str | Path) or not str(value):
        raise refuse(f"{value!r} is no path", "a path")
    return Path((info.context or {}).get("folder", Path.cwd()), Path(value).expanduser())


def there(path: Path, info: ValidationInfo) -> Path:
    if not path.exists() and _here(info):
        raise refuse(f"{path} does not exist", "a file or folder that is there")
    return path


def folder(path: Path, info: ValidationInfo) -> Path:
    if not path.is_dir() and _here(info):
        raise refuse(f"{path} is no folder", "a folder that is there")
    return path


def _here(info: ValidationInfo) -> bool:
    return bool((info.context or {}).get("here", True))


Located = Annotated[Path, BeforeValidator(located)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _variable(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        raise refuse("is no name of an environment variable", "the variable's name, never the secret itself")
    return text


Variable = Annotated[str, AfterValidator(_variable)]
"""The name of an environment variable that holds a secret."""
SecretFile = Annotated[Located, AfterValidator(there)]
"""A file that holds a secret."""
Searches = Annotated[int, Number(1, 100)]
"""Searches that run at once at a connection, over all verifications."""
