"""Files with copies of rows that stand on this machine, remembered so that erasing somebody can reach them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from store.engine import Store
from store.schema import made_file

EXPORT, BACKUP = "export", "backup"


def remember(store: Store, path: Path, kind: str, *, now: datetime, form: Mapping[str, Any] | None = None) -> None:
    """Remember a file that was written; the same path again counts anew."""
    row = {"path": str(path.resolve()), "kind": kind, "form": dict(form or {}), "made_at": now}
    with store.write() as conn:
        store.dialect.upsert_rows(conn, made_file, [row], ("kind", "form", "made_at"))
