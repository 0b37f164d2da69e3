"""Wishing something on a platform: an answer, a like, a hidden comment, an own post removed. Nothing goes out here.

What is checked stands in the order in which it helps: who has the conversation, whether a colleague answered,
whether the customer wrote again, whether the platform takes it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import AlreadyAnswered, BadInput, CannotReply, Changed, CustomerWroteAgain, NotFound, ReplyTooLong
from inbox.permissions import Permission
from inbox.replying import approvers, rows
from inbox.replying.seen_by import SAID, VISIBILITIES, visibilities_of, widest_of
from inbox.replying.states import ON_THE_WAY, State
from inbox.replying.until import as_of
from inbox.sentences import Sentence
from inbox.states import Status
from inbox.views import CurrentUser, Done
from inbox.writing import second_look
from store import outbox as kept
from store.records import CONTEXT
from store.schema import mention, outbox, user_account
from understanding.lengths import Unit, length

FOLLOW_UPS = ("stay", "waiting_customer", "resolved")
ANSWERABLE = frozenset({Status.NEW, Status.OPEN, Status.WAITING_INTERNAL, Status.WAITING_CUSTOMER})
LONGEST_TEXT = 100_000
_OURS = frozenset({"answered", "answered_by_hand", "reply_sent"})
_TEXTS_TOLD = 5
_LOOKED_AT = 25


def send(
    desk: Desk,
    user: CurrentUser,
    conversation_id: int,
    *,
    text: str,
    version: int,
    visibility: str | None = None,
    follow_up: str = "stay",
    template_id: int | None = None,
    mention_id: int | None = None,
    confirmed: Collection[str] = (),
) -> Done:
    """Put an answer into the outbox; see `inbox.replying.door.Replies.send`."""
    said = _checked(text, visibility, follow_up)
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now)
        mine = kept.of_conversation(conn, row.id)
        again = next((one for one in mine if _is_repeat(one, user, said)), None)
        if again is not None:
            return steps.nothing(row, rows.code_of("reply", again.state), outbox_id=again.id)
        check_unanswered(conn, row, mine, user, version)
        check_read(conn, row, user, version)
        if row.status not in ANSWERABLE:
            raise CannotReply(Sentence("Reopen this conversation before you answer."))
        target = target_of(conn, row.id, mention_id)
        may: Mapping[str, Any] = as_of(target.capabilities, now)
        check_platform(may, target, said)
        seen_by = narrowed(may, target, row, visibility)
        looked = second_look.look(desk, conn, row.id, said, visibility=seen_by, capabilities=may, confirmed=confirmed)
        approval = needs_approval(conn, user)
        values = {
            "text": said,
            "visibility": seen_by,
            "follow_up": follow_up,
            "template_id": template_id,
            "base_version": version,
        }
        changes: dict[str, Any] = {}
        if row.status == Status.NEW and user.may(Permission.WORK):
            changes["status"] = Status.OPEN.value
        if row.assignee_id is None and user.may(Permission.WORK):
            changes["assignee_id"] = user.id
        return _queue(desk, conn, row, user, _Wish("reply", target, approval, values, changes, looked))


def act(desk: Desk, user: CurrentUser, mention_id: int, kind: str) -> Done:
    """Like, hide, or remove an own post; see `inbox.replying.door.Replies`."""
    with desk.store.write() as conn:
        now = desk.clock()
        target = conn.execute(select(mention).where(mention.c.id == mention_id)).first()
        if target is None or target.deleted_at is not None:
            raise NotFound(what="message", key=mention_id)
        row = steps.load(conn, target.conversation_id)
        steps.check_free(conn, row, user, now)
        may: Mapping[str, Any] = dict(target.capabilities or {})
        _check_act(may, target, kind)
        for one in kept.of_conversation(conn, row.id):
            if (one.kind, one.mention_id) == (kind, target.id) and one.state in {*ON_THE_WAY, State.SENT}:
                return steps.nothing(row, rows.code_of(kind, one.state), outbox_id=one.id)
        return _queue(desk, conn, row, user, _Wish(kind, target))


def needs_approval(conn: Connection, user: CurrentUser) -> bool:
    """Whether somebody else reads what this person writes before it goes out."""
    marked = conn.execute(select(user_account.c.needs_approval).where(user_account.c.id == user.id)).scalar()
    return bool(marked) or not user.may(Permission.SEND)


def check_unanswered(conn: Connection, row: Row[Any], answers: list[Row[Any]], user: CurrentUser, version: int) -> None:
    """Make sure that no colleague's answer is on its way or went out since `version`: the second is stopped here.

    Raises:
        AlreadyAnswered: says whose.
    """
    for one in answers:
        if one.kind == "reply" and one.created_by != user.id and one.state in ON_THE_WAY:
            raise AlreadyAnswered(steps.name_of(conn, one.created_by), row.version, sent=False)
    events = steps.events_of(conn, row.id, limit=50)
    undone = steps.undone_ids(events)
    for one in events:
        if (one.after or {}).get("version", 0) <= version:
            return
        if one.action in _OURS and one.actor_id != user.id and one.id not in undone:
            name = steps.name_of(conn, one.actor_id) or "Somebody"
            raise AlreadyAnswered(name, row.version, sent=True)


def check_read(conn: Connection, row: Row[Any], user: CurrentUser, version: int) -> None:
    """Make sure that the author has read what the customer wrote, and nobody changed anything since `version`.

    Raises:
        CustomerWroteAgain: with the new texts.
        Changed: with a sentence for each change of a colleague.
    """
    try:
        steps.check_unchanged(conn, row, user, version)
    except Changed as changed:
        texts = _new_texts(conn, row, version)
        if texts:
            raise CustomerWroteAgain(texts, row.version) from changed
        raise


def target_of(conn: Connection, conversation_id: int, mention_id: int | None) -> Row[Any]:
    """The message that is answered: the one asked for, or the customer's latest that still stands.

    Raises:
        NotFound: it is not in this conversation, or was removed.
        CannotReply: the customer took everything back.
    """
    query = select(mention).where(
        mention.c.conversation_id == conversation_id,
        mention.c.direction == "inbound",
        mention.c.deleted_at.is_(None),
    )
    if mention_id is not None:
        query = query.where(mention.c.id == mention_id)
    rows = conn.execute(query.order_by(mention.c.sort_at.desc(), mention.c.id.desc()).limit(_LOOKED_AT))
    found = next((row for row in rows if CONTEXT not in (row.flags or ())), None)
    if found is None and mention_id is not None:
        raise NotFound(what="message", key=mention_id)
    if found is None:
        raise CannotReply(Sentence("The customer's messages were removed on the platform; there is nothing to answer."))
    return found


def check_platform(may: Mapping[str, Any], target: Row[Any], text: str) -> None:
    """Make sure that the platform takes this answer.

    Raises:
        CannotReply: it takes none; says why and where to answer.
        ReplyTooLong: longer than it takes, in its unit.
    """
    if not may.get("can_reply"):
        told = may.get("why_not_reply")
        why = str(told) if told else Sentence("This platform takes no answers from here. Answer there by hand.")
        raise CannotReply(why, may.get("deep_link") or target.url)
    most, unit = may.get("max_length"), may.get("length_unit") or "code_points"
    counted = length(text, cast("Unit", unit), link_length=may.get("link_length"))
    if most is not None and counted > most:
        raise ReplyTooLong(counted, most, unit)


def narrowed(may: Mapping[str, Any], target: Row[Any], row: Row[Any], asked: str | None) -> str:
    """Who will see the answer: as who sees the message, or fewer. A private conversation stays private.

    Raises:
        BadInput: it was asked to be more public.
        CannotReply: it must be narrower than the message, and the platform cannot do that.
    """
    possible = visibilities_of(may, target.visibility, row.visibility)
    widest = widest_of(target.visibility, row.visibility)
    wanted = asked or widest
    if VISIBILITIES.index(wanted) < VISIBILITIES.index(widest):
        raise BadInput(
            Sentence("This conversation is {widest}; an answer is never more public than it.", widest=SAID[widest]),
            visibility=asked,
        )
    if wanted not in possible:
        raise CannotReply(
            Sentence(
                "On this platform everybody who sees the message sees the answer; it cannot be {wanted}.",
                wanted=SAID[wanted],
            ),
            may.get("deep_link") or target.url,
        )
    return wanted


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is put into the outbox, and which findings of the guard its author confirmed."""

    kind: str
    target: Row[Any]
    approval: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    confirmed: tuple[str, ...] = ()


