"""Service figures and volumes for programs: the same as on screen, within what a token is bound to."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC
from typing import Any

from inbox.desk import Desk
from inbox.kpis import reading
from inbox.kpis.views import Asked, By, Curve, KpiRow, Part
from inbox.programs.narrowing import both
from inbox.programs.trends import narrowed
from inbox.programs.views import Page, Place
from inbox.tokens.views import Bearer
from inbox.trends.views import By as VolumeBy
from inbox.trends.views import Series, Slice, Step
from inbox.trends.volume import volume
from inbox.views import KpiValue
from store.types import from_micros, to_micros

_OF_THE_WHOLE = frozenset({"load"})
"""Figures that tell of teams, whatever the source: a token that is bound to some sources is not told them."""
MOST_KEYS = 200


def values(desk: Desk, bearer: Bearer, asked: Asked) -> tuple[KpiValue, ...]:
    """All figures that this token may see.

    Raises:
        BadInput: an impossible period.
    """
    wanted = _narrowed(bearer, asked)
    if wanted is None:
        return ()
    found = reading.values(desk, wanted)
    return tuple(one for one in found if not _bound(bearer) or one.id not in _OF_THE_WHOLE)


def split(desk: Desk, bearer: Bearer, kpi_id: str, asked: Asked, by: By) -> list[dict[str, Any]]:
    """One figure by something.

    Raises:
        BadInput: no such figure or split, or an impossible period.
    """
    wanted = _narrowed(bearer, asked)
    if wanted is None or (_bound(bearer) and kpi_id in _OF_THE_WHOLE):
        return []
    return [{"key": key, **asdict(value)} for key, value in reading.split(desk, kpi_id, wanted, by)]


def rows(
    desk: Desk,
    bearer: Bearer,
    kpi_id: str,
    asked: Asked,
    part: Part,
    *,
    only: tuple[By, str] | None,
    place: Place | None,
    limit: int,
) -> Page[KpiRow]:
    """A page of the conversations behind a figure or a part of it, newest first.

    A place holds an instant in microseconds and a conversation: the page is below both.

    Raises:
        BadInput: no such figure, or an impossible period.
    """
    wanted = _narrowed(bearer, asked)
    if wanted is None or (_bound(bearer) and kpi_id in _OF_THE_WHOLE):
        return Page((), None)
    below = None if place is None else (from_micros(place.before), place.up_to)
    found, end = reading.rows_below(desk, kpi_id, wanted, part, only=only, below=below, limit=limit)
    return Page(found, None if end is None else Place(to_micros(end[0]), end[1]))


def survival(desk: Desk, bearer: Bearer, asked: Asked) -> Curve:
    """The share of what began in the period that was answered within so many seconds.

    Raises:
        BadInput: an impossible period.
    """
    wanted = _narrowed(bearer, asked)
    return Curve((), 0, 0) if wanted is None else reading.curve(desk, wanted)


def volumes(desk: Desk, bearer: Bearer, asked: Slice, *, step: Step, by: VolumeBy | None) -> dict[str, Any]:
    """How much was said, with every step of every key.

    Raises:
        BadInput, NotFound: a slice that cannot be counted.
    """
    wanted = narrowed(bearer, asked)
    return _told(Series((), 0) if wanted is None else volume(desk, wanted, step=step, by=by, most=MOST_KEYS))


def _told(series: Series) -> dict[str, Any]:
    points = [
        {"at": each.at.astimezone(UTC), "local": each.at.isoformat(), "key": each.key, "n": each.n, "late": each.late}
        for each in series.points
    ]
    rest = {name: getattr(series, name) for name in ("total", "late", "left_out", "unit")}
    return {"data": points, "names": dict(series.names), **rest}


def _bound(bearer: Bearer) -> bool:
    return bool(bearer.source_ids or bearer.brand_ids)


def _narrowed(bearer: Bearer, asked: Asked) -> Asked | None:
    """What is asked, within what a token is bound to; None when nothing is left."""
    sources, brands = both(bearer.source_ids, asked.source_ids), both(bearer.brand_ids, asked.brand_ids)
    if sources is None or brands is None:
        return None
    return replace(asked, source_ids=sources, brand_ids=brands)
