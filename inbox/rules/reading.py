"""Rules as screens see them: the list with hits, one rule opened, and why a conversation was hit. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, select

from inbox import lists, steps
from inbox.desk import Desk
from inbox.errors import BadSearch, NotFound
from inbox.rules import counting, gather
from inbox.rules.applying import last_run, n_standing
from inbox.rules.evaluate import Reason
from inbox.rules.hits import RULED, taken_back
from inbox.rules.keeping import RULE
from inbox.rules.language import Draft, Text
from inbox.rules.routing import current, draft_of
from inbox.rules.views import Explanation, Hits, RuleHit, RuleRow, RuleVersion, RuleView
from inbox.rules.walk import effects
from inbox.searching import parse
from inbox.sentences import Sentence
from store import ruling, thread
from store.cards import conversation_by_id
from store.schema import conversation
from understanding.query import Place

_VERSIONS = 100
_EVENTS = 500


def listing(desk: Desk) -> tuple[RuleRow, ...]:
    """All rules in their order."""
    with desk.store.read() as conn:
        hits = counting.all_hits(conn, desk.clock())
        return tuple(_row(one, hits.get(one.id, Hits())) for one in ruling.standing_rules(conn))


def opened(desk: Desk, rule_id: int) -> RuleView:
    """One rule with its hits per day and its versions.

    Raises:
        NotFound: there is no such rule.
    """
    now = desk.clock()
    with desk.store.read() as conn:
        found = next((one for one in ruling.standing_rules(conn) if one.id == rule_id), None)
        if found is None:
            raise NotFound(what="rule", key=rule_id)
        run = last_run(conn, rule_id)
        return RuleView(
            row=_row(found, counting.hits_of(conn, rule_id, now)),
            per_day=counting.per_day(desk, conn, rule_id, now),
            versions=_versions(conn, rule_id),
            run=None if run is None else n_standing(conn, rule_id, run),
        )


def explain(desk: Desk, conversation_id: int) -> Explanation:
    """Which rules hit a conversation and why, and what they would do with its newest message now.

    Raises:
        NotFound: there is no such conversation.
    """
    now = desk.clock()
    with desk.store.read() as conn:
        row = conversation_by_id(conn, conversation_id)
        if row is None:
            raise NotFound(what="conversation", key=conversation_id)
        events = thread.events_of(conn, steps.CONVERSATION, str(row.id), limit=_EVENTS)
        undone = {one.undo_of for one in events if one.undo_of is not None}
        hits = tuple(_hit(one, undone=one.id in undone) for one in events if one.action == RULED)
        return Explanation(hits=hits, now=_now(desk, conn, row, now))


def _now(desk: Desk, conn: Connection, row: Any, now: datetime) -> tuple[Any, ...]:
    ruleset = current(conn)
    facts = gather.facts_of(desk, conn, ruling.messages_of(conn, [row.id]), row.team_id, ruleset.asks)
    if not facts:
        return ()
    whole = conn.execute(select(conversation).where(conversation.c.id == row.id)).one()
    tags = thread.tags_of(conn, [row.id]).get(row.id, ())
    found = ruleset.hits(facts[-1], first=len(facts) == 1, without=taken_back(conn, row.id))
    return effects(found, gather.standing_of(whole, tags, now), facts[-1], gather.office_of(desk, conn))


def _row(row: Row[Any], hits: Hits) -> RuleRow:
    draft = draft_of(row)
    return RuleRow(
        id=row.id,
        name=row.name,
        draft=draft,
        active=row.active,
        position=row.position,
        updated_at=row.updated_at,
        hits=hits,
        problem=problem_of(draft),
    )


def problem_of(draft: Draft | None) -> Sentence | None:
    """Why a rule does not work, in words; None when it does."""
    if draft is None:
        return Sentence("This rule was made by another version of Klankbord and cannot be read.")
    for one in draft.conditions.everything:
        if isinstance(one, Text):
            try:
                parse(one.query, Place.RULE)
            except BadSearch as error:
                return error.text
    return None


def _versions(conn: Connection, rule_id: int) -> tuple[RuleVersion, ...]:
    events = thread.events_of(conn, RULE, str(rule_id), limit=_VERSIONS)
    people = lists.names_of(conn, (one.actor_id for one in events))
    return tuple(
        RuleVersion(
            id=one.id,
            at=one.at,
            code=one.action,
            by=lists.person_of(one.actor_id, people),
            before=_draft(one.before),
            after=_draft((one.after or {}).get("rule")),
        )
        for one in events
    )


def _draft(text: Mapping[str, Any] | None) -> Draft | None:
    if text is None:
        return None
    try:
        return Draft.model_validate(text)
    except ValidationError:
        return None


def _hit(one: thread.EventRow, *, undone: bool) -> RuleHit:
    facts = (one.after or {}).get("facts") or {}
    pairs: Sequence[Sequence[str]] = facts.get("because") or ()
    return RuleHit(
        event_id=one.id,
        rule_id=one.actor_id or 0,
        rule=str(facts.get("rule") or "?"),
        at=one.at,
        because=tuple(Reason(str(fact), str(found)) for fact, found in pairs),
        taken_back=undone,
    )
