"""Keeping rules: making, changing, ordering, switching. Every change is an event of the rule, with before and after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import events
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.rules.language import Draft, checked
from inbox.rules.routing import draft_of
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from store import ruling
from store.schema import rule, user_account

RULE = "rule"


def save(
    desk: Desk, user: CurrentUser, draft: Draft, *, rule_id: int | None = None, seen: datetime | None = None
) -> int:
    """Keep a new rule at the end, or a new text of one that exists; gives its id.

    Args:
        desk: where.
        user: who.
        draft: what it says.
        rule_id: the rule to change; None for a new one.
        seen: `updated_at` of the rule as it was read; refused when it changed since.

    Raises:
        BadInput, BadSearch: what it says cannot be kept, or somebody changed it since.
        NotFound: the rule, team or person is not there (any more).
    """
    checked(draft)
    with desk.store.write() as conn:
        _check_names(desk, conn, draft)
        now = desk.clock()
        if rule_id is None:
            rule_id = desk.store.new_id()
            standing = ruling.standing_rules(conn)
            place = max((one.position for one in standing), default=0) + 1
            stamps = {"created_by": user.id, "created_at": now, "updated_at": ruling.next_stamp(conn, now)}
            conn.execute(rule.insert().values(id=rule_id, position=place, active=True, **stamps, **_columns(draft)))
            record(desk, conn, user, rule_id, "rule_made", after=draft)
            return rule_id
        row = load(conn, rule_id)
        if seen is not None and row.updated_at != seen:
            raise BadInput(
                Sentence("Somebody changed this rule since you opened it. Look at it again, then change it."),
                rule="changed",
            )
        before = draft_of(row)
        if before == draft:
            return rule_id
        _update(conn, row, now, **_columns(draft))
        record(desk, conn, user, rule_id, "rule_changed", before=before, after=draft)
        return rule_id


def move(desk: Desk, user: CurrentUser, rule_id: int, by: int) -> None:
    """Move a rule so many places down (up when negative); at the end of the list it stays there."""
    with desk.store.write() as conn:
        ordered = ruling.standing_rules(conn)
        ids = [one.id for one in ordered]
        if rule_id not in ids:
            raise NotFound(what="rule", key=rule_id)
        at = ids.index(rule_id)
        to = max(0, min(len(ids) - 1, at + by))
        if to == at:
            return
        ids.insert(to, ids.pop(at))
        rows = {one.id: one for one in ordered}
        for place, number in enumerate(ids, start=1):
            if rows[number].position != place:
                _update(conn, rows[number], desk.clock(), position=place)
        record(desk, conn, user, rule_id, "rule_moved", places=(at + 1, to + 1))


def switch(desk: Desk, user: CurrentUser, rule_id: int, *, on: bool) -> None:
    """Switch a rule on or off; switching on what is on does nothing."""
    with desk.store.write() as conn:
        row = load(conn, rule_id)
        if row.active is on:
            return
        _update(conn, row, desk.clock(), active=on)
        record(desk, conn, user, rule_id, "rule_on" if on else "rule_off")


def archive(desk: Desk, user: CurrentUser, rule_id: int) -> None:
    """Take a rule out of use for good. What it did stays, and so does its history."""
    with desk.store.write() as conn:
        row = load(conn, rule_id)
        _update(conn, row, desk.clock(), active=False, archived_at=desk.clock())
        record(desk, conn, user, rule_id, "rule_archived")


def retag(desk: Desk, conn: Connection, user: CurrentUser, old: str, new: str) -> int:
    """Let every rule that adds a tag add another one from now on; how many did."""
    n = 0
    for row in ruling.standing_rules(conn):
        draft = draft_of(row)
        if draft is None or old not in draft.actions.tags:
            continue
        tags = tuple(dict.fromkeys(new if tag == old else tag for tag in draft.actions.tags))
        changed = draft.model_copy(update={"actions": draft.actions.model_copy(update={"tags": tags})})
        _update(conn, row, desk.clock(), **_columns(changed))
        record(desk, conn, user, row.id, "rule_changed", before=draft, after=changed)
        n += 1
    return n


def load(conn: Connection, rule_id: int) -> Row[Any]:
    """A rule that was not archived, locked.

    Raises:
        NotFound: there is no such rule.
    """
    found = select(rule).where(rule.c.id == rule_id, rule.c.archived_at.is_(None)).with_for_update()
    row = conn.execute(found).first()
    if row is None:
        raise NotFound(what="rule", key=rule_id)
    return row


def record(
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    rule_id: int,
    action: str,
    *,
    before: Draft | None = None,
    after: Draft | None = None,
    places: tuple[int, int] | None = None,
) -> int:
    """Append a line to the history of a rule; gives the event's id."""
    facts: dict[str, Any] = {} if places is None else {"from": places[0], "to": places[1]}
    return events.append(
        desk,
        conn,
        (RULE, str(rule_id)),
        action,
        actor_id=user.id,
        before=None if before is None else before.model_dump(mode="json"),
        after={"facts": facts, **({} if after is None else {"rule": after.model_dump(mode="json")})},
    )


def _update(conn: Connection, row: Row[Any], now: datetime, **values: Any) -> None:
    values["updated_at"] = ruling.next_stamp(conn, now)
    conn.execute(rule.update().where(rule.c.id == row.id).values(**values))


def _columns(draft: Draft) -> dict[str, Any]:
    return draft.model_dump(mode="json", include={"name", "conditions", "actions", "moment", "stop"})


def _check_names(desk: Desk, conn: Connection, draft: Draft) -> None:
    """Make sure that the team and the person a rule gives work to are there."""
    wanted = draft.actions
    if wanted.team_id is not None and wanted.team_id not in {team.id for team in desk.settings.teams}:
        raise NotFound(what="team", key=wanted.team_id)
    if wanted.assignee_id is not None:
        found = select(user_account.c.id).where(user_account.c.id == wanted.assignee_id, user_account.c.active)
        if conn.execute(found).first() is None:
            raise NotFound(what="colleague", key=wanted.assignee_id)
