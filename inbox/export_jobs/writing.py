"""A wanted export written to a path: the one place where jobs meet the formats of `inbox.export`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from inbox import export
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.export.asking import possible, table_of
from inbox.export.dictionary import described
from inbox.export.form import checked
from inbox.export_jobs.views import Wanted
from inbox.sentences import Sentence
from inbox.views import CurrentUser


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. `manifest` is plain values for JSON, kept with the job."""

    rows: int
    size: int
    sha256: str
    held: tuple[export.Withheld, ...]
    manifest: dict[str, Any]


def check(desk: Desk, wanted: Wanted) -> None:
    """Look whether an export can be made so.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: no table, one that does not exist, an impossible form, or days the wrong way round.
    """
    if not wanted.tables:
        raise BadInput(Sentence("Choose at least one table."))
    for name in wanted.tables:
        table_of(name)
    checked(wanted.form)
    possible(wanted.filters)
    export.filter_of(desk, wanted.filters)


def ending(wanted: Wanted) -> str:
    """How the name of the file ends."""
    return wanted.form.format if len(wanted.tables) == 1 else "zip"


def expected(desk: Desk, wanted: Wanted, bounds: export.Snapshot) -> int | None:
    """How many rows there will be, for a progress bar; None where only reading them tells."""
    if len(wanted.tables) > 1:
        return None
    return export.expected(desk, wanted.tables[0], wanted.filters, bounds)


def write(
    desk: Desk,
    wanted: Wanted,
    path: Path,
    *,
    by: CurrentUser,
    since: datetime,
    bounds: export.Snapshot,
    on_progress: Callable[[int], None],
) -> Written:
    """Write an export; nothing of it depends on when that is.

    Args:
        desk: where.
        wanted: what.
        path: of the file, which is only there when it is complete.
        by: who takes it out; platforms count with them.
        since: when the job was first begun: the day with which platforms count.
        bounds: the highest ids.
        on_progress: told how many rows are written; what it raises ends the writing.

    Raises:
        BadSearch: the search cannot be read.
        NotWritten: the disk is full, or the file cannot be written for another reason.
    """
    to = export.Recipient(str(by.id), since.date())
    if len(wanted.tables) == 1:
        (table,) = wanted.tables
        made = export.write(
            desk, table, wanted.filters, wanted.form, path, to=to, snapshot=bounds, on_progress=on_progress
        )
        return _told((made,), sha256=made.sha256, size=made.size)
    several = export.pack(
        desk,
        wanted.filters,
        wanted.form,
        path,
        to=to,
        snapshot=bounds,
        tables=wanted.tables,
        on_progress=_Summed(on_progress),
    )
    with path.open("rb") as file:
        return _told(several, sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


def manifest_bytes(kept: Any) -> bytes:
    """A kept manifest as a file."""
    return orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def bounds_of(kept: Any) -> export.Snapshot:
    """Bounds as they were kept with a job."""
    return export.Snapshot(int(kept["mention_id"]), int(kept["event_id"]))


def _told(made: tuple[export.Manifest, ...], *, sha256: str, size: int) -> Written:
    rows = sum(one.rows for one in made)
    manifest = {
        "sha256": sha256,
        "size": size,
        "rows": rows,
        "tables": [one.as_dict() for one in made],
        "dictionary": described(made),
    }
    plain = orjson.loads(orjson.dumps(manifest, option=orjson.OPT_UTC_Z))
    return Written(rows, size, sha256, tuple(each for one in made for each in one.withheld), plain)


class _Summed:
    """Rows of several tables, one after the other, as one number."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self._told = told
        self._rows: dict[str, int] = {}

    def __call__(self, table: str, rows: int) -> None:
        self._rows[table] = rows
        self._told(sum(self._rows.values()))


def as_kept(bounds: export.Snapshot) -> dict[str, int]:
    """Bounds as they are kept with a job."""
    return asdict(bounds)
