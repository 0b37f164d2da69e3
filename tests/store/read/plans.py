"""Reads what a planner is going to do, in the same words for both engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection


@dataclass(frozen=True)
class Plan:
    """What one statement does: indexes it uses, tables it reads from end to end, rows it sorts."""

    indexes: frozenset[str]
    scanned: frozenset[str]
    sorted_rows: int
    text: str


def plan(conn: Connection, statement: str, parameters: Any) -> Plan:
    """Explain a statement; on PostgreSQL it is run, so that sorts can be counted."""
    if conn.dialect.name == "sqlite":
        return _sqlite(conn, statement, parameters)
    told = conn.exec_driver_sql("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + statement, parameters).scalar_one()
    indexes: set[str] = set()
    scanned: set[str] = set()
    sorts = [0]
    _walk(told[0]["Plan"], indexes, scanned, sorts, limited=False)
    return Plan(frozenset(indexes), frozenset(scanned), max(sorts), str(told))


def _walk(node: dict[str, Any], indexes: set[str], scanned: set[str], sorts: list[int], *, limited: bool) -> None:
    if "Index Name" in node:
        indexes.add(node["Index Name"])
    if node["Node Type"] == "Seq Scan" and not limited:
        scanned.add(node["Relation Name"])
    children = node.get("Plans", [])
    if node["Node Type"].endswith("Sort"):
        sorts.append(int(children[0]["Actual Rows"]))
    # A scan right under a LIMIT stops after the rows it was asked for; that is no scan of a table.
    for child in children:
        _walk(child, indexes, scanned, sorts, limited=node["Node Type"] == "Limit")


def _sqlite(conn: Connection, statement: str, parameters: Any) -> Plan:
    lines = [row[3] for row in conn.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)]
    indexes: set[str] = set()
    scanned: set[str] = set()
    for line in lines:
        words = line.split()
        if "INDEX" in words and "VIRTUAL" not in words:
            after = words[words.index("INDEX") + 1 :]
            indexes.add(after[0])
        elif words[0] == "SCAN" and "VIRTUAL" not in words and not words[1].startswith(("anon_", "(", "CONSTANT")):
            scanned.add(words[1])
    # SQLite does not say how many rows; a test that expects no sort reads this as "too many".
    sorts = sum("TEMP B-TREE FOR ORDER BY" in line for line in lines)
    return Plan(frozenset(indexes), frozenset(scanned), sorts * 1_000_000, "\n".join(lines))
