"""What X charges, and how much a page may ask for. Pure arithmetic in US dollars.

Prices of self-serve access since 2026-02-06 (X developer documentation, "Pricing"): per item that an answer holds, not
per call; an item read twice in one UTC day is charged once. Where the documentation gives a range, the upper end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connectors.items import Json

DAY, MONTH = "usd_day", "usd_month"
"""The connector's meters."""
POST, USER, OWNED, EVENT = 0.005, 0.010, 0.001, 0.010
"""A post; a user; one of our own posts or mentions where our account owns the app; a direct message."""
WRITE, WRITE_WITH_LINK, INTERACT = 0.015, 0.200, 0.015
"""A post or message of ours; one that holds a link; hiding, taking back."""
_REMEMBERED = 3000
_HAIR = 1e-9


def price(usd: float) -> dict[str, float]:
    """A sum, on both meters."""
    return {DAY: round(usd, 6), MONTH: round(usd, 6)}


def size(left: Mapping[str, float], each: float, *, least: int, most: int) -> int:
    """How many items a page may ask for, so that what is left can pay for all of them.

    Args:
        left: `Task.left`.
        each: dollars that one item can cost.
        least: fewer cannot be asked for; such a call is then refused as too dear.
        most: more cannot be asked for.
    """
    known = [left[meter] for meter in (DAY, MONTH) if meter in left]
    if not known:
        return most
    return max(least, min(most, int(min(known) / each + _HAIR)))


def after(left: Mapping[str, float], spent: Mapping[str, float]) -> dict[str, float]:
    """What is left once an answer is paid."""
    return {meter: amount - spent.get(meter, 0.0) for meter, amount in left.items()}


def charge(
    state: Mapping[str, Json], now: datetime, bought: Iterable[tuple[str, float]]
) -> tuple[dict[str, float], dict[str, Json]]:
    """What an answer cost, and what to remember so that it is not counted twice today.

    Only so much is remembered: what was forgotten counts again, never the other way round.

    Args:
        state: the query's state; its key "paid" is ours.
        now: when the answer came, aware UTC.
        bought: name and price of each item in the answer.
    """
    today = now.date().isoformat()
    known = state.get("paid")
    same_day = isinstance(known, dict) and known.get("day") == today
    kept = known.get("ids") if isinstance(known, dict) and same_day else None
    ids: Sequence[Json] = kept if isinstance(kept, list) else []
    seen = dict.fromkeys(ids)
    usd = 0.0
    for name, amount in bought:
        if name not in seen:
            usd += amount
            seen[name] = None
    paid: dict[str, Json] = {"day": today, "ids": list(seen)[-_REMEMBERED:]}
    return price(usd), {**state, "paid": paid}
