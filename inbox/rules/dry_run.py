"""Trying a rule on what came in before: counts and examples, bounded and read-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import lists
from inbox.desk import Desk
from inbox.rules import gather
from inbox.rules.evaluate import Facts, matches, reasons
from inbox.rules.language import Draft, checked
from inbox.rules.routing import current
from inbox.rules.views import DryRun, Example
from inbox.rules.walk import Effect, Office, Ready, Ruleset, Standing, effects
from store import ruling, thread

LONGEST_DAYS = 366
MOST_CONVERSATIONS = 20_000
EXAMPLES = 50
_PAGE = 200


def dry_run(desk: Desk, draft: Draft, *, rule_id: int | None, days: int, limit: int) -> DryRun:
    """What a rule would have done, newest conversations first.

    Args:
        desk: where.
        draft: what the rule says.
        rule_id: the rule it is a new text of: it is judged in that rule's place; None: behind all others.
        days: how far back, at most a year.
        limit: how many conversations are looked at, at most 20,000.

    Raises:
        BadInput, BadSearch: what it says cannot be kept.
    """
    checked(draft)
    days = max(1, min(days, LONGEST_DAYS))
    limit = max(1, min(limit, MOST_CONVERSATIONS))
    since = desk.clock() - timedelta(days=days)
    tried = Ready(rule_id or 0, draft)
    with desk.store.read() as conn:
        told = _Told(lists.source_names(conn), tried, _with(current(conn), tried), gather.office_of(desk, conn))
        before: tuple[datetime, int] | None = None
        while told.looked_at < limit:
            size = min(_PAGE, limit - told.looked_at)
            page = ruling.recent_conversations(conn, since=since, before=before, limit=size)
            _judge(desk, conn, page, told)
            if len(page) < size:
                break
            before = (page[-1].sort_at, page[-1].id)
        complete = told.looked_at < limit or not ruling.recent_conversations(conn, since=since, before=before, limit=1)
    return told.result(days=days, complete=complete)


def judged(desk: Desk, conn: Connection, rows: Sequence[Row[Any]], tried: Ready) -> list[tuple[Row[Any], Facts]]:
    """The conversations a rule fits, each with the newest message that it looks at and that fits."""
    told = Ruleset([tried])
    messages = gather.by_conversation(ruling.messages_of(conn, [row.id for row in rows]))
    found = []
    for row in rows:
        facts = gather.facts_of(desk, conn, messages.get(row.id, []), row.team_id, told.asks)
        looked_at = facts[:1] if tried.draft.moment == "first" else facts
        hit = next((one for one in reversed(looked_at) if matches(tried.draft.conditions, one)), None)
        if hit is not None:
            found.append((row, hit))
    return found


@dataclass(slots=True)
class _Told:
    """What was counted so far."""

    sources: dict[str, str]
    tried: Ready
    ruleset: Ruleset
    office: Office
    looked_at: int = 0
    matched: int = 0
    changed: int = 0
    per_action: Counter[str] = field(default_factory=Counter)
    per_source: Counter[str] = field(default_factory=Counter)
    overruled: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreached: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def result(self, *, days: int, complete: bool) -> DryRun:
        return DryRun(
            days=days,
            looked_at=self.looked_at,
            complete=complete,
            matched=self.matched,
            changed=self.changed,
            per_action=dict(self.per_action.most_common()),
            per_source=dict(self.per_source.most_common()),
            overruled=dict(self.overruled.most_common()),
            unreached=dict(self.unreached.most_common()),
            examples=tuple(self.examples),
        )


def _judge(desk: Desk, conn: Connection, rows: Sequence[Row[Any]], told: _Told) -> None:
    told.looked_at += len(rows)
    hits = judged(desk, conn, rows, told.tried)
    tags = thread.tags_of(conn, [row.id for row, _ in hits]) if hits else {}
    for row, facts in hits:
        told.matched += 1
        source = told.sources.get(row.source_id, row.source_id)
        told.per_source[source] += 1
        effect = _effect(told, as_it_came(row, tags.get(row.id, ())), facts)
        if effect is not None:
            told.changed += effect.changes
            told.per_action.update(effect.fields)
        if len(told.examples) < EXAMPLES:
            told.examples.append(
                Example(
                    conversation_id=row.id,
                    source_name=source,
                    author_name=row.author_name,
                    title=row.title,
                    snippet=row.snippet,
                    at=row.sort_at,
                    status=row.status,
                    because=reasons(told.tried.draft.conditions, facts),
                    changes=effect is not None and effect.changes,
                )
            )


def _effect(told: _Told, standing: Standing, facts: Facts) -> Effect | None:
    """What is left of the tried rule among all others; None when an earlier one stops the walk before it."""
    walked = told.ruleset.hits(facts, first=told.tried.draft.moment == "first")
    names = {one.id: one.name for one in walked}
    found = next((one for one in effects(walked, standing, facts, told.office) if one.rule is told.tried), None)
    if found is None:
        told.unreached[walked[-1].name if walked else ""] += 1
        return None
    for name, by in found.overruled.items():
        told.overruled[name, names[by]] += 1
    return found


def as_it_came(row: Row[Any], tags: Sequence[str]) -> Standing:
    """A conversation as rules would have met it: new, in nobody's hands, with the tags and priority it has now."""
    standing = gather.standing_of(row, tags, row.sort_at)
    return replace(standing, status="new", assignee_id=None, held=False)


def _with(ruleset: Ruleset, tried: Ready) -> Ruleset:
    """All rules with the tried one in its place."""
    if any(one.id == tried.id for one in ruleset.rules):
        return Ruleset(tried if one.id == tried.id else one for one in ruleset.rules)
    return Ruleset((*ruleset.rules, tried))