def _queue(desk: Desk, conn: Connection, row: Row[Any], user: CurrentUser, wish: _Wish) -> Done:
    now, target = desk.clock(), wish.target
    state = State.APPROVAL if wish.approval else State.QUEUED
    outbox_id = desk.store.new_id()
    conn.execute(
        outbox.insert().values(
            id=outbox_id,
            idempotency_key=str(uuid.uuid4()),
            conversation_id=row.id,
            cycle=row.cycle,
            mention_id=target.id,
            source_id=target.source_id,
            kind=wish.kind,
            state=state.value,
            state_at=now,
            created_by=user.id,
            created_at=now,
            not_before=now + steps.UNDO_WINDOW,
            **wish.values,
        )
    )
    changes = steps.after_move(desk, row, wish.changes)
    step = steps.Step(
        rows.code_of(wish.kind, state),
        changes,
        facts={"mention_id": target.id, **({"confirmed": list(wish.confirmed)} if wish.confirmed else {})},
    )
    done = rows.told(desk, conn, row, steps.Doer.person(user), step, outbox_id=outbox_id, now=now)
    if wish.approval:
        approvers.tell(desk, conn, row, user, outbox_id=outbox_id, text=str(wish.values.get("text", "")))
    return done


def _checked(text: str, visibility: str | None, follow_up: str) -> str:
    said = text.strip()
    if not said:
        raise BadInput(Sentence("Write something before you send it."))
    if len(said) > LONGEST_TEXT:
        raise ReplyTooLong(len(said), LONGEST_TEXT, "code_points")
    if visibility is not None and visibility not in VISIBILITIES:
        raise BadInput(Sentence("There is no visibility “{visibility}”.", visibility=visibility), visibility=visibility)
    if follow_up not in FOLLOW_UPS:
        raise BadInput(
            Sentence(
                "After an answer a conversation can {options}; not “{follow_up}”.",
                options=tuple(FOLLOW_UPS),
                follow_up=follow_up,
            ),
            follow_up=follow_up,
        )
    return said


