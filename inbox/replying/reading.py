"""Looking into the outbox: of one conversation, what waits for approval, what is in trouble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import lists
from inbox.desk import Desk
from inbox.permissions import Permission
from inbox.replying.states import MOVES, By, State
from inbox.replying.views import OutboxView
from inbox.views import CurrentUser
from store import outbox as kept
from store.cards import ConversationRow, cards_by_id
from store.schema import mention

_QUESTION = 300


def of(desk: Desk, user: CurrentUser, conversation_id: int) -> tuple[OutboxView, ...]:
    """Everything of one conversation, oldest first."""
    with desk.store.read() as conn:
        rows = kept.of_conversation(conn, conversation_id)
        return _views(conn, user, [row for row in rows if row.kind not in kept.READS])


def waiting_for_approval(desk: Desk, user: CurrentUser) -> tuple[OutboxView, ...]:
    """What waits for a colleague's yes, oldest first."""
    with desk.store.read() as conn:
        return _views(conn, user, kept.waiting_for_approval(conn))


def n_waiting_for_approval(desk: Desk) -> int:
    """How many wait for a colleague's yes."""
    with desk.store.read() as conn:
        return kept.n_waiting_for_approval(conn)


def troubled(desk: Desk, user: CurrentUser) -> tuple[OutboxView, ...]:
    """What needs a person, newest first: one's own, and for leads everybody's."""
    author_id = None if user.may(Permission.APPROVE) else user.id
    with desk.store.read() as conn:
        return _views(conn, user, kept.troubled(conn, author_id=author_id))


def _views(conn: Connection, user: CurrentUser, rows: Sequence[Row[Any]]) -> tuple[OutboxView, ...]:
    if not rows:
        return ()
    columns = (mention.c.id, mention.c.text, mention.c.visibility, mention.c.url, mention.c.capabilities)
    wanted = {row.mention_id for row in rows}
    around = _Around(
        people=lists.names_of(conn, [who for row in rows for who in (row.created_by, row.approved_by)]),
        sources=lists.source_names(conn),
        cards=cards_by_id(conn, {row.conversation_id for row in rows}),
        targets={one.id: one for one in conn.execute(select(*columns).where(mention.c.id.in_(wanted)))},
    )
    return tuple(_view(user, row, around) for row in rows)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is shown beside the rows themselves."""

    people: dict[int, str]
    sources: dict[str, str]
    cards: dict[int, ConversationRow]
    targets: dict[int, Any]


def _view(user: CurrentUser, row: Row[Any], around: _Around) -> OutboxView:
    card, people = around.cards.get(row.conversation_id), around.people
    target = around.targets.get(row.mention_id)
    mine = row.created_by == user.id or user.may(Permission.APPROVE)
    told = row.state in {State.QUEUED, State.SENDING, State.UNKNOWN, State.HELD, State.FAILED, State.REJECTED}
    link = None if target is None else (target.capabilities or {}).get("deep_link") or target.url
    return OutboxView(
        id=row.id,
        conversation_id=row.conversation_id,
        mention_id=row.mention_id,
        kind=row.kind,
        text=row.text,
        visibility=row.visibility or ("public" if target is None else target.visibility),
        follow_up=row.follow_up,
        state=row.state,
        state_at=row.state_at,
        author=lists.person_of(row.created_by, people),
        created_at=row.created_at,
        not_before=row.not_before,
        attempts=row.attempts,
        approved_by=lists.person_of(row.approved_by, people),
        approved_at=row.approved_at,
        trouble=row.error_text if told else None,
        trouble_code=row.error_class if told else None,
        looked_at=row.checked_at,
        sent_at=row.sent_at,
        url=row.url,
        own_mention_id=row.own_mention_id,
        template_id=row.template_id,
        question="" if target is None else target.text[:_QUESTION],
        customer="" if card is None else card.author_name,
        platform="" if card is None else card.platform,
        source_name=around.sources.get(row.source_id, row.source_id),
        deep_link=link,
        may_cancel=mine and _can(row.state, State.CANCELLED, By.AUTHOR),
        may_retry=mine
        and _can(row.state, State.QUEUED, By.AUTHOR)
        and (row.state != State.UNKNOWN or row.checked_at is not None),
        may_approve=row.state == State.APPROVAL and row.created_by != user.id and user.may(Permission.APPROVE),
        may_decide=mine and row.state in {State.UNKNOWN, State.HELD},
    )


def _can(state: str, after: State, by: By) -> bool:
    return by in MOVES.get((State(state), after), ())
