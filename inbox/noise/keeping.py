"""Keeping noise rules: making, switching, ending. Every change is an event of the rule, without names of people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import events, searching
from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.noise.index import Kind, folded_handle
from inbox.noise.views import NoiseDraft
from inbox.permissions import Permission
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from store import noise
from store.schema import noise_rule
from understanding.fold import words
from understanding.query import Place, needs_something
from understanding.sites import site_of

RULE = "noise_rule"
LONGEST = 500
_MOST_WORDS = 10
_SHORTEST_WORD = 3


def value_of(kind: Kind, text: str) -> str:
    """What is looked up for what somebody wrote.

    Raises:
        BadInput: it is no handle, no site, no words; or it would meet far too much.
        BadSearch: a pattern that cannot be read.
    """
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise BadInput(Sentence("Write what the rule is about, in 1 to {most} characters.", most=LONGEST), noise="text")
    match kind:
        case Kind.AUTHOR:
            value = folded_handle(said) if not said.startswith("id:") else said
            if not value or any(character.isspace() for character in value):
                raise BadInput(Sentence("“{text}” is not a handle of an account.", text=said), noise="text")
            return value
        case Kind.SITE:
            site = site_of(said)
            if site is None:
                raise BadInput(Sentence("“{text}” is not the address of a site.", text=said), noise="text")
            return site
        case Kind.WORD:
            return _words(said)
        case Kind.PATTERN:
            node = searching.parse(said, Place.WORDS)
            if node is None or not needs_something(node):
                raise BadInput(
                    Sentence("This pattern only says what must not be there. Add a word that must."), noise="text"
                )
            return said
    raise BadInput(Sentence("A rule about a text is made from a message in the inbox."), noise="kind")


def make(
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    draft: NoiseDraft,
    *,
    value: str,
    origin: str,
    conversation_id: int | None = None,
    keys: tuple[int, ...] = (),
    ends_at: datetime | None = None,
) -> tuple[int, bool]:
    """Keep a rule, switched on; gives its id and whether it is new. One that stands already is switched on.

    Args:
        desk: clock and ids.
        conn: a writing transaction.
        user: who.
        draft: what it says.
        value: of `value_of`, or the key of an author.
        origin: conversation, page, list, suggestion.
        conversation_id: where it was made.
        keys: of a text, by which it is known again.
        ends_at: until when a text is known again; None is for good.
    """
    row = standing(conn, draft, value)
    if row is not None:
        if not row.active:
            _switch(desk, conn, user, row, on=True)
        return row.id, False
    now = desk.clock()
    values = _columns(draft, value, user, origin=origin, now=now)
    values |= {"conversation_id": conversation_id, "keys": list(keys) or None, "ends_at": ends_at}
    rule_id = desk.store.new_id()
    conn.execute(noise_rule.insert().values(id=rule_id, updated_at=noise.next_stamp(conn, now), **values))
    record(desk, conn, user, rule_id, "noise_made", kind=draft.kind.value, origin=origin)
    return rule_id, True


def standing(conn: Connection, draft: NoiseDraft, value: str) -> Row[Any] | None:
    """The rule that says the same already, switched on or off."""
    return next(
        (row for row in noise.same_rule(conn, draft.kind.value, value) if _scope(row) == _scope_of(draft)), None
    )


def make_all(
    desk: Desk, conn: Connection, user: CurrentUser, found: Sequence[tuple[NoiseDraft, str]], *, origin: str
) -> int:
    """Keep many rules with their values, each once; those that stand already are left as they are. How many are new."""
    standing = noise.with_values(conn, {value for _draft, value in found})
    known = {(row.kind, row.value, _scope(row)) for row in standing}
    fresh: dict[tuple[str, str, _Scope], tuple[NoiseDraft, str]] = {}
    for draft, value in found:
        key = (draft.kind.value, value, _scope_of(draft))
        if key not in known:
            fresh.setdefault(key, (draft, value))
    if not fresh:
        return 0
    now = desk.clock()
    stamp = noise.next_stamp(conn, now)
    rows = [
        {"id": rule_id, "updated_at": stamp, **_columns(draft, value, user, origin=origin, now=now)}
        for rule_id, (draft, value) in zip(desk.store.new_ids(len(fresh)), fresh.values(), strict=True)
    ]
    conn.execute(noise_rule.insert(), rows)
    told = [((RULE, str(row["id"])), {"facts": {"kind": row["kind"], "origin": origin}}) for row in rows]
    events.append_all(desk, conn, told, "noise_made", actor_id=user.id)
    return len(rows)


_Scope = tuple[str | None, str | None, str | None]
"""Platform, brand and source that a rule is narrowed to."""


def _scope(row: Row[Any]) -> _Scope:
    return row.platform, row.brand_id, row.source_id


def _scope_of(draft: NoiseDraft) -> _Scope:
    return draft.platform if draft.kind is Kind.AUTHOR else None, draft.brand_id, draft.source_id


def _columns(draft: NoiseDraft, value: str, user: CurrentUser, *, origin: str, now: datetime) -> dict[str, Any]:
    platform, brand_id, source_id = _scope_of(draft)
    return {
        "kind": draft.kind.value,
        "value": value,
        "shown": draft.text.strip(),
        "platform": platform,
        "brand_id": brand_id,
        "source_id": source_id,
        "direct": draft.direct and draft.kind is Kind.AUTHOR,
        "proposes": draft.proposes,
        "why": draft.why.strip()[:LONGEST],
        "origin": origin,
        "active": True,
        "created_by": user.id,
        "created_at": now,
    }


def switch(desk: Desk, user: CurrentUser, rule_id: int, *, on: bool) -> None:
    """Switch a rule on or off; what it set aside stays where it is.

    Raises:
        NotFound: there is no such rule.
        NotAllowed: it is somebody else's.
    """
    with desk.store.write() as conn:
        row = load(conn, rule_id)
        check_may(user, row)
        if row.active is not on:
            _switch(desk, conn, user, row, on=on)


def propose(desk: Desk, user: CurrentUser, rule_id: int, *, proposes: bool) -> None:
    """Let a rule only show what it would set aside, or set it aside by itself.

    Raises:
        NotFound, NotAllowed: as `switch`.
    """
    with desk.store.write() as conn:
        row = load(conn, rule_id)
        check_may(user, row)
        if row.proposes is not proposes:
            _update(conn, row, desk.clock(), proposes=proposes)
            record(desk, conn, user, rule_id, "noise_proposes" if proposes else "noise_sets_aside", kind=row.kind)


def end(desk: Desk, conn: Connection, user: CurrentUser, rule_id: int) -> Row[Any]:
    """Take a rule out of use for good; gives it as it was. Ending what ended does nothing.

    Raises:
        NotFound: there is no such rule.
    """
    row = load(conn, rule_id, archived=True)
    if row.archived_at is None:
        _update(conn, row, desk.clock(), active=False, archived_at=desk.clock())
        record(desk, conn, user, rule_id, "noise_taken_back", kind=row.kind)
    return row


def check_may(user: CurrentUser, row: Row[Any]) -> None:
    """Who works on conversations may change the rules they made; those of others take a lead. Raises: NotAllowed."""
    if not user.may(Permission.MANAGE_WORK) and row.created_by != user.id:
        raise NotAllowed(Permission.MANAGE_WORK, user.role)


def load(conn: Connection, rule_id: int, *, archived: bool = False) -> Row[Any]:
    """A noise rule, locked; with `archived` also one that ended.

    Raises:
        NotFound: there is no such rule.
    """
    row = conn.execute(select(noise_rule).where(noise_rule.c.id == rule_id).with_for_update()).first()
    if row is None or (row.archived_at is not None and not archived):
        raise NotFound(what="rule", key=rule_id)
    return row


def record(desk: Desk, conn: Connection, user: CurrentUser, rule_id: int, action: str, **facts: Any) -> int:
    """Append a line to the history of a noise rule; gives the event's id. Never tells whom a rule is about."""
    return events.append(desk, conn, (RULE, str(rule_id)), action, actor_id=user.id, after={"facts": facts})


def _switch(desk: Desk, conn: Connection, user: CurrentUser, row: Row[Any], *, on: bool) -> None:
    _update(conn, row, desk.clock(), active=on)
    record(desk, conn, user, row.id, "noise_on" if on else "noise_off", kind=row.kind)


def _update(conn: Connection, row: Row[Any], now: datetime, **values: Any) -> None:
    values["updated_at"] = noise.next_stamp(conn, now)
    conn.execute(noise_rule.update().where(noise_rule.c.id == row.id).values(**values))


def _words(said: str) -> str:
    found = words(said)
    if not found:
        raise BadInput(Sentence("There is no letter or digit to look for in “{text}”.", text=said), noise="text")
    if len(found) > _MOST_WORDS:
        raise BadInput(
            Sentence("A rule about words takes at most {most} of them; choose the telling ones.", most=_MOST_WORDS),
            noise="text",
        )
    if len(found) == 1 and len(found[0]) < _SHORTEST_WORD:
        raise BadInput(Sentence("“{text}” is too short: it stands in nearly every text.", text=said), noise="text")
    return " ".join(found)
