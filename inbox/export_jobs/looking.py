"""What an export would hold, before it is made. Takes nothing out: nothing is counted with anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from inbox import export
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.export_jobs import writing
from inbox.export_jobs.views import Glimpse, Wanted
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from store.export_counts import count_newest

_COUNTED = 200_000
_SHOWN = 10


def glimpse(desk: Desk, wanted: Wanted, *, actor: CurrentUser, window: int = _COUNTED) -> Glimpse:
    """How many messages an export would hold now, and what platforms do not let out of them.

    Counted are those among the newest `window`, so that the page is there at once whatever the archive holds.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: it cannot be made so.
    """
    writing.check(desk, wanted)
    bounds = export.now(desk)
    with desk.store.read() as conn:
        found = count_newest(conn, export.filter_of(desk, wanted.filters), bounds, window=window)
    held = export.outlook(desk, wanted.filters, actor=actor)
    return Glimpse(n=found.n, whole=found.whole, at_most=bool(wanted.filters.search.strip()), held=held)


def sample(
    desk: Desk, wanted: Wanted, table: str, *, actor: CurrentUser
) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """Columns and first rows of a table as they would leave, pseudonyms and masks included.

    Where a platform lets a person have so many items a day, what is looked at here is counted apart from what leaves:
    looking costs nothing of an export.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: it cannot be made so.
    """
    writing.check(desk, wanted)
    if table not in wanted.tables:
        raise BadInput(Sentence("There is no table {name} to export.", name=table))
    looks = export.Recipient(f"looks:{actor.id}", desk.clock().date())
    form = replace(wanted.form, format="jsonl", excel=False, decimal_comma=False)
    stream = export.Stream(desk, table, wanted.filters, form, to=looks, bound=export.now(desk))
    lines = next(stream, b"").splitlines()[:_SHOWN]
    rows = [orjson.loads(line) for line in lines]
    columns = tuple(rows[0]) if rows else ()
    return columns, tuple(tuple(row.values()) for row in rows)
