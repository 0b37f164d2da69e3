"""The settings that count: the configuration with the teams of the store. Kept per process and store.

Nobody reads tables for a team at every step: within two seconds what was read is believed, then one look at a version
number tells whether anything changed. A change in this process counts at once (`changed`), in another one after two
seconds at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, select

from inbox.settings import InboxSettings, SlaSettings
from inbox.workspace.values import OtherDay, WorkspaceTeam, merged, span_text
from store.engine import Store
from store.facts import fact, keep_fact
from store.schema import calendar_day, team

VERSION = "teams_version"
BELIEVED = timedelta(seconds=2)


@dataclass(slots=True)
class _Kept:
    declared: InboxSettings
    settings: InboxSettings
    version: int
    checked_at: datetime


_kept: WeakKeyDictionary[Store, _Kept] = WeakKeyDictionary()
_lock = Lock()


def settings_of(store: Store, declared: InboxSettings, now: datetime) -> InboxSettings:
    """The configuration with the teams of the store beside its own. `now` is aware UTC."""
    kept = _kept.get(store)
    if kept is not None and kept.declared is declared and abs(now - kept.checked_at) < BELIEVED:
        return kept.settings
    with store.read() as conn:
        version = version_of(conn)
        if kept is not None and kept.declared == declared and kept.version == version:
            settings = kept.settings
        else:
            settings = read(conn, declared)
    with _lock:
        _kept[store] = _Kept(declared, settings, version, now)
    return settings


def changed(store: Store) -> None:
    """Believe nothing that was read before; called after a change was committed."""
    with _lock:
        _kept.pop(store, None)


def version_of(conn: Connection) -> int:
    """Grows with every change of teams (primary key)."""
    return int(fact(conn, VERSION) or 0)


def grow(store: Store, conn: Connection) -> None:
    """Say inside a writing transaction that teams change."""
    keep_fact(store, conn, VERSION, version_of(conn) + 1)


def read(conn: Connection, declared: InboxSettings) -> InboxSettings:
    """Read the tables: teams and other days are few."""
    made = [team_of(row) for row in conn.execute(select(team).where(team.c.archived_at.is_(None)).order_by(team.c.id))]
    days = [
        (row.team_id, OtherDay(day=row.day, hours=row.hours, name=row.name))
        for row in conn.execute(select(calendar_day).order_by(calendar_day.c.team_id, calendar_day.c.day))
    ]
    if not made and not days:
        return declared
    return declared.model_copy(update={"teams": merged(declared.teams, made, days)})


def team_of(row: Any) -> WorkspaceTeam:
    """A row of `team` as a value."""
    return WorkspaceTeam(
        id=row.id,
        name=row.name,
        hours=row.hours,
        holidays=row.holidays,
        timezone=row.timezone,
        sla=SlaSettings(first_response=span_text(row.first_response_s), resolution=span_text(row.resolution_s)),
    )
