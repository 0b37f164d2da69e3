"""JSON lines: one object per row, every text exactly as it was, lists as arrays, documents as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from inbox.export.pieces import Pieces
from store.export_shape import Batch, Column, Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class JsonLinesWriter:
    """Writes one table."""

    def __init__(self, columns: Sequence[Column], out: Pieces) -> None:
        self.cut = 0
        self._names = [column.name for column in columns]
        self._as_json = [_AS_JSON.get(column.kind) for column in columns]
        self._out = out

    def add(self, batch: Batch) -> None:
        """Write some rows."""
        names, dumps = self._names, orjson.dumps
        columns = [
            values if made is None else made(values) for made, values in zip(self._as_json, batch.columns, strict=True)
        ]
        lines = [dumps(dict(zip(names, row, strict=True)), option=_OPTIONS) for row in zip(*columns, strict=True)]
        self._out.write(b"".join(lines))

    def end(self) -> None:
        """A file of lines ends with its last line."""


def _instants(values: Sequence[int | None]) -> list[datetime | None]:
    return [None if value is None else _EPOCH + value * _MICROSECOND for value in values]


def _flags(values: Sequence[Any]) -> list[bool | None]:
    return [None if value is None else bool(value) for value in values]


def _documents(values: Sequence[str | None]) -> list[orjson.Fragment | None]:
    return [None if value is None else orjson.Fragment(value) for value in values]


_AS_JSON: Mapping[Kind, Callable[[Sequence[Any]], list[Any]]] = {
    Kind.INSTANT: _instants,
    Kind.FLAG: _flags,
    Kind.DOCUMENT: _documents,
}
