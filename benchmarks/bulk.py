"""Millions of rows into a table as each engine takes them fastest: they are what is read, not what is measured."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import polars as pl
from polars import selectors
from sqlalchemy import Connection, Table

from store.engine import Store


def insert(store: Store, conn: Connection, table: Table, rows: pl.DataFrame) -> None:
    """Add new rows; columns are named as those of the table, instants are aware."""
    names = ", ".join(rows.columns)
    driver: Any = conn.connection.driver_connection
    if store.is_sqlite:
        told = rows.with_columns(selectors.date().cast(pl.String), selectors.datetime().dt.timestamp("us"))
        marks = ", ".join("?" * told.width)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own
        driver.executemany(statement, told.iter_rows())
        return
    text = BytesIO()
    rows.write_csv(text, include_header=False, null_value=r"\N")
    statement = rf"COPY {table.name} ({names}) FROM STDIN (FORMAT csv, NULL '\N')"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(text.getvalue())
