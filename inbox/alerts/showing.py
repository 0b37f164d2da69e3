"""What fired, as screens show it and receivers are told it: figures as they were, messages as they stand now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from inbox.alerts import counting
from inbox.alerts.views import (
    AlertView,
    DeliveryView,
    DriverView,
    During,
    Kind,
    Quote,
    ReceiverView,
    RuleDraft,
    RuleView,
    Running,
    Scope,
    SilentSource,
    Turn,
)
from inbox.desk import Desk
from inbox.lists import source_names
from store import alert_counts, alert_deliveries, alerts
from store.alert_deliveries import DeliveryRow
from store.alerts import AlertRow, RuleRow
from understanding.measuring import Share
from understanding.spikes.driving import Driver

MOST = 50
"""Alerts and deliveries that are shown."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is looked up once for many alerts."""

    rules: Mapping[int, RuleRow]
    sources: Mapping[str, str]
    messages: Mapping[int, alert_counts.Heard]
    authors: Mapping[int, str]
    deliveries: Mapping[int, tuple[DeliveryView, ...]]


def one_alert(desk: Desk, conn: Connection, alert_id: int) -> AlertView | None:
    """One alert; None when it is not there."""
    row = alerts.one_alert(conn, alert_id)
    return None if row is None else next(iter(_views(desk, conn, [row])), None)


def latest(desk: Desk) -> tuple[AlertView, ...]:
    """What fired last, newest first."""
    with desk.store.read() as conn:
        return tuple(_views(desk, conn, alerts.latest(conn, limit=MOST)))


def running(desk: Desk) -> tuple[Running, ...]:
    """Spikes that go on and that nobody closed, the newest first: until their rule has cooled down, at most a day."""
    now = desk.clock()
    with desk.store.read() as conn:
        rows = [row for row in alerts.since(conn, now - _DAY) if row.seen_at is None and row.verdict != "false"]
        if not rows:
            return ()
        rules, names = {rule.id: rule for rule in alerts.rules(conn)}, source_names(conn)
    return tuple(
        Running(
            row.id,
            rules[row.rule_id].name,
            row.n,
            row.expected,
            row.window_h,
            tuple(one.name for one in _silent(row.explanation, names)),
        )
        for row in rows
        if row.rule_id in rules and _goes_on(row, rules[row.rule_id], now)
    )


def rules(desk: Desk) -> tuple[RuleView, ...]:
    """All rules in use, by name."""
    with desk.store.read() as conn:
        found = alerts.rules(conn)
        verdicts = alerts.verdicts(conn)
        names = {row.id: row.name for row in alerts.receivers(conn)}
    return tuple(_rule(row, verdicts.get(row.id, (0, 0, 0)), names) for row in found)


def receivers(desk: Desk) -> tuple[ReceiverView, ...]:
    """All receivers in use, by name, each with what became of its last telling."""
    with desk.store.read() as conn:
        found = alerts.receivers(conn)
        last = {row.id: alert_deliveries.latest_of(conn, row.id) for row in found}
    return tuple(
        ReceiverView(row.id, row.name, Kind(row.kind), row.shown, _delivery(told, row.name) if told else None)
        for row, told in ((row, last[row.id]) for row in found)
    )


def deliveries(desk: Desk) -> tuple[DeliveryView, ...]:
    """What was told last, newest first."""
    with desk.store.read() as conn:
        rows = alert_deliveries.latest(conn, limit=MOST)
        names = {row.id: row.name for row in alerts.receivers(conn, {row.receiver_id for row in rows})}
    return tuple(_delivery(row, names.get(row.receiver_id, "?")) for row in rows)


def first_talk(conn: Connection, alert_id: int) -> int | None:
    """The conversation of the first message of an alert."""
    row = alerts.one_alert(conn, alert_id)
    first = (row.explanation or {}).get("first") if row is not None else None
    found = alert_counts.heard_by_ids(conn, [first]) if first else []
    return found[0].conversation_id if found else None


def _views(desk: Desk, conn: Connection, rows: Sequence[AlertRow]) -> list[AlertView]:
    around = _around(conn, rows)
    now = desk.clock()
    return [_view(row, around, running=_goes_on(row, around.rules.get(row.rule_id), now)) for row in rows]


