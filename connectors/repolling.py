"""Which posts are asked for new comments now: young ones often, old ones seldom.

A platform tells of a comment only to whoever asks for the comments of that very post. State is small JSON that lives
in `Page.state`: `{post id: [published, last asked]}` in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.items import Json

_DAY = timedelta(days=1)
PACE = (
    (_DAY, timedelta(minutes=5)),
    (7 * _DAY, timedelta(minutes=30)),
    (30 * _DAY, timedelta(hours=6)),
)
"""Up to which age of a post its comments are asked for how often; older ones once a day."""
MOST = 500
"""Posts watched by one query; the oldest make room."""

Watched = Mapping[str, Json]


def watch(watched: Watched, posts: Mapping[str, datetime]) -> dict[str, Json]:
    """Begin to watch posts (id and aware publication time); those watched already keep their history."""
    merged: dict[str, Json] = {key: [int(at.timestamp()), 0] for key, at in posts.items()}
    merged |= {key: value for key, value in watched.items() if _times(value) is not None}
    newest = sorted(merged, key=lambda key: _times(merged[key]) or (0, 0), reverse=True)
    return {key: merged[key] for key in newest[:MOST]}


def due(watched: Watched, now: datetime, *, slower: int = 1) -> list[str]:
    """Posts whose turn it is, longest waiting first.

    Args:
        watched: as in the state.
        now: aware UTC.
        slower: makes every pause so many times longer, for platforms that allow few calls.
    """
    moment = int(now.timestamp())
    turns: list[tuple[int, str]] = []
    for key, value in watched.items():
        times = _times(value)
        if times is not None and moment - times[1] >= slower * _pause(moment - times[0]):
            turns.append((times[1], key))
    return [key for _, key in sorted(turns)]


def asked(watched: Watched, post: str, now: datetime) -> dict[str, Json]:
    """The comments of a post were read to the end."""
    times = _times(watched.get(post))
    kept = dict(watched)
    if times is not None:
        kept[post] = [times[0], int(now.timestamp())]
    return kept


def published(watched: Watched, post: str) -> datetime | None:
    """When a watched post was published, aware UTC."""
    times = _times(watched.get(post))
    return None if times is None else datetime.fromtimestamp(times[0], UTC)


def _pause(age_s: int) -> int:
    for up_to, every in PACE:
        if age_s < up_to.total_seconds():
            return int(every.total_seconds())
    return int(_DAY.total_seconds())


def _times(value: Json) -> tuple[int, int] | None:
    match value:
        case [int(at), int(last)]:
            return at, last
        case _:
            return None
