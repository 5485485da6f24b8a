"""A page for each file format, from the JSON Schema that `panel-eval schema` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generated import PageText
from tables import cell, table

from panel_eval.schema import DOCUMENTS, json_schema

FOLDER = "reference/formats"
TYPES = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false", "null": "null"}


def contract_pages() -> list[PageText]:
    """All file formats: a list, then a page each."""
    schemas = {name: json_schema(name) for name in DOCUMENTS}
    pages = [PageText(name, f"{FOLDER}/{name}.md", _page(name, schema)) for name, schema in schemas.items()]
    rows = [[f"[`{name}`]({name}.md)", cell(schema.get("description"))] for name, schema in schemas.items()]
    head = (
        "# File formats\n\n`panel-eval schema NAME` prints the JSON Schema of each, `panel-eval validate FILE...` "
        "checks files. Unknown keys are refused, with the nearest known one. "
        "[What the files are for](../../contracts.md).\n\n"
    )
    return [PageText("All formats", f"{FOLDER}/index.md", head + table(["format", "holds"], rows) + "\n"), *pages]


def anchor(model: str) -> str:
    """The place of a nested model on the page of its contract."""
    return model.lower()


def _page(name: str, schema: dict[str, Any]) -> str:
    nested = schema.get("$defs", {})
    parts = [f"# Format `{name}`", schema.get("description", ""), _fields(schema, nested)]
    for model in _reached(schema, nested):
        if "properties" in nested[model]:
            parts += [
                f"## {model} {{ #{anchor(model)} }}",
                nested[model].get("description", ""),
                _fields(nested[model], nested),
            ]
        else:
            parts += [f"## {model} {{ #{anchor(model)} }}", f"{_type(nested[model])}."]
    parts.append(f"JSON Schema: `panel-eval schema {name}`.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _fields(model: dict[str, Any], nested: dict[str, Any]) -> str:
    required = set(model.get("required", ()))
    rows = []
    for field, schema in model.get("properties", {}).items():
        default = "required" if field in required else _default(schema)
        rows.append([f"`{field}`", _type(schema), default, cell(_meaning(schema, nested))])
    return table(["field", "type", "default", ""], rows)


def _meaning(schema: dict[str, Any], nested: dict[str, Any]) -> str:
    """What the field's own description says; without one, what the only model in it is."""
    models = list(dict.fromkeys(_references(schema)))
    described = schema.get("description")
    return described or (nested[models[0]].get("description", "") if len(models) == 1 else "")


def _default(schema: dict[str, Any]) -> str:
    """The default of a field that may be left out; lists and maps without one are empty."""
    empty: dict[str, Any] = {"array": [], "object": {}}
    if "default" in schema:
        return _value(schema["default"])
    return _value(empty[schema["type"]]) if schema.get("type") in empty else ""


def _type(schema: dict[str, Any]) -> str:
    """The type in words, with limits; nested models as links."""
    if reference := schema.get("$ref"):
        model = reference.rsplit("/", 1)[-1]
        return f"[{model}](#{anchor(model)})"
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(_type(choice) for choice in choices))
    if "const" in schema:
        return _value(schema["const"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return _with_limits(f"list of {_type(schema.get('items', {}))}", schema)
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"map of name to {_type(values)}" if isinstance(values, dict) else "map of name to anything"
    return _with_limits(TYPES.get(str(kind), "anything"), schema)


def _with_limits(text: str, schema: dict[str, Any]) -> str:
    """The type's words with the limits of the schema: `number 0 to 1`, `integer ≥ 1`, `text, not empty`."""
    if "minimum" in schema and "maximum" in schema:
        text += f" {schema['minimum']:g} to {schema['maximum']:g}"
    else:
        for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")):
            if key in schema:
                text += f" {sign.replace('<', '&lt;')} {schema[key]:g}"
    least = schema.get("minLength", schema.get("minItems"))
    if least:
        text += ", not empty" if least == 1 else f", at least {least}"
    if pattern := schema.get("pattern"):
        text += f", matching `{pattern.replace('|', chr(92) + '|')}`"
    return text


def _value(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _reached(schema: dict[str, Any], nested: dict[str, Any]) -> list[str]:
    """Nested models in the order in which a reader meets them."""
    order: list[str] = []
    waiting = list(_references(schema.get("properties", {})))
    while waiting:
        model = waiting.pop(0)
        if model not in order:
            order.append(model)
            waiting += _references(nested[model])
    return order


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.rsplit("/", 1)[-1]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
