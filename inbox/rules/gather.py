"""From rows of the store to what rules judge and change. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import matching, steps, teams
from inbox.desk import Desk
from inbox.permissions import PERMISSIONS, Permission
from inbox.rules.evaluate import Facts
from inbox.rules.language import Said
from inbox.rules.walk import Office, Standing
from store import persons, ruling, thread
from store.commit.deciding import OLD
from store.matching import pictured
from store.schema import user_account
from understanding.links import links
from understanding.match import Document

_WORKING = [role.value for role, granted in PERMISSIONS.items() if Permission.NOTE in granted]


def facts_of(
    desk: Desk, conn: Connection, messages: Sequence[Row[Any]], team_id: str | None, asks: frozenset[Said]
) -> tuple[Facts, ...]:
    """Facts of messages, in their order, without those that were found long after they were said.

    Args:
        desk: settings of teams.
        conn: a connection.
        messages: rows of `store.ruling`.
        team_id: whose opening hours count.
        asks: what must be looked up; the rest stays at its default.
    """
    fresh = [one for one in messages if OLD not in (one.flags or ())]
    ids = [one.id for one in fresh]
    brands = thread.brands_of(conn, ids) if ids else {}
    known = ruling.wrote_before(conn, ids) if Said.FIRST_CONTACT in asks else frozenset()
    badges = persons.badges_of(conn, {one.author_id for one in fresh if one.author_id is not None}) if fresh else {}
    seen = pictured(conn, ids)
    calendar = teams.promise_for(desk.settings, team_id).calendar if Said.OPEN_HOURS in asks else None
    return tuple(
        Facts(
            mention_id=one.id,
            at=one.sort_at,
            source=one.source_id,
            platform=one.platform,
            kind=one.kind,
            language=one.lang,
            visibility=one.visibility,
            sentiment=one.sentiment,
            rating=one.rating,
            brands=frozenset(brands.get(one.id, ())),
            title=one.title or "",
            text=one.text,
            url=one.url or "",
            author=one.author_name or one.handle or "",
            handle=one.handle or "",
            badges=_badges(one, badges.get(one.author_id, ())),
            followers=one.followers,
            first_contact=one.id not in known,
            has_link=bool(links(one.text)),
            open_hours=calendar is None or calendar.is_open(one.sort_at),
            age_s=max(0.0, (one.first_seen_at - one.sort_at).total_seconds()),
            document=Document(
                one.title,
                one.text,
                facts=matching.facts_of(one, brands=brands.get(one.id, ()), pictured=one.id in seen),
            ),
        )
        for one in fresh
    )


def standing_of(row: Any, tags: Sequence[str], now: datetime) -> Standing:
    """How a conversation stands, from its row."""
    return Standing(
        status=row.status,
        priority=row.priority,
        why=row.why,
        team_id=row.team_id,
        assignee_id=row.assignee_id,
        muted=row.muted_at is not None,
        held=steps.is_claimed(row, now) or row.assignee_id is not None,
        tags=frozenset(tags),
    )


def office_of(desk: Desk, conn: Connection) -> Office:
    """Which teams and people work can be given to now."""
    working = select(user_account.c.id).where(user_account.c.active, user_account.c.role.in_(_WORKING))
    return Office(
        teams=frozenset(team.id for team in desk.settings.teams), people=frozenset(conn.execute(working).scalars())
    )


def by_conversation(messages: Sequence[Row[Any]]) -> Mapping[int, list[Row[Any]]]:
    """Messages sorted into their conversations, keeping their order."""
    found: dict[int, list[Row[Any]]] = {}
    for one in messages:
        found.setdefault(one.conversation_id, []).append(one)
    return found


def _badges(one: Row[Any], given: Sequence[str]) -> frozenset[str]:
    return frozenset([*given, *(name for name, held in (("staff", one.is_staff), ("bot", one.is_bot)) if held)])
