"""What a hit writes: the changes of one rule and their one event, and the inverse of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import annotate, moves, steps
from inbox.desk import Desk
from inbox.rules.walk import Effect
from inbox.states import By, decide
from inbox.views import Done
from store import ruling
from store.schema import conversation_tag

RULED = "ruled"
RULE_UNDONE = "rule_undone"
# What follows from the other columns, and is worked out anew when a hit is taken back.
_DERIVED = frozenset({"is_open", "sla_due_at", *steps.VOLATILE})


def write(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    effect: Effect,
    *,
    now: datetime,
    mention_id: int | None,
    run: int | None = None,
) -> Done | None:
    """Apply an effect to a locked conversation and append its event; None when there is nothing to do.

    Args:
        desk: settings and ids.
        conn: the transaction.
        row: the conversation, locked.
        effect: what is left of the hit.
        now: the instant, aware UTC.
        mention_id: the message that was judged.
        run: the event of the run over existing work that this hit belongs to.
    """
    if not effect.changes:
        return None
    sets: dict[str, Any] = dict(effect.sets)
    if sets.pop("muted", False):
        sets["muted_at"] = now
    reason = None
    if effect.move is not None:
        decision = decide(row.status, effect.move, By.RULE, reason=effect.rule.draft.actions.reason)
        reason = decision.reason
        sets = {**moves.changes_of(decision, row, now=now, user_id=None), **sets}
    if effect.move is not None or "team_id" in sets:
        sets = steps.after_move(desk, row, sets)
    if effect.tags:
        conn.execute(conversation_tag.insert(), [{"tag": tag, "conversation_id": row.id} for tag in effect.tags])
    facts = {
        "rule": effect.rule.name,
        "rule_id": effect.rule.id,
        "tags": list(effect.tags),
        "mention_id": mention_id,
        "because": [[one.fact, one.found] for one in effect.because],
        **({"overruled": sorted(effect.overruled)} if effect.overruled else {}),
        **({"run": run} if run is not None else {}),
    }
    step = steps.Step(RULED, sets, reason=reason, facts=facts)
    return steps.write(desk, conn, row, steps.Doer("rule", effect.rule.id), step, now=now)


def take_back(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    taken: Row[Any],
    doer: steps.Doer,
    *,
    now: datetime,
    run: int | None = None,
) -> Done:
    """Undo a hit on a locked conversation, however long ago: whatever still stands as the rule left it goes back.

    What people changed since stays as they left it. Tags that the rule added come off.
    """
    after: Mapping[str, Any] = taken.after or {}
    facts: Mapping[str, Any] = after.get("facts") or {}
    before: Mapping[str, Any] = taken.before or {}
    moved_on = "status" in before and (row.status != after.get("status") or row.cycle != taken.cycle)
    changes: dict[str, Any] = {}
    for name, value in before.items():
        together = name not in {"priority", "why", "team_id", "assignee_id", "muted_at"}
        if name in _DERIVED or (together and moved_on):
            continue
        if steps.plain(getattr(row, name)) == after.get(name):
            changes[name] = steps.typed(name, value)
    for tag in facts.get("tags") or ():
        conn.execute(annotate.without_tag(row.id, tag))
    told = {"rule": facts.get("rule"), "rule_id": facts.get("rule_id"), "tags": facts.get("tags") or []}
    if run is not None:
        told["run"] = run
    step = steps.Step(RULE_UNDONE, steps.after_move(desk, row, changes), facts=told, undo_of=taken.id)
    return steps.write(desk, conn, row, doer, step, now=now)


def taken_back(conn: Connection, conversation_id: int) -> frozenset[int]:
    """Rules whose hit was taken back on a conversation: they leave it alone from then on."""
    return taken_back_in(conn, [conversation_id]).get(conversation_id, frozenset())


def taken_back_in(conn: Connection, conversation_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """The same of several, in one query for hundreds; those on which nothing was taken back are left out."""
    found: dict[int, set[int]] = {}
    for one in ruling.steps_named(conn, RULE_UNDONE, conversation_ids):
        rule_id = (one.after or {}).get("facts", {}).get("rule_id")
        if rule_id is not None:
            found.setdefault(int(one.object_id), set()).add(int(rule_id))
    return {number: frozenset(rules) for number, rules in found.items()}
