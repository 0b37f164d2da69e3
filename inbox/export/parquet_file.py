"""Parquet: typed columns, instants as UTC timestamps to the microsecond, zstd."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from inbox.export.pieces import Pieces
from store.export_shape import Batch, Column, Kind

_GROUP = 32_768
"""Rows of a row group: what is kept in memory, and what readers read at a time."""
_TYPES = {
    Kind.ID: pa.int64(),
    Kind.INTEGER: pa.int64(),
    Kind.REAL: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.TEXT: pa.string(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.WORDS: pa.list_(pa.string()),
    Kind.DOCUMENT: pa.string(),
}


class ParquetFileWriter:
    """Writes one table."""

    def __init__(self, columns: Sequence[Column], out: Pieces) -> None:
        self.cut = 0
        self._kinds = [column.kind for column in columns]
        self._schema = pa.schema(
            [pa.field(each.name, _TYPES[each.kind], metadata={"meaning": each.meaning}) for each in columns]
        )
        self._writer = parquet.ParquetWriter(out, self._schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, batch: Batch) -> None:
        """Keep some rows until there are enough for a group."""
        arrays = [
            _array(kind, values, field.type)
            for kind, values, field in zip(self._kinds, batch.columns, self._schema, strict=True)
        ]
        if batch.n == 0:
            return
        self._waiting.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows += batch.n
        if self._rows >= _GROUP:
            self._write()

    def end(self) -> None:
        """Write what is kept, and the index at the end of the file."""
        if self._waiting:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._waiting, schema=self._schema), row_group_size=self._rows)
        self._waiting, self._rows = [], 0


def _array(kind: Kind, values: Sequence[Any], wanted: pa.DataType) -> pa.Array:
    if kind is Kind.FLAG:
        values = [None if value is None else bool(value) for value in values]
    return pa.array(values, type=wanted)


def rows_without(
    path: Path, names: Sequence[str], goes: Callable[[Mapping[str, Any]], bool], out: BinaryIO | None
) -> int:
    """How many rows of a file go; the others are written to `out`, where there is one, group by group.

    Args:
        path: a file of `ParquetFileWriter`.
        names: columns that `goes` looks at.
        goes: whether a row goes.
        out: where the others are written to.

    Raises:
        ValueError: this is no such file.
    """
    taken = 0
    with parquet.ParquetFile(path) as file:
        written = parquet.ParquetWriter(out, file.schema_arrow, compression="zstd") if out is not None else None
        for number in range(file.num_row_groups):
            stays = [not goes(row) for row in file.read_row_group(number, columns=list(names)).to_pylist()]
            taken += stays.count(False)
            if written is not None:
                written.write_table(file.read_row_group(number).filter(pa.array(stays, pa.bool_())))
        if written is not None:
            written.close()
    return taken
