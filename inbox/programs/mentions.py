"""Mentions for programs: pages, one alone, and all of a filter as lines of JSON in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from inbox import export
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.export import Withheld, masked
from inbox.programs.narrowing import both, sight_of
from inbox.programs.views import Page, Place
from inbox.tokens.views import Bearer
from inbox.views import Filters
from inbox.writing.guard import forms_of
from store import newest
from store.export_rows import ExportFilter, ExportRow, export_mentions, held_back, rows_by_id, snapshot
from store.handing import Held, Recipient
from store.ids import id_floor

SETTLED = timedelta(seconds=10)
"""Lines of JSON end so far before now: a transaction that is still open may hold smaller ids than one that is not."""
_CHUNK = 64 * 1024
_LOOK_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which mentions. `directions`: inbound, outbound; `mask`: personal data in texts is replaced by its kind."""

    filters: Filters
    directions: tuple[str, ...] = ()
    mask: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """All mentions of a filter.

    Attributes:
        pieces: lines of JSON, about 64 KiB at a time.
        up_to: highest id that is among them; asking for what came after it goes on without a hole.
        withheld: what platforms do not let out.
    """

    pieces: Iterator[bytes]
    up_to: int
    withheld: tuple[Withheld, ...]


class Ended(Exception):  # noqa: N818 - what happened
    """The token was revoked, or ran out, while its rows were on their way."""


def page(desk: Desk, bearer: Bearer, asked: Asked, *, place: Place | None, limit: int) -> Page[ExportRow]:
    """A page of mentions, newest first.

    Raises:
        BadSearch: the search cannot be read.
    """
    wanted, to = _wanted(desk, bearer, asked), _recipient(desk, bearer)
    if wanted is None:
        return Page((), None)
    with desk.store.reading_together():
        with desk.store.read() as conn:
            begin = place or _top(snapshot(conn))
            found = newest.mentions(conn, wanted, limit=limit, before=begin.before)
            held = held_back(conn, wanted, to, up_to=begin.up_to) if place is None else []
        rows = _rows(desk, found.ids, to, mask=asked.mask)
    return Page(rows, _following(found, begin), _told(held))


def one(desk: Desk, bearer: Bearer, mention_id: int, *, mask: bool) -> ExportRow:
    """One mention.

    Raises:
        NotFound: there is none that this token may see.
    """
    for row in _seen(desk, bearer, (mention_id,), mask=mask):
        return row
    raise NotFound(what="mention", key=mention_id)


def called(desk: Desk, bearer: Bearer, external_id: str, *, source_ids: tuple[str, ...], mask: bool) -> Page[ExportRow]:
    """The mention that its source calls so; several where sources use the same id."""
    with desk.store.reading_together():
        with desk.store.read() as conn:
            ids = newest.called(conn, external_id)
        rows = _seen(desk, bearer, ids, mask=mask)
    return Page(tuple(row for row in rows if not source_ids or row.source_id in source_ids), None)


def of_conversation(
    desk: Desk, bearer: Bearer, conversation_id: int, *, place: Place | None, limit: int, mask: bool
) -> Page[ExportRow]:
    """What was said in a conversation, newest first.

    Raises:
        NotFound: there is no conversation that this token may see.
    """
    sight = sight_of(bearer)
    with desk.store.reading_together():
        with desk.store.read() as conn:
            begin = place or _top(snapshot(conn))
            if not newest.sees(conn, conversation_id, sight):
                raise NotFound(what="conversation", key=conversation_id)
            no_private = not sight.private
            found = newest.messages(conn, conversation_id, no_private=no_private, limit=limit, before=begin.before)
        rows = _rows(desk, found.ids, _recipient(desk, bearer), mask=mask)
    return Page(rows, _following(found, begin))


def lines(desk: Desk, bearer: Bearer, asked: Asked, *, after: int, still_good: Callable[[], bool]) -> Lines:
    """All mentions of a filter with an id above `after`, in order of their ids.

    Args:
        desk: where.
        bearer: who reads.
        asked: which.
        after: the `up_to` of an earlier time, to go on from there; 0 for all.
        still_good: asked every thousand rows whether the token is good; the rows end with `Ended` when it is not.

    Raises:
        BadSearch: the search cannot be read.
    """
    wanted, to = _wanted(desk, bearer, asked), _recipient(desk, bearer)
    with desk.store.read() as conn:
        up_to = min(snapshot(conn), id_floor(desk.clock() - SETTLED))
        held = [] if wanted is None else held_back(conn, wanted, to, up_to=up_to)
    up_to = max(up_to, after)
    if wanted is None:
        return Lines(iter(()), up_to, ())
    found = export_mentions(desk.store, wanted, to=to, up_to=up_to, after=after)
    if asked.mask:
        forms = forms_of(desk.declared.order_numbers)
        found = (masked(row, forms) for row in found)
    return Lines(_written(found, still_good), up_to, _told(held))


def written(row: ExportRow) -> bytes:
    """A mention as JSON, with the columns of an export."""
    return orjson.dumps(row._asdict(), option=orjson.OPT_UTC_Z)


def _written(found: Iterator[ExportRow], still_good: Callable[[], bool]) -> Iterator[bytes]:
    piece = bytearray()
    for number, row in enumerate(found, 1):
        piece += written(row) + b"\n"
        if number % _LOOK_EVERY == 0 and not still_good():
            raise Ended
        if len(piece) >= _CHUNK:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _wanted(desk: Desk, bearer: Bearer, asked: Asked) -> ExportFilter | None:
    """The store's filter within what the token may see; None when nothing is left of it."""
    sources = both(bearer.source_ids, asked.filters.source_ids)
    brands = both(bearer.brand_ids, asked.filters.brand_ids)
    wanted = export.filter_of(desk, asked.filters)
    if sources is None or brands is None:
        return None
    no_private = not sight_of(bearer).private
    return replace(wanted, source_ids=sources, brand_ids=brands, directions=asked.directions, no_private=no_private)


def _seen(desk: Desk, bearer: Bearer, ids: Sequence[int], *, mask: bool) -> tuple[ExportRow, ...]:
    """Those of some mentions that this token may see."""
    sight = sight_of(bearer)
    return tuple(
        row
        for row in _rows(desk, ids, _recipient(desk, bearer), mask=mask)
        if (sight.private or row.visibility != "private")
        and (not sight.source_ids or row.source_id in sight.source_ids)
        and (not sight.brand_ids or set(sight.brand_ids) & set(row.brand_ids))
    )


def _rows(desk: Desk, ids: Sequence[int], to: Recipient, *, mask: bool) -> tuple[ExportRow, ...]:
    """Rows as they may leave, the highest id first."""
    found = rows_by_id(desk.store, ids, to=to) if ids else []
    if mask:
        forms = forms_of(desk.declared.order_numbers)
        found = [masked(row, forms) for row in found]
    return tuple(reversed(found))


def _recipient(desk: Desk, bearer: Bearer) -> Recipient:
    return Recipient(bearer.person, desk.clock().date())


def _top(highest: int) -> Place:
    return Place(highest + 1, highest)


def _following(found: newest.Found, begin: Place) -> Place | None:
    return None if found.reached is None else Place(found.reached, begin.up_to)


def _told(held: Sequence[Held]) -> tuple[Withheld, ...]:
    """What stays out altogether; a row that leaves as ids only says so itself."""
    return tuple(
        Withheld(each.rule.source_id, each.rule.name, each.found, 0, None, each.rule.basis)
        for each in held
        if each.rule.per_day is None and each.found
    )