def _around(conn: Connection, rows: Sequence[AlertRow]) -> _Around:
    wanted: set[int] = set()
    people: set[int] = set()
    for row in rows:
        told = row.explanation or {}
        wanted |= {one for one in (told.get("first"), *told.get("examples", ())) if one}
        people |= {int(one["key"]) for one in told.get("drivers", ()) if one["trait"] == "author"}
    known = {rule.id: rule for archived in (False, True) for rule in alerts.rules(conn, archived=archived)}
    told_of = alert_deliveries.of_alerts(conn, [row.id for row in rows])
    names = {row.id: row.name for row in alerts.receivers(conn, {row.receiver_id for row in told_of})}
    by_alert: dict[int, tuple[DeliveryView, ...]] = {}
    for one in told_of:
        if one.alert_id is not None:
            view = _delivery(one, names.get(one.receiver_id, "?"))
            by_alert[one.alert_id] = (*by_alert.get(one.alert_id, ()), view)
    return _Around(
        rules=known,
        sources=source_names(conn),
        messages={one.id: one for one in alert_counts.heard_by_ids(conn, wanted)},
        authors=alert_counts.author_names(conn, people),
        deliveries=by_alert,
    )


def _view(row: AlertRow, around: _Around, *, running: bool) -> AlertView:
    told = row.explanation or {}
    rule = around.rules.get(row.rule_id)
    until = row.hour + timedelta(hours=1)
    drivers = [Driver(**one) for one in told.get("drivers", ())]
    shown = [DriverView(driver, label) for driver in drivers if (label := _label(driver, around))]
    examples = [around.messages[number] for number in told.get("examples", ()) if number in around.messages]
    first = around.messages.get(told.get("first") or 0)
    return AlertView(
        id=row.id,
        rule_id=row.rule_id,
        rule=rule.name if rule is not None else f"#{row.rule_id}",
        scope=counting.scope_of(rule) if rule is not None else Scope(),
        since=until - timedelta(hours=row.window_h),
        until=until,
        n=row.n,
        at_least=row.at_least,
        expected=row.expected,
        sd=row.sd,
        n_earlier=row.n_earlier,
        fired_at=row.fired_at,
        first=_quote(first, around) if first is not None else None,
        examples=tuple(_quote(one, around) for one in examples),
        drivers=tuple(shown),
        turn=_turn(told.get("turn")),
        sampled=int(told.get("sampled") or 0),
        verdict=row.verdict,
        running=running,
        deliveries=around.deliveries.get(row.id, ()),
        silent=_silent(told, around.sources),
    )


def _silent(told: Mapping[str, Any] | None, names: Mapping[str, str]) -> tuple[SilentSource, ...]:
    return tuple(
        SilentSource(
            name=names.get(one["source_id"], one["source_id"]),
            n=one["n"],
            expected=one["expected"],
            sd=one["sd"],
            ill_since=None if one["ill_since"] is None else datetime.fromisoformat(one["ill_since"]),
        )
        for one in (told or {}).get("silent", ())
    )


def _label(driver: Driver, around: _Around) -> str:
    """What a driver is called; empty for an account that is no longer kept."""
    if driver.trait == "author":
        return around.authors.get(int(driver.key), "")
    return around.sources.get(driver.key, driver.key) if driver.trait == "source" else driver.key


def _quote(said: alert_counts.Heard, around: _Around) -> Quote:
    private = said.visibility == "private"
    text = "" if private else said.text or said.title or ""
    return Quote(said.conversation_id, said.at, around.sources.get(said.source_id, said.source_id), text, private)


def _turn(told: Mapping[str, Any] | None) -> Turn | None:
    if not told:
        return None
    right = told.get("accuracy")
    return Turn(Share(*told["now"]), Share(*told["before"]), bool(told["turned"]), Share(*right) if right else None)


def _goes_on(row: AlertRow, rule: RuleRow | None, now: datetime) -> bool:
    return rule is not None and now < row.hour + timedelta(hours=max(1, rule.cool_down_h)) and now < row.hour + _DAY


def _rule(row: RuleRow, verdicts: tuple[int, int, int], names: Mapping[int, str]) -> RuleView:
    fired, real, false = verdicts
    draft = RuleDraft(
        name=row.name,
        scope=counting.scope_of(row),
        condition=counting.condition_of(row),
        during=During(row.during),
        team_id=row.team_id,
        receivers=row.receivers,
    )
    return RuleView(
        id=row.id,
        version=row.version,
        draft=draft,
        active=row.active,
        fired=fired,
        real=real,
        false=false,
        receivers=tuple(names[one] for one in row.receivers if one in names),
        checked_at=row.checked_at,
        trouble=row.trouble,
    )


def _delivery(row: DeliveryRow, name: str) -> DeliveryView:
    waits = row.state == alert_deliveries.QUEUED
    return DeliveryView(
        id=row.id,
        alert_id=row.alert_id,
        receiver=name,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.not_before if waits else None,
        error_text=row.error_text,
        sent_at=row.sent_at,
    )
