"""Share of voice: of all that was said of brands, how much of each, our own and competitors'."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from inbox.desk import Desk
from inbox.trends import asking
from inbox.trends.views import BrandShare, ShareOfVoice, Slice, before
from store import volumes


def share_of_voice(desk: Desk, asked: Slice) -> ShareOfVoice:
    """Every brand, or those of the slice, against all of them. Raises: BadInput, NotFound."""
    with desk.store.read() as conn:
        names = asking.names_in(conn)
        asking.check(asked, names)
        asking.check(replace(asked, theme_ids=()), names)
        now, then = _per_brand(conn, asked), _per_brand(conn, before(asked))
    compared = [one for one in names.brands if not asked.brand_ids or one in asked.brand_ids]
    all_now, all_then = (sum(found.get(one, 0) for one in compared) for found in (now, then))
    rows = [
        BrandShare(
            brand_id=one,
            name=names.brands[one],
            competitor=one in names.competitors,
            n=now.get(one, 0),
            share=_share(now.get(one, 0), all_now),
            n_before=then.get(one, 0),
            share_before=_share(then.get(one, 0), all_then),
        )
        for one in compared
    ]
    return ShareOfVoice(tuple(sorted(rows, key=lambda row: (-row.n, row.name))), all_now, all_then)


def _per_brand(conn: Connection, asked: Slice) -> dict[str, int]:
    found = volumes.totals(
        conn, asking.wanted_of(asked), first=asked.first, until=asked.last + timedelta(days=1), by="brand_id"
    )
    return {brand_id: n for brand_id, (n, _, _) in found.items()}


def _share(n: int, of: int) -> float | None:
    return n / of if of else None
