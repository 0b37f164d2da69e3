"""Noise rules at work: what routing calls for every conversation it looks at, inside its own transaction.

A conversation is set aside when everything that was said in it is noise. A message that is noise in a conversation
with others changes nothing there: it is counted, and does not open what is closed. Whoever writes something else in
what was set aside brings it back. A crash leaves all of it or nothing, and a mention stands once with a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import moves, steps
from inbox.desk import Desk
from inbox.noise.index import Entry, Kind, NoiseIndex, Seen
from inbox.noise.reading import current, seen_of
from inbox.rules import gather, hits
from inbox.rules.evaluate import Reason
from inbox.rules.language import Actions, Closing, Draft
from inbox.rules.walk import Effect, Ready
from inbox.states import By, Status, decide
from store import noise, ruling
from store.commit.deciding import OLD
from store.schema import conversation, noise_hit

BACK = "noise_back"
_MESSAGES_LOOKED_AT = 50
_EVENTS_LOOKED_AT = 200
_SHOWN = 80
_TAKEN = frozenset({Status.NEW, Status.OPEN})


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking: the conversation as it stands then, and which of the new messages are noise."""

    row: Row[Any]
    noise: frozenset[int] = frozenset()


def on_messages(desk: Desk, conn: Connection, row: Row[Any], *, first: bool, n_new: int, now: datetime) -> Looked:
    """Let the noise rules look at what is new in a conversation.

    Args:
        desk: store, settings.
        conn: the transaction of routing.
        row: the conversation, locked.
        first: it is routed for the first time.
        n_new: how many messages are new.
        now: the instant of routing.
    """
    if not first and n_new <= 0:
        return Looked(row)
    index = current(conn)
    aside = row.status == Status.SPAM and not first and _was_set_aside(conn, row.id)
    if not index and not aside:
        return Looked(row)
    messages = _new(conn, row, first=first, n_new=n_new)
    met = meeting(conn, messages, index, now=now, heeding=not first)
    found = frozenset(number for number, entries in met.items() if _acting(entries) is not None)
    all_noise = bool(messages) and len(found) == len(messages)
    done = _set_aside(desk, conn, row, met, now=now) if first and all_noise else None
    _record(conn, row.id, met, done, now)
    if done is not None:
        return Looked(steps.load(conn, row.id), found)
    if aside and messages and not all_noise:
        return Looked(_back(desk, conn, row, now), found)
    if all_noise and row.status not in _TAKEN and row.unanswered_since is not None:
        # Nobody waits for an answer: said here, or the next look would take it for work that came up again.
        conn.execute(conversation.update().where(conversation.c.id == row.id).values(unanswered_since=None))
        row = steps.load(conn, row.id)
    return Looked(row, found)


def set_aside_whole(
    desk: Desk, conn: Connection, row: Row[Any], messages: Sequence[Row[Any]], index: NoiseIndex, *, now: datetime
) -> bool:
    """Set an open conversation (its row, locked) aside when all that was said in it is noise; whether it was."""
    if not messages or len(messages) < row.n_inbound:
        return False
    met = meeting(conn, messages, index, now=now)
    if not all(_acting(met.get(one.id, ())) is not None for one in messages):
        return False
    done = _set_aside(desk, conn, row, met, now=now)
    if done is not None:
        _record(conn, row.id, met, done, now)
    return done is not None


def free(row: Row[Any], messages: Sequence[Row[Any]], now: datetime) -> bool:
    """Whether an open conversation may be set aside at all: nobody has it in hand, and all that was said is known."""
    if not messages or len(messages) < row.n_inbound or row.status not in _TAKEN:
        return False
    return not gather.standing_of(row, (), now).held


def wanting(messages: Sequence[Row[Any]], met: Mapping[int, Sequence[Entry]]) -> frozenset[int]:
    """The rules each of which would set a conversation aside: all in it is noise to them."""
    each = [frozenset(entry.id for entry in met.get(one.id, ()) if not entry.proposes) for one in messages]
    return frozenset.intersection(*each)


def meeting(
    conn: Connection, messages: Sequence[Row[Any]], index: NoiseIndex, *, now: datetime, heeding: bool = True
) -> dict[int, tuple[Entry, ...]]:
    """Which rules each message meets, by mention; those that meet none are left out.

    Asks the store a few times, of however many conversations the messages are.

    Args:
        conn: a connection.
        messages: rows of `store.ruling`.
        index: the rules.
        now: the instant of looking.
        heeding: a rule that was taken back from a conversation leaves it alone.
    """
    seen = {one.mention_id: one for one in seen_of(conn, messages, index, now=now)}
    found = {number: met for number, one in seen.items() if (met := index.meets(one))}
    asked = [number for number, met in found.items() if _needs_asking(met, seen[number])]
    for number in noise.answering_us(conn, asked):
        found[number] = index.meets(replace(seen[number], direct=True))
    talks = {one.id: one.conversation_id for one in messages if one.id in found}
    without = hits.taken_back_in(conn, sorted(set(talks.values()))) if heeding else {}
    left = {number: _but(met, without.get(talks[number])) for number, met in found.items()}
    return {number: met for number, met in left.items() if met}