def _is_repeat(one: Row[Any], user: CurrentUser, text: str) -> bool:
    """The same press of the button twice: a second tab, an impatient click."""
    return one.kind == "reply" and one.created_by == user.id and one.state in ON_THE_WAY and (one.text or "") == text


def _new_texts(conn: Connection, row: Row[Any], version: int) -> tuple[str, ...]:
    """What the customer wrote since `version`, oldest first, as far as the counters of events tell."""
    events = steps.events_of(conn, row.id, limit=50)
    before: Mapping[str, Any] = next(
        (one.after for one in events if "n_inbound" in (one.after or {}) and one.after["version"] <= version), {}
    )
    grown = row.n_inbound - before.get("n_inbound", row.n_inbound)
    if grown <= 0:
        return ()
    # The author may have seen some of these: messages make no events of their own, only versions.
    most = min(grown, row.version - version, _TEXTS_TOLD)
    found = conn.execute(
        select(mention.c.text, mention.c.flags)
        .where(mention.c.conversation_id == row.id, mention.c.direction == "inbound", mention.c.deleted_at.is_(None))
        .order_by(mention.c.id.desc())
        .limit(most + _LOOKED_AT)
    )
    texts = [row.text for row in found if CONTEXT not in (row.flags or ())]
    return tuple(reversed(texts[:most]))


def _check_act(may: Mapping[str, Any], target: Row[Any], kind: str) -> None:
    allowed = {
        "like": bool(may.get("can_like")) and target.direction == "inbound",
        "hide": bool(may.get("can_hide")) and target.direction == "inbound",
        "delete_own": target.direction == "outbound",
    }
    if not allowed[kind]:
        why = {
            "like": Sentence("This platform lets nobody like this from here."),
            "hide": Sentence("This platform lets nobody hide this from here."),
            "delete_own": Sentence("Only our own posts can be removed."),
        }[kind]
        raise CannotReply(why, may.get("deep_link") or target.url)
