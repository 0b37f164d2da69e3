"""The data dictionary: what every table and column holds, from the one place that also reads them.

`python -m inbox.export.dictionary` prints what docs/export.md must hold.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from inbox.export.form import Manifest
from store.export_shape import Column, Kind, Veil
from store.export_tables import TABLES, Table

TYPES = {
    Kind.ID: "id",
    Kind.INTEGER: "integer",
    Kind.REAL: "number",
    Kind.FLAG: "true or false",
    Kind.TEXT: "text",
    Kind.INSTANT: "instant",
    Kind.WORDS: "list of texts",
    Kind.DOCUMENT: "JSON",
}
"""How types are named for people."""
_VEILED = {
    Veil.NONE: "",
    Veil.ACCOUNT: "pseudonym",
    Veil.HANDLE: "pseudonym",
    Veil.NAME: "pseudonym",
    Veil.USER: "pseudonym",
    Veil.POST: "pseudonym",
    Veil.GONE: "left out",
    Veil.PROSE: "masked",
    Veil.STEP: "masked",
}


def described(manifests: Iterable[Manifest]) -> list[dict[str, Any]]:
    """Tables and columns as they stand in written files, as plain values for JSON."""
    return [
        {
            "table": one.table,
            "row": TABLES[one.table].about,
            "filter": TABLES[one.table].narrowed,
            "columns": [_column(column) for column in one.columns],
        }
        for one in manifests
    ]


def _column(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": TYPES[column.kind], "unit": column.unit, "meaning": column.meaning}


def reference(tables: Sequence[Table] = tuple(TABLES.values())) -> str:
    """One section per table as markdown: what a row is, what a filter does to it, its columns."""
    return "\n".join(_section(table) for table in tables)


def _section(table: Table) -> str:
    lines = [
        f"### `{table.name}`",
        "",
        f"{table.about} *With a filter:* {table.narrowed}",
        "",
        "| column | type | unit | what | pseudonymised |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{each.name}` | {TYPES[each.kind]} | {each.unit} | {each.meaning} | {_VEILED[each.veil]} |"
        for each in table.columns
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.stdout.write(reference())
