"""One program that takes mentions out, whose time and memory are watched.

Run as `python -m benchmarks.export_child URL BY FORMAT ROWS` (0: all rows); prints what it took as JSON.
"""

from __future__ import annotations

import csv
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import make_url

from store.export_mentions import MENTION_COLUMNS
from store.export_shape import Kind

_AT_ONCE = 5_000
_NAMES = [column.name for column in MENTION_COLUMNS]
_INSTANTS = [place for place, column in enumerate(MENTION_COLUMNS) if column.kind is Kind.INSTANT]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LISTS = {
    "brand_ids": "(SELECT {join}(brand_id, '|') FROM mention_brand b WHERE b.mention_id = m.id)",
    "tags": "(SELECT {join}(tag, '|') FROM conversation_tag t WHERE t.conversation_id = m.conversation_id)",
    "themes": "(SELECT {join}(name, '|') FROM conversation_theme l JOIN theme h ON h.id = l.theme_id "
    "WHERE l.conversation_id = m.conversation_id)",
}
_CASTS = {Kind.ID: "bigint", Kind.INTEGER: "bigint", Kind.REAL: "float8"}
Batches = Iterator[list[Any]]


def read(url: str, most: int) -> Batches:
    """The rows of an export by a bare cursor."""
    yield from _sqlite(url.removeprefix("sqlite:///"), most) if url.startswith("sqlite") else _postgres(url, most)


def _sqlite(path: str, most: int) -> Batches:
    with sqlite3.connect(path) as conn:
        own = {row[1] for row in conn.execute("PRAGMA table_info(mention)")}
        cursor = conn.execute(_query([_LISTS.get(name, _place(name, own)) for name in _NAMES], "group_concat", most))
        while rows := cursor.fetchmany(_AT_ONCE):
            yield rows


def _postgres(url: str, most: int) -> Batches:
    """By a cursor on the server, with instants as SQLite keeps them: then the same programs write the same values."""
    import psycopg

    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as conn:
        found = conn.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'mention'")
        own = {row[0] for row in found}
        columns = []
        for column in MENTION_COLUMNS:
            place = _LISTS.get(column.name, _place(column.name, own))
            if column.kind is Kind.INSTANT:
                place = f"(extract(epoch FROM {place}) * 1000000)::bigint"
            elif column.name not in _LISTS:
                place = f"{place}::{_CASTS.get(column.kind, 'text')}"
            columns.append(place)
        with conn.cursor("rows") as cursor:
            cursor.execute(_query(columns, "string_agg", most))  # type: ignore[arg-type]
            while rows := cursor.fetchmany(_AT_ONCE):
                yield rows


def _query(columns: Sequence[str], join: str, most: int) -> str:
    query = (
        f"SELECT {', '.join(columns).replace('{join}', join)} FROM mention m "  # noqa: S608
        "JOIN conversation c ON c.id = m.conversation_id LEFT JOIN author a ON a.id = m.author_id ORDER BY m.id"
    )
    return query + (f" LIMIT {most}" if most else "")


def _place(name: str, own: set[str]) -> str:
    if name in own:
        return f"m.{name}"
    return (
        f"a.{name.removeprefix('author_')}" if name.startswith("author_") else f"c.{name.removeprefix('conversation_')}"
    )


def dated(rows: list[Any]) -> Iterator[list[Any]]:
    """The same rows with instants as ISO 8601."""
    for row in rows:
        values = list(row)
        for place in _INSTANTS:
            if values[place] is not None:
                values[place] = (_EPOCH + timedelta(microseconds=values[place])).isoformat()
        yield values


def none(found: Batches, out: Path) -> int:  # noqa: ARG001
    """Read, and write nothing."""
    return sum(map(len, found))


def by_csv(found: Batches, out: Path) -> int:
    """The csv module."""
    n = 0
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_NAMES)
        for rows in found:
            writer.writerows(dated(rows))
            n += len(rows)
    return n


