"""A file that was written, once more without the rows of somebody: whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from inbox.export.landing import landed
from inbox.spreadsheets import unguarded

_KEYS: Mapping[str, tuple[str, str]] = {
    "mentions": ("id", "author_id"),
    "conversations": ("", "author_id"),
    "authors": ("", "id"),
}
"""Tables with rows of customers: where a row's mention and where its account stands."""
_WITH_CUSTOMERS = frozenset({*_KEYS, "all"})


@dataclass(frozen=True, slots=True)
class Gone:
    """What must not be in a file any more.

    Attributes:
        mentions: ids as text.
        accounts: ids of authors as text, and their pseudonyms.
    """

    mentions: frozenset[str]
    accounts: frozenset[str]


def concerns(form: Mapping[str, Any]) -> bool:
    """Whether a file written so has rows of customers at all."""
    return form.get("table", "mentions") in _WITH_CUSTOMERS


def can_be_rewritten(form: Mapping[str, Any]) -> bool:
    """Whether single rows can be taken out of a file written so."""
    return form.get("table", "mentions") in _KEYS and _format(form) in _WAYS


def rewrite(path: Path, form: Mapping[str, Any], gone: Gone) -> int:
    """The file without these rows, streamed; how many went. The other rows stand as they stood.

    Raises:
        NotWritten: the disk is full, or the file cannot be written for another reason.
        OSError, ValueError, KeyError: the file is not what it was.
    """
    mode = path.stat().st_mode & 0o777
    taken = _WAYS[_format(form)](path, form, gone, None)
    if taken:
        with landed(path) as out:
            _WAYS[_format(form)](path, form, gone, out)
        path.chmod(mode)
    return taken


def _format(form: Mapping[str, Any]) -> str:
    return str(form.get("format", form.get("kind", "jsonl")))


def _goes(row: Mapping[str, Any], form: Mapping[str, Any], gone: Gone) -> bool:
    mention, account = _KEYS[form.get("table", "mentions")]
    return (bool(mention) and str(row[mention]) in gone.mentions) or str(row[account]) in gone.accounts


def _lines(path: Path, form: Mapping[str, Any], gone: Gone, out: BinaryIO | None) -> int:
    taken = 0
    with path.open("rb") as lines:
        for line in lines:
            if _goes(orjson.loads(line), form, gone):
                taken += 1
            elif out is not None:
                out.write(line)
    return taken


def _cells(path: Path, form: Mapping[str, Any], gone: Gone, out: BinaryIO | None) -> int:
    excel = bool(form.get("excel"))
    taken = 0
    header: list[str] = []
    with path.open("r", encoding="utf-8", newline="") as text:
        seen: list[str] = []
        for cells in csv.reader(_noted(text, seen), delimiter=str(form.get("delimiter", ";" if excel else ","))):
            piece = "".join(seen).encode()
            seen.clear()
            if not header:
                header = [name.lstrip("\ufeff") for name in cells]
            elif _goes(
                {name: unguarded(cell, digits=excel) for name, cell in zip(header, cells, strict=True)}, form, gone
            ):
                taken += 1
                continue
            if out is not None:
                out.write(piece)
    return taken


def _noted(lines: Iterator[str], seen: list[str]) -> Iterator[str]:
    """The lines, noted as they are read: a row of a CSV may take several."""
    for line in lines:
        seen.append(line)
        yield line


def _groups(path: Path, form: Mapping[str, Any], gone: Gone, out: BinaryIO | None) -> int:
    from inbox.export.parquet_file import rows_without

    columns = [name for name in _KEYS[form.get("table", "mentions")] if name]
    return rows_without(path, columns, lambda row: _goes(row, form, gone), out)


_WAYS: Mapping[str, Callable[[Path, Mapping[str, Any], Gone, BinaryIO | None], int]] = {
    "jsonl": _lines,
    "csv": _cells,
    "parquet": _groups,
}
