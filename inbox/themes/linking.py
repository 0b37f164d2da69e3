"""Linking a conversation to a theme, taking a link off, saying no to a suggestion, and the inverse of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence
from inbox.views import CurrentUser, Done
from store import theming
from store.theming import Link

LINKED, UNLINKED, DECLINED = "theme_linked", "theme_unlinked", "theme_declined"
CODES = frozenset({LINKED, UNLINKED, DECLINED})
REFUSED = frozenset({"declined", "removed"})
"""What somebody said of a theme for a conversation that no query links again."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """The chip that somebody pressed: how sure it was (0-1), and its place (1, 2)."""

    confidence: float
    place: int


def link_in(
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    conversation_id: int,
    theme_id: int,
    *,
    suggested: Suggested | None = None,
) -> Done:
    """Link by hand or by a suggestion, inside the caller's transaction.

    Raises:
        NotFound: no such conversation or theme.
        BadInput: the theme is out of use.
    """
    row = steps.load(conn, conversation_id)
    one = in_use(conn, theme_id)
    how = "hand" if suggested is None else "suggestion"
    at = row.last_inbound_at or row.sort_at
    done = _link(desk, conn, row, one, doer=steps.Doer.person(user), how=how, at=at)
    if done.event_id is not None:
        verdict = "set" if suggested is None else "accepted"
        _judge(desk, conn, user, about=(row.id, one.id), verdict=verdict, chip=suggested)
    return done


def link_by_query(desk: Desk, conn: Connection, row: Row[Any], one: Row[Any], *, at: datetime) -> Done:
    """Link a locked conversation to a theme whose query matches a message that was said at `at`."""
    return _link(desk, conn, row, one, doer=steps.RULE, how="query", at=at)


def unlink_in(desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, theme_id: int) -> Done:
    """Take a link off inside the caller's transaction; its theme's query does not bring it back."""
    row = steps.load(conn, conversation_id)
    link = theming.link_of(conn, theme_id, row.id)
    if link is None:
        return steps.nothing(row, UNLINKED, theme_id=theme_id)
    _judge(desk, conn, user, about=(row.id, theme_id), verdict="removed", chip=None)
    theming.drop_link(conn, desk.store, link)
    facts = {
        "theme": name_of(conn, theme_id),
        "theme_id": theme_id,
        "how": link.how,
        "day": link.day.isoformat(),
        "linked_by": link.linked_by,
    }
    step = steps.Step(UNLINKED, {"theme_id": _first(conn, row.id)}, facts=facts)
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())


def decline_in(
    desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, theme_id: int, *, suggested: Suggested
) -> Done:
    """Say no to a suggestion inside the caller's transaction; it is not made again here."""
    row = steps.load(conn, conversation_id)
    one = in_use(conn, theme_id)
    if theming.verdicts_of(conn, row.id).get(one.id) == "declined":
        return steps.nothing(row, DECLINED, theme_id=one.id)
    _judge(desk, conn, user, about=(row.id, one.id), verdict="declined", chip=suggested)
    step = steps.Step(DECLINED, facts={"theme": one.name, "theme_id": one.id})
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())


def take_back(desk: Desk, conn: Connection, row: Row[Any], taken: Row[Any]) -> dict[str, Any]:
    """Take back one of these steps; gives what the conversation shows then."""
    facts = (taken.after or {}).get("facts") or {}
    theme_id = int(facts["theme_id"])
    theming.unjudge(conn, theme_id, row.id)
    if taken.action == LINKED:
        link = theming.link_of(conn, theme_id, row.id)
        if link is not None:
            theming.drop_link(conn, desk.store, link)
    elif taken.action == UNLINKED:
        stood = theming.theme_by_id(conn, theme_id)
        link = Link(
            theme_id=(stood.merged_into or theme_id) if stood is not None else theme_id,
            conversation_id=row.id,
            day=date.fromisoformat(facts["day"]),
            source_id=row.source_id,
            brand_ids=tuple(row.brand_ids or ()),
            how=facts["how"],
            linked_by=facts["linked_by"],
            linked_at=desk.clock(),
        )
        theming.add_link(conn, desk.store, link)
    return {"theme_id": _first(conn, row.id)}


def in_use(conn: Connection, theme_id: int) -> Row[Any]:
    """A theme that conversations can be linked to; the one that took over where it was merged.

    Raises:
        NotFound: no such theme.
        BadInput: it is out of use.
    """
    one = theming.theme_by_id(conn, theme_id)
    if one is not None and one.merged_into is not None:
        one = theming.theme_by_id(conn, one.merged_into)
    if one is None:
        raise NotFound(what="theme", key=theme_id)
    if one.archived_at is not None:
        raise BadInput(Sentence("The theme {theme} is out of use.", theme=one.name), theme_id=theme_id)
    return one


def name_of(conn: Connection, theme_id: int) -> str:
    """The name of a theme, for a sentence."""
    one = theming.theme_by_id(conn, theme_id)
    return one.name if one is not None else ""


def _link(
    desk: Desk, conn: Connection, row: Row[Any], one: Row[Any], *, doer: steps.Doer, how: str, at: datetime
) -> Done:
    now = desk.clock()
    link = Link(
        theme_id=one.id,
        conversation_id=row.id,
        day=at.astimezone(ZoneInfo(desk.settings.timezone)).date(),
        source_id=row.source_id,
        brand_ids=tuple(row.brand_ids or ()),
        how=how,
        linked_by=doer.id,
        linked_at=now,
    )
    if not theming.add_link(conn, desk.store, link):
        return steps.nothing(row, LINKED, theme_id=one.id)
    facts = {"theme": one.name, "theme_id": one.id, "how": how}
    step = steps.Step(LINKED, {"theme_id": row.theme_id or one.id}, facts=facts)
    return steps.write(desk, conn, row, doer, step, now=now)


def _judge(
    desk: Desk, conn: Connection, user: CurrentUser, *, about: tuple[int, int], verdict: str, chip: Suggested | None
) -> None:
    """Keep what somebody said; `about` is the conversation and the theme."""
    theming.judge(
        conn,
        desk.store,
        conversation_id=about[0],
        theme_id=about[1],
        verdict=verdict,
        user_id=user.id,
        at=desk.clock(),
        confidence=chip.confidence if chip else None,
        place=chip.place if chip else None,
    )


def _first(conn: Connection, conversation_id: int) -> int | None:
    """The theme that the card shows: the one that was linked first."""
    return next(iter(theming.themes_of(conn, [conversation_id]).get(conversation_id, ())), None)
