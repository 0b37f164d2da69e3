"""The walk from new to old through search hits, notifications or an account's posts, which all page by a cursor.

The server takes blocked, hidden and taken-down posts out of a page after it was cut: a page may be short or empty, and
only a missing cursor is the end. Cursors are opaque and short-lived. A search that broke off goes on by `until`, which
never spoils; the other two go on by their cursor, and begin anew when it is no longer taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors.bluesky import xrpc
from connectors.bluesky.syntax import parse_datetime, write_datetime
from connectors.contract import Interval
from connectors.errors import BadRequest, FormatChanged
from connectors.items import Json
from connectors.progress import bottom_of, lower_of, proven_down
from connectors.requests import HttpResponse

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is; travels with the request.

    Attributes:
        cursor: the server's own; None at the beginning.
        until: datetime below which a search goes on (exclusive); None for what is not searched.
        edge: ISO instant down to which the window is proven; None at the beginning.
        anew: the walk began a second time, because its cursor was refused.
        target: which of the query's targets is read, where several are read one after the other.
    """

    cursor: str | None = None
    until: str | None = None
    edge: str | None = None
    anew: bool = False
    target: int = 0

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Place:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        return cls(known["cursor"], known["until"], known["edge"], known["anew"] is True, known["target"])

    @property
    def edge_at(self) -> datetime | None:
        """The edge as an instant."""
        return None if self.edge is None else datetime.fromisoformat(self.edge)

    def broken_off(self) -> str:
        """What resumes a broken-off chain here: which target, below which instant or from which cursor."""
        edge = self.edge_at
        if self.until is None:
            return orjson.dumps([self.target, None, self.cursor]).decode()
        return orjson.dumps([self.target, self.until if edge is None else until_of(edge), None]).decode()

    def search_params(self, window: Interval) -> tuple[tuple[str, str], ...]:
        """Which stretch a search is asked for; the server's clock counts milliseconds."""
        return (("since", write_datetime(window.start)), ("until", self.until or ""), *self.cursor_params())

    def cursor_params(self) -> tuple[tuple[str, str], ...]:
        """The paging parameter."""
        return () if self.cursor is None else (("cursor", self.cursor),)


def resumed(cursor: str) -> Place:
    """Where a chain that broke off goes on.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    try:
        target, until, place = orjson.loads(cursor)
        known = None if until is None else write_datetime(parse_datetime(until))
        if isinstance(target, int) and (place is None or isinstance(place, str)):
            return Place(place, known, target=target)
    except (ValueError, TypeError):
        pass
    msg = f"{cursor!r} is no place to go on"
    raise BadRequest(msg)


def until_of(edge: datetime) -> str:
    """The bound of a search that shows everything up to and with an instant."""
    return write_datetime(edge + _MILLISECOND)


@dataclass(frozen=True, slots=True)
class Stride:
    """What one answer means for the walk: what it proves, and where it goes on; None at its end."""

    covered: Interval | None
    following: Place | None


def stride(window: Interval, place: Place, times: Sequence[datetime], cursor: Json) -> Stride:
    """Read what one answer means for the walk.

    Args:
        window: what is asked.
        place: where the answer was asked from.
        times: instants of the page's posts, in the order of the answer.
        cursor: the answer's own.

    Raises:
        FormatChanged: the server does not page.
    """
    edge, bottom = place.edge_at, bottom_of(times)
    if not isinstance(cursor, str) or not cursor or (times and max(times) < window.start):
        return Stride(proven_down(window, None, edge), None)
    if cursor == place.cursor:
        msg = "the server does not page: it gives the same cursor again"
        raise FormatChanged(msg)
    covered = None if bottom is None else proven_down(window, bottom, edge)
    lower = lower_of(edge, bottom)
    following = replace(place, cursor=cursor, edge=None if lower is None else lower.isoformat())
    return Stride(covered, following)


def refused_cursor(response: HttpResponse, place: Place) -> bool:
    """Whether the server no longer takes the cursor we went on with."""
    said = xrpc.error_of(response)
    return (
        place.cursor is not None
        and not place.anew
        and response.status == 400
        and said is not None
        and said[0] in {"InvalidRequest", "BadQueryString", "InvalidCursor"}
        and "cursor" in said[1].casefold()
    )
