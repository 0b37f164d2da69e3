"""Fits of the sentiment's model to what agents corrected, and which model counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from store.engine import Store
from store.schema import setting, tone_fit

_IN_USE = "tone_model"


@dataclass(frozen=True, slots=True)
class ToneFitRow:
    """One night's attempt; see the table for what its figures are."""

    night: date
    at: datetime
    corrections: str
    n_learnt: int
    n_held: int
    right_before: int
    right_after: int
    better: int
    worse: int
    sample_n: int
    sample_better: int
    sample_worse: int
    outcome: str
    model: str | None


_COLUMNS = [tone_fit.c[name] for name in ToneFitRow.__slots__]


def attempts(conn: Connection, *, limit: int) -> list[ToneFitRow]:
    """The latest attempts, newest first (primary key: one a night)."""
    return [ToneFitRow(*row) for row in conn.execute(select(*_COLUMNS).order_by(tone_fit.c.night.desc()).limit(limit))]


def in_use(conn: Connection) -> date | None:
    """The night whose model counts; None for the one that came with the program."""
    kept = conn.execute(select(setting.c.value).where(setting.c.key == _IN_USE)).scalar()
    return date.fromisoformat(kept) if isinstance(kept, str) else None


def model_in_use(conn: Connection) -> str | None:
    """The weights that count, as their JSON text; None for those that came with the program."""
    night = in_use(conn)
    if night is None:
        return None
    return conn.execute(select(tone_fit.c.model).where(tone_fit.c.night == night)).scalar()


def use(conn: Connection, store: Store, night: date | None) -> None:
    """Let the model of a night count from now on, or the one that came with the program."""
    row = {"key": _IN_USE, "value": None if night is None else night.isoformat()}
    store.dialect.upsert_rows(conn, setting, [row], ("value",))
