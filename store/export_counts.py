"""How many mentions an export may hold, looked at no further than a page can wait for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from store.export_filter import ExportFilter, may_find
from store.export_mentions import export_query
from store.export_shape import Snapshot
from store.schema import mention


@dataclass(frozen=True, slots=True)
class Counted:
    """Mentions that a filter may find; its search can only make them fewer. `whole`: none older was left uncounted."""

    n: int
    whole: bool


def count_newest(conn: Connection, wanted: ExportFilter, bound: Snapshot, *, window: int) -> Counted:
    """Mentions of a filter among the newest `window`: a bounded walk along the primary key, or the search's index."""
    up_to = mention.c.id <= bound.mention_id
    oldest = select(mention.c.id).where(up_to).order_by(mention.c.id.desc()).offset(window).limit(1)
    after = conn.execute(oldest).scalar()
    ids = export_query(wanted, bound.mention_id).with_only_columns(mention.c.id, maintain_column_froms=True)
    ids = ids.where(mention.c.id > (after or 0))
    matching = may_find(conn, wanted, after or 0, bound.mention_id)
    if matching is not None:
        ids = ids.where(mention.c.id.in_(matching))
    return Counted(_count(conn, ids), whole=after is None)


def _count(conn: Connection, found: Select[Any]) -> int:
    return int(conn.execute(select(func.count()).select_from(found.subquery())).scalar_one())