def _but(met: tuple[Entry, ...], without: frozenset[int] | None) -> tuple[Entry, ...]:
    return tuple(one for one in met if one.id not in without) if without else met


def _needs_asking(met: Sequence[Entry], seen: Seen) -> bool:
    """Whether it matters that a message answers us: asked of the store only then."""
    return not seen.direct and any(not entry.direct for entry in met)


def _acting(entries: Sequence[Entry]) -> Entry | None:
    """The first rule that does more than propose."""
    return next((one for one in entries if not one.proposes), None)


def _new(conn: Connection, row: Row[Any], *, first: bool, n_new: int) -> list[Row[Any]]:
    """The messages that nobody looked at yet and that were found in time, oldest first."""
    if first:
        found = ruling.messages_of(conn, [row.id])
    else:
        limit = min(n_new, _MESSAGES_LOOKED_AT)
        found = ruling.messages_since(conn, row.id, after=row.ruled_id, limit=limit)
    return [one for one in found if OLD not in (one.flags or ())]


def _set_aside(
    desk: Desk, conn: Connection, row: Row[Any], met: Mapping[int, Sequence[Entry]], *, now: datetime
) -> tuple[int, int, int] | None:
    """Move it to spam in the name of the first rule that its first message meets; None where that is not to be.

    Gives the rule, the message and the event.
    """
    if row.status not in _TAKEN or gather.standing_of(row, (), now).held:
        return None
    mention_id, entry = next((number, one) for number, entries in met.items() if (one := _acting(entries)) is not None)
    at = desk.telling(noise=entry.kind.value)
    done = hits.write(at, conn, row, effect_of(entry), now=now, mention_id=mention_id)
    return None if done is None or done.event_id is None else (entry.id, mention_id, done.event_id)


def effect_of(entry: Entry) -> Effect:
    """What a hit does, as rules say it. Its name is the code of its kind, and it never tells whom it is about."""
    code = reason_of(entry.kind)
    draft = Draft(name=code, actions=Actions(move=Closing.SPAM, reason=code))
    told = (Reason(code, entry.value[:_SHOWN]),) if entry.kind in {Kind.SITE, Kind.WORD, Kind.PATTERN} else ()
    return Effect(Ready(entry.id, draft), move=Closing.SPAM, because=told)


def reason_of(kind: Kind) -> str:
    """The reason, as a code, with which a conversation is spam: noise_author, noise_site ..."""
    return f"noise_{kind.value}"


def touched(events: Iterable[Row[Any]], since: int) -> bool:
    """Whether somebody did anything in a conversation since an event, or took that back."""
    return any(one.id > since and (one.actor_type == "human" or one.undo_of == since) for one in events)


def _record(
    conn: Connection,
    conversation_id: int,
    met: Mapping[int, Sequence[Entry]],
    done: tuple[int, int, int] | None,
    now: datetime,
) -> None:
    """Keep which mention met which rules, and which of these hits set the conversation aside."""
    known = {(one.rule_id, one.mention_id) for one in noise.standing_in(conn, conversation_id)} if met else set()
    rows = [
        {
            "rule_id": entry.id,
            "mention_id": mention_id,
            "conversation_id": conversation_id,
            "at": now,
            "event_id": done[2] if done is not None and (entry.id, mention_id) == done[:2] else None,
        }
        for mention_id, entries in met.items()
        for entry in entries
        if (entry.id, mention_id) not in known
    ]
    if rows:
        conn.execute(noise_hit.insert(), rows)


def _was_set_aside(conn: Connection, conversation_id: int) -> bool:
    """Whether a conversation that is spam is so for a rule, and not because somebody said so since."""
    events = [one.event_id for one in noise.standing_in(conn, conversation_id) if one.event_id is not None]
    return bool(events) and not touched(steps.events_of(conn, conversation_id, limit=_EVENTS_LOOKED_AT), max(events))


def _back(desk: Desk, conn: Connection, row: Row[Any], now: datetime) -> Row[Any]:
    """Somebody said something else in what was set aside: new again, in the name of the rules."""
    decision = decide(row.status, Status.NEW, By.RULE)
    waiting = row.unanswered_since or row.last_inbound_at
    changes = {**moves.changes_of(decision, row, now=now, user_id=None), "unanswered_since": waiting}
    step = steps.Step(BACK, steps.after_move(desk, row, changes), facts={"from": row.status, "to": "new"})
    steps.write(desk, conn, row, steps.RULE, step, now=now)
    return steps.load(conn, row.id)
