"""JSON Schema (2020-12) of profile files, for editors."""

import json

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from logverdict.adapters.profiles.models import FilePart


class _Schema(GenerateJsonSchema):
    """Fields may be left out, but null is no value."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        names = super().dict_schema(schema)
        return {**names, "additionalProperties": False} if "patternProperties" in names else names

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        return {"$schema": self.schema_dialect, **super().generate(schema, mode)}


def profile_schema() -> dict[str, object]:
    return TypeAdapter(FilePart).json_schema(schema_generator=_Schema)


def schema_text() -> str:
    return json.dumps(profile_schema(), indent=2, ensure_ascii=False) + "\n"
