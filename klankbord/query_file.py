"""Writes the query of a brand into `config.yaml`: that one value, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import yaml

from klankbord.config import Config
from klankbord.rewriting import rewrite


def put_query(path: Path, brand_id: str, query: str) -> Config:
    """Write a brand's query into the file; comments, order and quotes of everything else stay.

    Raises:
        CommandError: the file has no place of its own for it, or takes it from a variable.
    """

    def meant(before: Config, after: Config) -> bool:
        told = [brand.model_copy(update={"query": query}) if brand.id == brand_id else brand for brand in before.brands]
        return after == before.model_copy(update={"brands": tuple(told)})

    return rewrite(
        path,
        lambda text: with_query(text, brand_id, query),
        meant=meant,
        by_hand=f"Write this as the query of {brand_id} yourself: {quoted(query)}",
    )


def with_query(text: str, brand_id: str, query: str) -> str:
    """The text of a configuration in which a brand has another query. Pure.

    Raises:
        ValueError: it has no such brand, or the value is made of a variable.
    """
    for node in _brands(yaml.compose(text, Loader=yaml.SafeLoader)):
        fields = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        name, old = fields.get("id"), fields.get("query")
        if name is None or name.value != brand_id or not isinstance(old, yaml.ScalarNode):
            continue
        if "${" in old.value:
            raise ValueError
        start, end = old.start_mark.index, old.end_mark.index
        if old.style in {"|", ">"}:  # a block takes the line end behind it
            return text[:start] + quoted(query) + ("\r\n" if "\r\n" in text else "\n") + text[end:]
        return text[:start] + quoted(query) + text[end:]
    raise ValueError


def quoted(query: str) -> str:
    """A text as YAML takes it anywhere, on one line."""
    plain = " ".join(query.split())
    return "'" + plain.replace("'", "''") + "'"


def _brands(root: yaml.Node | None) -> list[yaml.MappingNode]:
    if not isinstance(root, yaml.MappingNode):
        return []
    found = [value for key, value in root.value if key.value == "brands" and isinstance(value, yaml.SequenceNode)]
    return [node for listed in found for node in listed.value if isinstance(node, yaml.MappingNode)]
