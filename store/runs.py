"""The ledger of runs: what was asked, received and stored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from store.engine import Store
from store.schema import run
from store.walls import clean_text


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of one query. Instants aware UTC, delays in seconds from publication to first seen."""

    source_id: str
    query_id: str
    started_at: datetime
    asked_from: datetime
    asked_to: datetime
    ended_at: datetime | None = None
    pages: int = 0
    http_calls: int = 0
    received: int = 0
    stored: int = 0
    changed: int = 0
    duplicate: int = 0
    unmatched: int = 0
    quarantined: int = 0
    unchanged: bool = False
    delay_p50_s: float | None = None
    delay_p95_s: float | None = None
    error_class: str | None = None
    error_text: str | None = None


def record_run(store: Store, record: RunRecord) -> int:
    """Append a run; returns its id."""
    run_id = store.new_id()
    values = {each.name: getattr(record, each.name) for each in fields(record)}
    values["error_text"] = clean_text(record.error_text) if record.error_text else None
    with store.write() as conn:
        conn.execute(run.insert().values(id=run_id, **values))
    return run_id
