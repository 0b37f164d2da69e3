"""What an index is, and how each engine spells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from store.ordering import POSTGRES_NEVER, SQLITE_NEVER

Engine = Literal["sqlite", "postgresql"]

DUE_KEY = "<due_key>"
# Written as conditions on both engines; SQLite keeps booleans as 0 and 1.
IS_OPEN = "<is_open>"
IS_CLOSED = "<is_closed>"
ROUTING = "<routing_pending>"
WHOLE = "<whole_answer>"
_SPELLING = {
    "sqlite": {
        DUE_KEY: f"coalesce(sla_due_at, {SQLITE_NEVER})",
        IS_OPEN: "is_open = 1",
        IS_CLOSED: "is_open = 0",
        ROUTING: "routing_pending = 1",
        WHOLE: "whole_answer = 1",
    },
    "postgresql": {
        DUE_KEY: f"(coalesce(sla_due_at, {POSTGRES_NEVER}))",
        IS_OPEN: "is_open",
        IS_CLOSED: "NOT is_open",
        ROUTING: "routing_pending",
        WHOLE: "whole_answer",
    },
}


@dataclass(frozen=True, slots=True)
class Index:
    """One index.

    Attributes:
        name, table: as in the database.
        columns: in order, as DDL; `<due_key>` is the sort key of the inbox order.
        queries: dotted names of the functions whose query it serves.
        why: what it costs without.
        where: the condition of a partial index.
        unique: whether it also enforces.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    queries: tuple[str, ...]
    why: str
    where: str | None = None
    unique: bool = False

    def ddl(self, engine: Engine) -> str:
        """The CREATE INDEX statement for one engine."""
        columns: Sequence[str] = self.columns
        if engine == "postgresql":
            # jsonb in a B-tree cannot answer @>, so it would only make the index larger.
            columns = [column for column in columns if column != "brand_ids"]
        unique = "UNIQUE " if self.unique else ""
        where = f" WHERE {self.where}" if self.where else ""
        text = f"CREATE {unique}INDEX {self.name} ON {self.table} ({', '.join(columns)}){where}"
        for placeholder, spelled in _SPELLING[engine].items():
            text = text.replace(placeholder, spelled)
        return text
