"""Adds a source to `config.yaml` and leaves every other byte as it is: comments, order, quotes, line ends.

The place is found by the marks of the parser, and the lines are put in there. What comes out is read again and must be
what stood there and the new source; where that cannot be had, the file stays as it was.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from klankbord.config import Config
from klankbord.rewriting import rewrite

_WIDE = 1_000_000


def entry_of(source_id: str, connector: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A source as it stands in the file."""
    return {
        "id": source_id,
        "connector": connector,
        **{name: each for name, each in options.items() if each is not None},
    }


def lines_of(entry: Mapping[str, Any], indent: int = 2) -> str:
    """A source as an item of a list."""
    item = yaml.safe_dump([dict(entry)], sort_keys=False, allow_unicode=True, width=_WIDE)
    return textwrap.indent(item, " " * indent)


def add_source(path: Path, entry: Mapping[str, Any]) -> Config:
    """Write a source into the file, whole or not at all; the configuration as it is then.

    Raises:
        CommandError: it cannot be done without touching something else; the text holds what to write by hand.
    """
    return rewrite(
        path,
        lambda text: with_source(text, entry),
        meant=lambda before, after: _is_added(before, after, entry),
        by_hand=f"Write this under `sources:` yourself:\n{lines_of(entry)}",
    )


def with_source(text: str, entry: Mapping[str, Any]) -> str:
    """The text of a configuration with one source more, at the end of its list. Pure.

    Raises:
        ValueError: its shape has no place for a line more.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None and not (isinstance(root, yaml.MappingNode) and not root.flow_style):
        raise ValueError
    pairs = [] if root is None else root.value
    found = [value for key, value in pairs if key.value == "sources"]
    if not found:
        gap = "" if not text or text.endswith("\n") else newline
        return text + gap + _spelt("sources:\n" + lines_of(entry), newline)
    (sources,) = found
    if isinstance(sources, yaml.SequenceNode) and sources.flow_style:
        return _into_brackets(text, sources, entry)
    if isinstance(sources, yaml.SequenceNode):
        at = _line_end(text, _last_index(sources))
        return _inserted(text, at, lines_of(entry, sources.start_mark.column), newline)
    raise ValueError


def _into_brackets(text: str, sources: yaml.SequenceNode, entry: Mapping[str, Any]) -> str:
    item = yaml.safe_dump(dict(entry), default_flow_style=True, sort_keys=False, allow_unicode=True, width=_WIDE)
    comma, at = (", ", sources.value[-1].end_mark.index) if sources.value else ("", sources.start_mark.index + 1)
    return text[:at] + comma + item.strip() + text[at:]


def _last_index(node: yaml.Node) -> int:
    """Where what is written last in a node ends. The end mark of a block stands behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_index(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, at: int) -> int:
    """The end of the line, behind a comment that stands on it."""
    if at > 0 and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _inserted(text: str, at: int, lines: str, newline: str) -> str:
    gap = "" if at == 0 or text[at - 1] == "\n" else newline
    return text[:at] + gap + _spelt(lines, newline) + text[at:]


def _spelt(lines: str, newline: str) -> str:
    return lines.replace("\n", newline)


def _is_added(before: Config, after: Config, entry: Mapping[str, Any]) -> bool:
    """Whether exactly this source was added, and means what it should; a `${` in a platform's answer means nothing."""
    *others, added = after.sources
    same = before.model_copy(update={"sources": ()}) == after.model_copy(update={"sources": ()})
    wanted = {name: each for name, each in entry.items() if name not in {"id", "connector"}}
    is_it = (added.id, added.connector) == (entry["id"], entry["connector"])
    meant = _plain({**added.options, **{name: getattr(added, name) for name in wanted if name not in added.options}})
    return same and tuple(others) == before.sources and is_it and meant == _plain(wanted)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
