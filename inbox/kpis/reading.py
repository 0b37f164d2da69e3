"""Figures as they are asked for: all of them, split, their rows, the survival curve and the backlog."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import takewhile
from typing import get_args

from sqlalchemy import Connection

from inbox import recall
from inbox.availability.reading import workers
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.kpis import standing
from inbox.kpis.catalogue import KPIS, Kpi, named
from inbox.kpis.gathering import Gathering, open_of
from inbox.kpis.splitting import NOW, grouped, key_of
from inbox.kpis.tally import Case, survival, tally
from inbox.kpis.views import MASKED, Asked, BacklogView, By, Curve, KpiRow, Part
from inbox.measuring.clocks import started
from inbox.sentences import Sentence
from inbox.views import KpiValue
from store import kpi_facts, open_work

MOST_ROWS = 1000
_LONGEST = timedelta(days=3660)


def values(desk: Desk, asked: Asked) -> tuple[KpiValue, ...]:
    """All registered figures; those of people alone when a person is asked for.

    Raises:
        BadInput: a period that ends before it begins, or a person in a group that is too small.
    """
    with _gathering(desk, asked) as (_conn, gathering):
        return tuple(_value(gathering, kpi) for kpi in KPIS if asked.user_id is None or kpi.of_people)


def value(desk: Desk, kpi_id: str, asked: Asked) -> KpiValue:
    """One figure.

    Raises:
        BadInput: no such figure, one that cannot be told of a person who is asked for, or as for `values`.
    """
    kpi = named(kpi_id)
    if asked.user_id is not None and not kpi.of_people:
        raise BadInput(Sentence("{figure} cannot be split that way.", figure=Sentence(kpi.name)))
    with _gathering(desk, asked, kpi) as (_conn, gathering):
        return _value(gathering, kpi)


def split(desk: Desk, kpi_id: str, asked: Asked, by: By) -> tuple[tuple[str, KpiValue], ...]:
    """One figure by something, in the order of the keys (`inbox.kpis.splitting`).

    By people it is told only where enough of them are at work in the teams asked for; else all of it stands under
    the key `masked`. What is open now is told by team, source and person, not by time.

    Raises:
        BadInput: no such figure or split, or as for `values`.
    """
    kpi = named(kpi_id)
    if by not in get_args(By):
        raise BadInput(Sentence("Figures cannot be split by “{by}”.", by=str(by)), by=by)
    if kpi.id == "load" or (by == "agent" and not kpi.of_people and kpi.id not in standing.OF_BACKLOG):
        raise BadInput(Sentence("{figure} cannot be split that way.", figure=Sentence(kpi.name)))
    with _gathering(desk, asked, kpi) as (conn, gathering):
        if by == "agent" and not _many(desk, conn, asked):
            return ((MASKED, _value(gathering, kpi)),)
        if kpi.id in standing.OF_BACKLOG:
            return standing.split(gathering, kpi, by)
        cases = grouped(gathering.cases(kpi, by_hour=by in {"hour", "weekday"}), key_of(by, gathering.zone))
        if by not in NOW:
            return tuple((each, tally(kpi, cases[each])) for each in sorted(cases))
        groups = gathering.standing(kpi)
        still = {key: open_of(found) for key, found in standing.by(groups or (), by).items()}
        none = open_of(None if groups is None else ())
        keys = sorted({*cases, *still})
        return tuple((each, tally(kpi, cases.get(each, ()), still.get(each, none))) for each in keys)


def rows(
    desk: Desk,
    kpi_id: str,
    asked: Asked,
    part: Part = "counted",
    *,
    only: tuple[By, str] | None = None,
    after: int | None = None,
    limit: int = 200,
) -> tuple[KpiRow, ...]:
    """The conversations behind a figure, the newest first; those that are open by their id.

    Args:
        desk: the desk.
        kpi_id: which figure.
        asked: of what.
        part: what n counts; of these the ones outside the share (late, unanswered ...; reopened for the reopen rate);
            what is left out; or what is open now.
        only: of a part of a split alone: by what, and its key. Not by person, and not of what is open now.
        after: how many were given already.
        limit: at most so many, 1 to 1000.

    Raises:
        BadInput: no such figure or part, or as for `values`.
    """
    first, limit = max(0, after or 0), max(1, min(limit, MOST_ROWS))
    kpi = _with_rows(kpi_id, part, only)
    found = _all_rows(desk, kpi, asked, part, only)
    if not _is_of_now(kpi, part):
        found.sort(key=_place, reverse=True)
    return tuple(found[first : first + limit])


def rows_below(
    desk: Desk,
    kpi_id: str,
    asked: Asked,
    part: Part,
    *,
    only: tuple[By, str] | None,
    below: tuple[datetime, int] | None,
    limit: int,
) -> tuple[tuple[KpiRow, ...], tuple[datetime, int] | None]:
    """A page of the same rows, all of them the newest first, and the place that the next page is below.

    A place is an instant and a conversation. What happened to one conversation at the same instant stays on one page,
    which may be longer for it.

    Raises:
        BadInput: as for `rows`.
    """
    kpi = _with_rows(kpi_id, part, only)
    found = [row for row in _all_rows(desk, kpi, asked, part, only) if below is None or _place(row) < below]
    found.sort(key=_place, reverse=True)
    page = found[:limit]
    page += takewhile(lambda row: _place(row) == _place(page[-1]), found[limit:])
    return tuple(page), _place(page[-1]) if len(page) < len(found) else None


def _with_rows(kpi_id: str, part: Part, only: tuple[By, str] | None) -> Kpi:
    """A figure whose rows can be told.

    Raises:
        BadInput: no such figure or part, or one that cannot be told of a part of a split.
    """
    kpi = named(kpi_id)
    if part not in get_args(Part):
        raise BadInput(Sentence("Figures have no part “{part}”.", part=str(part)), part=part)
    whole = part == "open" or kpi.id in {*standing.OF_BACKLOG, "inflow", "inflow_first_seen", "load"}
    if only is not None and (whole or only[0] not in get_args(By) or only[0] == "agent"):
        raise BadInput(Sentence("{figure} cannot be split that way.", figure=Sentence(kpi.name)))
    return kpi


def _all_rows(desk: Desk, kpi: Kpi, asked: Asked, part: Part, only: tuple[By, str] | None) -> list[KpiRow]:
    """Every row behind a figure, in no order; of what is open now in the order of the ids."""
    with _gathering(desk, asked, kpi) as (conn, gathering):
        if kpi.id in {"inflow", "inflow_first_seen", "load"}:
            return [KpiRow(one.conversation_id, one.at) for one in kpi_facts.arrived(conn, gathering.wanted)]
        if _is_of_now(kpi, part):
            return [KpiRow(one, at) for one, at in gathering.open_ids(kpi)]
        cases = gathering.cases(kpi)
        if only is not None:
            cases = grouped(cases, key_of(only[0], gathering.zone)).get(only[1], [])
        return [_row(kpi, case) for case in cases if _is_part(kpi, case, part)]


def _is_of_now(kpi: Kpi, part: Part) -> bool:
    """Whether rows are of what is open now."""
    return kpi.id in standing.OF_BACKLOG or (part == "open" and kpi.id not in {"inflow", "inflow_first_seen", "load"})


def _place(row: KpiRow) -> tuple[datetime, int]:
    return row.at, row.conversation_id


def curve(desk: Desk, asked: Asked) -> Curve:
    """How first answers to what began in the period came over time.

    Raises:
        BadInput: as for `values`.
    """
    with _gathering(desk, asked) as (_conn, gathering):
        given = [wall_s for wall_s, _row in _given(gathering)]
        waiting = [row.value or 0.0 for row in _waiting(gathering)]
    return Curve(survival(given, waiting), len(given), len(waiting))


def begun(desk: Desk, asked: Asked, *, within: float | None, limit: int) -> tuple[tuple[KpiRow, ...], int]:
    """The conversations behind the curve, and how many there are.

    Args:
        desk: the desk.
        asked: of what.
        within: answered within so many seconds, the newest answer first; None: still waiting, the longest first.
        limit: so many are told at most, 1 to 1000.

    Raises:
        BadInput: as for `values`.
    """
    with _gathering(desk, asked) as (_conn, gathering):
        if within is None:
            found = sorted(_waiting(gathering), key=_place)
        else:
            found = [row for wall_s, row in _given(gathering) if wall_s <= within]
            found.sort(key=_place, reverse=True)
    return tuple(found[: max(1, min(limit, MOST_ROWS))]), len(found)


def _given(gathering: Gathering) -> list[tuple[float, KpiRow]]:
    """First answers to what began in the period, each with its seconds; read once for a drawing."""
    return recall.recalled(
        ("first answers", gathering.asked),
        lambda: [
            (one.wall_s, KpiRow(one.conversation_id, one.at, one.wall_s, one.business_s))
            for one in kpi_facts.begun_in(gathering.conn, gathering.wanted)
            if one.wall_s is not None
        ],
    )


def _waiting(gathering: Gathering) -> list[KpiRow]:
    """What began in the period and waits for its first answer: since when, for how many seconds; read once so."""
    asked = gathering.asked
    return recall.recalled(
        ("waiting", asked),
        lambda: [
            KpiRow(row.id, since, max(0.0, (gathering.now - since).total_seconds()))
            for row in open_work.unanswered(gathering.conn, gathering.wanted)
            if asked.since <= (since := started(row)) < asked.until
        ],
    )


def backlog(desk: Desk, asked: Asked) -> BacklogView:
    """The snapshots of the period, and how it stands now.

    Raises:
        BadInput: as for `values`.
    """
    with _gathering(desk, asked) as (_conn, gathering):
        return recall.recalled(("backlog", asked), lambda: standing.view(gathering))


@contextmanager
def _gathering(desk: Desk, asked: Asked, kpi: Kpi | None = None) -> Iterator[tuple[Connection, Gathering]]:
    """A reading transaction with what is asked in it, of one figure or of all."""
    if asked.since.tzinfo is None or asked.until.tzinfo is None:
        raise BadInput(Sentence("Say in which time zone the period is."))
    if not asked.since < asked.until or asked.until - asked.since > _LONGEST:
        raise BadInput(Sentence("Choose a period that ends after it begins, of ten years at most."))
    with desk.store.read() as conn:
        if asked.user_id is not None and not _many(desk, conn, asked):
            raise BadInput(
                Sentence("Figures of single people are told of groups of {n} or more.", n=desk.settings.smallest_group)
            )
        gathering = Gathering(desk, conn, asked, desk.clock())
        if kpi is not None:
            gathering.kinds = kpi.kinds
        yield conn, gathering


def _many(desk: Desk, conn: Connection, asked: Asked) -> bool:
    """Whether enough people are at work in the teams asked for to be told apart."""
    group = [one for one in workers(conn) if not asked.team_ids or one.team_id in asked.team_ids]
    return len(group) >= desk.settings.smallest_group


def _value(gathering: Gathering, kpi: Kpi) -> KpiValue:
    if kpi.id in standing.OF_BACKLOG:
        return standing.value(gathering, kpi)
    if kpi.id == "load":
        return standing.load(gathering, kpi)
    still = open_of(gathering.standing(kpi))
    return tally(kpi, gathering.cases(kpi), still)


def _is_part(kpi: Kpi, case: Case, part: Part) -> bool:
    if part == "left_out":
        return case.left_out is not None
    if case.left_out is not None:
        return False
    if kpi.id == "reopen_rate":
        return case.hit if part == "missed" else not case.hit
    return part == "counted" or (kpi.unit == "share" and not case.hit)


def _row(kpi: Kpi, case: Case) -> KpiRow:
    value = {"seconds": case.wall_s, "points": case.value}.get(kpi.unit, float(case.hit))
    return KpiRow(case.conversation_id or 0, case.at, value, case.business_s, case.left_out)
