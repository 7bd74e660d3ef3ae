"""The fields of events and commands in words, from the schemas that they are validated with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel, TypeAdapter

from domain.values import Id, Month, Sha256

Schema: TypeAlias = Mapping[str, Any]
NAMED = {
    TypeAdapter(kind).json_schema().get("pattern"): word
    for word, kind in (("id", Id), ("SHA-256", Sha256), ("month", Month))
}
FEW = 4
FORMATS = {"date": "date", "date-time": "instant", "email": "address"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a reader of the reference needs to know it."""

    name: str
    words: str
    required: bool


def fields_of(model: type[BaseModel]) -> tuple[list[Field], dict[str, Schema]]:
    """The fields of a model, and the shapes that they refer to by name."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    shapes: dict[str, Schema] = schema.get("$defs", {})
    return list(_fields(schema, shapes)), shapes


def shape_fields(shape: Schema, shapes: Mapping[str, Schema]) -> list[Field]:
    """The fields of a shape that others refer to."""
    return list(_fields(shape, shapes))


def _fields(schema: Schema, shapes: Mapping[str, Schema]) -> Iterator[Field]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        yield Field(name, words(field, shapes), name in required)


def stands_alone(name: str, shape: Schema) -> bool:
    """Whether a shape is told once, under its own name."""
    return name not in {"Money", "Sealed"} and ("properties" in shape or len(shape.get("enum", ())) > FEW)


def words(schema: Schema, shapes: Mapping[str, Schema]) -> str:
    """A type, in words."""
    if "$ref" in schema:
        return _named(schema["$ref"].rsplit("/", 1)[-1], shapes)
    if kinds := schema.get("anyOf") or schema.get("oneOf"):
        said = [words(kind, shapes) for kind in kinds if kind.get("type") != "null"]
        return "personal text" if "sealed" in said else " or ".join(dict.fromkeys(said))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {words(schema.get('items', {}), shapes)}"
        case "string":
            return FORMATS.get(schema.get("format", "")) or NAMED.get(schema.get("pattern")) or _text(schema)
        case "integer":
            return "whole number"
        case "boolean":
            return "yes or no"
        case "object":
            return "object"
        case _:
            return "any value"


def _text(schema: Schema) -> str:
    pattern = schema.get("pattern", "")
    return "decimal" if r"\d" in pattern and "." in pattern and "@" not in pattern else "text"


def _named(name: str, shapes: Mapping[str, Schema]) -> str:
    shape = shapes[name]
    if name == "Sealed":
        return "sealed"
    if name == "Money":
        return "money"
    return f"[{name}](#{name.lower()})" if stands_alone(name, shape) else words(shape, shapes)