def by_orjson(found: Batches, out: Path) -> int:
    """A dictionary per row."""
    n = 0
    with out.open("wb") as file:
        for rows in found:
            for row in dated(rows):
                file.write(orjson.dumps(dict(zip(_NAMES, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE))
            n += len(rows)
    return n


def by_polars(write: str) -> Callable[[Batches, Path], int]:
    """A frame per batch."""

    def work(found: Batches, out: Path) -> int:
        import polars as pl

        kinds = {Kind.ID: pl.Int64, Kind.INTEGER: pl.Int64, Kind.REAL: pl.Float64}
        schema = {
            column.name: pl.Int64 if column.kind is Kind.INSTANT else kinds.get(column.kind, pl.String)
            for column in MENTION_COLUMNS
        }
        instants = [pl.from_epoch(_NAMES[place], time_unit="us").dt.replace_time_zone("UTC") for place in _INSTANTS]
        n = 0
        with out.open("wb") as file:
            for rows in found:
                frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(instants)
                if write == "csv":
                    frame.write_csv(file, include_header=n == 0)
                else:
                    frame.write_ndjson(file)
                n += len(rows)
        return n

    return work


def by_pyarrow(found: Batches, out: Path) -> int:
    """A record batch per batch."""
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {
        Kind.ID: pa.int64(),
        Kind.INTEGER: pa.int64(),
        Kind.REAL: pa.float64(),
        Kind.INSTANT: pa.timestamp("us", "UTC"),
    }
    schema = pa.schema([pa.field(column.name, kinds.get(column.kind, pa.string())) for column in MENTION_COLUMNS])
    n = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in found:
            columns = [
                pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            n += len(rows)
    return n


def by_xlsxwriter(found: Batches, out: Path) -> int:
    """In its mode of constant memory."""
    import xlsxwriter

    n = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("mentions")
        sheet.write_row(0, 0, _NAMES)
        for rows in found:
            for row in dated(rows):
                n += 1
                sheet.write_row(n, 0, row)
    return n


def by_rustpy(found: Batches, out: Path) -> int:
    """A dictionary per row."""
    from rustpy_xlsxwriter import write_worksheet

    n = 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal n
        for rows in found:
            for row in dated(rows):
                n += 1
                yield dict(zip(_NAMES, row, strict=True))

    write_worksheet(records(), str(out), sheet_name="mentions")
    return n


def by_klankbord(url: str, name: Any, out: Path) -> int:
    """What analysts get."""
    from inbox import export
    from inbox.desk import Desk
    from inbox.settings import InboxSettings
    from inbox.views import Filters
    from store.engine import open_store

    store = open_store(url)
    desk = Desk(store, InboxSettings())
    to = export.Recipient("command", date(2026, 3, 10))
    told = export.write(desk, "mentions", Filters(), export.Form(name), out, to=to, snapshot=export.now(desk))
    store.close()
    return told.rows


_PLAIN: dict[str, Callable[[Batches, Path], int]] = {
    "cursor": none,
    "csv": by_csv,
    "polars csv": by_polars("csv"),
    "orjson": by_orjson,
    "polars jsonl": by_polars("jsonl"),
    "pyarrow": by_pyarrow,
    "xlsxwriter": by_xlsxwriter,
    "rustpy": by_rustpy,
}


def peak() -> int:
    """Most bytes this process ever held."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(url: str, by: str, name: str, most: int) -> None:
    """Measure one of them."""
    with tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        out = Path(folder) / "out"
        cpu, wall = time.process_time(), time.perf_counter()
        rows = by_klankbord(url, name, out) if by == "klankbord" else _PLAIN[by](read(url, most), out)
        took = {"rows": rows, "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall, "peak": peak()}
        size = out.stat().st_size if out.exists() else 0
    sys.stdout.buffer.write(orjson.dumps({**took, "size": size}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
