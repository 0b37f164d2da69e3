"""The tables as a markdown reference: `python -m store.describe` prints what docs/store.md must hold."""

from __future__ import annotations

import inspect
import sys

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Integer, LargeBinary
from sqlmodel import SQLModel

from store import tables
from store.types import Instant, JsonDoc

_KINDS = (
    (Instant, "instant"),
    (JsonDoc, "json"),
    (BigInteger, "bigint"),
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "float"),
    (LargeBinary, "bytes"),
    (Date, "date"),
)


def reference() -> str:
    """One section per table: what it is for, its columns with type, key and whether they may be empty."""
    models = {name: getattr(tables, name) for name in tables.__all__}
    sections = [_section(model) for _, model in sorted(models.items(), key=lambda item: str(item[1].__tablename__))]
    return "\n".join(sections)


def _section(model: type[SQLModel]) -> str:
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    lines = [f"### `{table.name}`", "", inspect.getdoc(model) or "", "", "| column | type | |", "|---|---|---|"]
    lines += [f"| `{column.name}` | {_kind(column)} | {_note(column)} |" for column in table.columns]
    return "\n".join([*lines, ""])


def _kind(column: Column[object]) -> str:
    return next((name for kind, name in _KINDS if isinstance(column.type, kind)), "text")


def _note(column: Column[object]) -> str:
    if column.primary_key:
        return "key"
    return "may be empty" if column.nullable else ""


if __name__ == "__main__":
    sys.stdout.write(reference())
