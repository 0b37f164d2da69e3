"""What was said, for programs: hours of the week, share of voice, and what stands out; within what a token is bound to.

Authors are told by their ids alone: who they are leaves with their messages, as far as their platform lets it out.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from inbox.desk import Desk
from inbox.programs.narrowing import both
from inbox.tokens.views import Bearer
from inbox.trends import heat, tops, voice
from inbox.trends.views import HeatMap, ShareOfVoice, Slice, Top, What


def narrowed(bearer: Bearer, asked: Slice) -> Slice | None:
    """What is asked, within what a token is bound to; None when nothing is left."""
    sources, brands = both(bearer.source_ids, asked.source_ids), both(bearer.brand_ids, asked.brand_ids)
    return None if sources is None or brands is None else replace(asked, source_ids=sources, brand_ids=brands)


def heat_map(desk: Desk, bearer: Bearer, asked: Slice) -> dict[str, Any]:
    """How much was said in each hour of the week.

    Raises:
        BadInput, NotFound: a slice that cannot be counted.
    """
    wanted = narrowed(bearer, asked)
    found = HeatMap((), 0) if wanted is None else heat.heat_map(desk, wanted)
    return {"data": [{**asdict(one), "per_hour": one.per_hour} for one in found.cells], "total": found.total}


def share_of_voice(desk: Desk, bearer: Bearer, asked: Slice) -> dict[str, Any]:
    """Brands against each other, with the period before.

    Raises:
        BadInput, NotFound: a slice that cannot be counted.
    """
    wanted = narrowed(bearer, asked)
    found = ShareOfVoice((), 0, 0) if wanted is None else voice.share_of_voice(desk, wanted)
    return {"data": found.brands, "mentions": found.mentions, "mentions_before": found.mentions_before}


def top(desk: Desk, bearer: Bearer, asked: Slice, *, what: What, limit: int) -> dict[str, Any]:
    """The largest authors, sites, words or links, with the period before.

    Raises:
        BadInput, NotFound: a slice that cannot be counted, or what is not counted together.
    """
    wanted = narrowed(bearer, asked)
    found = Top((), 0, 0) if wanted is None else tops.top(desk, wanted, what=what, limit=limit)
    rows = [
        {
            "key": one.key,
            "name": None if what == "authors" else one.name,
            "n": one.n,
            "n_before": one.n_before,
            "url": None if what == "authors" else one.url,
        }
        for one in found.rows
    ]
    return {"data": rows, "counted": found.counted, "total": found.total, "at_least": found.at_least}
