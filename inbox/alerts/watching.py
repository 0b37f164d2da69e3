"""Looking whether a rule fires, and writing down what fired: called by the worker every few minutes.

Any number of workers may do it at once, and any of them may die at any point. What fired, its explanation and whom it
is to be told are one transaction, under the lock of the rule's row, in which the cool-down is judged again: a second
worker that saw the same waits for that lock, and then finds that the rule has fired. Telling is done elsewhere, from
the queue that this fills.

Only the hour that runs and the one before it are looked at, so that what comes in late raises no alarm about hours long
past: it counts in what was usual then, and in looking back. Of silence only the last hour that has ended is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from inbox import due, events
from inbox.alerts import counting, deliveries, keeping, silence
from inbox.alerts.explaining import explain
from inbox.alerts.trying import looks
from inbox.desk import Desk
from inbox.errors import InboxError
from inbox.settings import InboxSettings
from store import alert_counts, alerts
from store.alerts import RuleRow
from store.engine import Store
from understanding.spikes.baseline import hour_of
from understanding.spikes.judging import By, Moment, fired

EVERY = timedelta(minutes=5)
_LATE = timedelta(hours=1)
"""How long after its end an hour is still looked at: sources bring a little later what was said."""
_log = logging.getLogger(__name__)


def tick(store: Store, settings: InboxSettings, now: datetime) -> int:
    """Look at every rule in use; how many fired. One that cannot be looked at stops none of the others.

    A rule that another worker looked at a moment ago is left alone.
    """
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        wanted = [rule.id for rule in alerts.rules(conn) if rule.active and not _just_looked_at(rule, now)]
    return due.each(wanted, lambda rule_id: look(desk, rule_id), "looking at alert rule")


def look(desk: Desk, rule_id: int) -> bool:
    """Look at one rule; whether it fired."""
    now = desk.clock()
    with desk.store.read() as conn:
        rule = alerts.rule(conn, rule_id)
    if rule is None or not rule.active:
        return False
    try:
        moment, explanation = _judged(desk, rule, now)
    except InboxError as refused:  # its query cannot be read any more, its team is gone: said at the rule
        _note(desk, rule, now, trouble=str(refused))
        return False
    if moment is None:
        _note(desk, rule, now)
        return False
    return _fire(desk, rule, moment, explanation, now)


def _judged(desk: Desk, rule: RuleRow, now: datetime) -> tuple[Moment | None, Mapping[str, Any]]:
    """What fires now, with what explains it."""
    until = hour_of(now)
    if rule.query:
        _count_anew(desk, rule, now)
    condition, at_hours = counting.condition_of(rule), looks(desk, rule.during, rule.team_id)
    with desk.store.read() as conn:
        if condition.by is By.SILENCE:
            return silence.judged(desk, conn, rule, now, at_hours)
        series = counting.watched(desk, conn, rule, now=now)
        found = fired(
            series,
            condition,
            first=until - _LATE,
            last=until,
            before=rule.fired_hour,
            counts=at_hours,
        )
        if not found:
            return None, {}
        scope = counting.scope_of(rule)
        return found[-1], explain(desk, conn, scope, found[-1], window_h=rule.window_h)


def _count_anew(desk: Desk, rule: RuleRow, now: datetime) -> None:
    """Count the hours of a query that may have changed: those of its window, and what came in late in them.

    A rule that was not looked at for longer, because no worker ran, has all that it missed counted.
    """
    last = rule.checked_at or now
    back = max(timedelta(hours=rule.window_h + 1), now - last + _LATE)
    since = max(hour_of(now - back), hour_of(now - counting.HISTORY))
    with desk.store.read() as conn:
        scope = counting.scope_of(rule)
        counts, whole_from = counting.counted(
            desk, conn, scope, since=since, until=hour_of(now) + timedelta(hours=1), limit=counting.MOST_NOW
        )
    with desk.store.write() as conn:
        before = alerts.rule(conn, rule.id, lock=True)
        if before is None or before.query != rule.query:
            return
        alert_counts.keep_hours(conn, desk.store, rule.id, counts, since=min(whole_from, hour_of(now)))
        alert_counts.forget_hours(conn, rule.id, before=hour_of(now - counting.HISTORY))


def _fire(desk: Desk, rule: RuleRow, moment: Moment, explanation: Mapping[str, Any], now: datetime) -> bool:
    """Write down that a rule fired and whom to tell, unless it fired or changed meanwhile; whether it was written."""
    with desk.store.write() as conn:
        before = keeping.locked(conn, rule.id)
        pause = timedelta(hours=before.cool_down_h)
        cooling = before.fired_hour is not None and moment.hour < before.fired_hour + pause
        if not before.active or before.version != rule.version or cooling:
            return False
        alert_id = desk.store.new_id()
        expected = moment.expected
        alerts.insert_alert(
            conn,
            {
                "id": alert_id,
                "rule_id": rule.id,
                "hour": moment.hour,
                "window_h": rule.window_h,
                "n": moment.n,
                "at_least": moment.at_least,
                "expected": None if expected is None else expected.mean,
                "sd": None if expected is None else expected.sd,
                "n_earlier": 0 if expected is None else expected.n,
                "basis": None if expected is None else expected.basis.value,
                "fired_at": now,
                "explanation": dict(explanation),
            },
        )
        alerts.change_rule(conn, rule.id, {"fired_hour": moment.hour, "checked_at": now, "trouble": ""})
        deliveries.queue(desk, conn, alert_id, rule.receivers)
        _tell_record(desk, conn, rule, alert_id, moment)
    _log.info("alert rule %d fired: %d messages, the bound is %d", rule.id, moment.n, moment.at_least)
    return True


def _tell_record(desk: Desk, conn: Connection, rule: RuleRow, alert_id: int, moment: Moment) -> None:
    told = {"facts": {"alert_id": alert_id, "n": moment.n, "at_least": moment.at_least}}
    events.append(desk, conn, (keeping.RULE, str(rule.id)), "alert_fired", actor_id=None, after=told)


def _note(desk: Desk, rule: RuleRow, now: datetime, *, trouble: str = "") -> None:
    with desk.store.write() as conn:
        alerts.change_rule(conn, rule.id, {"checked_at": now, "trouble": trouble})


def _just_looked_at(rule: RuleRow, now: datetime) -> bool:
    return rule.checked_at is not None and now - rule.checked_at < EVERY / 2
